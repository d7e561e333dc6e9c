#include "rtc/rtcp/remb.h"

#include "rtc/rtcp/header.h"

namespace crosspoint::rtc::rtcp {
namespace {
constexpr uint32_t kName = 0x52454d42;  // "REMB"
constexpr uint64_t kMaxMantissa = 0x3ffff;
constexpr size_t kMaxSources = 255;
}  // namespace

bool Remb::is_in(Bytes body) {
    ByteReader in(body);
    in.skip(8);
    return in.u32() == kName;
}

// | sender (32) | unused (32) | "REMB" | sources (8) | exponent (6) | mantissa (18) | source (32) | repeated
std::optional<Remb> Remb::parse(Bytes body) {
    if (!is_in(body)) return std::nullopt;
    ByteReader in(body);
    Remb remb;
    remb.sender = Ssrc{in.u32()};
    in.skip(8);
    const uint8_t count = in.u8();
    const uint32_t rate = in.u24();
    const uint32_t exponent = rate >> 18;
    const uint64_t mantissa = rate & kMaxMantissa;
    remb.bits_per_second = mantissa << exponent;
    if (remb.bits_per_second >> exponent != mantissa) return std::nullopt;
    if (in.remaining() < size_t{4} * count) return std::nullopt;
    for (uint8_t i = 0; i < count; ++i) remb.sources.push_back(Ssrc{in.u32()});
    if (!in.done()) return std::nullopt;
    return remb;
}

void Remb::write(ByteWriter& out) const {
    const PacketScope scope(out, PacketType::PayloadFeedback, kFormat);
    const size_t count = std::min(sources.size(), kMaxSources);
    uint64_t mantissa = bits_per_second;
    uint32_t exponent = 0;
    for (; mantissa > kMaxMantissa; mantissa >>= 1) ++exponent;
    out.u32(sender.value);
    out.u32(0);
    out.u32(kName);
    out.u8(static_cast<uint8_t>(count));
    out.u24(exponent << 18 | static_cast<uint32_t>(mantissa));
    for (size_t i = 0; i < count; ++i) out.u32(sources[i].value);
}

}  // namespace crosspoint::rtc::rtcp
