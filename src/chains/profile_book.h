#pragma once
#include <optional>
#include <unordered_map>

#include "chains/values.h"

namespace crosspoint::chains {

/// Whose each profile of an app is: facts that every user owner reads (jsapi 4).
class ProfileBook {
public:
    void add(const ProfileId& profile, const UserId& user) { users_[profile] = user; }
    void remove(const ProfileId& profile) { users_.erase(profile); }
    /// A telephone number in E.164 (ID-5) is everybody's to name: its adapter goes by the number. Nothing for a profile
    /// that does not exist.
    std::optional<Party> find(const ProfileId& profile) const;

private:
    std::unordered_map<ProfileId, UserId> users_;
};

/// `tel:` and a number in E.164.
bool is_telephone(const ProfileId& profile);

}  // namespace crosspoint::chains
