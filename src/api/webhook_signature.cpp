#include "api/webhook_signature.h"

#include <charconv>
#include <cstdlib>

#include "base/encoding.h"
#include "crypto/hash.h"

namespace crosspoint::api {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr size_t kMinSecret = 24;
constexpr size_t kMaxSecret = 64;
constexpr int64_t kTolerance = 5 * 60;  // seconds

std::string signature(Bytes secret, std::string_view id, std::string_view timestamp, std::string_view body) {
    std::string signed_text;
    for (const std::string_view part : {id, timestamp}) signed_text.append(part).append(".");
    signed_text.append(body);
    return "v1," + base64(crypto::hmac_sha256(secret, as_bytes(signed_text)));
}

}  // namespace

std::optional<Buffer> parse_webhook_secret(std::string_view text) {
    if (!text.starts_with(kSecretPrefix)) return std::nullopt;
    auto secret = from_base64(text.substr(kSecretPrefix.size()));
    if (!secret || secret->size() < kMinSecret || secret->size() > kMaxSecret) return std::nullopt;
    return secret;
}

std::vector<Header> sign_webhook(Bytes secret, std::string_view id, WallTime now, std::string_view body) {
    const std::string timestamp = std::to_string(now.unix_seconds());
    return {{"webhook-id", std::string(id)},
            {"webhook-timestamp", timestamp},
            {"webhook-signature", signature(secret, id, timestamp, body)}};
}

bool is_signed_webhook(Bytes secret, const HttpRequest& request, WallTime now) {
    const std::string_view timestamp = request.header("webhook-timestamp");
    int64_t seconds = 0;
    const auto [end, failed] = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
    if (failed != std::errc{} || end != timestamp.data() + timestamp.size()) return false;
    // Compared so that no number that was sent can overflow.
    const int64_t present = now.unix_seconds();
    if (seconds < present - kTolerance || seconds > present + kTolerance) return false;
    const std::string right = signature(secret, request.header("webhook-id"), timestamp, request.body);
    std::string_view given = request.header("webhook-signature");
    while (!given.empty()) {
        const std::string_view one = given.substr(0, given.find(' '));
        if (crypto::constant_time_equal(as_bytes(one), as_bytes(right))) return true;
        given.remove_prefix(std::min(given.size(), one.size() + 1));
    }
    return false;
}

}  // namespace crosspoint::api
