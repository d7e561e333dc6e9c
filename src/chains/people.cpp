#include "chains/people.h"

#include <algorithm>

namespace crosspoint::chains {

bool allows(const std::optional<std::vector<ProfileId>>& profiles, const ProfileId& profile) {
    return !profiles || std::ranges::find(*profiles, profile) != profiles->end();
}

}  // namespace crosspoint::chains
