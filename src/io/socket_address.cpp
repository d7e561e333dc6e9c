#include "io/socket_address.h"

#include <cstring>

namespace crosspoint::io {

NetAddress from_kernel(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in v4;
        std::memcpy(&v4, &address, sizeof v4);
        std::array<uint8_t, 4> raw;
        std::memcpy(raw.data(), &v4.sin_addr, raw.size());
        return NetAddress::v4(raw[0], raw[1], raw[2], raw[3], ntohs(v4.sin_port));
    }
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    NetAddress out;
    std::memcpy(out.ip.data(), &v6.sin6_addr, out.ip.size());
    out.port = ntohs(v6.sin6_port);
    return out;
}

socklen_t to_kernel(const NetAddress& address, bool v6, SocketAddress& out) {
    std::memset(&out, 0, sizeof out);
    if (v6) {
        out.v6.sin6_family = AF_INET6;
        out.v6.sin6_port = htons(address.port);
        std::memcpy(&out.v6.sin6_addr, address.ip.data(), address.ip.size());
        return sizeof out.v6;
    }
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(address.port);
    std::memcpy(&out.v4.sin_addr, address.ip.data() + 12, 4);
    return sizeof out.v4;
}

}  // namespace crosspoint::io
