#pragma once
#include "base/bytes.h"

namespace crosspoint::rtc::stun {

/// CRC-32 of ITU-T V.42, as FINGERPRINT wants it (RFC 8489 14.7).
uint32_t crc32(Bytes bytes);

}  // namespace crosspoint::rtc::stun
