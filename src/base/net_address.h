#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace crosspoint {

enum class Transport : uint8_t { Udp, Tcp };

/// An IP address and port. IPv4 is held as an IPv4-mapped IPv6 address, so that there is one form to compare and hash.
struct NetAddress {
    std::array<uint8_t, 16> ip{};
    uint16_t port = 0;
    Transport transport = Transport::Udp;
    /// Which of our own addresses it talks to, in the numbering of the socket that heard from it; 0 is any. The same
    /// peer on another of our addresses is another path (RFC 8445 candidate pairs), and what is sent to it leaves from
    /// the address it knows.
    uint8_t via = 0;

    static NetAddress v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port);
    /// "192.0.2.1" or "2001:db8::1"; nothing when it is neither.
    static std::optional<NetAddress> parse(std::string_view ip, uint16_t port);

    bool is_v4() const;
    bool is_loopback() const;
    /// Without the port.
    std::string ip_text() const;
    /// "192.0.2.1:5060" or "[2001:db8::1]:5060".
    std::string text() const;

    auto operator<=>(const NetAddress&) const = default;
};

}  // namespace crosspoint

template <>
struct std::hash<crosspoint::NetAddress> {
    size_t operator()(const crosspoint::NetAddress& address) const noexcept;
};
