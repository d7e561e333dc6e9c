#pragma once
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/effects.h"
#include "api/errors.h"
#include "base/result.h"

// JSON from and for clients.
namespace crosspoint::api {

namespace json = boost::json;

/// RFC 8259, strictly, at most 16 levels deep; how long it may be is the caller's to check before.
std::optional<json::value> parse_json(std::string_view text);

/// Of a text in UTF-8.
size_t characters(std::string_view utf8);

/// The object in a request's body; an empty one for no body at all, which clients send where a body is optional (spec
/// 1.1).
Result<json::object, Problem> parse_body(std::string_view body);

HttpResponse json_response(int status, const json::value& body);

/// Reads the members of an object from outside. An absent member and a null are the same; members nobody asks for are
/// ignored. Like `ByteReader` it goes on after the first damage, so that a reader asks for `problem()` once, at its
/// end; that one names the member and what it has to be.
class Fields {
public:
    /// `place` goes before the members' names in messages: "participants[3].".
    explicit Fields(const json::object& object, std::string place = "") : object_(object), place_(std::move(place)) {}

    bool has(std::string_view name) const { return object_.contains(name); }
    /// At most `max` characters, not bytes.
    std::optional<std::string> text(std::string_view name, size_t max);
    /// The same, and its absence is a problem, as is an empty one.
    std::string required_text(std::string_view name, size_t max);
    std::vector<std::string> texts(std::string_view name, size_t max_count, size_t max_length);
    /// The objects of an array; empty when it is absent.
    std::vector<const json::object*> objects(std::string_view name, size_t max_count);

    void complain(std::string_view name, std::string_view what);
    const std::optional<Problem>& problem() const { return problem_; }

private:
    const json::value* find(std::string_view name) const;
    const json::array* array(std::string_view name, size_t max_count);
    bool is_text(const json::value& value, size_t max) const;

    const json::object& object_;
    std::string place_;
    std::optional<Problem> problem_;
};

}  // namespace crosspoint::api
