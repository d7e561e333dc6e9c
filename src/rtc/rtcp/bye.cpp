#include "rtc/rtcp/bye.h"

#include "rtc/rtcp/header.h"

namespace crosspoint::rtc::rtcp {
namespace {
constexpr size_t kMaxSources = 31;
}  // namespace

std::optional<Bye> Bye::parse(uint8_t count, Bytes body) {
    ByteReader in(body);
    Bye bye;
    for (uint8_t i = 0; i < count; ++i) bye.sources.push_back(Ssrc{in.u32()});
    if (in.done() && in.remaining() > 0) bye.reason = as_text(in.bytes(in.u8()));
    if (!in.done()) return std::nullopt;
    return bye;
}

void Bye::write(ByteWriter& out) const {
    const size_t count = std::min(sources.size(), kMaxSources);
    const PacketScope scope(out, PacketType::Bye, static_cast<uint8_t>(count));
    for (size_t i = 0; i < count; ++i) out.u32(sources[i].value);
    if (reason.empty()) return;
    const Bytes text = as_bytes(reason).first(std::min<size_t>(reason.size(), UINT8_MAX));
    out.u8(static_cast<uint8_t>(text.size()));
    out.bytes(text);
    out.zeros((4 - (1 + text.size()) % 4) % 4);
}

}  // namespace crosspoint::rtc::rtcp
