#include "api/json.h"

#include <fmt/format.h>

#include <algorithm>

namespace crosspoint::api {
namespace {

constexpr size_t kMaxDepth = 16;

}  // namespace

size_t characters(std::string_view utf8) {
    return static_cast<size_t>(std::ranges::count_if(utf8, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::optional<json::value> parse_json(std::string_view text) {
    json::parse_options options;
    options.max_depth = kMaxDepth;
    boost::system::error_code error;
    json::value value = json::parse(text, error, {}, options);
    if (error) return std::nullopt;
    return value;
}

Result<json::object, Problem> parse_body(std::string_view body) {
    if (body.empty()) return json::object();
    auto value = parse_json(body);
    if (!value) return Problem{400, "The body is not valid JSON"};
    auto* object = value->if_object();
    if (!object) return Problem{400, "The body must be a JSON object"};
    return std::move(*object);
}

HttpResponse json_response(int status, const json::value& body) {
    return {status, {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}}, json::serialize(body)};
}

const json::value* Fields::find(std::string_view name) const {
    const auto* value = object_.if_contains(name);
    return value && !value->is_null() ? value : nullptr;
}

// A NUL would end the text in the store.
bool Fields::is_text(const json::value& value, size_t max) const {
    const auto* text = value.if_string();
    return text && text->find('\0') == json::string::npos && characters(*text) <= max;
}

std::optional<std::string> Fields::text(std::string_view name, size_t max) {
    const auto* value = find(name);
    if (!value) return std::nullopt;
    if (!is_text(*value, max)) {
        complain(name, fmt::format("must be a string of at most {} characters", max));
        return std::nullopt;
    }
    return std::string(value->get_string());
}

std::string Fields::required_text(std::string_view name, size_t max) {
    const auto* value = find(name);
    if (value && is_text(*value, max) && !value->get_string().empty()) return std::string(value->get_string());
    complain(name, fmt::format("must be a string of 1 to {} characters", max));
    return {};
}

const json::array* Fields::array(std::string_view name, size_t max_count) {
    const auto* value = find(name);
    if (!value) return nullptr;
    const auto* array = value->if_array();
    if (array && array->size() <= max_count) return array;
    complain(name, fmt::format("must be an array of at most {} entries", max_count));
    return nullptr;
}

std::vector<std::string> Fields::texts(std::string_view name, size_t max_count, size_t max_length) {
    std::vector<std::string> texts;
    const auto* entries = array(name, max_count);
    for (size_t i = 0; entries && i < entries->size(); ++i) {
        const auto& entry = (*entries)[i];
        if (is_text(entry, max_length))
            texts.emplace_back(entry.get_string());
        else
            complain(fmt::format("{}[{}]", name, i),
                     fmt::format("must be a string of at most {} characters", max_length));
    }
    return texts;
}

std::vector<const json::object*> Fields::objects(std::string_view name, size_t max_count) {
    std::vector<const json::object*> objects;
    const auto* entries = array(name, max_count);
    for (size_t i = 0; entries && i < entries->size(); ++i) {
        if (const auto* object = (*entries)[i].if_object())
            objects.push_back(object);
        else
            complain(fmt::format("{}[{}]", name, i), "must be an object");
    }
    return objects;
}

void Fields::complain(std::string_view name, std::string_view what) {
    if (!problem_) problem_ = Problem{400, fmt::format("{}{} {}", place_, name, what)};
}

}  // namespace crosspoint::api
