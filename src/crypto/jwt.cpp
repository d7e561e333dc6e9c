#include "crypto/jwt.h"

#include "base/encoding.h"
#include "crypto/hash.h"

namespace crosspoint::crypto {
namespace {

// base64url of the header, with the dot that ends it.
constexpr std::string_view kHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";

std::string signature_of(Bytes key, std::string_view signing_input) {
    return base64url(hmac_sha256(key, as_bytes(signing_input)));
}

}  // namespace

std::string sign_jwt(Bytes key, std::string_view payload_json) {
    std::string token(kHeader);
    token += base64url(as_bytes(payload_json));
    const std::string signature = signature_of(key, token);
    token += '.';
    token += signature;
    return token;
}

std::optional<std::string> verify_jwt(Bytes key, std::string_view token) {
    if (!token.starts_with(kHeader)) return std::nullopt;
    const size_t dot = token.find('.', kHeader.size());
    if (dot == std::string_view::npos) return std::nullopt;
    // The texts are compared, not what they decode to: base64url has several spellings of one value, we write one.
    const std::string wanted = signature_of(key, token.substr(0, dot));
    if (!constant_time_equal(as_bytes(wanted), as_bytes(token.substr(dot + 1)))) return std::nullopt;
    const auto payload = from_base64url(token.substr(kHeader.size(), dot - kHeader.size()));
    if (!payload) return std::nullopt;
    return std::string(as_text(*payload));
}

}  // namespace crosspoint::crypto
