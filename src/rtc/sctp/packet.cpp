#include "rtc/sctp/packet.h"

#include <algorithm>

#include "rtc/sctp/crc32c.h"

namespace crosspoint::rtc::sctp {
namespace {

constexpr size_t kChecksumOffset = 8;

uint32_t read_checksum(Bytes packet) {
    uint32_t checksum = 0;
    for (size_t i = 4; i-- > 0;) checksum = checksum << 8 | packet[kChecksumOffset + i];
    return checksum;
}

void write_checksum(MutableBytes packet, uint32_t checksum) {
    for (size_t i = 0; i < 4; ++i) packet[kChecksumOffset + i] = static_cast<uint8_t>(checksum >> (8 * i));
}

bool checksum_matches(Bytes packet) {
    Buffer copy = to_buffer(packet);
    write_checksum(copy, 0);  // RFC 9260 6.8: computed over the packet with zeros in the field
    return crc32c(copy) == read_checksum(packet);
}

}  // namespace

std::optional<Packet> Packet::parse(Bytes bytes) {
    if (bytes.size() < kPacketHeaderSize + kChunkHeaderSize || !checksum_matches(bytes)) return std::nullopt;
    ByteReader in(bytes);
    Packet packet;
    packet.header.source_port = in.u16();
    packet.header.destination_port = in.u16();
    packet.header.tag = in.u32();
    in.skip(4);
    while (in.remaining() > 0) {
        const size_t start = in.position();
        RawChunk chunk;
        chunk.type = ChunkType{in.u8()};
        chunk.flags = in.u8();
        const size_t length = in.u16();
        if (length < kChunkHeaderSize) return std::nullopt;
        chunk.body = in.bytes(length - kChunkHeaderSize);
        if (!in.done()) return std::nullopt;
        chunk.whole = bytes.subspan(start, length);
        in.skip(std::min(padded(length) - length, in.remaining()));  // some leave out the last padding
        packet.chunks.push_back(chunk);
    }
    return packet;
}

Buffer make_chunk(ChunkType type, uint8_t flags, Bytes body) {
    Buffer chunk(padded(kChunkHeaderSize + body.size()));
    ByteWriter out(chunk);
    out.u8(static_cast<uint8_t>(type));
    out.u8(flags);
    out.u16(static_cast<uint16_t>(kChunkHeaderSize + body.size()));
    out.bytes(body);
    return chunk;
}

PacketBuilder::PacketBuilder(const PacketHeader& header, size_t max_size) : header_(header), max_size_(max_size) {
    start();
}

void PacketBuilder::start() {
    bytes_.assign(kPacketHeaderSize, 0);
    ByteWriter out(bytes_);
    out.u16(header_.source_port);
    out.u16(header_.destination_port);
    out.u32(header_.tag);
}

Buffer PacketBuilder::take() {
    write_checksum(bytes_, crc32c(bytes_));
    Buffer packet = std::move(bytes_);
    start();
    return packet;
}

}  // namespace crosspoint::rtc::sctp
