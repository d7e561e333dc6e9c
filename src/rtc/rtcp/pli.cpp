#include "rtc/rtcp/pli.h"

#include "rtc/rtcp/header.h"

namespace crosspoint::rtc::rtcp {

std::optional<Pli> Pli::parse(Bytes body) {
    ByteReader in(body);
    const Pli pli{Ssrc{in.u32()}, Ssrc{in.u32()}};
    if (!in.done()) return std::nullopt;
    return pli;
}

void Pli::write(ByteWriter& out) const {
    const PacketScope scope(out, PacketType::PayloadFeedback, kFormat);
    out.u32(sender.value);
    out.u32(media.value);
}

}  // namespace crosspoint::rtc::rtcp
