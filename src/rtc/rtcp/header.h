#pragma once
#include <optional>

#include "base/bytes.h"
#include "base/ids.h"

namespace crosspoint::rtc::rtcp {

enum class PacketType : uint8_t {
    SenderReport = 200,
    ReceiverReport = 201,
    SourceDescription = 202,
    Bye = 203,
    TransportFeedback = 205,  // RTPFB, RFC 4585 6.2
    PayloadFeedback = 206,    // PSFB, RFC 4585 6.3
};

/// One RTCP packet of a compound: | version (2), padding (1), count (5) | type (8) | length in words - 1 (16) | body |.
struct Packet {
    uint8_t count = 0;  // reports, sources, or the feedback format (FMT)
    uint8_t type = 0;
    Bytes body;  // without padding

    /// Takes the next packet off `in`. Nothing on a wrong version, a length beyond the input, or impossible padding.
    static std::optional<Packet> read(ByteReader& in);
};

/// Writes a packet's header and, when it goes out of scope, the length that is known only then. Whoever writes the body
/// ends it on a whole word.
class PacketScope {
public:
    PacketScope(ByteWriter& out, PacketType type, uint8_t count);
    ~PacketScope();
    PacketScope(const PacketScope&) = delete;
    PacketScope& operator=(const PacketScope&) = delete;

private:
    ByteWriter& out_;
    size_t start_;
};

}  // namespace crosspoint::rtc::rtcp
