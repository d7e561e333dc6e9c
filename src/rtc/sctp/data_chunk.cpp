#include "rtc/sctp/data_chunk.h"

namespace crosspoint::rtc::sctp {
namespace {

constexpr uint8_t kEnd = 1;
constexpr uint8_t kBeginning = 2;
constexpr uint8_t kUnordered = 4;
constexpr uint8_t kImmediate = 8;

}  // namespace

std::optional<DataChunk> DataChunk::parse(uint8_t flags, Bytes body) {
    ByteReader in(body);
    DataChunk data;
    data.tsn = in.u32();
    data.stream = in.u16();
    data.ssn = in.u16();
    data.ppid = in.u32();
    data.end = flags & kEnd;
    data.beginning = flags & kBeginning;
    data.unordered = flags & kUnordered;
    data.immediate = flags & kImmediate;
    if (!in.done()) return std::nullopt;
    data.payload = in.rest();
    return data;
}

uint8_t DataChunk::flags() const {
    return static_cast<uint8_t>((end ? kEnd : 0) | (beginning ? kBeginning : 0) | (unordered ? kUnordered : 0) |
                                (immediate ? kImmediate : 0));
}

void DataChunk::write(ByteWriter& out) const {
    out.u32(tsn);
    out.u16(stream);
    out.u16(ssn);
    out.u32(ppid);
    out.bytes(payload);
}

}  // namespace crosspoint::rtc::sctp
