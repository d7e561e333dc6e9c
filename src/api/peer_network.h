#pragma once
#include <algorithm>

#include "base/net_address.h"

namespace crosspoint::api {

/// Whose address it is, for limits that changing it must not get round: the IPv4 address, or the IPv6 /64, which is
/// what one customer has (RFC 6177 2). Without port.
inline NetAddress peer_network(const NetAddress& peer) {
    NetAddress network;
    network.ip = peer.ip;
    if (!peer.is_v4()) std::fill(network.ip.begin() + 8, network.ip.end(), uint8_t{0});
    return network;
}

}  // namespace crosspoint::api
