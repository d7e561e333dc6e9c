#include "rtc/sdp/media_lines.h"

#include <algorithm>

#include "rtc/sdp/words.h"

namespace crosspoint::rtc::sdp {
namespace {

struct KnownExtension {
    std::string_view uri;
    uint8_t HeaderExtensions::* id;
};
constexpr KnownExtension kExtensions[] = {
    {"urn:ietf:params:rtp-hdrext:ssrc-audio-level", &HeaderExtensions::audio_level},
    {"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", &HeaderExtensions::absolute_send_time},
    {"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
     &HeaderExtensions::transport_sequence},
    {"urn:ietf:params:rtp-hdrext:sdes:mid", &HeaderExtensions::mid},
    {"urn:3gpp:video-orientation", &HeaderExtensions::video_orientation},
    {"https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
     &HeaderExtensions::dependency_descriptor},
};

std::optional<PayloadType> rtx_of(const Section& section, PayloadType type) {
    for (const PayloadType candidate : section.payload_types) {
        const auto map = section.rtpmap(candidate);
        if (!map || codec_from_name(map->name) != Codec::Rtx) continue;
        const auto apt = format_parameter(section.fmtp(candidate), "apt");  // RFC 4588 8.1
        if (apt && number<uint8_t>(*apt) == type.value) return candidate;
    }
    return std::nullopt;
}

constexpr std::pair<bool CodecParameters::*, std::string_view> kFeedback[] = {
    {&CodecParameters::nack, "nack"},
    {&CodecParameters::pli, "nack pli"},
    {&CodecParameters::fir, "ccm fir"},
    {&CodecParameters::remb, "goog-remb"},
    {&CodecParameters::transport_cc, "transport-cc"},
};

}  // namespace

std::optional<CodecParameters> read_codec(const Section& section, PayloadType type) {
    const auto map = section.rtpmap(type);
    const auto codec = map ? codec_from_name(map->name) : std::nullopt;
    if (!codec || codec == Codec::Rtx) return std::nullopt;
    CodecParameters parameters;
    parameters.codec = *codec;
    parameters.payload_type = type;
    parameters.clock_rate = map->clock_rate;
    parameters.channels = map->channels;
    parameters.fmtp = section.fmtp(type);
    parameters.rtx = rtx_of(section, type);
    for (const auto& [member, value] : kFeedback) parameters.*member = section.has_feedback(type, value);
    return parameters;
}

std::vector<CodecParameters> read_codecs(const Section& section) {
    std::vector<CodecParameters> codecs;
    for (const PayloadType type : section.payload_types)
        if (auto codec = read_codec(section, type)) codecs.push_back(std::move(*codec));
    return codecs;
}

void add_codec(Section& section, const CodecParameters& codec) {
    const PayloadType type = codec.payload_type;
    section.payload_types.push_back(type);
    section.rtpmaps.push_back({type, std::string(codec_name(codec.codec)), codec.clock_rate, codec.channels});
    if (!codec.fmtp.empty()) section.fmtps.push_back({type, codec.fmtp});
    for (const auto& [member, value] : kFeedback)
        if (codec.*member) section.feedback.push_back({type, std::string(value)});
    if (!codec.rtx) return;
    section.payload_types.push_back(*codec.rtx);
    section.rtpmaps.push_back({*codec.rtx, std::string(codec_name(Codec::Rtx)), codec.clock_rate, 1});
    section.fmtps.push_back({*codec.rtx, "apt=" + std::to_string(type.value)});
}

uint8_t* extension_by_uri(HeaderExtensions& extensions, std::string_view uri) {
    for (const KnownExtension& known : kExtensions)
        if (known.uri == uri) return &(extensions.*known.id);
    return nullptr;
}

HeaderExtensions read_extensions(const Section& section) {
    HeaderExtensions extensions;
    for (const ExtensionMap& map : section.extensions) {
        // RFC 8285 4.2, 7: 15 is reserved, ids from 4096 on only ask for a number, and nothing lies between.
        if (map.id == 15 || map.id > 255) continue;
        if (map.direction == Direction::Inactive) continue;
        uint8_t* id = extension_by_uri(extensions, map.uri);
        if (id && *id == 0) *id = static_cast<uint8_t>(map.id);
    }
    return extensions;
}

void add_extensions(Section& section, const HeaderExtensions& extensions) {
    for (const KnownExtension& known : kExtensions)
        if (const uint8_t id = extensions.*known.id)
            section.extensions.push_back({id, std::nullopt, std::string(known.uri)});
}

Sources read_sources(const Section& section) {
    for (const SsrcGroup& group : section.ssrc_groups)  // RFC 5576 4.2: the first is the one repaired
        if (group.semantics == "FID" && group.ssrcs.size() >= 2) return {group.ssrcs[0], group.ssrcs[1]};
    if (section.ssrcs.empty()) return {};
    return {section.ssrcs.front().ssrc, std::nullopt};
}

void add_sources(Section& section, Ssrc media, std::optional<Ssrc> rtx, std::string_view cname) {
    if (rtx) section.ssrc_groups.push_back({"FID", {media, *rtx}});
    section.ssrcs.push_back({media, "cname", std::string(cname)});
    if (rtx) section.ssrcs.push_back({*rtx, "cname", std::string(cname)});
}

Section rtp_section(MediaKind kind, std::string_view mid) {
    Section section;
    section.kind = kind == MediaKind::Audio ? SectionKind::Audio : SectionKind::Video;
    section.media = kind == MediaKind::Audio ? "audio" : "video";
    section.protocol = "UDP/TLS/RTP/SAVPF";
    section.connection = "IN IP4 0.0.0.0";
    section.mid = mid;
    section.rtcp_mux = true;
    section.rtcp_rsize = true;
    return section;
}

Section data_section(std::string_view mid, uint16_t sctp_port) {
    Section section;
    section.kind = SectionKind::Application;
    section.media = "application";
    section.protocol = "UDP/DTLS/SCTP";
    section.formats = {"webrtc-datachannel"};
    section.connection = "IN IP4 0.0.0.0";
    section.mid = mid;
    section.sctp_port = sctp_port;
    section.max_message_size = kOurMaxMessageSize;
    return section;
}

void add_transport(Section& section, const IceCredentials& ice, const std::string& sha256_fingerprint, Setup setup) {
    section.transport.ice = ice;
    section.transport.fingerprints = {{"sha-256", sha256_fingerprint}};
    section.transport.setup = setup;
}

void add_candidates(Section& section, const std::vector<NetAddress>& candidates) {
    for (size_t rank = 0; rank < candidates.size(); ++rank)
        section.candidates.push_back(Candidate::of(candidates[rank], rank));
    section.end_of_candidates = true;
    const auto best = std::ranges::find(candidates, Transport::Udp, &NetAddress::transport);
    if (best == candidates.end()) return;
    section.port = best->port;
    section.connection = (best->is_v4() ? "IN IP4 " : "IN IP6 ") + best->ip_text();
}

const Section* tagged_section(const Description& description) {
    for (const auto& group : description.bundle)
        for (const std::string& mid : group)
            for (const Section& section : description.sections)
                if (section.mid == mid && !description.is_rejected(section)) return &section;
    for (const Section& section : description.sections)
        if (!description.is_rejected(section)) return &section;
    return nullptr;
}

std::vector<Fingerprint> believed_fingerprints(const TransportAttributes& transport) {
    std::vector<Fingerprint> believed;
    for (const Fingerprint& fingerprint : transport.fingerprints)
        if (fingerprint.algorithm == "sha-256" || fingerprint.algorithm == "sha-384" ||
            fingerprint.algorithm == "sha-512")
            believed.push_back(fingerprint);
    return believed;
}

}  // namespace crosspoint::rtc::sdp
