#include "rtc/rtp/vp8.h"

namespace crosspoint::rtc::rtp {
namespace {

// First byte: | X | R | N | S | R | partition (3) |
constexpr uint8_t kExtended = 0x80;
constexpr uint8_t kNonReference = 0x20;
constexpr uint8_t kStartOfPartition = 0x10;
constexpr uint8_t kPartition = 0x07;
// Second byte, when X: | I | L | T | K | reserved (4) |
constexpr uint8_t kHasPictureId = 0x80;
constexpr uint8_t kHasTl0 = 0x40;
constexpr uint8_t kHasTemporalLayer = 0x20;
constexpr uint8_t kHasKeyIndex = 0x10;
// First byte of the frame: P, inverse key frame flag.
constexpr uint8_t kInterFrame = 0x01;

void read_extension(ByteReader& in, Vp8Descriptor& descriptor) {
    const uint8_t present = in.u8();
    if (present & kHasPictureId) {
        descriptor.picture_id_at = static_cast<uint8_t>(in.position());
        const uint8_t first = in.u8();
        descriptor.long_picture_id = (first & 0x80) != 0;
        descriptor.picture_id = first & 0x7f;
        if (descriptor.long_picture_id) descriptor.picture_id = static_cast<uint16_t>((first & 0x7f) << 8 | in.u8());
    }
    if (present & kHasTl0) {
        descriptor.tl0_picture_index_at = static_cast<uint8_t>(in.position());
        descriptor.tl0_picture_index = in.u8();
    }
    if (present & (kHasTemporalLayer | kHasKeyIndex)) {
        descriptor.layer_at = static_cast<uint8_t>(in.position());
        const uint8_t layer = in.u8();
        if (present & kHasTemporalLayer) {
            descriptor.temporal_layer = layer >> 6;
            descriptor.layer_sync = (layer & 0x20) != 0;
        }
        if (present & kHasKeyIndex) descriptor.key_index = layer & 31;
    }
}

}  // namespace

std::optional<Vp8Descriptor> Vp8Descriptor::parse(Bytes payload) {
    ByteReader in(payload);
    Vp8Descriptor descriptor;
    const uint8_t first = in.u8();
    descriptor.non_reference = (first & kNonReference) != 0;
    descriptor.starts_frame = (first & kStartOfPartition) && (first & kPartition) == 0;
    if (first & kExtended) read_extension(in, descriptor);
    descriptor.size = static_cast<uint8_t>(in.position());
    const uint8_t frame = in.u8();
    if (!in.done()) return std::nullopt;
    descriptor.key_frame = descriptor.starts_frame && !(frame & kInterFrame);
    return descriptor;
}

}  // namespace crosspoint::rtc::rtp
