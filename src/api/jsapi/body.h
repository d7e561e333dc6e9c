#pragma once
#include <boost/json/object.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chains/people.h"
#include "chains/values.h"

namespace crosspoint::api::jsapi {

/// Letters, digits, `_` and `-`, 1 to 64 of them (ID-1).
bool is_id(std::string_view text);
/// UUID of version 4, of either case (ID-4).
bool is_local_id(std::string_view text);
/// A server id, or `tel:` and a number or `anonymous` (ID-5).
bool is_profile_id(std::string_view text);

/// Reads the members of a message's body. An absent member and a null are the same; members nobody asks for are
/// ignored. Goes on after the first damage, so that a reader asks for `problem()` once, at its end; that one names the
/// member.
class Body {
public:
    explicit Body(const boost::json::object& object, std::string place = "")
        : object_(object), place_(std::move(place)) {}

    bool has(std::string_view name) const { return find(name) != nullptr; }
    /// At most `max` characters, and no NUL, which would end the text in the store.
    std::optional<std::string> text(std::string_view name, size_t max);
    /// It has to be there, and is too large beyond `max` bytes.
    std::string content(std::string_view name, size_t max);
    std::optional<std::string> id(std::string_view name);
    std::string required_id(std::string_view name);
    std::string local_id(std::string_view name);
    chains::ProfileId profile(std::string_view name);
    /// At least one; duplicates are dropped, as OPEN-3 says, and then there are at most `max`.
    std::vector<chains::ProfileId> profiles(std::string_view name, size_t max);
    std::optional<bool> boolean(std::string_view name);
    std::optional<int64_t> integer(std::string_view name, int64_t least, int64_t most);
    /// Its place among `words`.
    std::optional<size_t> choice(std::string_view name, std::span<const std::string_view> words);
    /// Both of `audio` and `video` have to be there, unless `usual` says what an absent one means.
    chains::MediaKinds media(std::string_view name, std::optional<chains::MediaKinds> usual = std::nullopt);
    /// The object `name`, which has to be there, read by `read(Body&)`.
    template <class Read>
    void inside(std::string_view name, Read read);

    void complain(std::string_view name, chains::Refusal why = chains::Refusal::BadArgument);
    const std::optional<chains::Refused>& problem() const { return problem_; }

private:
    const boost::json::value* find(std::string_view name) const;
    /// The text `name`, unless it is damaged; one that is absent is a problem only if `required`.
    const boost::json::string* string(std::string_view name, bool required);
    template <class Valid>
    std::string checked(std::string_view name, Valid valid);

    const boost::json::object& object_;
    std::string place_;  // goes before the members' names: "content."
    std::optional<chains::Refused> problem_;
};

template <class Read>
void Body::inside(std::string_view name, Read read) {
    const auto* value = find(name);
    const auto* object = value ? value->if_object() : nullptr;
    if (!object) return complain(name);
    Body inner(*object, place_ + std::string(name) + ".");
    read(inner);
    if (inner.problem_ && !problem_) problem_ = inner.problem_;
}

}  // namespace crosspoint::api::jsapi
