#include "sessions/token.h"

#include <boost/json.hpp>

#include "base/encoding.h"
#include "base/verify.h"
#include "crypto/jwt.h"

namespace crosspoint::sessions {
namespace {

namespace json = boost::json;

/// Upwards: the participant's own end is the one that counts (`verify_token`), and the token must not end before it.
int64_t whole_seconds(WallTime time) { return (time.unix_milliseconds + 999) / 1000; }

// Claims in the order of the hosted service's tokens. The purpose of `tid` there is unknown; it looks like a telephone
// number, and some tools may expect it.
std::string payload(const TokenClaims& claims, Random& random) {
    std::string tid = "+";
    for (int digit = 0; digit < 15; ++digit) tid += static_cast<char>('0' + random.below(10));
    return json::serialize(json::object{{"a", claims.account.value},
                                        {"p", claims.participant.value},
                                        {"v", "V3"},
                                        {"exp", whole_seconds(claims.expires)},
                                        {"tid", tid}});
}

std::optional<TokenClaims> parse(std::string_view payload) {
    boost::system::error_code error;
    const auto value = json::parse(payload, error);
    const auto* object = value.if_object();
    if (error || !object) return std::nullopt;
    const auto text = [&](std::string_view name) -> const json::string* {
        const auto* member = object->if_contains(name);
        return member ? member->if_string() : nullptr;
    };
    const auto* expires = object->if_contains("exp");
    const auto* seconds = expires ? expires->if_int64() : nullptr;
    if (!text("a") || !text("p") || !text("v") || *text("v") != "V3" || !seconds) return std::nullopt;
    if (*seconds < 0 || *seconds > INT64_MAX / 1000) return std::nullopt;
    return TokenClaims{AccountId(*text("a")), ParticipantId(*text("p")), WallTime{*seconds * 1000}};
}

/// The claims as the token states them, before anything is known about its signature.
std::optional<TokenClaims> unverified_claims(std::string_view token) {
    const size_t first = token.find('.');
    const size_t last = token.rfind('.');
    if (first == last) return std::nullopt;
    const auto payload = from_base64url(token.substr(first + 1, last - first - 1));
    if (!payload) return std::nullopt;
    return parse(as_text(*payload));
}

}  // namespace

std::string TokenKeys::issue(const TokenClaims& claims, Random& random) const {
    const auto key = keys_.find(claims.account);
    VERIFY(key != keys_.end());
    std::string token = crypto::sign_jwt(key->second, payload(claims, random));
    SHOULD(token.size() <= kMaxTokenLength);
    return token;
}

std::optional<TokenClaims> TokenKeys::verify(std::string_view token, WallTime now) const {
    if (token.size() > kMaxTokenLength) return std::nullopt;
    const auto stated = unverified_claims(token);  // only the claims say whose key it has to be
    if (!stated) return std::nullopt;
    const auto key = keys_.find(stated->account);
    if (key == keys_.end()) return std::nullopt;
    const auto signed_payload = crypto::verify_jwt(key->second, token);
    if (!signed_payload) return std::nullopt;
    auto claims = parse(*signed_payload);
    if (!claims || claims->expires <= now) return std::nullopt;
    return claims;
}

}  // namespace crosspoint::sessions
