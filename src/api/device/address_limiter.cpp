#include "api/device/address_limiter.h"

#include "api/peer_network.h"

namespace crosspoint::api::device {

bool AddressLimiter::take(const NetAddress& from, Timestamp now) {
    const NetAddress key = peer_network(from);
    if (buckets_.size() >= kMaxAddresses && !buckets_.contains(key)) {
        std::erase_if(buckets_, [&](const auto& entry) { return entry.second.full(now); });
        if (buckets_.size() >= kMaxAddresses) buckets_.clear();
    }
    return buckets_.try_emplace(key, burst_, interval_).first->second.take(now);
}

}  // namespace crosspoint::api::device
