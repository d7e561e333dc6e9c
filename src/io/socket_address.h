#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/net_address.h"

namespace crosspoint::io {

/// Room for the addresses that the kernel reads and writes.
union SocketAddress {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
};

/// `address` must be of AF_INET or AF_INET6 and have the size that belongs to it.
NetAddress from_kernel(const sockaddr& address);
/// `v6`: for a dual-stack socket, which takes IPv4 in its mapped form. Gives the length.
socklen_t to_kernel(const NetAddress& address, bool v6, SocketAddress& out);

}  // namespace crosspoint::io
