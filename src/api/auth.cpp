#include "api/auth.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/verify.h"
#include "crypto/hash.h"
#include "crypto/password.h"

namespace crosspoint::api {
namespace {

struct Credentials {
    std::string name;
    std::string password;
};

// RFC 7617 2: "Basic", in any letter case, and base64 of name, colon and password.
std::optional<Credentials> parse_basic(std::string_view authorization) {
    constexpr std::string_view kScheme = "basic ";
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    if (!std::ranges::equal(authorization.substr(0, kScheme.size()), kScheme, {}, lower)) return std::nullopt;
    const auto decoded = from_base64(authorization.substr(kScheme.size()));
    if (!decoded) return std::nullopt;
    const std::string_view text = as_text(*decoded);
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    return Credentials{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

NetAddress without_port(NetAddress peer) {
    peer.port = 0;
    return peer;
}

}  // namespace

void FailureCount::add(Duration period, Timestamp now) {
    const auto left = count(period, now);
    since_ = left == 0 ? now : since_ + (count_ - left) * period;
    count_ = left + 1;
}

uint32_t FailureCount::count(Duration period, Timestamp now) const {
    const auto forgiven = (now - since_) / period;
    return forgiven >= count_ ? 0 : count_ - static_cast<uint32_t>(forgiven);
}

Auth::Auth(const std::vector<Account>& accounts, Random& random, AuthLimits limits) : limits_(limits) {
    random.fill(key_);
    for (const auto& account : accounts) {
        for (const auto& user : account.users) {
            decoy_hash_ = user.password_hash;
            const bool added =
                users_.emplace(user.name, User{{account.id, user.name, user.role}, user.password_hash, {}}).second;
            VERIFY(added);
        }
    }
}

std::optional<Caller> Auth::authenticate(std::string_view authorization, const NetAddress& peer, Timestamp now) {
    const auto credentials = parse_basic(authorization);
    if (!credentials) return std::nullopt;
    const auto found = users_.find(credentials->name);
    User* user = found == users_.end() ? nullptr : &found->second;
    if (user && user->proven && crypto::constant_time_equal(*user->proven, digest(credentials->password)))
        return user->caller;

    if (!may_try(peer, now)) return std::nullopt;
    if (right(user, credentials->password)) return user->caller;
    count_failure(peer, now);
    return std::nullopt;
}

bool Auth::right(User* user, std::string_view password) {
    const bool matches = crypto::verify_password(password, user ? user->password_hash : decoy_hash_);
    if (!user || !matches) return false;
    user->proven = digest(password);
    return true;
}

Auth::Digest Auth::digest(std::string_view password) const { return crypto::hmac_sha256(key_, as_bytes(password)); }

bool Auth::may_try(const NetAddress& peer, Timestamp now) const {
    if (failures_.count(limits_.forgiven, now) >= limits_.failures) return false;
    const auto known = peers_.find(without_port(peer));
    return known == peers_.end() || known->second.count(limits_.forgiven_per_peer, now) < limits_.failures_per_peer;
}

// What all peers together may fail bounds how many there are to remember, too.
void Auth::count_failure(const NetAddress& peer, Timestamp now) {
    std::erase_if(peers_, [&](const auto& entry) { return entry.second.count(limits_.forgiven_per_peer, now) == 0; });
    peers_[without_port(peer)].add(limits_.forgiven_per_peer, now);
    failures_.add(limits_.forgiven, now);
}

}  // namespace crosspoint::api
