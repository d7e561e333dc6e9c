#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

// Bytes as text.
namespace crosspoint {

std::string hex(Bytes bytes);
/// Accepts both cases; nothing on an odd length or another character.
std::optional<Buffer> from_hex(std::string_view text);

/// RFC 4648 4, with padding.
std::string base64(Bytes bytes);
/// Padding may be absent; nothing on other characters or an impossible length.
std::optional<Buffer> from_base64(std::string_view text);

/// RFC 4648 5, without padding, as JWT wants it (RFC 7515 2).
std::string base64url(Bytes bytes);
std::optional<Buffer> from_base64url(std::string_view text);

}  // namespace crosspoint
