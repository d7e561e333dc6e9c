#pragma once
#include <vector>

#include "base/net_address.h"

namespace crosspoint::io {

/// The addresses of this host's interfaces that are up, port 0: IPv4 before IPv6, loopback last, link-local ones not.
std::vector<NetAddress> host_addresses();

}  // namespace crosspoint::io
