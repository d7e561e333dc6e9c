#include "api/effects.h"

#include <algorithm>

namespace crosspoint::api {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
    for (const auto& header : headers)
        if (std::ranges::equal(header.name, name, {}, lower, lower)) return header.value;
    return {};
}

}  // namespace crosspoint::api
