#include "rtc/stun/message.h"

#include "crypto/hash.h"
#include "rtc/stun/crc32.h"

namespace crosspoint::rtc::stun {
namespace {

constexpr size_t kHeader = 20;
constexpr size_t kAttributeHeader = 4;
constexpr uint16_t kTypeLimit = 0x0400;  // RFC 7983 7: first byte 0 to 3, so methods below 256
constexpr uint32_t kMagicCookie = 0x2112a442;
constexpr uint32_t kFingerprintMask = 0x5354554e;  // "STUN"
constexpr uint8_t kIpv4 = 1;
constexpr uint8_t kIpv6 = 2;
constexpr size_t kMappedV4At = 12;  // where an IPv4 address stands in its IPv4-mapped form

enum AttributeType : uint16_t {  // RFC 8489 18.3, RFC 8445 16.1
    Username = 0x0006,
    MessageIntegrity = 0x0008,
    ErrorCodeAttribute = 0x0009,
    UnknownAttributes = 0x000a,
    XorMappedAddress = 0x0020,
    Priority = 0x0024,
    UseCandidate = 0x0025,
    FirstOptional = 0x8000,
    Fingerprint = 0x8028,
    IceControlled = 0x8029,
    IceControlling = 0x802a,
};

// The type is | 0 0 | method (5) | class | method (3) | class | method (4) |.
MessageClass class_of(uint16_t type) { return static_cast<MessageClass>((type >> 7 & 2) | (type >> 4 & 1)); }
uint16_t method_of(uint16_t type) {
    return static_cast<uint16_t>((type >> 2 & 0xf80) | (type >> 1 & 0x70) | (type & 0x0f));
}
uint16_t type_of(MessageClass kind, uint16_t method) {
    const auto bits = static_cast<uint16_t>(kind);
    return static_cast<uint16_t>((method & 0xf80) << 2 | (bits & 2) << 7 | (method & 0x70) << 1 | (bits & 1) << 4 |
                                 (method & 0x0f));
}

// RFC 8489 14.2: the cookie, and for IPv6 the transaction id after it, hide the address from meddling NATs.
std::array<uint8_t, 16> address_mask(const TransactionId& transaction) {
    std::array<uint8_t, 16> mask;
    ByteWriter out(mask);
    out.u32(kMagicCookie);
    out.bytes(transaction);
    return mask;
}

std::optional<NetAddress> read_xor_address(Bytes value, const TransactionId& transaction) {
    ByteReader in(value);
    in.skip(1);
    const uint8_t family = in.u8();
    const auto port = static_cast<uint16_t>(in.u16() ^ kMagicCookie >> 16);
    const Bytes raw = in.rest();
    if (raw.size() != (family == kIpv4 ? 4u : 16u) || (family != kIpv4 && family != kIpv6)) return std::nullopt;
    NetAddress address = NetAddress::v4(0, 0, 0, 0, port);
    const auto mask = address_mask(transaction);
    const size_t start = family == kIpv4 ? kMappedV4At : 0;
    for (size_t i = 0; i < raw.size(); ++i) address.ip[start + i] = raw[i] ^ mask[i];
    return address;
}

std::string_view reason_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::BadRequest: return "Bad Request";
        case ErrorCode::Unauthenticated: return "Unauthenticated";
        case ErrorCode::UnknownAttribute: return "Unknown Attribute";
        case ErrorCode::RoleConflict: return "Role Conflict";
    }
    return {};
}

}  // namespace

bool looks_like_stun(Bytes datagram) {
    ByteReader in(datagram);
    const uint16_t type = in.u16();
    const size_t length = in.u16();
    return in.u32() == kMagicCookie && type < kTypeLimit && length % 4 == 0 && datagram.size() == kHeader + length;
}

std::optional<Message> Message::parse(Bytes datagram) {
    if (datagram.size() > kMaxMessage || !looks_like_stun(datagram)) return std::nullopt;
    ByteReader in(datagram);
    Message message;
    message.whole_ = datagram;
    const uint16_t type = in.u16();
    message.kind = class_of(type);
    message.method = method_of(type);
    in.skip(6);
    std::ranges::copy(in.bytes(message.transaction.size()), message.transaction.begin());
    while (in.remaining() > 0 && !message.has_fingerprint) {
        const size_t start = in.position();
        const uint16_t attribute = in.u16();
        const size_t length = in.u16();
        const Bytes value = in.bytes(length);
        in.skip((4 - length % 4) % 4);
        if (!in.done()) return std::nullopt;
        if (attribute == Fingerprint) {
            const uint32_t crc = crc32(datagram.first(start)) ^ kFingerprintMask;
            if (length != 4 || ByteReader(value).u32() != crc || in.remaining() > 0) return std::nullopt;
            message.has_fingerprint = true;
        } else if (message.has_integrity) {
            continue;  // RFC 8489 14.5: what follows MESSAGE-INTEGRITY is not signed, so it does not count
        } else if (attribute == MessageIntegrity) {
            if (length != crypto::HmacSha1::kSize) return std::nullopt;
            message.has_integrity = true;
            message.integrity_at_ = start;
        } else {
            message.read_attribute(attribute, value);
        }
    }
    return message;
}

void Message::read_attribute(uint16_t type, Bytes value) {
    ByteReader in(value);
    switch (type) {
        case Username: username = as_text(value); break;
        case Priority:
            if (value.size() == 4) priority = in.u32();
            break;
        case IceControlling:
            if (value.size() == 8) ice_controlling = in.u64();
            break;
        case IceControlled:
            if (value.size() == 8) ice_controlled = in.u64();
            break;
        case UseCandidate: use_candidate = true; break;
        case XorMappedAddress: mapped_address = read_xor_address(value, transaction); break;
        case ErrorCodeAttribute: {  // | reserved (21) | class (3) | number (8) | reason |
            in.skip(2);
            const int hundreds = in.u8() & 7;
            const int number = in.u8();
            if (in.done()) error_code = static_cast<uint16_t>(hundreds * 100 + number);
            break;
        }
        case UnknownAttributes: break;
        default:
            if (type < FirstOptional && unknown_count < unknown.size()) unknown[unknown_count++] = type;
    }
}

std::string_view Message::receiver_ufrag() const {
    const size_t colon = username ? username->find(':') : std::string_view::npos;
    return colon == std::string_view::npos ? std::string_view{} : username->substr(0, colon);
}

bool Message::authentic(const crypto::HmacSha1& key) const {
    if (!has_integrity) return false;
    std::array<uint8_t, kHeader> header;
    std::ranges::copy(whole_.first(kHeader), header.begin());
    const size_t end = integrity_at_ + kAttributeHeader + crypto::HmacSha1::kSize;
    header[2] = static_cast<uint8_t>((end - kHeader) >> 8);
    header[3] = static_cast<uint8_t>(end - kHeader);
    const auto digest = key.digest(header, whole_.subspan(kHeader, integrity_at_ - kHeader));
    return crypto::constant_time_equal(digest, whole_.subspan(integrity_at_ + kAttributeHeader, digest.size()));
}

MessageWriter::MessageWriter(MutableBytes out, MessageClass kind, uint16_t method, const TransactionId& transaction)
    : out_(out), transaction_(transaction) {
    out_.u16(type_of(kind, method));
    out_.u16(0);
    out_.u32(kMagicCookie);
    out_.bytes(transaction);
}

void MessageWriter::head(uint16_t type, size_t length) {
    out_.u16(type);
    out_.u16(static_cast<uint16_t>(length));
}

void MessageWriter::pad(size_t length) { out_.zeros((4 - length % 4) % 4); }

void MessageWriter::set_length(size_t beyond) {
    if (out_.done()) out_.patch_u16(2, static_cast<uint16_t>(out_.position() + beyond - kHeader));
}

void MessageWriter::username(std::string_view local, std::string_view remote) {
    const size_t length = local.size() + 1 + remote.size();
    head(Username, length);
    out_.bytes(as_bytes(local));
    out_.u8(':');
    out_.bytes(as_bytes(remote));
    pad(length);
}

void MessageWriter::priority(uint32_t priority) {
    head(Priority, 4);
    out_.u32(priority);
}

void MessageWriter::ice_controlling(uint64_t tie_breaker) {
    head(IceControlling, 8);
    out_.u64(tie_breaker);
}

void MessageWriter::ice_controlled(uint64_t tie_breaker) {
    head(IceControlled, 8);
    out_.u64(tie_breaker);
}

void MessageWriter::use_candidate() { head(UseCandidate, 0); }

void MessageWriter::xor_mapped_address(const NetAddress& address) {
    const size_t start = address.is_v4() ? kMappedV4At : 0;
    const auto mask = address_mask(transaction_);
    head(XorMappedAddress, 4 + address.ip.size() - start);
    out_.u8(0);
    out_.u8(address.is_v4() ? kIpv4 : kIpv6);
    out_.u16(static_cast<uint16_t>(address.port ^ kMagicCookie >> 16));
    for (size_t i = start; i < address.ip.size(); ++i) out_.u8(address.ip[i] ^ mask[i - start]);
}

void MessageWriter::error(ErrorCode code) {
    const auto number = static_cast<uint16_t>(code);
    const std::string_view reason = reason_of(code);
    head(ErrorCodeAttribute, 4 + reason.size());
    out_.u16(0);
    out_.u8(static_cast<uint8_t>(number / 100));
    out_.u8(static_cast<uint8_t>(number % 100));
    out_.bytes(as_bytes(reason));
    pad(reason.size());
}

void MessageWriter::unknown_attributes(std::span<const uint16_t> types) {
    head(UnknownAttributes, types.size() * 2);
    for (uint16_t type : types) out_.u16(type);
    pad(types.size() * 2);
}

void MessageWriter::integrity(const crypto::HmacSha1& key) {
    set_length(kAttributeHeader + crypto::HmacSha1::kSize);
    const auto digest = key.digest(out_.written());
    head(MessageIntegrity, digest.size());
    out_.bytes(digest);
}

Bytes MessageWriter::finish() {
    set_length(kAttributeHeader + 4);
    const uint32_t crc = crc32(out_.written()) ^ kFingerprintMask;
    head(Fingerprint, 4);
    out_.u32(crc);
    return out_.done() ? out_.written() : Bytes{};
}

}  // namespace crosspoint::rtc::stun
