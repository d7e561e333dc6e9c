#pragma once
#include <cstddef>
#include <span>
#include <string_view>

namespace crosspoint::explore {

/// Explores user owners with chain owners, and connections; prints what it finds.
/// `names`: the explorations wanted, all if it is empty; each one made adds to `explored`. False when a rule is broken.
bool explore_people(std::span<const std::string_view> names, bool large, size_t& explored);

/// False when a planted bug is not found.
bool find_planted_bugs_of_people();

}  // namespace crosspoint::explore
