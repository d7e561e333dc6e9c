#include "rtc/rtp/key_frame.h"

#include "rtc/rtp/vp8.h"

namespace crosspoint::rtc::rtp {
namespace {

bool vp8_starts(Bytes payload) {
    const auto descriptor = Vp8Descriptor::parse(payload);
    return descriptor && descriptor->key_frame;
}

// RFC 9628 4.2: | I | P | L | F | B | E | V | Z |, picture id when I, | TID (3) | U | SID (3) | D | when L.
bool vp9_starts(Bytes payload) {
    ByteReader in(payload);
    const uint8_t first = in.u8();
    const bool inter_predicted = (first & 0x40) != 0;
    const bool starts_frame = (first & 0x08) != 0;
    if (first & 0x80) {
        const uint8_t picture_id = in.u8();
        if (picture_id & 0x80) in.skip(1);
    }
    const uint8_t spatial_layer = (first & 0x20) ? in.u8() >> 1 & 7 : 0;
    return in.done() && in.remaining() > 0 && starts_frame && !inter_predicted && spatial_layer == 0;
}

enum NalType : uint8_t { SequenceParameters = 7, StapA = 24, FuA = 28 };

// The parameter sets come first (ITU-T H.264 7.4.1.2.3), and browsers send them with every IDR picture. Whoever began
// with a slice of that picture, because what came before it was lost, could not decode it.
bool begins_picture(uint8_t nal_header) { return (nal_header & 31) == SequenceParameters; }

// RFC 6184 5.6 (single), 5.7.1 (STAP-A: | size (16) | unit | repeated), 5.8 (FU-A: | S | E | R | type (5) |).
bool h264_starts(Bytes payload) {
    ByteReader in(payload);
    const uint8_t header = in.u8();
    switch (header & 31) {
        case StapA:
            while (in.remaining() >= 2) {
                const Bytes unit = in.bytes(in.u16());
                if (!unit.empty() && begins_picture(unit[0])) return true;
            }
            return false;
        case FuA: {
            const uint8_t fragment = in.u8();
            return in.remaining() > 0 && (fragment & 0x80) && begins_picture(fragment);
        }
        default: return in.remaining() > 0 && begins_picture(header);
    }
}

size_t read_leb128(ByteReader& in) {
    size_t value = 0;
    for (int shift = 0; shift < 56; shift += 7) {
        const uint8_t byte = in.u8();
        value |= size_t{byte & 0x7fu} << shift;
        if (!(byte & 0x80)) return value;
    }
    return SIZE_MAX;
}

// AV1 RTP specification 4.4: | Z | Y | W (2) | N | reserved (3) |, then OBU elements, each with its length before it
// but for the last when W counts them. N marks the first packet of a coded video sequence.
bool av1_starts(Bytes payload) {
    constexpr uint8_t kSequenceHeader = 1;
    ByteReader in(payload);
    const uint8_t aggregation = in.u8();
    if (in.remaining() == 0 || aggregation & 0x80) return false;  // Z: goes on with an OBU of the packet before
    if (aggregation & 0x08) return true;
    const int counted = aggregation >> 4 & 3;
    for (int i = 1; in.remaining() > 0; ++i) {
        const Bytes element = i == counted ? in.rest() : in.bytes(read_leb128(in));
        if (!element.empty() && (element[0] >> 3 & 15) == kSequenceHeader) return true;
    }
    return false;
}

}  // namespace

bool starts_key_frame(Codec codec, Bytes payload) {
    switch (codec) {
        case Codec::Vp8: return vp8_starts(payload);
        case Codec::Vp9: return vp9_starts(payload);
        case Codec::H264: return h264_starts(payload);
        case Codec::Av1: return av1_starts(payload);
        case Codec::Opus:
        case Codec::Red:
        case Codec::TelephoneEvent:
        case Codec::Pcmu:
        case Codec::Pcma:
        case Codec::G722:
        case Codec::Rtx: return false;
    }
    return false;
}

}  // namespace crosspoint::rtc::rtp
