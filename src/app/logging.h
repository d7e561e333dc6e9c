#pragma once
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config.h"

// The process's log: one line per event, with named values. Never one per packet; those are counted (`metrics.h`).
namespace crosspoint::app::log {

/// A named value. Text is copied only when the line is written, so it must live as long as the call.
struct FieldValue {
    template <class Number>
        requires std::is_arithmetic_v<Number>
    FieldValue(Number number) {
        if constexpr (std::is_same_v<Number, bool>)
            value = number;
        else if constexpr (std::is_floating_point_v<Number>)
            value = static_cast<double>(number);
        else if constexpr (std::is_signed_v<Number>)
            value = static_cast<int64_t>(number);
        else
            value = static_cast<uint64_t>(number);
    }
    FieldValue(std::string_view text) : value(text) {}
    FieldValue(const std::string& text) : value(std::string_view(text)) {}
    FieldValue(const char* text) : value(std::string_view(text)) {}

    std::variant<bool, int64_t, uint64_t, double, std::string_view> value;
};
struct Field {
    std::string_view key;
    FieldValue value;
};
using Fields = std::vector<Field>;

/// Before `start` nothing is written. Calling it again replaces destination, level and format. `out` must outlive the
/// last line; lines may come from any thread.
void start(const LogConfig& config, std::ostream& out);

void debug(std::string_view message, const Fields& fields = {});
void info(std::string_view message, const Fields& fields = {});
void warning(std::string_view message, const Fields& fields = {});
void error(std::string_view message, const Fields& fields = {});

/// Text: `message key=value other="with spaces"`. Json: the members of an object, without its braces.
std::string format_line(LogFormat format, std::string_view message, const Fields& fields);

}  // namespace crosspoint::app::log
