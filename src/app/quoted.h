#pragma once
#include <string>
#include <string_view>

namespace crosspoint::app {

/// Text in double quotes, as JSON (RFC 8259 7) and TOML basic strings want it. Text from outside may hold anything, so
/// what is not a character of its own becomes an escape: a line stays a line.
std::string quoted(std::string_view text);

}  // namespace crosspoint::app
