#pragma once
#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/net_address.h"
#include "crypto/cipher.h"

namespace crosspoint::rtc::stun {

inline constexpr uint16_t kBinding = 0x0001;
/// No check comes near this; what is longer is refused (RFC 8489 6.1 wants messages to fit the path MTU).
inline constexpr size_t kMaxMessage = 1280;

enum class MessageClass : uint8_t { Request, Indication, Success, Error };

using TransactionId = std::array<uint8_t, 12>;

enum class ErrorCode : uint16_t {
    BadRequest = 400,
    Unauthenticated = 401,
    UnknownAttribute = 420,
    RoleConflict = 487,  // RFC 8445 7.3.1.1
};

/// One STUN message read in place (RFC 8489 5, the attributes that ICE uses). Views point into the datagram, which must
/// outlive the message.
struct Message {
    MessageClass kind = MessageClass::Request;
    uint16_t method = kBinding;
    TransactionId transaction{};
    std::optional<std::string_view> username;
    std::optional<uint32_t> priority;
    std::optional<uint64_t> ice_controlling;  // the tie-breaker
    std::optional<uint64_t> ice_controlled;
    bool use_candidate = false;
    std::optional<NetAddress> mapped_address;  // XOR-MAPPED-ADDRESS
    std::optional<uint16_t> error_code;
    bool has_integrity = false;
    bool has_fingerprint = false;
    std::array<uint16_t, 8> unknown{};  // comprehension-required types that we do not know, the first of them
    size_t unknown_count = 0;

    std::span<const uint16_t> unknown_attributes() const { return std::span(unknown).first(unknown_count); }

    /// The receiver's half of USERNAME, by which a check finds its link (RFC 8445 7.2.2); empty when there is none.
    std::string_view receiver_ufrag() const;

    /// Nothing when the message is damaged, longer than `kMaxMessage`, or its FINGERPRINT is wrong.
    static std::optional<Message> parse(Bytes datagram);

    /// Whether MESSAGE-INTEGRITY is there and right. The key of ICE is the password (RFC 8489 9.1.1).
    bool authentic(const crypto::HmacSha1& key) const;

private:
    void read_attribute(uint16_t type, Bytes value);

    Bytes whole_;
    size_t integrity_at_ = 0;
};

/// RFC 7983 7 tells protocols apart by the first byte; length and magic cookie make sure.
bool looks_like_stun(Bytes datagram);

/// Writes one message. Attributes stand in call order; `integrity` comes last of them, `finish` adds FINGERPRINT.
class MessageWriter {
public:
    MessageWriter(MutableBytes out, MessageClass kind, uint16_t method, const TransactionId& transaction);

    void username(std::string_view local, std::string_view remote);  // "local:remote"
    void priority(uint32_t priority);
    void ice_controlling(uint64_t tie_breaker);
    void ice_controlled(uint64_t tie_breaker);
    void use_candidate();
    void xor_mapped_address(const NetAddress& address);
    void error(ErrorCode code);
    void unknown_attributes(std::span<const uint16_t> types);
    void integrity(const crypto::HmacSha1& key);
    /// The whole message, or empty when it did not fit.
    Bytes finish();

private:
    void head(uint16_t type, size_t length);
    void pad(size_t length);
    // RFC 8489 14.5: the length that is signed counts up to the end of the attribute being written.
    void set_length(size_t beyond);

    ByteWriter out_;
    TransactionId transaction_;
};

}  // namespace crosspoint::rtc::stun
