#include "rtc/sctp/state_cookie.h"

namespace crosspoint::rtc::sctp {
namespace {

constexpr uint32_t kMagic = 0x43707463;  // tells a cookie of ours from one of another implementation
constexpr size_t kSize = 36;

}  // namespace

std::optional<StateCookie> StateCookie::parse(Bytes bytes) {
    ByteReader in(bytes);
    const uint32_t magic = in.u32();
    StateCookie cookie;
    cookie.own_tag = in.u32();
    cookie.own_initial_tsn = in.u32();
    cookie.own_tie_tag = in.u32();
    cookie.peer_tie_tag = in.u32();
    cookie.peer.tag = in.u32();
    cookie.peer.window = in.u32();
    cookie.peer.outbound_streams = in.u16();
    cookie.peer.inbound_streams = in.u16();
    cookie.peer.initial_tsn = in.u32();
    const bool usable = cookie.own_tag != 0 && cookie.peer.tag != 0 && cookie.peer.outbound_streams != 0 &&
                        cookie.peer.inbound_streams != 0;
    if (!in.done() || in.remaining() > 0 || magic != kMagic || !usable) return std::nullopt;
    return cookie;
}

Buffer StateCookie::write() const {
    Buffer bytes(kSize);
    ByteWriter out(bytes);
    out.u32(kMagic);
    out.u32(own_tag);
    out.u32(own_initial_tsn);
    out.u32(own_tie_tag);
    out.u32(peer_tie_tag);
    out.u32(peer.tag);
    out.u32(peer.window);
    out.u16(peer.outbound_streams);
    out.u16(peer.inbound_streams);
    out.u32(peer.initial_tsn);
    return bytes;
}

}  // namespace crosspoint::rtc::sctp
