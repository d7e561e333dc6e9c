#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"

// The participant token (spec 1.4.5): a JWT that the browser SDK reads and the device socket gets back.
namespace crosspoint::sessions {

/// Keeps a token within the 280 characters that fit into a phone call's UUI field.
inline constexpr size_t kMaxAccountIdLength = 40;
inline constexpr size_t kMaxTokenLength = 280;

struct TokenClaims {
    AccountId account;
    ParticipantId participant;
    WallTime expires;  // in a token rounded up to whole seconds
    bool operator==(const TokenClaims&) const = default;
};

/// One HS256 key for each account.
class TokenKeys {
public:
    void set(const AccountId& account, Buffer key) { keys_[account] = std::move(key); }
    bool has(const AccountId& account) const { return keys_.contains(account); }
    /// Null when the account has none. Good until the next `set`.
    const Buffer* find(const AccountId& account) const {
        const auto key = keys_.find(account);
        return key == keys_.end() ? nullptr : &key->second;
    }

    /// The account must have a key.
    std::string issue(const TokenClaims& claims, Random& random) const;
    /// Nothing when the token is damaged, forged, expired, of another version or of an account without key.
    std::optional<TokenClaims> verify(std::string_view token, WallTime now) const;

private:
    std::unordered_map<AccountId, Buffer> keys_;
};

}  // namespace crosspoint::sessions
