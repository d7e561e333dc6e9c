#include "api/jsapi/user_token.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "api/jsapi/body.h"
#include "api/json.h"
#include "crypto/jwt.h"

namespace crosspoint::api::jsapi {
namespace {

struct Scope {
    std::string_view word;
    bool chains::Grant::* allowed;
};
constexpr int64_t kLastSecond = 253'402'300'799;  // of the year 9999: what is later no timer can be set to
constexpr Scope kScopes[] = {
    {"call", &chains::Grant::call}, {"text", &chains::Grant::text}, {"pstn", &chains::Grant::pstn}};

/// Words with a space between them, as OAuth has them (RFC 6749 3.3).
std::string scope_text(const chains::Grant& grant) {
    std::string text;
    for (const Scope& scope : kScopes)
        if (grant.*scope.allowed) text += (text.empty() ? "" : " ") + std::string(scope.word);
    return text;
}

void read_scope(chains::Grant& grant, std::string_view text) {
    for (const Scope& scope : kScopes) grant.*scope.allowed = false;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        const auto scope = std::ranges::find(kScopes, word, &Scope::word);
        if (scope != std::end(kScopes)) grant.*scope->allowed = true;
    }
}

/// False when it is not a list of profile ids.
bool read_profiles(chains::Grant& grant, const json::value& value) {
    const auto* entries = value.if_array();
    if (!entries) return false;
    grant.profiles.emplace();
    for (const auto& entry : *entries) {
        const auto* text = entry.if_string();
        if (!text || !is_profile_id(*text)) return false;
        grant.profiles->emplace_back(*text);
    }
    return true;
}

std::optional<chains::Grant> read_grant(const json::object& claims, const AccountId& app) {
    const auto text = [&](std::string_view name) -> std::string_view {
        const auto* member = claims.if_contains(name);
        const auto* found = member ? member->if_string() : nullptr;
        return found ? std::string_view(*found) : std::string_view();
    };
    const auto* expires = claims.if_contains("exp");
    const auto* seconds = expires ? expires->if_int64() : nullptr;
    if (text("app") != app.value || !is_id(text("sub")) || text("jti").empty() || !seconds) return std::nullopt;
    if (*seconds < 0 || *seconds > kLastSecond) return std::nullopt;
    chains::Grant grant;
    grant.user = chains::UserId(text("sub"));
    grant.token_id = text("jti");
    grant.expires = WallTime{*seconds * 1000};
    if (claims.contains("scope")) read_scope(grant, text("scope"));
    if (const auto* profiles = claims.if_contains("profiles"))
        if (!read_profiles(grant, *profiles)) return std::nullopt;
    return grant;
}

}  // namespace

std::string issue_user_token(Bytes key, const AccountId& app, const chains::Grant& grant) {
    json::object claims{
        {"sub", grant.user.value}, {"app", app.value}, {"exp", grant.expires.unix_seconds()}, {"jti", grant.token_id}};
    if (grant.profiles) {
        json::array profiles;
        for (const auto& profile : *grant.profiles) profiles.emplace_back(profile.value);
        claims["profiles"] = std::move(profiles);
    }
    if (!grant.call || !grant.text || !grant.pstn) claims["scope"] = scope_text(grant);
    return crypto::sign_jwt(key, json::serialize(claims));
}

Result<chains::Grant, chains::Refusal> verify_user_token(Bytes key, const AccountId& app, std::string_view token,
                                                         WallTime now) {
    if (token.size() > kMaxUserToken) return chains::Refusal::Unauthenticated;
    const auto payload = crypto::verify_jwt(key, token);
    const auto claims = payload ? parse_json(*payload) : std::nullopt;
    const auto grant = claims && claims->is_object() ? read_grant(claims->get_object(), app) : std::nullopt;
    if (!grant) return chains::Refusal::Unauthenticated;
    if (grant->expires <= now) return chains::Refusal::TokenExpired;
    return *grant;
}

}  // namespace crosspoint::api::jsapi
