#include <fmt/format.h>

#include "base/verify.h"
#include "rtc/sdp/description.h"

namespace crosspoint::rtc::sdp {
namespace {

class Lines {
public:
    template <class... Args>
    void add(fmt::format_string<Args...> format, Args&&... args) {
        const size_t begin = text_.size();
        fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
        // An id with a line end in it would become an attribute of its own.
        const size_t line_end = text_.find_first_of("\r\n", begin);
        if (!SHOULD(line_end == std::string::npos)) text_.resize(line_end);
        text_ += "\r\n";
    }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

std::string_view name(Direction direction) {
    switch (direction) {
        case Direction::SendRecv: return "sendrecv";
        case Direction::SendOnly: return "sendonly";
        case Direction::RecvOnly: return "recvonly";
        case Direction::Inactive: return "inactive";
    }
    return "inactive";
}

std::string_view name(Setup setup) {
    switch (setup) {
        case Setup::ActPass: return "actpass";
        case Setup::Active: return "active";
        case Setup::Passive: return "passive";
        case Setup::HoldConn: return "holdconn";
    }
    return "actpass";
}

void write_transport(Lines& out, const TransportAttributes& transport) {
    if (!transport.ice.ufrag.empty()) out.add("a=ice-ufrag:{}", transport.ice.ufrag);
    if (!transport.ice.password.empty()) out.add("a=ice-pwd:{}", transport.ice.password);
    if (!transport.ice_options.empty()) out.add("a=ice-options:{}", fmt::join(transport.ice_options, " "));
    for (const Fingerprint& fingerprint : transport.fingerprints)
        out.add("a=fingerprint:{} {}", fingerprint.algorithm, fingerprint.value);
    if (transport.setup) out.add("a=setup:{}", name(*transport.setup));
}

void write_media_line(Lines& out, const Section& section) {
    std::string formats;
    for (const std::string& format : section.formats) formats += ' ' + format;
    for (const PayloadType type : section.payload_types) formats += ' ' + std::to_string(type.value);
    out.add("m={} {} {}{}", section.media, section.port, section.protocol, formats);
    if (!section.connection.empty()) out.add("c={}", section.connection);
}

void write_candidates(Lines& out, const Section& section) {
    for (const Candidate& c : section.candidates)
        out.add("a=candidate:{} {} {} {} {} {} typ {}{}{}", c.foundation, c.component,
                c.transport == Transport::Tcp ? "tcp" : "udp", c.priority, c.host, c.port, c.type,
                c.tcp_type.empty() ? "" : " tcptype ", c.tcp_type);
    if (section.end_of_candidates) out.add("a=end-of-candidates");
}

void write_codecs(Lines& out, const Section& section) {
    for (const RtpMap& map : section.rtpmaps)
        out.add("a=rtpmap:{} {}/{}{}", map.payload_type.value, map.name, map.clock_rate,
                map.channels == 1 ? "" : fmt::format("/{}", map.channels));
    for (const RtcpFeedback& line : section.feedback)
        out.add("a=rtcp-fb:{} {}", line.payload_type ? std::to_string(line.payload_type->value) : "*", line.value);
    for (const FormatParameters& line : section.fmtps)
        out.add("a=fmtp:{} {}", line.payload_type.value, line.parameters);
}

void write_sources(Lines& out, const Section& section) {
    for (const Msid& msid : section.msids)
        out.add("a=msid:{}{}{}", msid.stream, msid.track.empty() ? "" : " ", msid.track);
    for (const SsrcGroup& group : section.ssrc_groups) {
        std::string ssrcs;
        for (const Ssrc ssrc : group.ssrcs) ssrcs += ' ' + std::to_string(ssrc.value);
        out.add("a=ssrc-group:{}{}", group.semantics, ssrcs);
    }
    for (const SsrcAttribute& line : section.ssrcs)
        out.add("a=ssrc:{} {}{}{}", line.ssrc.value, line.attribute, line.value.empty() ? "" : ":", line.value);
}

void write_section(Lines& out, const Section& section) {
    write_media_line(out, section);
    write_candidates(out, section);
    write_transport(out, section.transport);
    if (!section.mid.empty()) out.add("a=mid:{}", section.mid);
    if (section.bundle_only) out.add("a=bundle-only");
    for (const ExtensionMap& map : section.extensions)
        out.add("a=extmap:{}{}{} {}", map.id, map.direction ? "/" : "", map.direction ? name(*map.direction) : "",
                map.uri);
    if (section.direction) out.add("a={}", name(*section.direction));
    if (section.rtcp_mux) out.add("a=rtcp-mux");
    if (section.rtcp_rsize) out.add("a=rtcp-rsize");
    write_codecs(out, section);
    for (const std::string& rid : section.rids) out.add("a=rid:{}", rid);
    if (!section.simulcast.empty()) out.add("a=simulcast:{}", section.simulcast);
    write_sources(out, section);
    if (section.sctp_port) out.add("a=sctp-port:{}", *section.sctp_port);
    if (section.max_message_size) out.add("a=max-message-size:{}", *section.max_message_size);
}

}  // namespace

std::string Description::write() const {
    Lines out;
    out.add("v=0");
    out.add("o=- {} {} IN IP4 127.0.0.1", origin.session_id, origin.version);
    out.add("s=-");
    out.add("t=0 0");
    for (const auto& group : bundle) out.add("a=group:BUNDLE{}{}", group.empty() ? "" : " ", fmt::join(group, " "));
    if (extmap_allow_mixed) out.add("a=extmap-allow-mixed");
    if (!msid_semantic.empty()) out.add("a=msid-semantic:{}", msid_semantic);
    if (ice_lite) out.add("a=ice-lite");
    write_transport(out, transport);
    for (const Section& section : sections) write_section(out, section);
    return out.take();
}

}  // namespace crosspoint::rtc::sdp
