#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"

namespace crosspoint::rtc::rtcp {

/// SDES, RFC 3550 6.5. Of its items only the CNAME matters to us; the others are read over.
struct SourceDescription {
    struct Chunk {
        Ssrc source;
        std::string cname;  // at most 255 bytes
        bool operator==(const Chunk&) const = default;
    };
    std::vector<Chunk> chunks;  // at most 31

    static std::optional<SourceDescription> parse(uint8_t count, Bytes body);
    void write(ByteWriter& out) const;
    bool operator==(const SourceDescription&) const = default;
};

}  // namespace crosspoint::rtc::rtcp
