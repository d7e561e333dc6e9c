#include "rtc/rtcp/fir.h"

#include "rtc/rtcp/header.h"

namespace crosspoint::rtc::rtcp {

// | sender (32) | unused (32) | media (32) | sequence (8) | reserved (24) | repeated
std::optional<Fir> Fir::parse(Bytes body) {
    ByteReader in(body);
    Fir fir;
    fir.sender = Ssrc{in.u32()};
    in.skip(4);
    while (in.remaining() >= 8) {
        const Ssrc media{in.u32()};
        fir.requests.push_back({media, in.u8()});
        in.skip(3);
    }
    if (!in.done() || in.remaining() > 0 || fir.requests.empty()) return std::nullopt;
    return fir;
}

void Fir::write(ByteWriter& out) const {
    const PacketScope scope(out, PacketType::PayloadFeedback, kFormat);
    out.u32(sender.value);
    out.u32(0);
    for (const Request& request : requests) {
        out.u32(request.media.value);
        out.u8(request.sequence);
        out.zeros(3);
    }
}

}  // namespace crosspoint::rtc::rtcp
