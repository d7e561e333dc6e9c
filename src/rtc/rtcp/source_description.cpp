#include "rtc/rtcp/source_description.h"

#include "rtc/rtcp/header.h"

namespace crosspoint::rtc::rtcp {
namespace {

constexpr uint8_t kEnd = 0;
constexpr uint8_t kCname = 1;
constexpr size_t kMaxChunks = 31;

// | source (32) | type (8), length (8), text | ... | 1 to 4 zeros, up to the next word |
SourceDescription::Chunk read_chunk(ByteReader& in) {
    SourceDescription::Chunk chunk;
    chunk.source = Ssrc{in.u32()};
    while (in.done()) {
        const uint8_t type = in.u8();
        if (type == kEnd) break;
        const Bytes text = in.bytes(in.u8());
        if (type == kCname) chunk.cname = as_text(text);
    }
    in.skip((4 - in.position() % 4) % 4);
    return chunk;
}

void write_chunk(ByteWriter& out, const SourceDescription::Chunk& chunk) {
    const Bytes cname = as_bytes(chunk.cname).first(std::min<size_t>(chunk.cname.size(), UINT8_MAX));
    out.u32(chunk.source.value);
    out.u8(kCname);
    out.u8(static_cast<uint8_t>(cname.size()));
    out.bytes(cname);
    out.zeros(4 - (2 + cname.size()) % 4);
}

}  // namespace

std::optional<SourceDescription> SourceDescription::parse(uint8_t count, Bytes body) {
    ByteReader in(body);
    SourceDescription description;
    for (uint8_t i = 0; i < count && in.done(); ++i) description.chunks.push_back(read_chunk(in));
    if (!in.done()) return std::nullopt;
    return description;
}

void SourceDescription::write(ByteWriter& out) const {
    const size_t count = std::min(chunks.size(), kMaxChunks);
    const PacketScope scope(out, PacketType::SourceDescription, static_cast<uint8_t>(count));
    for (size_t i = 0; i < count; ++i) write_chunk(out, chunks[i]);
}

}  // namespace crosspoint::rtc::rtcp
