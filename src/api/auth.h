#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

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
};

struct Caller {
    AccountId account;
    std::string user;
    Role role = Role::Account;
};

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

    /// `authorization` is the header's value. Nothing when it is absent, malformed or wrong, or when its sender has
    /// failed too often lately; the answer to all of them is the same 401, at once.
    std::optional<Caller> authenticate(std::string_view authorization, const NetAddress& peer, Timestamp now);

private:
    using Digest = std::array<uint8_t, 32>;
    struct User {
        Caller caller;
        std::string password_hash;
        std::optional<Digest> proven;  // of the password that was right before, so that it is slow only once
    };

    Digest digest(std::string_view password) const;
    bool right(User* user, std::string_view password);
    bool may_try(const NetAddress& peer, Timestamp now) const;
    void count_failure(const NetAddress& peer, Timestamp now);

    std::unordered_map<std::string, User> users_;
    AuthLimits limits_;
    std::string decoy_hash_;  // computed for a name that nobody has, which must not show
    Digest key_{};            // of this process only: a digest is useless elsewhere
    FailureCount failures_;
    std::unordered_map<NetAddress, FailureCount> peers_;  // port 0; those with unforgiven failures
};

}  // namespace crosspoint::api
