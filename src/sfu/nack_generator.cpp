#include "sfu/nack_generator.h"

#include <algorithm>

namespace crosspoint::sfu {

NackGenerator::Noticed NackGenerator::received(Timestamp now, int64_t sequence) {
    if (!started_) {
        started_ = true;
        highest_ = sequence;
        return Noticed::Nothing;
    }
    if (sequence <= highest_) {
        recovered(now, sequence);
        return Noticed::Nothing;
    }
    const auto lost = static_cast<size_t>(sequence - highest_ - 1);
    if (missing_.size() + lost > kMaxMissing) {
        restart(sequence);
        return Noticed::TooMuch;
    }
    for (int64_t gap = highest_ + 1; gap < sequence; ++gap)
        missing_.push_back({gap, now + kReordering, Timestamp{}, 0});
    if (lost > 0) next_ = std::min(next_, now + kReordering);
    highest_ = sequence;
    return Noticed::Nothing;
}

void NackGenerator::recovered(Timestamp now, int64_t sequence) {
    const auto found = std::ranges::lower_bound(missing_, sequence, {}, &Missing::sequence);
    if (found == missing_.end() || found->sequence != sequence) return;
    // Asked twice, nobody knows which of the two was answered (Karn's algorithm).
    if (found->tries == 1) round_trip_ = (round_trip_ * 7 + (now - found->asked)) / 8;
    missing_.erase(found);
    if (missing_.empty()) next_ = kNever;
}

void NackGenerator::forget_before(int64_t sequence) {
    const auto first = std::ranges::lower_bound(missing_, sequence, {}, &Missing::sequence);
    missing_.erase(missing_.begin(), first);
    find_next();
}

void NackGenerator::restart(int64_t sequence) {
    missing_.clear();
    next_ = kNever;
    highest_ = sequence;
    started_ = true;
}

void NackGenerator::collect(Timestamp now, std::vector<uint16_t>& lost) {
    if (now < next_) return;
    std::erase_if(missing_, [&](const Missing& one) { return one.ask <= now && one.tries >= kMaxTries; });
    for (Missing& one : missing_) {
        if (one.ask > now) continue;
        if (lost.size() == kMaxAtOnce) break;  // the rest is due already, and comes with the next call
        lost.push_back(static_cast<uint16_t>(one.sequence));
        one.asked = now;
        one.ask = now + retry_after();
        ++one.tries;
    }
    find_next();
}

Duration NackGenerator::retry_after() const {
    return std::clamp(round_trip_ + round_trip_ / 4, kShortestRetry, kLongestRetry);
}

void NackGenerator::find_next() {
    next_ = kNever;
    for (const Missing& one : missing_) next_ = std::min(next_, one.ask);
}

}  // namespace crosspoint::sfu
