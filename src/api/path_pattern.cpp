#include "api/path_pattern.h"

#include <algorithm>

namespace crosspoint::api {

std::optional<std::vector<std::string>> match_path(std::string_view pattern, std::span<const std::string> segments) {
    std::vector<std::string> ids;
    for (const auto& segment : segments) {
        const auto expected = pattern.substr(0, pattern.find('/'));
        if (expected == "*" && !segment.empty())
            ids.push_back(segment);
        else if (expected != segment || segment.empty())
            return std::nullopt;
        pattern.remove_prefix(std::min(expected.size() + 1, pattern.size()));
    }
    if (!pattern.empty()) return std::nullopt;
    return ids;
}

}  // namespace crosspoint::api
