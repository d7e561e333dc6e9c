#include "chains/people.h"

#include <algorithm>

namespace crosspoint::chains {

bool allows(const std::optional<std::vector<ProfileId>>& profiles, const ProfileId& profile) {
    return !profiles || std::ranges::find(*profiles, profile) != profiles->end();
}

bool Grant::is_told_all_of(const Grant& other) const {
    if (other.call && !call) return false;
    const auto allowed = [&](const ProfileId& profile) { return allows(profile); };
    return !profiles || (other.profiles && std::ranges::all_of(*other.profiles, allowed));
}

}  // namespace crosspoint::chains
