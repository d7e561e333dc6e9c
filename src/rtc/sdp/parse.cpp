#include <algorithm>
#include <array>
#include <set>

#include "rtc/sdp/description.h"
#include "rtc/sdp/words.h"

namespace crosspoint::rtc::sdp {
namespace {

constexpr size_t kMaxBundleGroups = 16;

/// The description so far, and where the next line belongs.
struct Parser {
    Description out;
    std::optional<Direction> session_direction;
    std::vector<ExtensionMap> session_extensions;

    bool in_section() const { return !out.sections.empty(); }
    Section& section() { return out.sections.back(); }
    TransportAttributes& transport() { return in_section() ? section().transport : out.transport; }
};

// No browser comes near these; without them a hostile section could make every look-up in it slow.
constexpr size_t kMaxPerKind = 256;
constexpr size_t kMaxFeedback = 1024;
constexpr size_t kMaxSources = 1024;

template <class T>
bool append(std::vector<T>& list, T item, size_t limit = kMaxPerKind) {
    if (list.size() >= limit) return false;
    list.push_back(std::move(item));
    return true;
}

std::optional<PayloadType> payload_type(std::string_view text) {
    const auto value = number<uint8_t>(text);
    if (!value || *value > 127) return std::nullopt;
    return PayloadType{*value};
}

std::optional<Ssrc> ssrc(std::string_view text) {
    const auto value = number<uint32_t>(text);
    return value ? std::optional(Ssrc{*value}) : std::nullopt;
}

std::optional<Direction> direction(std::string_view text) {
    if (text == "sendrecv") return Direction::SendRecv;
    if (text == "sendonly") return Direction::SendOnly;
    if (text == "recvonly") return Direction::RecvOnly;
    if (text == "inactive") return Direction::Inactive;
    return std::nullopt;
}

/// RFC 8839 5.4 bounds both from below; the upper bound of 256 is its as well.
bool is_ice_text(std::string_view text, size_t shortest) {
    return text.size() >= shortest && text.size() <= 256 && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
                      c == '/';
           });
}

// One function per attribute; false means malformed.

bool parse_group(Parser& parser, std::string_view value) {
    if (take_word(value) != "BUNDLE") return true;  // other groups (lip synchronisation) mean nothing to us
    if (parser.out.bundle.size() == kMaxBundleGroups) return false;
    auto& group = parser.out.bundle.emplace_back();
    for (auto mid = take_word(value); !mid.empty(); mid = take_word(value)) group.emplace_back(mid);
    return group.size() <= kMaxSections;
}

bool parse_fingerprint(Parser& parser, std::string_view value) {
    Fingerprint fingerprint{std::string(take_word(value)), std::string(take_word(value))};
    std::ranges::transform(fingerprint.algorithm, fingerprint.algorithm.begin(), lower);
    std::ranges::transform(fingerprint.value, fingerprint.value.begin(), upper);
    const auto& text = fingerprint.value;
    if (fingerprint.algorithm.empty() || text.size() % 3 != 2) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        const bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'A' && text[i] <= 'F');
        if (i % 3 == 2 ? text[i] != ':' : !hex) return false;
    }
    return append(parser.transport().fingerprints, std::move(fingerprint));
}

bool parse_setup(Parser& parser, std::string_view value) {
    auto& setup = parser.transport().setup;
    if (value == "actpass")
        setup = Setup::ActPass;
    else if (value == "active")
        setup = Setup::Active;
    else if (value == "passive")
        setup = Setup::Passive;
    else if (value == "holdconn")
        setup = Setup::HoldConn;
    else
        return false;
    return true;
}

bool parse_ice_ufrag(Parser& parser, std::string_view value) {
    parser.transport().ice.ufrag = value;
    return is_ice_text(value, 4);
}

bool parse_ice_pwd(Parser& parser, std::string_view value) {
    parser.transport().ice.password = value;
    return is_ice_text(value, 22);
}

bool parse_ice_options(Parser& parser, std::string_view value) {
    for (auto option = take_word(value); !option.empty(); option = take_word(value))
        parser.transport().ice_options.emplace_back(option);
    return true;
}

bool parse_mid(Parser& parser, std::string_view value) {
    parser.section().mid = value;
    return !value.empty() && value.find(' ') == std::string_view::npos;
}

bool parse_rtpmap(Parser& parser, std::string_view value) {
    const auto type = payload_type(take_word(value));
    RtpMap map{type.value_or(PayloadType{}), std::string(take_until(value, '/')), 0, 1};
    const auto clock_rate = number<uint32_t>(take_until(value, '/'));
    const auto channels = value.empty() ? uint8_t{1} : number<uint8_t>(value);
    if (!type || map.name.empty() || !clock_rate || !channels) return false;
    map.clock_rate = *clock_rate;
    map.channels = *channels;
    return append(parser.section().rtpmaps, std::move(map));
}

bool parse_fmtp(Parser& parser, std::string_view value) {
    const auto type = payload_type(take_word(value));
    if (!type) return false;
    return append(parser.section().fmtps, {*type, std::string(value)});
}

bool parse_rtcp_fb(Parser& parser, std::string_view value) {
    RtcpFeedback feedback;
    const auto word = take_word(value);
    if (word != "*") {
        feedback.payload_type = payload_type(word);
        if (!feedback.payload_type) return false;
    }
    feedback.value = value;
    return !value.empty() && append(parser.section().feedback, std::move(feedback), kMaxFeedback);
}

bool parse_extmap(Parser& parser, std::string_view value) {
    std::string_view word = take_word(value);
    const auto id = number<uint16_t>(take_until(word, '/'));
    ExtensionMap map{id.value_or(0), std::nullopt, std::string(take_word(value))};
    if (!word.empty()) {
        map.direction = direction(word);
        if (!map.direction) return false;
    }
    if (map.id == 0 || map.uri.empty()) return false;
    return append(parser.in_section() ? parser.section().extensions : parser.session_extensions, std::move(map));
}

bool parse_msid(Parser& parser, std::string_view value) {
    Msid msid{std::string(take_word(value)), std::string(take_word(value))};
    if (msid.stream.empty()) return false;
    return append(parser.section().msids, std::move(msid));
}

bool parse_ssrc(Parser& parser, std::string_view value) {
    const auto source = ssrc(take_word(value));
    if (!source) return false;
    const auto attribute = take_until(value, ':');
    return append(parser.section().ssrcs, {*source, std::string(attribute), std::string(value)}, kMaxSources);
}

bool parse_ssrc_group(Parser& parser, std::string_view value) {
    SsrcGroup group{std::string(take_word(value)), {}};
    for (auto word = take_word(value); !word.empty(); word = take_word(value)) {
        const auto source = ssrc(word);
        if (!source) return false;
        group.ssrcs.push_back(*source);
    }
    return append(parser.section().ssrc_groups, std::move(group));
}

/// Candidates are hints, and new kinds of them may be invented: one that we cannot read is left out (RFC 8839 5.1).
bool parse_candidate(Parser& parser, std::string_view value) {
    Candidate candidate;
    candidate.foundation = take_word(value);
    const auto component = number<uint16_t>(take_word(value));
    const auto transport = take_word(value);
    const auto priority = number<uint32_t>(take_word(value));
    candidate.host = take_word(value);
    const auto port = number<uint16_t>(take_word(value));
    const bool typed = take_word(value) == "typ";
    candidate.type = take_word(value);
    const bool tcp = same_ignoring_case(transport, "tcp");
    if (!component || !priority || !port || !typed || candidate.type.empty()) return true;
    if (!tcp && !same_ignoring_case(transport, "udp")) return true;
    candidate.component = *component;
    candidate.transport = tcp ? Transport::Tcp : Transport::Udp;
    candidate.priority = *priority;
    candidate.port = *port;
    for (auto key = take_word(value); !key.empty(); key = take_word(value)) {
        const auto extension = take_word(value);
        if (key == "tcptype") candidate.tcp_type = extension;
    }
    append(parser.section().candidates, std::move(candidate));
    return true;
}

bool parse_sctp_port(Parser& parser, std::string_view value) {
    parser.section().sctp_port = number<uint16_t>(value);
    return parser.section().sctp_port.has_value();
}

bool parse_max_message_size(Parser& parser, std::string_view value) {
    parser.section().max_message_size = number<uint64_t>(value);
    return parser.section().max_message_size.has_value();
}

template <Direction kDirection>
bool parse_direction(Parser& parser, std::string_view) {
    (parser.in_section() ? parser.section().direction : parser.session_direction) = kDirection;
    return true;
}

enum class Where : uint8_t { Session, Section, Both };

struct Attribute {
    std::string_view name;
    Where where;
    bool (*parse)(Parser&, std::string_view value);
};

constexpr auto kAttributes = std::to_array<Attribute>({
    {"group", Where::Session, parse_group},
    {"ice-lite", Where::Session, [](Parser& p, std::string_view) { return p.out.ice_lite = true; }},
    {"extmap-allow-mixed", Where::Both,  // RFC 8285 6 has it in sections too; no browser puts it into some of them only
     [](Parser& p, std::string_view) { return p.out.extmap_allow_mixed = true; }},
    {"msid-semantic", Where::Session,
     [](Parser& p, std::string_view value) {
         p.out.msid_semantic = value;
         return true;
     }},
    {"fingerprint", Where::Both, parse_fingerprint},
    {"setup", Where::Both, parse_setup},
    {"ice-ufrag", Where::Both, parse_ice_ufrag},
    {"ice-pwd", Where::Both, parse_ice_pwd},
    {"ice-options", Where::Both, parse_ice_options},
    {"sendrecv", Where::Both, parse_direction<Direction::SendRecv>},
    {"sendonly", Where::Both, parse_direction<Direction::SendOnly>},
    {"recvonly", Where::Both, parse_direction<Direction::RecvOnly>},
    {"inactive", Where::Both, parse_direction<Direction::Inactive>},
    {"extmap", Where::Both, parse_extmap},
    {"mid", Where::Section, parse_mid},
    {"rtcp-mux", Where::Section, [](Parser& p, std::string_view) { return p.section().rtcp_mux = true; }},
    {"rtcp-rsize", Where::Section, [](Parser& p, std::string_view) { return p.section().rtcp_rsize = true; }},
    {"bundle-only", Where::Section, [](Parser& p, std::string_view) { return p.section().bundle_only = true; }},
    {"rtpmap", Where::Section, parse_rtpmap},
    {"fmtp", Where::Section, parse_fmtp},
    {"rtcp-fb", Where::Section, parse_rtcp_fb},
    {"msid", Where::Section, parse_msid},
    {"ssrc", Where::Section, parse_ssrc},
    {"ssrc-group", Where::Section, parse_ssrc_group},
    {"candidate", Where::Section, parse_candidate},
    {"end-of-candidates", Where::Section,
     [](Parser& p, std::string_view) { return p.section().end_of_candidates = true; }},
    {"rid", Where::Section,
     [](Parser& p, std::string_view value) { return append(p.section().rids, std::string(value)); }},
    {"simulcast", Where::Section,
     [](Parser& p, std::string_view value) {
         p.section().simulcast = value;
         return true;
     }},
    {"sctp-port", Where::Section, parse_sctp_port},
    {"max-message-size", Where::Section, parse_max_message_size},
});

using Refused = std::optional<std::string>;  // the reason

Refused parse_attribute(Parser& parser, std::string_view line) {
    const auto name = take_until(line, ':');
    const auto* attribute = std::ranges::find(kAttributes, name, &Attribute::name);
    if (attribute == kAttributes.end()) return std::nullopt;
    if (attribute->where == (parser.in_section() ? Where::Session : Where::Section)) return std::nullopt;
    if (attribute->parse(parser, line)) return std::nullopt;
    return "malformed " + std::string(name);
}

SectionKind section_kind(std::string_view media) {
    if (media == "audio") return SectionKind::Audio;
    if (media == "video") return SectionKind::Video;
    if (media == "application") return SectionKind::Application;
    return SectionKind::Other;
}

Refused parse_media_line(Parser& parser, std::string_view line) {
    if (parser.out.sections.size() == kMaxSections) return "too many sections";
    Section section;
    section.media = take_word(line);
    section.kind = section_kind(section.media);
    std::string_view ports = take_word(line);
    const auto port = number<uint16_t>(take_until(ports, '/'));
    section.protocol = take_word(line);
    if (!port || section.protocol.empty()) return "malformed m-line";
    section.port = *port;
    const bool rtp = section.is_rtp() && section.protocol.find("RTP/") != std::string::npos;
    for (auto format = take_word(line); !format.empty(); format = take_word(line)) {
        if (!rtp) {
            section.formats.emplace_back(format);
            continue;
        }
        const auto type = payload_type(format);
        if (!type) return "malformed payload type";
        if (contains(section.payload_types, *type)) return "payload type listed twice";
        section.payload_types.push_back(*type);
    }
    if (section.formats.empty() && section.payload_types.empty()) return "m-line without a format";
    parser.out.sections.push_back(std::move(section));
    return std::nullopt;
}

Refused parse_origin(Parser& parser, std::string_view line) {
    take_word(line);  // user name
    const auto session_id = number<uint64_t>(take_word(line));
    const auto version = number<uint64_t>(take_word(line));
    if (!session_id || !version) return "malformed origin";
    parser.out.origin = {*session_id, *version};
    return std::nullopt;
}

Refused parse_line(Parser& parser, size_t index, std::string_view line) {
    if (line.size() < 2 || line[1] != '=') return "not a line of the form x=…";
    const std::string_view value = line.substr(2);
    if (index == 1) return line == "v=0" ? Refused{} : "does not begin with v=0";
    if (index == 2 && line[0] != 'o') return "o= expected";
    switch (line[0]) {
        case 'o': return index == 2 ? parse_origin(parser, value) : "second origin";
        case 'm': return parse_media_line(parser, value);
        case 'a': return parse_attribute(parser, value);
        case 'c':
            if (parser.in_section()) parser.section().connection = value;
            return std::nullopt;
        default: return std::nullopt;  // names, times, bandwidths: nothing a browser means anything with
    }
}

void inherit(Section& section, const Parser& parser) {
    const TransportAttributes& session = parser.out.transport;
    TransportAttributes& own = section.transport;
    if (own.ice.ufrag.empty() && own.ice.password.empty()) own.ice = session.ice;
    if (own.ice_options.empty()) own.ice_options = session.ice_options;
    if (own.fingerprints.empty()) own.fingerprints = session.fingerprints;
    if (!own.setup) own.setup = session.setup;
    if (!section.direction) section.direction = parser.session_direction;
    if (section.is_rtp())
        section.extensions.insert(section.extensions.end(), parser.session_extensions.begin(),
                                  parser.session_extensions.end());
}

Refused finish(Parser& parser) {
    std::set<std::string_view> mids;
    for (Section& section : parser.out.sections) {
        inherit(section, parser);
        // RFC 5888 9.1: each identification-tag is unique within the description.
        if (!section.mid.empty() && !mids.insert(section.mid).second) return "two sections with the same mid";
    }
    return std::nullopt;
}

}  // namespace

Result<Description, Error> Description::parse(std::string_view text) {
    if (text.size() > kMaxDescriptionBytes) return Error{0, "description too long"};
    Parser parser;
    size_t index = 0;
    while (!text.empty()) {
        std::string_view line = take_until(text, '\n');
        if (line.ends_with('\r')) line.remove_suffix(1);
        ++index;
        if (line.size() > kMaxLineBytes) return Error{index, "line too long"};
        // What we echo must not be able to begin a line of its own.
        if (line.find_first_of(std::string_view("\r\0", 2)) != std::string_view::npos)
            return Error{index, "control character"};
        if (line.empty() && text.empty()) break;  // one blank line at the end does no harm
        if (const Refused reason = parse_line(parser, index, line)) return Error{index, *reason};
    }
    if (index < 2) return Error{0, "no session lines"};
    if (const Refused reason = finish(parser)) return Error{0, *reason};
    return std::move(parser.out);
}

}  // namespace crosspoint::rtc::sdp
