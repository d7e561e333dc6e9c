#include "chains/profile_book.h"

#include <algorithm>
#include <string_view>

namespace crosspoint::chains {

bool is_telephone(const ProfileId& profile) {
    std::string_view number = profile.value;
    if (!number.starts_with("tel:+")) return false;
    number.remove_prefix(5);
    // E.164 6: at most 15 digits, and no country code begins with 0.
    const bool digits = std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
    return digits && number.size() >= 5 && number.size() <= 15 && number[0] != '0';
}

std::optional<Party> ProfileBook::find(const ProfileId& profile) const {
    if (is_telephone(profile)) return Party{profile, UserId(profile.value), ProfileKind::Phone};
    const auto known = users_.find(profile);
    if (known == users_.end()) return std::nullopt;
    return Party{profile, known->second, ProfileKind::User};
}

}  // namespace crosspoint::chains
