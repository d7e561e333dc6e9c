#include "rtc/sdp/answerer.h"

#include <algorithm>
#include <initializer_list>
#include <set>

#include "rtc/sdp/codec_match.h"
#include "rtc/sdp/media_lines.h"
#include "rtc/sdp/offered_codecs.h"
#include "rtc/sdp/words.h"

namespace crosspoint::rtc::sdp {
namespace {

/// Of "a=1;b=2" the parameters with these keys, as they stood.
std::string keep_parameters(std::string_view parameters, std::initializer_list<std::string_view> keys) {
    std::string kept;
    for (const std::string_view key : keys) {
        const auto value = format_parameter(parameters, key);
        if (!value) continue;
        if (!kept.empty()) kept += ';';
        kept.append(key).append("=").append(*value);
    }
    return kept;
}

/// What every subscriber can be sent, since our own offers contain it: a publisher cannot be asked for another later.
bool is_common(const CodecParameters& codec) {
    return std::ranges::any_of(offered_codecs(MediaKind::Video),
                               [&](const CodecParameters& ours) { return forwardable(codec, ours); });
}

/// The parameters of a codec as we accept it. Limits that the offer puts on what it wants to receive are not ours.
std::string accepted_fmtp(const CodecParameters& codec) {
    switch (codec.codec) {
        case Codec::Opus: return keep_parameters(codec.fmtp, {"minptime", "useinbandfec"});
        case Codec::H264:
            return keep_parameters(codec.fmtp, {"level-asymmetry-allowed", "packetization-mode", "profile-level-id"});
        case Codec::Vp9: return keep_parameters(codec.fmtp, {"profile-id"});
        case Codec::Av1: return keep_parameters(codec.fmtp, {"level-idx", "profile", "tier"});
        case Codec::Red:
        case Codec::TelephoneEvent: return codec.fmtp;
        default: return {};
    }
}

class Answering {
public:
    Answering(const Description& offer, const AnswerPolicy& policy, const LocalTransport& local)
        : offer_(offer), policy_(policy), local_(local) {}

    Result<Answer, Error> run(OriginState& origin);

private:
    std::optional<Error> find_group();
    std::optional<Error> read_remote();
    void answer_section(size_t mline);
    Section reject(const Section& offered) const;
    Section answer_data(const Section& offered);
    Section answer_media(size_t mline, std::vector<CodecParameters> codecs);
    bool is_reachable(const Section& offered) const;
    bool is_data_channel(const Section& offered) const;
    bool is_webrtc_media(const Section& offered) const;
    std::vector<CodecParameters> choose_codecs(const Section& offered) const;
    std::vector<CodecParameters> choose_audio(const std::vector<CodecParameters>& offered) const;
    std::vector<CodecParameters> choose_video(const std::vector<CodecParameters>& offered) const;
    bool is_taken(const Section& offered) const;
    NegotiatedTrack track_of(size_t mline, const Section& answered, std::vector<CodecParameters> codecs);
    std::optional<Ssrc> claim(std::optional<Ssrc> ssrc);
    void finish(OriginState& origin);

    const Description& offer_;
    const AnswerPolicy& policy_;
    const LocalTransport& local_;
    std::vector<std::string> group_;  // mids that share our one transport; empty when there is no BUNDLE
    const Section* tagged_ = nullptr;
    Description out_;
    Answer answer_;
    std::set<Ssrc> claimed_;
};

Result<Answer, Error> Answering::run(OriginState& origin) {
    if (auto error = find_group()) return *error;
    if (auto error = read_remote()) return *error;
    for (size_t mline = 0; mline < offer_.sections.size(); ++mline) answer_section(mline);
    finish(origin);
    return std::move(answer_);
}

std::optional<Error> Answering::find_group() {
    tagged_ = tagged_section(offer_);
    if (!tagged_) return Error{0, "no live section"};
    for (const auto& group : offer_.bundle)
        if (contains(group, tagged_->mid)) group_ = group;
    const auto live = std::ranges::count_if(offer_.sections, [&](const Section& s) { return !offer_.is_rejected(s); });
    if (group_.empty() && live > 1) return Error{0, "several sections without BUNDLE"};
    return std::nullopt;
}

std::optional<Error> Answering::read_remote() {
    const TransportAttributes& remote = tagged_->transport;
    if (remote.ice.ufrag.empty() || remote.ice.password.empty()) return Error{0, "no ICE credentials"};
    answer_.remote_ice = remote.ice;
    answer_.remote_fingerprints = believed_fingerprints(remote);
    if (answer_.remote_fingerprints.empty()) return Error{0, "no SHA-2 fingerprint"};
    const Setup setup = remote.setup.value_or(Setup::ActPass);
    if (setup != Setup::ActPass && setup != Setup::Active)
        return Error{0, "the offer must allow the client to be DTLS client"};
    if (tagged_->is_rtp() && !tagged_->rtcp_mux) return Error{0, "no RTCP multiplexing"};
    return std::nullopt;
}

/// Shares the transport that we serve.
bool Answering::is_reachable(const Section& offered) const {
    return &offered == tagged_ || (!offered.mid.empty() && contains(group_, offered.mid));
}

bool Answering::is_data_channel(const Section& offered) const {
    return offered.kind == SectionKind::Application && offered.protocol.ends_with("DTLS/SCTP") &&
           contains(offered.formats, "webrtc-datachannel");
}

bool Answering::is_webrtc_media(const Section& offered) const {
    return offered.is_rtp() && (offered.rtcp_mux || offered.bundle_only) &&
           offered.protocol.ends_with("/TLS/RTP/SAVPF");
}

void Answering::answer_section(size_t mline) {
    const Section& offered = offer_.sections[mline];
    const bool alive = !offer_.is_rejected(offered) && is_reachable(offered);
    if (alive && is_data_channel(offered)) {
        out_.sections.push_back(answer_data(offered));
        return;
    }
    auto codecs = alive && is_webrtc_media(offered) ? choose_codecs(offered) : std::vector<CodecParameters>{};
    out_.sections.push_back(codecs.empty() ? reject(offered) : answer_media(mline, std::move(codecs)));
}

/// RFC 3264 6: port 0, and at least one format although none matters.
Section Answering::reject(const Section& offered) const {
    Section rejected;
    rejected.kind = offered.kind;
    rejected.media = offered.media;
    rejected.port = 0;
    rejected.protocol = offered.protocol;
    rejected.connection = "IN IP4 0.0.0.0";
    rejected.mid = offered.mid;
    if (!offered.formats.empty()) rejected.formats = {offered.formats.front()};
    if (!offered.payload_types.empty()) rejected.payload_types = {offered.payload_types.front()};
    if (offered.is_rtp()) rejected.direction = Direction::Inactive;
    return rejected;
}

Section Answering::answer_data(const Section& offered) {
    Section answered = data_section(offered.mid, kSctpPort);
    answered.protocol = offered.protocol;
    answer_.data_channel = true;
    answer_.remote_sctp_port = offered.sctp_port.value_or(kSctpPort);
    answer_.remote_max_message_size = offered.max_message_size.value_or(kDefaultMaxMessageSize);
    return answered;
}

std::vector<CodecParameters> Answering::choose_codecs(const Section& offered) const {
    const auto codecs = read_codecs(offered);
    auto chosen = offered.kind == SectionKind::Audio ? choose_audio(codecs) : choose_video(codecs);
    const bool numbered = read_extensions(offered).transport_sequence != 0;
    for (CodecParameters& codec : chosen) {
        const bool video = offered.kind == SectionKind::Video;
        codec.fmtp = accepted_fmtp(codec);
        codec.transport_cc = codec.transport_cc && numbered;
        codec.remb = video && codec.remb && !codec.transport_cc;  // one bandwidth estimator, the better one
        codec.nack = video && codec.nack;
        codec.pli = video && codec.pli;
        codec.fir = video && codec.fir;
        if (!video || !codec.nack) codec.rtx.reset();  // nobody would ask for a retransmission
        if (video && policy_.video_start_kbps != 0)
            codec.fmtp += (codec.fmtp.empty() ? "" : ";") +
                          ("x-google-start-bitrate=" + std::to_string(policy_.video_start_kbps));
    }
    return chosen;
}

/// Opus, or G.711 of both kinds when there is none; telephone-event with every clock rate (RFC 4733), for digits.
std::vector<CodecParameters> Answering::choose_audio(const std::vector<CodecParameters>& offered) const {
    std::vector<CodecParameters> chosen;
    const auto opus = std::ranges::find(offered, Codec::Opus, &CodecParameters::codec);
    if (opus != offered.end()) {
        // Chromium sends RED only when the answer lists it before Opus.
        const auto red = std::ranges::find_if(offered, [&](const CodecParameters& codec) {
            std::string_view blocks = codec.fmtp;  // RFC 2198 5: "111/111"
            return codec.codec == Codec::Red && codec.clock_rate == opus->clock_rate &&
                   number<uint8_t>(take_until(blocks, '/')) == opus->payload_type.value;
        });
        if (policy_.red && red != offered.end()) chosen.push_back(*red);
        chosen.push_back(*opus);
    } else {
        for (const CodecParameters& codec : offered)
            if (codec.codec == Codec::Pcmu || codec.codec == Codec::Pcma) chosen.push_back(codec);
    }
    if (chosen.empty()) return chosen;
    for (const CodecParameters& codec : offered)
        if (codec.codec == Codec::TelephoneEvent) chosen.push_back(codec);
    return chosen;
}

/// Exactly one: the publisher cannot be renegotiated later, and its subscribers must be able to follow.
std::vector<CodecParameters> Answering::choose_video(const std::vector<CodecParameters>& offered) const {
    for (const CodecParameters& codec : offered)
        if (contains(policy_.video_codecs, codec.codec) && is_common(codec)) return {codec};
    return {};
}

bool Answering::is_taken(const Section& offered) const {
    const Direction direction = offered.effective_direction();
    const bool permitted = offered.kind == SectionKind::Audio ? policy_.audio : policy_.video;
    return permitted && (direction == Direction::SendOnly || direction == Direction::SendRecv);
}

/// Only those we implement, under the ids of the offer, seen from our side (RFC 8285 7).
void echo_extensions(const Section& offered, Section& answered, HeaderExtensions wanted) {
    for (const ExtensionMap& map : offered.extensions) {
        uint8_t* id = extension_by_uri(wanted, map.uri);
        if (!id || *id == 0 || *id != map.id) continue;
        *id = 0;  // the first of two with the same URI
        ExtensionMap echo = map;
        if (map.direction == Direction::SendOnly) echo.direction = Direction::RecvOnly;
        if (map.direction == Direction::RecvOnly) echo.direction = Direction::SendOnly;
        answered.extensions.push_back(std::move(echo));
    }
}

Section Answering::answer_media(size_t mline, std::vector<CodecParameters> codecs) {
    const Section& offered = offer_.sections[mline];
    const MediaKind kind = offered.kind == SectionKind::Audio ? MediaKind::Audio : MediaKind::Video;
    Section answered = rtp_section(kind, offered.mid);
    answered.protocol = offered.protocol;
    answered.rtcp_rsize = offered.rtcp_rsize;
    answered.direction = is_taken(offered) ? Direction::RecvOnly : Direction::Inactive;
    for (const CodecParameters& codec : codecs) add_codec(answered, codec);
    echo_extensions(offered, answered, read_extensions(offered));
    if (answered.direction == Direction::RecvOnly)
        answer_.tracks.push_back(track_of(mline, answered, std::move(codecs)));
    return answered;
}

/// Two sections that claim one SSRC would be told apart by MID only.
std::optional<Ssrc> Answering::claim(std::optional<Ssrc> ssrc) {
    return ssrc && claimed_.insert(*ssrc).second ? ssrc : std::nullopt;
}

NegotiatedTrack Answering::track_of(size_t mline, const Section& answered, std::vector<CodecParameters> codecs) {
    const Section& offered = offer_.sections[mline];
    NegotiatedTrack track;
    track.mline = mline;
    if (!offered.msids.empty()) {
        track.client_stream_id = offered.msids.front().stream;
        track.client_track_id = offered.msids.front().track;
    }
    const Sources sources = read_sources(offered);
    ReceiveParameters& parameters = track.parameters;
    parameters.kind = answered.kind == SectionKind::Audio ? MediaKind::Audio : MediaKind::Video;
    parameters.mid = offered.mid;
    parameters.codecs = std::move(codecs);
    parameters.extensions = read_extensions(answered);
    parameters.ssrc = claim(sources.media);
    parameters.rtx_ssrc = claim(sources.rtx);
    return track;
}

void Answering::finish(OriginState& origin) {
    out_.origin = origin.next();
    out_.ice_lite = true;
    out_.extmap_allow_mixed = offer_.extmap_allow_mixed;
    std::vector<std::string> accepted;
    Section* transport = nullptr;  // the one whose candidates count for all
    const auto take = [&](Section& section) {
        add_transport(section, local_.ice, local_.sha256_fingerprint, Setup::Passive);
        if (!transport) transport = &section;
    };
    for (const std::string& mid : group_)  // in the offer's order, which makes its first the anchor
        for (Section& section : out_.sections)
            if (section.mid == mid && section.port != 0 && !contains(accepted, mid)) {
                take(section);
                accepted.push_back(mid);
            }
    if (group_.empty())
        for (Section& section : out_.sections)
            if (section.port != 0) take(section);
    if (transport) add_candidates(*transport, local_.candidates);
    if (!accepted.empty()) out_.bundle = {std::move(accepted)};
    answer_.sdp = out_.write();
}

}  // namespace

Origin OriginState::next() { return {session_id, ++version}; }

Result<Answer, Error> answer(const Description& offer, const AnswerPolicy& policy, const LocalTransport& local,
                             OriginState& origin) {
    return Answering(offer, policy, local).run(origin);
}

}  // namespace crosspoint::rtc::sdp
