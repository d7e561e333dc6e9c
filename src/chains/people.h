#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chains/values.h"

// Users, their profiles and what their tokens allow (jsapi 2, 4) as plain values. The order of an enum's values is
// stored.
namespace crosspoint::chains {

/// Who may call (and, by TXT-1, write).
enum class CallPolicy : uint8_t { Anyone, Contacts, Nobody };
/// What becomes of an incoming call while the user is in another (BUSY-1).
enum class BusyPolicy : uint8_t { Ring, Reject };
/// What one user made of somebody else's profile.
enum class Relation : uint8_t { None, Contact, Blocked };

/// A profile as its owner sees it; others see id, kind and nickname.
struct Profile {
    ProfileId id{};
    ProfileKind kind = ProfileKind::User;
    std::string nickname{};
    bool dnd = false;
    BusyPolicy busy_policy = BusyPolicy::Ring;
    CallPolicy call_policy = CallPolicy::Anyone;
    bool wakeable = false;
    bool operator==(const Profile&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.id, self.kind, self.nickname, self.dnd, self.busy_policy, self.call_policy, self.wakeable);
    }
};

/// Whether a token with these `profiles` may act for this one; nothing: for all of its user's.
bool allows(const std::optional<std::vector<ProfileId>>& profiles, const ProfileId& profile);

/// What a verified token allows its connection (CON-2).
struct Grant {
    UserId user;
    std::optional<std::vector<ProfileId>> profiles;  // nothing: all of the user's
    bool call = true;
    bool text = true;
    bool pstn = true;
    WallTime expires;
    std::string token_id;  // `jti`

    bool allows(const ProfileId& profile) const { return chains::allows(profiles, profile); }
    /// In a call that concerns its user as `profile`: a connection that may not is no leg of it.
    bool takes_part(const ProfileId& profile) const { return call && allows(profile); }
    /// Whatever a connection with `other` is told, one with this is told as well. What it may say is another matter.
    bool is_told_all_of(const Grant& other) const;
    bool operator==(const Grant&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.user, self.profiles, self.call, self.text, self.pstn, self.expires, self.token_id);
    }
};

/// What a client calls its device; shown only to the same user (2.1).
struct Device {
    std::string name;
    std::string kind;
    bool operator==(const Device&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.name, self.kind); }
};

/// A resume token and what is kept of it: whoever makes tokens also hashes them, always the same way (CON-7).
struct ResumeToken {
    std::string token;
    std::string hash;
};

}  // namespace crosspoint::chains
