#include "chains/people.h"

#include <algorithm>

namespace crosspoint::chains {

bool Grant::allows(const ProfileId& profile) const {
    return !profiles || std::ranges::find(*profiles, profile) != profiles->end();
}

}  // namespace crosspoint::chains
