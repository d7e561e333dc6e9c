#include "app/config_values.h"
#include "app/quoted.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace crosspoint::app {
namespace {

constexpr auto kVideoCodecs = std::to_array<std::pair<std::string_view, rtc::Codec>>({
    {"vp8", rtc::Codec::Vp8},
    {"h264", rtc::Codec::H264},
    {"vp9", rtc::Codec::Vp9},
    {"av1", rtc::Codec::Av1},
});

constexpr auto kDurationUnits = std::to_array<std::pair<char, int64_t>>({{'d', 86400}, {'h', 3600}, {'m', 60}});

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// "[ip]:port", "ip:port" or, when `port_needed` is not set, the bare address, whose port is then 0.
std::optional<NetAddress> parse_address(std::string_view text, bool port_needed) {
    if (!port_needed)
        if (const auto bare = NetAddress::parse(text, 0)) return bare;
    const size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto port = parse_number<uint16_t>(text.substr(colon + 1));
    std::string_view ip = text.substr(0, colon);
    const bool bracketed = ip.size() > 2 && ip.front() == '[' && ip.back() == ']';
    if (bracketed) ip = ip.substr(1, ip.size() - 2);
    if (!port || bracketed != (ip.find(':') != std::string_view::npos)) return std::nullopt;
    return NetAddress::parse(ip, *port);
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
        const size_t comma = std::min(text.find(','), text.size());
        std::string_view item = text.substr(0, comma);
        while (item.starts_with(' ')) item.remove_prefix(1);
        while (item.ends_with(' ')) item.remove_suffix(1);
        items.emplace_back(item);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return items;
}

const std::string* text_of(const RawValue& raw) { return std::get_if<std::string>(&raw.value); }

std::optional<int64_t> number_of(const RawValue& raw) {
    if (const auto* number = std::get_if<int64_t>(&raw.value)) return *number;
    if (raw.loose && text_of(raw)) return parse_number<int64_t>(*text_of(raw));
    return std::nullopt;
}

std::optional<std::vector<std::string>> list_of(const RawValue& raw) {
    if (const auto* list = std::get_if<std::vector<std::string>>(&raw.value)) return *list;
    if (raw.loose && text_of(raw)) return split_list(*text_of(raw));
    return std::nullopt;
}

std::string toml_list(const std::vector<std::string>& items) {
    std::string list;
    for (const std::string& item : items) list += (list.empty() ? "" : ", ") + quoted(item);
    return "[" + list + "]";
}

std::string address_text(const NetAddress& address) { return address.port ? address.text() : address.ip_text(); }

bool read(const BoolValue& kind, Config& config, const RawValue& raw) {
    if (const auto* value = std::get_if<bool>(&raw.value)) {
        kind.field(config) = *value;
        return true;
    }
    if (!raw.loose || !text_of(raw) || (*text_of(raw) != "true" && *text_of(raw) != "false")) return false;
    kind.field(config) = *text_of(raw) == "true";
    return true;
}
std::string write(const BoolValue& kind, Config& config) { return kind.field(config) ? "true" : "false"; }
std::string limits(const BoolValue&) { return "true or false"; }

bool read(const IntegerValue& kind, Config& config, const RawValue& raw) {
    const auto number = number_of(raw);
    if (!number || *number < kind.least || *number > kind.most) return false;
    kind.field(config) = static_cast<int>(*number);
    return true;
}
std::string write(const IntegerValue& kind, Config& config) { return std::to_string(kind.field(config)); }
std::string limits(const IntegerValue& kind) {
    return fmt::format("a whole number from {} to {}", kind.least, kind.most);
}

bool read(const DurationValue& kind, Config& config, const RawValue& raw) {
    std::optional<std::chrono::seconds> duration;
    if (const auto number = number_of(raw); number && *number <= kind.most.count())
        duration = std::chrono::seconds(*number);
    else if (text_of(raw))
        duration = parse_duration(*text_of(raw));
    if (!duration || *duration < kind.least || *duration > kind.most) return false;
    kind.field(config) = *duration;
    return true;
}
std::string write(const DurationValue& kind, Config& config) { return quoted(duration_text(kind.field(config))); }
std::string limits(const DurationValue& kind) {
    return fmt::format("a duration such as \"90s\", \"15m\" or \"9h\" from {} to {}", duration_text(kind.least),
                       duration_text(kind.most));
}

bool read(const TextValue& kind, Config& config, const RawValue& raw) {
    if (!text_of(raw) || (text_of(raw)->empty() && !kind.may_be_empty)) return false;
    kind.field(config) = *text_of(raw);
    return true;
}
std::string write(const TextValue& kind, Config& config) { return quoted(kind.field(config)); }
std::string limits(const TextValue& kind) { return kind.may_be_empty ? "text" : "text that is not empty"; }

bool read(const ChoiceValue& kind, Config& config, const RawValue& raw) {
    if (!text_of(raw)) return false;
    const auto word = std::find(kind.words.begin(), kind.words.end(), *text_of(raw));
    if (word == kind.words.end()) return false;
    kind.set(config, static_cast<size_t>(word - kind.words.begin()));
    return true;
}
std::string write(const ChoiceValue& kind, Config& config) { return quoted(kind.words[kind.get(config)]); }
std::string limits(const ChoiceValue& kind) {
    std::string words;
    for (const std::string_view word : kind.words) words += (words.empty() ? "" : ", ") + quoted(word);
    return "one of " + words;
}

bool read(const EndpointValue& kind, Config& config, const RawValue& raw) {
    const auto address = text_of(raw) ? parse_endpoint(*text_of(raw)) : std::nullopt;
    if (address) kind.field(config) = *address;
    return address.has_value();
}
std::string write(const EndpointValue& kind, Config& config) { return quoted(kind.field(config).text()); }
std::string limits(const EndpointValue&) { return "an IP address with a port, such as \"0.0.0.0:8080\""; }

bool read(const AddressListValue& kind, Config& config, const RawValue& raw) {
    const auto items = list_of(raw);
    if (!items) return false;
    std::vector<NetAddress> addresses;
    for (const std::string& item : *items) {
        const auto address = parse_address(item, false);
        if (!address) return false;
        addresses.push_back(*address);
    }
    kind.field(config) = std::move(addresses);
    return true;
}
std::string write(const AddressListValue& kind, Config& config) {
    std::vector<std::string> items;
    for (const NetAddress& address : kind.field(config)) items.push_back(address_text(address));
    return toml_list(items);
}
std::string limits(const AddressListValue&) {
    return "a list of IP addresses, each with or without a port, such as \"192.0.2.1\" or \"192.0.2.1:40000\"";
}

bool read(const CodecListValue& kind, Config& config, const RawValue& raw) {
    const auto items = list_of(raw);
    if (!items || items->empty()) return false;
    std::vector<rtc::Codec> codecs;
    for (const std::string& item : *items) {
        const auto* codec = std::find_if(kVideoCodecs.begin(), kVideoCodecs.end(),
                                         [&](const auto& known) { return known.first == item; });
        if (codec == kVideoCodecs.end() || std::count(codecs.begin(), codecs.end(), codec->second)) return false;
        codecs.push_back(codec->second);
    }
    kind.field(config) = std::move(codecs);
    return true;
}
std::string write(const CodecListValue& kind, Config& config) {
    std::vector<std::string> items;
    for (const rtc::Codec codec : kind.field(config))
        items.emplace_back(std::find_if(kVideoCodecs.begin(), kVideoCodecs.end(), [&](const auto& known) {
                               return known.second == codec;
                           })->first);
    return toml_list(items);
}
std::string limits(const CodecListValue&) {
    std::string names;
    for (const auto& known : kVideoCodecs) names += (names.empty() ? "" : ", ") + quoted(known.first);
    return "a list of one or more of " + names;
}

}  // namespace

bool read_value(const ValueKind& kind, Config& config, const RawValue& raw) {
    return std::visit([&](const auto& value) { return read(value, config, raw); }, kind);
}

std::string write_value(const ValueKind& kind, const Config& config) {
    Config copy = config;  // a field is one function for reading and writing
    return std::visit([&](const auto& value) { return write(value, copy); }, kind);
}

std::string value_limits(const ValueKind& kind) {
    return std::visit([](const auto& value) { return limits(value); }, kind);
}

std::optional<NetAddress> parse_endpoint(std::string_view text) { return parse_address(text, true); }

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
    int64_t scale = 1;
    if (text.ends_with('s')) {
        text.remove_suffix(1);
    } else {
        for (const auto& [unit, seconds] : kDurationUnits) {
            if (!text.ends_with(unit)) continue;
            scale = seconds;
            text.remove_suffix(1);
            break;
        }
    }
    const auto number = parse_number<uint32_t>(text);
    if (!number) return std::nullopt;
    return std::chrono::seconds(*number * scale);
}

std::string duration_text(std::chrono::seconds duration) {
    for (const auto& [unit, seconds] : kDurationUnits)
        if (duration.count() != 0 && duration.count() % seconds == 0)
            return fmt::format("{}{}", duration.count() / seconds, unit);
    return fmt::format("{}s", duration.count());
}

}  // namespace crosspoint::app
