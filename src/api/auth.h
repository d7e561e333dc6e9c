#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <set>
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

struct AuthLimits {
    size_t remembered = 1024;         // successful credentials whose slow hash is not computed again
    uint32_t failures_per_peer = 20;  // wrong passwords in a row before a peer address has to wait
    Duration failure_forgiven = 3s;   // one more try for each of these
    size_t peers = 65536;             // addresses with failures that are remembered
};

struct Caller {
    AccountId account;
    std::string user;
    Role role = Role::Account;
};

class Auth {
public:
    /// User names are unique over all accounts.
    Auth(std::vector<Account> accounts, Random& random, AuthLimits limits = {});

    /// `authorization` is the header's value. Nothing when it is absent, malformed or wrong, or when its sender has
    /// failed too often lately; the answer to all of them is the same 401, at once.
    std::optional<Caller> authenticate(std::string_view authorization, const NetAddress& peer, Timestamp now);

private:
    struct User {
        AccountId account;
        ApiUser value;
    };
    /// A token bucket: `failures` drain with time.
    struct Failures {
        Timestamp since;
        uint32_t count = 0;
    };
    using Digest = std::array<uint8_t, 32>;

    Digest digest(std::string_view credentials) const;
    const User* verify(std::string_view name, std::string_view password) const;
    bool may_try(const NetAddress& peer, Timestamp now);
    void count_failure(const NetAddress& peer, Timestamp now);
    void remember(const Digest& digest);

    std::unordered_map<std::string, User> users_;
    AuthLimits limits_;
    Digest key_{};  // of this process only: what is remembered is useless elsewhere
    std::set<Digest> remembered_;
    std::vector<Digest> remembered_order_;
    std::unordered_map<NetAddress, Failures> failures_;
};

}  // namespace crosspoint::api
