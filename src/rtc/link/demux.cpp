#include "rtc/link/demux.h"

#include "rtc/rtp/packet.h"
#include "rtc/stun/message.h"

namespace crosspoint::rtc::link {
namespace {
constexpr size_t kDtlsRecordHeader = 13;
constexpr size_t kRtpHeader = 12;
constexpr size_t kRtcpHeader = 8;  // with the sender's SSRC, which SRTCP leaves readable (RFC 3711 3.4)
}  // namespace

DatagramKind classify(Bytes datagram) {
    if (datagram.empty()) return DatagramKind::Unknown;
    const uint8_t first = datagram[0];
    if (first <= 3) return stun::looks_like_stun(datagram) ? DatagramKind::Stun : DatagramKind::Unknown;
    if (first >= 20 && first <= 63)
        return datagram.size() >= kDtlsRecordHeader ? DatagramKind::Dtls : DatagramKind::Unknown;
    if (first < 128 || first > 191) return DatagramKind::Unknown;
    if (rtp::looks_like_rtcp(datagram))
        return datagram.size() >= kRtcpHeader ? DatagramKind::Rtcp : DatagramKind::Unknown;
    return datagram.size() >= kRtpHeader ? DatagramKind::Rtp : DatagramKind::Unknown;
}

}  // namespace crosspoint::rtc::link
