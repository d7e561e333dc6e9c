#include "rtc/rtcp/header.h"

namespace crosspoint::rtc::rtcp {
namespace {
constexpr uint8_t kVersion = 2 << 6;
constexpr uint8_t kPaddingBit = 0x20;
}  // namespace

std::optional<Packet> Packet::read(ByteReader& in) {
    const uint8_t first = in.u8();
    if ((first & 0xc0) != kVersion) return std::nullopt;
    Packet packet;
    packet.count = first & 31;
    packet.type = in.u8();
    packet.body = in.bytes(size_t{4} * in.u16());
    if (!in.done()) return std::nullopt;
    if (first & kPaddingBit) {
        const size_t padding = packet.body.empty() ? 0 : packet.body.back();
        if (padding == 0 || padding > packet.body.size()) return std::nullopt;
        packet.body = packet.body.first(packet.body.size() - padding);
    }
    return packet;
}

PacketScope::PacketScope(ByteWriter& out, PacketType type, uint8_t count) : out_(out), start_(out.position()) {
    out_.u8(static_cast<uint8_t>(kVersion | (count & 31)));
    out_.u8(static_cast<uint8_t>(type));
    out_.u16(0);
}

PacketScope::~PacketScope() {
    if (out_.done()) out_.patch_u16(start_ + 2, static_cast<uint16_t>((out_.position() - start_) / 4 - 1));
}

}  // namespace crosspoint::rtc::rtcp
