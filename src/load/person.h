#pragma once
#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace crosspoint::load {

namespace json = boost::json;

/// Somebody with one profile and one connection. People are numbered from 0; 2n and 2n+1 are a pair and have to do with
/// each other only. A user has one profile, of the same id.
using Person = size_t;

inline constexpr size_t pair_of(Person person) { return person / 2; }
inline constexpr Person other_of(Person person) { return person ^ 1; }

/// What a person asks of the server (jsapi 5, 8.1).
struct Ask {
    Person who = 0;
    std::string_view type;
    json::object body;
};

/// A member of `body` that is a string; empty when it is none.
inline std::string_view text_of(const json::object& body, std::string_view name) {
    const json::value* value = body.if_contains({name.data(), name.size()});
    return value && value->is_string() ? std::string_view(value->as_string()) : std::string_view();
}

}  // namespace crosspoint::load
