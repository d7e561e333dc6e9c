#pragma once
#include "story.h"

// What several stories ask.
namespace crosspoint::sim {

using rtc::MediaKind;

inline bool meet(const Browser& one, const Browser& other) {
    return one.sees(other) && one.hears(other) && other.sees(one) && other.hears(one);
}

inline std::vector<std::string> names(std::initializer_list<const char*> all) { return {all.begin(), all.end()}; }

}  // namespace crosspoint::sim
