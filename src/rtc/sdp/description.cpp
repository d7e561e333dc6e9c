#include "rtc/sdp/description.h"

#include <fmt/format.h>

#include <algorithm>

#include "rtc/sdp/words.h"

namespace crosspoint::rtc::sdp {

std::string Error::text() const { return line == 0 ? reason : fmt::format("line {}: {}", line, reason); }

Candidate Candidate::of(const NetAddress& address, size_t rank) {
    // RFC 8445 5.1.2.1: 126 for host candidates. RFC 6544 4.2: within TCP, passive ones have direction preference 4 of
    // 7, which also puts them behind every UDP candidate.
    constexpr uint32_t kHostPreference = 126;
    const auto step = static_cast<uint32_t>(std::min<size_t>(rank, 8191));
    const bool tcp = address.transport == Transport::Tcp;
    const uint32_t local_preference = tcp ? (4u << 13) + (8191 - step) : 65535 - step;
    Candidate candidate;
    candidate.foundation = std::to_string(rank + 1);
    candidate.transport = address.transport;
    candidate.priority = (kHostPreference << 24) | (local_preference << 8) | (256 - candidate.component);
    candidate.host = address.ip_text();
    candidate.port = address.port;
    if (tcp) candidate.tcp_type = "passive";
    return candidate;
}

std::optional<NetAddress> Candidate::address() const {
    auto address = NetAddress::parse(host, port);
    if (address) address->transport = transport;
    return address;
}

std::optional<RtpMap> Section::rtpmap(PayloadType type) const {
    for (const RtpMap& map : rtpmaps)
        if (map.payload_type == type) return map;
    switch (type.value) {  // RFC 3551 6
        case 0: return RtpMap{type, "PCMU", 8000, 1};
        case 8: return RtpMap{type, "PCMA", 8000, 1};
        case 9: return RtpMap{type, "G722", 8000, 1};
        default: return std::nullopt;
    }
}

std::string_view Section::fmtp(PayloadType type) const {
    for (const FormatParameters& line : fmtps)
        if (line.payload_type == type) return line.parameters;
    return {};
}

bool Section::has_feedback(PayloadType type, std::string_view value) const {
    return std::ranges::any_of(feedback, [&](const RtcpFeedback& line) {
        return line.payload_type.value_or(type) == type && same_ignoring_case(line.value, value);
    });
}

bool Description::is_bundled(const Section& section) const {
    if (section.mid.empty()) return false;
    return std::ranges::any_of(bundle, [&](const auto& group) { return contains(group, section.mid); });
}

bool Description::is_rejected(const Section& section) const {
    return section.port == 0 && !(section.bundle_only && is_bundled(section));
}

std::optional<std::string_view> format_parameter(std::string_view parameters, std::string_view key) {
    while (!parameters.empty()) {
        std::string_view value = take_until(parameters, ';');
        while (value.starts_with(' ')) value.remove_prefix(1);
        const std::string_view name = take_until(value, '=');
        if (same_ignoring_case(name, key)) return value;
    }
    return std::nullopt;
}

}  // namespace crosspoint::rtc::sdp
