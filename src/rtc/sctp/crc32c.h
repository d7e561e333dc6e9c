#pragma once
#include <cstdint>

#include "base/bytes.h"

namespace crosspoint::rtc::sctp {

/// The checksum of SCTP packets (RFC 9260 appendix A), as a number; on the wire its least significant byte is first.
uint32_t crc32c(Bytes bytes);

}  // namespace crosspoint::rtc::sctp
