#include "rtc/rtp/rtx.h"

namespace crosspoint::rtc::rtp {

std::optional<Rtx> Rtx::parse(Bytes payload) {
    ByteReader in(payload);
    Rtx rtx;
    rtx.original_sequence = in.u16();
    rtx.payload = in.rest();
    if (!in.done()) return std::nullopt;
    return rtx;
}

void write_rtx_payload(PacketWriter& out, uint16_t original_sequence, Bytes payload) {
    const uint8_t head[] = {static_cast<uint8_t>(original_sequence >> 8), static_cast<uint8_t>(original_sequence)};
    out.payload(head);
    out.payload(payload);
}

}  // namespace crosspoint::rtc::rtp
