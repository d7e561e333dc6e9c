#pragma once
#include "base/bytes.h"

namespace crosspoint::rtc::link {

enum class DatagramKind : uint8_t { Stun, Dtls, Rtp, Rtcp, Unknown };

/// What shares one port, told apart by the first bytes (RFC 7983 7, RFC 5761 4).
DatagramKind classify(Bytes datagram);

}  // namespace crosspoint::rtc::link
