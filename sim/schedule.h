#pragma once
#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "base/time.h"
#include "base/verify.h"

namespace crosspoint::sim {

/// The virtual clock and everything that will happen. Work due at the same time is done in the order it was scheduled.
class Schedule {
public:
    Now now() const {
        return {now_, kCivilStart + std::chrono::duration_cast<std::chrono::milliseconds>(now_ - kStart)};
    }
    Timestamp time() const { return now_; }

    void at(Timestamp when, std::function<void()> work) {
        entries_.push_back({std::max(when, now_), order_++, std::move(work)});
        std::ranges::push_heap(entries_, std::greater{});
    }
    void after(Duration delay, std::function<void()> work) { at(now_ + delay, std::move(work)); }

    /// Does the next piece of work if it is due by `limit`; otherwise the clock moves there and false is returned.
    bool step(Timestamp limit) {
        if (entries_.empty() || entries_.front().when > limit) {
            now_ = std::max(now_, limit);
            return false;
        }
        std::ranges::pop_heap(entries_, std::greater{});
        const Entry entry = std::move(entries_.back());
        entries_.pop_back();
        // A machine that is due again the moment it was served would stop the clock for ever.
        at_this_time_ = entry.when == now_ ? at_this_time_ + 1 : 0;
        VERIFY(at_this_time_ < kMostAtOnce);
        now_ = entry.when;
        entry.work();
        return true;
    }

private:
    static constexpr Timestamp kStart = Timestamp{} + std::chrono::hours(1);
    static constexpr WallTime kCivilStart{1'760'000'000'000};
    static constexpr int kMostAtOnce = 200'000;

    struct Entry {
        Timestamp when;
        uint64_t order;
        std::function<void()> work;
        bool operator>(const Entry& o) const { return when != o.when ? when > o.when : order > o.order; }
    };

    Timestamp now_ = kStart;
    std::vector<Entry> entries_;  // a heap
    uint64_t order_ = 0;
    int at_this_time_ = 0;
};

/// The one wake-up of a machine: setting it again moves it, and it dies with its owner.
class Alarm {
public:
    Alarm(Schedule& schedule, std::function<void()> ring)
        : schedule_(schedule), state_(std::make_shared<State>(State{std::move(ring)})) {}

    void set(Timestamp when) {
        if (when == state_->when) return;
        state_->when = when;
        const uint64_t generation = ++state_->generation;
        if (when == kNever) return;
        schedule_.at(when, [weak = std::weak_ptr(state_), generation] {
            const auto state = weak.lock();
            if (!state || state->generation != generation) return;
            state->when = kNever;
            state->ring();
        });
    }

private:
    struct State {
        std::function<void()> ring;
        Timestamp when = kNever;
        uint64_t generation = 0;
    };
    Schedule& schedule_;
    std::shared_ptr<State> state_;
};

}  // namespace crosspoint::sim
