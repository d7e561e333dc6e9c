#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

// An SCTP packet: common header and chunks (RFC 9260 3).
namespace crosspoint::rtc::sctp {

enum class ChunkType : uint8_t {
    Data = 0,
    Init = 1,
    InitAck = 2,
    Sack = 3,
    Heartbeat = 4,
    HeartbeatAck = 5,
    Abort = 6,
    Shutdown = 7,
    ShutdownAck = 8,
    Error = 9,
    CookieEcho = 10,
    CookieAck = 11,
    ShutdownComplete = 14,
    ReConfig = 130,    // RFC 6525 3.1
    ForwardTsn = 192,  // RFC 3758 3.2
};

/// Chunks and parameters begin at multiples of four; their lengths do not count what fills up to there.
constexpr size_t padded(size_t length) { return (length + 3) & ~size_t{3}; }

struct RawChunk {
    ChunkType type = ChunkType::Data;  // may be one that the enum does not name
    uint8_t flags = 0;
    Bytes body;   // without the chunk header and padding
    Bytes whole;  // with the header, without padding: what an error report quotes
};

struct PacketHeader {
    uint16_t source_port = 0;
    uint16_t destination_port = 0;
    uint32_t tag = 0;
};

struct Packet {
    PacketHeader header;
    std::vector<RawChunk> chunks;  // views into the parsed bytes; never empty

    /// Nothing when the checksum is wrong or a chunk leaves the packet.
    static std::optional<Packet> parse(Bytes bytes);
};

inline constexpr size_t kPacketHeaderSize = 12;
inline constexpr size_t kChunkHeaderSize = 4;

/// Bytes of one chunk, header and padding included.
Buffer make_chunk(ChunkType type, uint8_t flags, Bytes body);
/// The same for a chunk that has `size()` and `write(ByteWriter&)` for its body, and `kType`.
template <class Chunk>
Buffer make_chunk(const Chunk& chunk, ChunkType type, uint8_t flags) {
    Buffer body(chunk.size());
    ByteWriter writer(body);
    chunk.write(writer);
    return make_chunk(type, flags, writer.written());
}

/// Gathers chunks until the packet is full.
class PacketBuilder {
public:
    PacketBuilder(const PacketHeader& header, size_t max_size);

    bool fits(size_t chunk_size) const { return bytes_.size() + chunk_size <= max_size_; }
    bool empty() const { return bytes_.size() == kPacketHeaderSize; }
    void add(Bytes chunk) { bytes_.insert(bytes_.end(), chunk.begin(), chunk.end()); }
    /// The finished packet with its checksum; the builder is empty again.
    Buffer take();

private:
    void start();

    PacketHeader header_;
    size_t max_size_;
    Buffer bytes_;
};

}  // namespace crosspoint::rtc::sctp
