#include "rtc/link/demux.h"
#include "base/verify.h"
#include "rtc/rtp/packet.h"
#include "rtc/stun/message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace crosspoint;
    using namespace crosspoint::rtc;
    const Bytes datagram(data, size);
    const link::DatagramKind kind = link::classify(datagram);
    VERIFY((kind == link::DatagramKind::Stun) == stun::looks_like_stun(datagram));
    if (kind == link::DatagramKind::Rtcp) VERIFY(rtp::looks_like_rtcp(datagram));
    if (rtp::Packet::parse(datagram)) VERIFY(kind == link::DatagramKind::Rtp || kind == link::DatagramKind::Rtcp);
    return 0;
}
