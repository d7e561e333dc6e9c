#pragma once
#include <vector>

#include "base/time.h"

namespace crosspoint::load {

/// How long things took. Every one is kept, so what it says is exact.
class Latencies {
public:
    void add(Duration took) { all_.push_back(took); }
    size_t count() const { return all_.size(); }
    /// The shortest that at least this share of all did not exceed; 0 when there are none.
    Duration quantile(double share) const;
    Duration longest() const { return quantile(1); }

private:
    std::vector<Duration> all_;
};

}  // namespace crosspoint::load
