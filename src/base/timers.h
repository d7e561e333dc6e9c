#pragma once
#include <algorithm>
#include <array>

#include "base/time.h"

namespace crosspoint {

/// A machine's timers, one slot per value of its timer enum, which ends in `kCount`.
template <class Timer>
class Timers {
public:
    Timers() { when_.fill(kNever); }

    void set(Timer timer, Timestamp when) { when_[index(timer)] = when; }
    void clear(Timer timer) { when_[index(timer)] = kNever; }
    bool armed(Timer timer) const { return when_[index(timer)] != kNever; }
    Timestamp when(Timer timer) const { return when_[index(timer)]; }

    /// True once when `timer` is due; it is cleared then.
    bool fired(Timer timer, Timestamp now) {
        if (when_[index(timer)] > now) return false;
        clear(timer);
        return true;
    }
    Timestamp next() const { return *std::min_element(when_.begin(), when_.end()); }
    bool operator==(const Timers&) const = default;

private:
    static constexpr size_t kCount = static_cast<size_t>(Timer::kCount);
    static size_t index(Timer timer) { return static_cast<size_t>(timer); }
    std::array<Timestamp, kCount> when_;
};

}  // namespace crosspoint
