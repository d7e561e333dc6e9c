#include "base/net_address.h"

#include <arpa/inet.h>

namespace crosspoint {
namespace {
constexpr std::array<uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
}  // namespace

NetAddress NetAddress::v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port) {
    NetAddress address;
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.ip.begin());
    address.ip[12] = a;
    address.ip[13] = b;
    address.ip[14] = c;
    address.ip[15] = d;
    address.port = port;
    return address;
}

std::optional<NetAddress> NetAddress::parse(std::string_view ip, uint16_t port) {
    const std::string text(ip);
    in_addr v4_address{};
    if (inet_pton(AF_INET, text.c_str(), &v4_address) == 1) {
        std::array<uint8_t, 4> raw;
        std::memcpy(raw.data(), &v4_address, raw.size());
        return v4(raw[0], raw[1], raw[2], raw[3], port);
    }
    NetAddress address;
    if (inet_pton(AF_INET6, text.c_str(), address.ip.data()) != 1) return std::nullopt;
    address.port = port;
    return address;
}

bool NetAddress::is_v4() const { return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), ip.begin()); }

bool NetAddress::is_loopback() const {
    if (is_v4()) return ip[12] == 127;
    static constexpr std::array<uint8_t, 16> kLoopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return ip == kLoopback;
}

std::string NetAddress::ip_text() const {
    char text[INET6_ADDRSTRLEN] = {};
    if (is_v4())
        inet_ntop(AF_INET, ip.data() + 12, text, sizeof text);
    else
        inet_ntop(AF_INET6, ip.data(), text, sizeof text);
    return text;
}

std::string NetAddress::text() const {
    const std::string number = std::to_string(port);
    return is_v4() ? ip_text() + ":" + number : "[" + ip_text() + "]:" + number;
}

}  // namespace crosspoint

size_t std::hash<crosspoint::NetAddress>::operator()(const crosspoint::NetAddress& address) const noexcept {
    uint64_t high = 0;
    uint64_t low = 0;
    std::memcpy(&high, address.ip.data(), 8);
    std::memcpy(&low, address.ip.data() + 8, 8);
    const uint64_t tail =
        uint64_t{address.via} << 17 | uint64_t{address.port} << 1 | static_cast<uint64_t>(address.transport);
    uint64_t mix = high * 0x9e3779b97f4a7c15 ^ low;
    mix = (mix ^ (mix >> 32)) * 0xd6e8feb86659fd93 ^ tail;
    return static_cast<size_t>((mix ^ (mix >> 32)) * 0xd6e8feb86659fd93);
}
