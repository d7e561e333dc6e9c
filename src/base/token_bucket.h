#pragma once
#include <algorithm>

#include "base/time.h"

namespace crosspoint {

/// Allows `burst` things at once and one more every `interval`. What is refused costs nothing; `count` stands for that
/// many things, and is refused for ever when it is more than a burst.
class TokenBucket {
public:
    TokenBucket(int64_t burst, Duration interval) : burst_(burst), interval_(interval) {}

    bool take(Timestamp now, int64_t count = 1) {
        // Kept as the time at which the bucket was last empty, so there is no remainder to lose.
        const Timestamp full = now - burst_ * interval_;
        if (!started_ || empty_at_ < full) empty_at_ = full;
        started_ = true;
        if (now - empty_at_ < count * interval_) return false;
        empty_at_ += count * interval_;
        return true;
    }
    /// After a refusal: when there is one more.
    Timestamp next() const { return empty_at_ + interval_; }
    bool operator==(const TokenBucket&) const = default;

    /// As if it had never been used.
    bool full(Timestamp now) const { return !started_ || empty_at_ <= now - burst_ * interval_; }
    /// When it will be; kNever if it never was used.
    Timestamp full_at() const { return started_ ? empty_at_ + burst_ * interval_ : kNever; }
    void reset() { started_ = false; }

private:
    int64_t burst_;
    Duration interval_;
    Timestamp empty_at_{};
    bool started_ = false;
};

}  // namespace crosspoint
