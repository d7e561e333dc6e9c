#include "io/host_addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>

#include "io/socket_address.h"

namespace crosspoint::io {
namespace {

bool is_link_local(const NetAddress& address) {
    if (address.is_v4()) return address.ip[12] == 169 && address.ip[13] == 254;
    return address.ip[0] == 0xfe && (address.ip[1] & 0xc0) == 0x80;
}

int rank(const NetAddress& address) { return (address.is_loopback() ? 2 : 0) + (address.is_v4() ? 0 : 1); }

}  // namespace

std::vector<NetAddress> host_addresses() {
    ifaddrs* raw = nullptr;
    if (getifaddrs(&raw) != 0) return {};
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> list(raw, &freeifaddrs);
    std::vector<NetAddress> found;
    for (const ifaddrs* one = list.get(); one != nullptr; one = one->ifa_next) {
        if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_UP) == 0) continue;
        if (one->ifa_addr->sa_family != AF_INET && one->ifa_addr->sa_family != AF_INET6) continue;
        NetAddress address = from_kernel(*one->ifa_addr);
        address.port = 0;
        if (!is_link_local(address)) found.push_back(address);
    }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return std::pair(rank(a), a) < std::pair(rank(b), b); });
    return found;
}

}  // namespace crosspoint::io
