#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/effects.h"
#include "base/bytes.h"
#include "base/time.h"

// How a receiver knows that a webhook came from here: Standard Webhooks 1.0 with HMAC-SHA256, for which libraries exist
// in every language.
namespace crosspoint::api {

/// "whsec_" and the base64 of 24 to 64 bytes; nothing on anything else.
std::optional<Buffer> parse_webhook_secret(std::string_view text);

/// `webhook-id`, `webhook-timestamp` (Unix seconds) and `webhook-signature`. `id` stays the same over all attempts at
/// one event, so that a receiver can drop repetitions.
std::vector<Header> sign_webhook(Bytes secret, std::string_view id, WallTime now, std::string_view body);

/// Whether `request` was signed with `secret` no longer than five minutes ago. `webhook-signature` may hold several
/// signatures, as it does while secrets are changed.
bool is_signed_webhook(Bytes secret, const HttpRequest& request, WallTime now);

}  // namespace crosspoint::api
