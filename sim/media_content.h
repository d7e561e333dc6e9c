#pragma once
#include <optional>

#include "base/bytes.h"

namespace crosspoint::sim {

/// What simulated media says about itself, so that whoever hears it knows whose it is and what is missing.
struct Content {
    static constexpr size_t kSize = 17;

    bool key_frame = false;
    uint32_t source = 0;   // one number for each published track
    uint32_t counter = 0;  // counts the packets of the track
    uint32_t frame = 0;    // video: counts frames
    uint16_t part = 0;
    uint16_t parts = 0;

    void write(ByteWriter& out) const {
        // Bit 0 clear begins a key frame in VP8 (RFC 7741 4.3).
        out.u8(key_frame ? 0 : 1);
        out.u32(source);
        out.u32(counter);
        out.u32(frame);
        out.u16(part);
        out.u16(parts);
    }
    static std::optional<Content> read(Bytes bytes) {
        ByteReader in(bytes);
        Content content;
        content.key_frame = in.u8() == 0;
        content.source = in.u32();
        content.counter = in.u32();
        content.frame = in.u32();
        content.part = in.u16();
        content.parts = in.u16();
        if (!in.done()) return std::nullopt;
        return content;
    }
};

}  // namespace crosspoint::sim
