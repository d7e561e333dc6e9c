#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "api/effects.h"
#include "base/ids.h"
#include "base/net_address.h"
#include "base/random.h"
#include "base/time.h"

// Who sends a REST request: HTTP Basic (RFC 7617) against the accounts of the configuration.
namespace crosspoint::api {

enum class Role : uint8_t { Account, Admin };

/// One user of the REST API.
struct ApiUser {
    std::string name;
    std::string password_hash;  // as crypto/password.h writes it
    Role role = Role::Account;
};

struct Account {
    AccountId id;
    std::vector<ApiUser> users;
};

/// How many wrong passwords may be tried: each costs a tenth of a second of computing. They are forgiven one by one.
struct AuthLimits {
    uint32_t failures_per_peer = 10;
    Duration forgiven_per_peer = 10s;
    uint32_t failures = 50;  // of all peers together
    Duration forgiven = 1s;
    size_t checks = 16;  // being computed or waiting for that
};

struct Caller {
    AccountId account;
    std::string user;
    Role role = Role::Account;
};

enum class Denial : uint8_t {
    Wrong,  // absent, malformed, wrong, or from somebody who has failed too often lately: indistinguishable
    Busy,   // too many passwords are being checked; later it may be right
};

/// Who sends a request, or which check will tell.
using Identity = std::variant<Caller, Denial, PasswordCheckId>;

/// Counts failures and forgives one for each period that passes.
class FailureCount {
public:
    void add(Duration period, Timestamp now);
    uint32_t count(Duration period, Timestamp now) const;

private:
    uint32_t count_ = 0;  // as of `since_`
    Timestamp since_;
};

class Auth {
public:
    /// User names are unique over all accounts.
    Auth(const std::vector<Account>& accounts, Random& random, AuthLimits limits = {});

    /// `authorization` is the header's value. Credentials that were right before are known at once. Others are checked,
    /// the same ones once however many requests bring them meanwhile; then one VerifyPassword is put into `out`.
    Identity identify(std::string_view authorization, const NetAddress& peer, Timestamp now, Effects& out);
    /// The caller whose password was right; nothing when it was wrong.
    std::optional<Caller> finished(const PasswordVerified& result, Timestamp now);

private:
    using Digest = std::array<uint8_t, 32>;
    struct User {
        Caller caller;
        std::string password_hash;
        std::optional<Digest> proven;  // of the password that was right before, so that it is slow only once
    };

    struct Check {
        PasswordCheckId id;
        std::string name;
        Digest digest;
        NetAddress peer;  // the network of who brought it first
    };

    Digest digest(std::string_view password) const;
    Identity check(std::string name, std::string password, const NetAddress& peer, Timestamp now, Effects& out);
    uint32_t failures_of(const NetAddress& peer, Timestamp now) const;
    uint32_t checks_of(const NetAddress& peer) const;
    void count_failure(const NetAddress& peer, Timestamp now);

    std::unordered_map<std::string, User> users_;
    AuthLimits limits_;
    std::string decoy_hash_;  // computed for a name that nobody has, which must not show
    Digest key_{};            // of this process only: a digest is useless elsewhere
    FailureCount failures_;
    std::unordered_map<NetAddress, FailureCount> peers_;  // by network; those with unforgiven failures
    std::vector<Check> checks_;
    uint64_t last_check_ = 0;
};

}  // namespace crosspoint::api
