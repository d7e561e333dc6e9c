#include "rtc/sctp/forward_tsn_chunk.h"

namespace crosspoint::rtc::sctp {

std::optional<ForwardTsnChunk> ForwardTsnChunk::parse(Bytes body) {
    ByteReader in(body);
    ForwardTsnChunk forward;
    forward.new_cumulative_tsn = in.u32();
    while (in.remaining() > 0) {
        const uint16_t stream = in.u16();
        forward.skipped.push_back({stream, in.u16()});
    }
    if (!in.done()) return std::nullopt;
    return forward;
}

void ForwardTsnChunk::write(ByteWriter& out) const {
    out.u32(new_cumulative_tsn);
    for (const Skipped& skip : skipped) {
        out.u16(skip.stream);
        out.u16(skip.ssn);
    }
}

}  // namespace crosspoint::rtc::sctp
