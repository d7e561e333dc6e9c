#include "api/auth.h"

#include <algorithm>

#include "api/peer_network.h"
#include "base/encoding.h"
#include "base/verify.h"
#include "crypto/hash.h"

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

Identity Auth::identify(std::string_view authorization, const NetAddress& peer, Timestamp now, Effects& out) {
    auto credentials = parse_basic(authorization);
    if (!credentials) return Denial::Wrong;
    const auto user = users_.find(credentials->name);
    if (user != users_.end() && user->second.proven &&
        crypto::constant_time_equal(*user->second.proven, digest(credentials->password)))
        return user->second.caller;
    return check(std::move(credentials->name), std::move(credentials->password), peer_network(peer), now, out);
}

Identity Auth::check(std::string name, std::string password, const NetAddress& peer, Timestamp now, Effects& out) {
    const uint32_t of_all = failures_.count(limits_.forgiven, now);
    const uint32_t of_peer = failures_of(peer, now);
    if (of_all >= limits_.failures || of_peer >= limits_.failures_per_peer) return Denial::Wrong;

    const Digest wanted = digest(password);
    for (const Check& under_way : checks_)
        if (under_way.name == name && under_way.digest == wanted) return under_way.id;
    // What is being checked may turn out wrong: guessing in parallel must not get round the limits.
    if (checks_.size() >= limits_.checks || of_all + checks_.size() >= limits_.failures ||
        of_peer + checks_of(peer) >= limits_.failures_per_peer)
        return Denial::Busy;

    const PasswordCheckId id{++last_check_};
    const auto user = users_.find(name);
    const std::string& stored = user == users_.end() ? decoy_hash_ : user->second.password_hash;
    out.outputs.emplace_back(VerifyPassword{id, std::move(password), stored});
    checks_.push_back({id, std::move(name), wanted, peer});
    return id;
}

std::optional<Caller> Auth::finished(const PasswordVerified& result, Timestamp now) {
    const auto found = std::ranges::find(checks_, result.check, &Check::id);
    if (found == checks_.end()) return std::nullopt;
    const Check check = std::move(*found);
    checks_.erase(found);
    const auto user = users_.find(check.name);
    if (user == users_.end() || !result.right) {
        count_failure(check.peer, now);
        return std::nullopt;
    }
    user->second.proven = check.digest;
    return user->second.caller;
}

Auth::Digest Auth::digest(std::string_view password) const { return crypto::hmac_sha256(key_, as_bytes(password)); }

uint32_t Auth::failures_of(const NetAddress& peer, Timestamp now) const {
    const auto known = peers_.find(peer);
    return known == peers_.end() ? 0 : known->second.count(limits_.forgiven_per_peer, now);
}

uint32_t Auth::checks_of(const NetAddress& peer) const {
    return static_cast<uint32_t>(std::ranges::count(checks_, peer, &Check::peer));
}

// What all peers together may fail bounds how many there are to remember, too.
void Auth::count_failure(const NetAddress& peer, Timestamp now) {
    std::erase_if(peers_, [&](const auto& entry) { return entry.second.count(limits_.forgiven_per_peer, now) == 0; });
    peers_[peer].add(limits_.forgiven_per_peer, now);
    failures_.add(limits_.forgiven, now);
}

}  // namespace crosspoint::api
