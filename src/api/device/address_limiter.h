#pragma once
#include <map>

#include "base/net_address.h"
#include "base/token_bucket.h"

namespace crosspoint::api::device {

/// One token bucket for each address that came lately, or rather for each network (`peer_network`).
class AddressLimiter {
public:
    AddressLimiter(int64_t burst, Duration interval) : burst_(burst), interval_(interval) {}

    bool take(const NetAddress& from, Timestamp now);
    size_t size() const { return buckets_.size(); }

    /// With more addresses than this at a time the buckets that have filled up again are forgotten, or else all.
    static constexpr size_t kMaxAddresses = 10'000;

private:
    int64_t burst_;
    Duration interval_;
    std::map<NetAddress, TokenBucket> buckets_;
};

}  // namespace crosspoint::api::device
