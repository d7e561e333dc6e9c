#include "load/latencies.h"

#include <algorithm>
#include <cmath>

namespace crosspoint::load {

Duration Latencies::quantile(double share) const {
    if (all_.empty()) return {};
    std::vector<Duration> sorted = all_;
    const double last = std::ceil(share * static_cast<double>(sorted.size())) - 1;
    const auto place = sorted.begin() + static_cast<std::ptrdiff_t>(std::max(last, 0.0));
    std::ranges::nth_element(sorted, place);
    return *place;
}

}  // namespace crosspoint::load
