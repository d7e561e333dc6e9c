#pragma once
#include <string>
#include <vector>

#include "chains/rules.h"
#include "explore/explorer.h"

// The explorer's self-check: tables that are wrong in one row have to break a rule.
namespace crosspoint::explore {

struct PlantedBug {
    std::string name;
    chains::Rules rules;
};
std::vector<PlantedBug> planted_bugs();
/// The rule that the bug breaks, and the states it took to see that.
Findings find(const PlantedBug& bug);

}  // namespace crosspoint::explore
