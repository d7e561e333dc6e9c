#pragma once
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "chains/people.h"

// The token with which a user connects (jsapi 2.2, CON-2): a JWT, HS256 with its account's key.
namespace crosspoint::api::jsapi {

/// Longest that is looked at, in bytes.
inline constexpr size_t kMaxUserToken = 4096;
/// No token that is issued is good for longer: that is how long a revoked one is remembered.
inline constexpr std::chrono::seconds kLongestUserToken = std::chrono::hours(24 * 366);

/// `scope` is left out when everything is allowed, `profiles` when all of the user's are. `exp` is in whole seconds,
/// rounded down.
std::string issue_user_token(Bytes key, const AccountId& app, const chains::Grant& grant);

/// What the token allows in `app`. TokenExpired, or Unauthenticated for one that is damaged, forged or of another app.
/// That it was revoked, its user's owner knows.
Result<chains::Grant, chains::Refusal> verify_user_token(Bytes key, const AccountId& app, std::string_view token,
                                                         WallTime now);

}  // namespace crosspoint::api::jsapi
