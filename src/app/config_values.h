#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config.h"

// The kinds of value that a configuration key can have: how each is read, written and described.
namespace crosspoint::app {

/// A value before its key gives it a meaning. Text from the environment or the command line is `loose`: it may stand
/// for a number, a truth value or, with commas, a list. A file says itself what it means.
struct RawValue {
    std::variant<bool, int64_t, std::string, std::vector<std::string>> value;
    bool loose = false;
};

template <class T>
using Field = T& (*)(Config&);

struct BoolValue {
    Field<bool> field;
};
struct IntegerValue {
    Field<int> field;
    int least;
    int most;
};
/// Written as seconds, or as a whole number with a unit: "90s", "15m", "9h", "7d".
struct DurationValue {
    Field<std::chrono::seconds> field;
    std::chrono::seconds least;
    std::chrono::seconds most;
};
struct TextValue {
    Field<std::string> field;
    bool may_be_empty;
};
/// One of a fixed set of words, in the order of their enumerators.
struct ChoiceValue {
    std::vector<std::string_view> words;
    size_t (*get)(const Config&);
    void (*set)(Config&, size_t);
};
/// "192.0.2.1:8080" or "[2001:db8::1]:8080".
struct EndpointValue {
    Field<NetAddress> field;
};
/// Addresses, each with or without a port.
struct AddressListValue {
    Field<std::vector<NetAddress>> field;
};
struct CodecListValue {
    Field<std::vector<rtc::Codec>> field;
};
using ValueKind = std::variant<BoolValue, IntegerValue, DurationValue, TextValue, ChoiceValue, EndpointValue,
                               AddressListValue, CodecListValue>;

/// Takes over `raw`; false, with nothing changed, when it is not what `value_limits` asks for.
bool read_value(const ValueKind& kind, Config& config, const RawValue& raw);
/// The value as TOML.
std::string write_value(const ValueKind& kind, const Config& config);
/// What a value has to be, to follow "must be ".
std::string value_limits(const ValueKind& kind);

/// "192.0.2.1:8080" or "[2001:db8::1]:8080".
std::optional<NetAddress> parse_endpoint(std::string_view text);
std::optional<std::chrono::seconds> parse_duration(std::string_view text);
/// In the largest unit that leaves a whole number: 32400 s is "9h".
std::string duration_text(std::chrono::seconds duration);

}  // namespace crosspoint::app
