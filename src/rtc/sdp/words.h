#pragma once
#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

// Small words the files of this folder share, mostly for cutting lines of text into tokens.
namespace crosspoint::rtc::sdp {

/// Everything before the first `separator`, which is consumed with it; the whole rest when there is none.
inline std::string_view take_until(std::string_view& rest, char separator) {
    const size_t end = rest.find(separator);
    const std::string_view head = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return head;
}

/// The next token of a line whose tokens are separated by spaces; empty at its end.
inline std::string_view take_word(std::string_view& rest) {
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    return take_until(rest, ' ');
}

/// Decimal digits and nothing else, within the range of `Number`.
template <class Number>
std::optional<Number> number(std::string_view text) {
    Number value{};
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
inline char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }

inline bool same_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

/// std::ranges::contains is of C++23.
template <class Range, class Value>
bool contains(const Range& range, const Value& value) {
    return std::ranges::find(range, value) != std::ranges::end(range);
}

}  // namespace crosspoint::rtc::sdp
