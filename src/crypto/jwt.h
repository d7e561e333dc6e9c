#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

// Our own tokens: JWS compact form (RFC 7515 7.1) with HS256 (RFC 7518 3.2) and the header
// {"alg":"HS256","typ":"JWT"}, byte for byte.
namespace crosspoint::crypto {

/// `payload_json` goes into the token as it is.
std::string sign_jwt(Bytes key, std::string_view payload_json);

/// The payload's JSON, unread. Nothing when the form is damaged, the signature is wrong, or the header is not exactly
/// ours: a token cannot choose its own algorithm (RFC 8725 3.1). Claims such as `exp` are the caller's to check.
std::optional<std::string> verify_jwt(Bytes key, std::string_view token);

}  // namespace crosspoint::crypto
