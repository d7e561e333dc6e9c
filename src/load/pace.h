#pragma once
#include <cstdint>

#include "base/time.h"

namespace crosspoint::load {

/// When each of what is to happen so and so often a second is due: evenly, from a start on, for a while.
class Pace {
public:
    Pace(int per_second, Timestamp start, Duration length)
        : start_(start), per_second_(per_second), total_(per_second * length / Duration(1s)) {}

    /// When the next one is due; `kNever` after the last.
    Timestamp next() const { return over() ? kNever : start_ + taken_ * Duration(1s) / per_second_; }
    void take() { ++taken_; }
    bool over() const { return taken_ >= total_; }

private:
    Timestamp start_;
    int per_second_;
    int64_t total_;
    int64_t taken_ = 0;
};

}  // namespace crosspoint::load
