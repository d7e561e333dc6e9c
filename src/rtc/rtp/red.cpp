#include "rtc/rtp/red.h"

namespace crosspoint::rtc::rtp {
namespace {
constexpr uint8_t kMoreBlocks = 0x80;
}  // namespace

// Headers first: | 1 | type (7) | timestamp offset (14) | length (10) | repeated, | 0 | type (7) |; then their data.
std::optional<Red> Red::parse(Bytes payload) {
    ByteReader in(payload);
    Red red;
    std::array<size_t, kMaxRedundant> lengths{};
    uint8_t head = in.u8();
    for (; head & kMoreBlocks; head = in.u8()) {
        if (red.older_count == kMaxRedundant) return std::nullopt;
        const uint32_t rest = in.u24();
        lengths[red.older_count] = rest & 0x3ff;
        red.older[red.older_count++] = {
            PayloadType{static_cast<uint8_t>(head & 0x7f)}, static_cast<uint16_t>(rest >> 10), {}};
    }
    red.primary.payload_type = PayloadType{head};
    for (size_t i = 0; i < red.older_count; ++i) red.older[i].data = in.bytes(lengths[i]);
    if (!in.done()) return std::nullopt;
    red.primary.data = in.rest();
    return red;
}

}  // namespace crosspoint::rtc::rtp
