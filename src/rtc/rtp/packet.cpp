#include "rtc/rtp/packet.h"

#include "base/verify.h"

namespace crosspoint::rtc::rtp {
namespace {

constexpr uint8_t kVersion = 2 << 6;
constexpr uint8_t kPaddingBit = 0x20;
constexpr uint8_t kExtensionBit = 0x10;
constexpr uint8_t kMarkerBit = 0x80;
constexpr size_t kFixedHeader = 12;
constexpr size_t kExtensionHeader = 4;
constexpr uint16_t kOneByteProfile = 0xbede;
constexpr uint16_t kTwoByteProfile = 0x1000;

// RFC 8285 4.2: | id (4) | length - 1 (4) | data |. Id 15 ends the block for us.
Bytes find_one_byte(Bytes block, uint8_t id) {
    ByteReader in(block);
    while (in.remaining() > 0) {
        const uint8_t head = in.u8();
        if (head == 0) continue;  // padding
        if (head >> 4 == 15 || head >> 4 == 0) return {};
        const Bytes data = in.bytes((head & 15) + 1u);
        if (head >> 4 == id) return data;
    }
    return {};
}

// RFC 8285 4.3: | id (8) | length (8) | data |.
Bytes find_two_byte(Bytes block, uint8_t id) {
    ByteReader in(block);
    while (in.remaining() > 0) {
        const uint8_t head = in.u8();
        if (head == 0) continue;  // padding
        const Bytes data = in.bytes(in.u8());
        if (head == id) return data;
    }
    return {};
}

}  // namespace

std::optional<Packet> Packet::parse(Bytes datagram) {
    ByteReader in(datagram);
    const uint8_t first = in.u8();
    if ((first & 0xc0) != kVersion) return std::nullopt;
    const uint8_t second = in.u8();
    Packet packet;
    packet.marker = (second & kMarkerBit) != 0;
    packet.payload_type = PayloadType{static_cast<uint8_t>(second & 0x7f)};
    packet.sequence = in.u16();
    packet.timestamp = in.u32();
    packet.ssrc = Ssrc{in.u32()};
    packet.csrcs = in.bytes(size_t{4} * (first & 15));
    if (first & kExtensionBit) {
        packet.extension_profile = in.u16();
        packet.extension_block = in.bytes(size_t{4} * in.u16());
    }
    packet.payload = in.rest();
    if (!in.done()) return std::nullopt;
    if (first & kPaddingBit) {
        if (packet.payload.empty()) return std::nullopt;
        packet.padding = packet.payload.back();
        if (packet.padding == 0 || packet.padding > packet.payload.size()) return std::nullopt;
        packet.payload = packet.payload.first(packet.payload.size() - packet.padding);
    }
    return packet;
}

Bytes Packet::extension(uint8_t id) const {
    if (id == 0) return {};
    if (extension_profile == kOneByteProfile) return find_one_byte(extension_block, id);
    // The low four bits are "appbits", whose meaning is free (RFC 8285 4.3).
    if ((extension_profile & 0xfff0) == kTwoByteProfile) return find_two_byte(extension_block, id);
    return {};
}

PacketWriter::PacketWriter(MutableBytes out, const OutgoingHeader& header) : out_(out) {
    out_.u8(kVersion);
    out_.u8(static_cast<uint8_t>((header.marker ? kMarkerBit : 0) | (header.payload_type.value & 0x7f)));
    out_.u16(header.sequence);
    out_.u32(header.timestamp);
    out_.u32(header.ssrc.value);
}

void PacketWriter::extension(uint8_t id, Bytes data) {
    if (id == 0) return;
    if (!SHOULD(!closed_ && extension_count_ < extensions_.size() && data.size() <= data_.size() - data_used_)) return;
    if (!SHOULD(data.size() <= UINT8_MAX)) return;
    extensions_[extension_count_++] = {id, static_cast<uint8_t>(data.size()), static_cast<uint16_t>(data_used_)};
    std::ranges::copy(data, data_.begin() + static_cast<ptrdiff_t>(data_used_));
    data_used_ += data.size();
    if (id > 14 || data.empty() || data.size() > 16) two_byte_ = true;
}

void PacketWriter::close_extensions() {
    if (closed_) return;
    closed_ = true;
    if (extension_count_ == 0) return;
    const uint8_t second = out_.done() ? out_.written()[1] : 0;
    out_.patch_u16(0, static_cast<uint16_t>((kVersion | kExtensionBit) << 8 | second));
    const size_t used = data_used_ + extension_count_ * (two_byte_ ? 2 : 1);
    const size_t words = (used + 3) / 4;
    out_.u16(two_byte_ ? kTwoByteProfile : kOneByteProfile);
    out_.u16(static_cast<uint16_t>(words));
    for (size_t i = 0; i < extension_count_; ++i) {
        const Extension& extension = extensions_[i];
        if (two_byte_) {
            out_.u8(extension.id);
            out_.u8(extension.size);
        } else {
            out_.u8(static_cast<uint8_t>(extension.id << 4 | (extension.size - 1)));
        }
        out_.bytes(Bytes(data_).subspan(extension.at, extension.size));
    }
    out_.zeros(words * 4 - used);
}

void PacketWriter::payload(Bytes piece) {
    close_extensions();
    out_.bytes(piece);
}

Bytes PacketWriter::finish() {
    close_extensions();
    return out_.done() ? out_.written() : Bytes{};
}

std::optional<size_t> PacketWriter::extension_offset(uint8_t id) const {
    const size_t head = two_byte_ ? 2 : 1;
    for (size_t i = 0; i < extension_count_; ++i)
        if (extensions_[i].id == id) return kFixedHeader + kExtensionHeader + (i + 1) * head + extensions_[i].at;
    return std::nullopt;
}

bool looks_like_rtcp(Bytes datagram) {
    return datagram.size() >= 2 && datagram[0] >> 6 == 2 && datagram[1] >= 192 && datagram[1] <= 223;
}

}  // namespace crosspoint::rtc::rtp
