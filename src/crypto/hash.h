#pragma once
#include <array>

#include "base/bytes.h"

namespace crosspoint::crypto {

std::array<uint8_t, 32> sha256(Bytes message);

/// RFC 2104, for STUN's MESSAGE-INTEGRITY. A key of any length; allocates nothing. Where one key signs many messages,
/// `HmacSha1` of `crypto/cipher.h` saves mixing it in again.
std::array<uint8_t, 20> hmac_sha1(Bytes key, Bytes message);
std::array<uint8_t, 32> hmac_sha256(Bytes key, Bytes message);

/// Takes as long for a wrong value as for a right one. Only the lengths may show.
bool constant_time_equal(Bytes a, Bytes b);

}  // namespace crosspoint::crypto
