#include "rtc/sctp/sack_chunk.h"

namespace crosspoint::rtc::sctp {

std::optional<SackChunk> SackChunk::parse(Bytes body) {
    ByteReader in(body);
    SackChunk sack;
    sack.cumulative_tsn = in.u32();
    sack.window = in.u32();
    const size_t gaps = in.u16();
    const size_t duplicates = in.u16();
    if (!in.done() || in.remaining() != 4 * (gaps + duplicates)) return std::nullopt;
    for (size_t i = 0; i < gaps; ++i) {
        const uint16_t start = in.u16();
        const uint16_t end = in.u16();
        if (start == 0 || end < start) return std::nullopt;
        sack.gaps.push_back({start, end});
    }
    for (size_t i = 0; i < duplicates; ++i) sack.duplicates.push_back(in.u32());
    return sack;
}

void SackChunk::write(ByteWriter& out) const {
    out.u32(cumulative_tsn);
    out.u32(window);
    out.u16(static_cast<uint16_t>(gaps.size()));
    out.u16(static_cast<uint16_t>(duplicates.size()));
    for (const Gap& gap : gaps) {
        out.u16(gap.start);
        out.u16(gap.end);
    }
    for (const uint32_t tsn : duplicates) out.u32(tsn);
}

}  // namespace crosspoint::rtc::sctp
