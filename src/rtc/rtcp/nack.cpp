#include "rtc/rtcp/nack.h"

#include "rtc/rtcp/header.h"

namespace crosspoint::rtc::rtcp {

// | sender (32) | media (32) | first lost (16) | bitmask of the next 16 (16) | repeated
std::optional<Nack> Nack::parse(Bytes body) {
    ByteReader in(body);
    Nack nack;
    nack.sender = Ssrc{in.u32()};
    nack.media = Ssrc{in.u32()};
    while (in.remaining() >= 4) {
        const uint16_t first = in.u16();
        nack.append(first, in.u16());
    }
    if (!in.done() || in.remaining() > 0 || nack.lost.empty()) return std::nullopt;
    return nack;
}

void Nack::append(uint16_t first, uint16_t following) {
    lost.push_back(first);
    for (uint16_t i = 0; i < 16; ++i)
        if (following >> i & 1) lost.push_back(static_cast<uint16_t>(first + i + 1));
}

void Nack::write(ByteWriter& out) const {
    const PacketScope scope(out, PacketType::TransportFeedback, kFormat);
    out.u32(sender.value);
    out.u32(media.value);
    for (size_t at = 0; at < lost.size();) {
        const uint16_t first = lost[at++];
        uint16_t following = 0;
        uint16_t last = 0;
        for (; at < lost.size(); ++at) {
            const auto distance = static_cast<uint16_t>(lost[at] - first);
            if (distance <= last || distance > 16) break;
            following = static_cast<uint16_t>(following | 1u << (distance - 1));
            last = distance;
        }
        out.u16(first);
        out.u16(following);
    }
}

}  // namespace crosspoint::rtc::rtcp
