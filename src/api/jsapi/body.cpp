#include "api/jsapi/body.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "api/json.h"

namespace crosspoint::api::jsapi {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-'; }

constexpr size_t kMaxId = 64;
constexpr std::string_view kTelephone = "tel:";
constexpr size_t kMaxE164 = 15;  // digits, E.164 6.1

}  // namespace

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= kMaxId && std::ranges::all_of(text, is_word);
}

bool is_local_id(std::string_view text) {
    constexpr std::string_view kForm = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
    const auto fits = [](char form, char c) {
        if (form == 'x') return is_hex(c);
        if (form == 'y') return std::string_view("89abAB").find(c) != std::string_view::npos;
        return form == c;
    };
    return std::ranges::equal(kForm, text, fits);
}

bool is_profile_id(std::string_view text) {
    if (!text.starts_with(kTelephone)) return is_id(text);
    text.remove_prefix(kTelephone.size());
    if (text == "anonymous") return true;
    if (!text.starts_with('+')) return false;
    text.remove_prefix(1);
    return text.size() >= 2 && text.size() <= kMaxE164 && text[0] != '0' && std::ranges::all_of(text, is_digit);
}

const json::value* Body::find(std::string_view name) const {
    const auto* value = object_.if_contains(name);
    return value && !value->is_null() ? value : nullptr;
}

const json::string* Body::string(std::string_view name, bool required) {
    const auto* value = find(name);
    const auto* text = value ? value->if_string() : nullptr;
    if (text && text->find('\0') == json::string::npos) return text;
    if (value || required) complain(name);
    return nullptr;
}

std::optional<std::string> Body::text(std::string_view name, size_t max) {
    const auto* text = string(name, false);
    if (!text) return std::nullopt;
    if (characters(*text) > max) complain(name);
    return std::string(*text);
}

std::string Body::content(std::string_view name, size_t max) {
    const auto* text = string(name, true);
    if (!text) return {};
    if (text->size() > max) complain(name, chains::Refusal::TooLarge);
    return std::string(*text);
}

template <class Valid>
std::string Body::checked(std::string_view name, Valid valid) {
    const auto* text = string(name, true);
    if (!text) return {};
    if (!valid(*text)) complain(name);
    return std::string(*text);
}

std::optional<std::string> Body::id(std::string_view name) {
    if (!has(name)) return std::nullopt;
    return required_id(name);
}

std::string Body::required_id(std::string_view name) { return checked(name, is_id); }

std::string Body::local_id(std::string_view name) { return checked(name, is_local_id); }

chains::ProfileId Body::profile(std::string_view name) { return chains::ProfileId(checked(name, is_profile_id)); }

std::vector<chains::ProfileId> Body::profiles(std::string_view name, size_t max) {
    const auto* value = find(name);
    const auto* entries = value ? value->if_array() : nullptr;
    std::vector<chains::ProfileId> profiles;
    if (!entries || entries->empty()) complain(name);
    for (size_t i = 0; entries && i < entries->size(); ++i) {
        const auto* text = (*entries)[i].if_string();
        if (!text || !is_profile_id(*text)) {
            complain(name);
            return {};
        }
        chains::ProfileId profile(*text);
        if (std::ranges::find(profiles, profile) != profiles.end()) continue;
        if (profiles.size() == max) {  // looked at no further: finding duplicates takes the square of the time
            complain(name, chains::Refusal::TooMany);
            return {};
        }
        profiles.push_back(std::move(profile));
    }
    return profiles;
}

std::optional<bool> Body::boolean(std::string_view name) {
    const auto* value = find(name);
    if (!value) return std::nullopt;
    if (!value->is_bool()) {
        complain(name);
        return std::nullopt;
    }
    return value->get_bool();
}

std::optional<int64_t> Body::integer(std::string_view name, int64_t least, int64_t most) {
    const auto* value = find(name);
    if (!value) return std::nullopt;
    const auto* number = value->if_int64();
    if (!number || *number < least || *number > most) {
        complain(name);
        return std::nullopt;
    }
    return *number;
}

std::optional<size_t> Body::choice(std::string_view name, std::span<const std::string_view> words) {
    const auto* text = string(name, false);
    if (!text) return std::nullopt;
    const auto found = std::ranges::find(words, std::string_view(*text));
    if (found != words.end()) return static_cast<size_t>(found - words.begin());
    complain(name);
    return std::nullopt;
}

chains::MediaKinds Body::media(std::string_view name, std::optional<chains::MediaKinds> usual) {
    if (usual && !has(name)) return *usual;
    chains::MediaKinds media = usual.value_or(chains::MediaKinds{});
    inside(name, [&](Body& kinds) {
        for (const auto& [kind, place] : {std::pair{"audio", &media.audio}, {"video", &media.video}}) {
            if (!usual && !kinds.has(kind)) kinds.complain(kind);
            if (const auto wanted = kinds.boolean(kind)) *place = *wanted;
        }
    });
    return media;
}

void Body::complain(std::string_view name, chains::Refusal why) {
    if (!problem_) problem_ = chains::Refused{.why = why, .field = place_ + std::string(name)};
}

}  // namespace crosspoint::api::jsapi
