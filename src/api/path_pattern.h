#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crosspoint::api {

/// The ids in a path's `segments`: what stands at each `*` of `pattern` ("sessions/*/participants"). Nothing when they
/// do not have its form.
std::optional<std::vector<std::string>> match_path(std::string_view pattern, std::span<const std::string> segments);

}  // namespace crosspoint::api
