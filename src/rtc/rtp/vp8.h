#pragma once
#include <optional>

#include "base/bytes.h"

namespace crosspoint::rtc::rtp {

/// The VP8 payload descriptor, RFC 7741 4.2, and what the frame's first byte says (4.3). The `_at` members tell where
/// in the payload a field stands, for forwarders that rewrite it; they are right only where the field is present.
struct Vp8Descriptor {
    bool starts_frame = false;  // first packet of the first partition
    bool key_frame = false;     // known in the packet that starts a frame
    bool non_reference = false;
    std::optional<uint16_t> picture_id;
    bool long_picture_id = false;  // 15 bits, not 7
    std::optional<uint8_t> tl0_picture_index;
    std::optional<uint8_t> temporal_layer;
    bool layer_sync = false;           // Y: depends on the base layer only
    std::optional<uint8_t> key_index;  // KEYIDX, 5 bits
    uint8_t picture_id_at = 0;
    uint8_t tl0_picture_index_at = 0;
    uint8_t layer_at = 0;  // the byte | TID (2) | Y | KEYIDX (5) |
    uint8_t size = 0;      // of the descriptor; the frame's data follows

    /// Nothing when the descriptor does not fit, or no frame data follows it.
    static std::optional<Vp8Descriptor> parse(Bytes payload);
};

}  // namespace crosspoint::rtc::rtp
