#include "rtc/sdp/client.h"

#include "rtc/sdp/media_lines.h"
#include "rtc/sdp/offered_codecs.h"

namespace crosspoint::rtc::sdp {
namespace {

Description empty_description(OriginState& origin) {
    Description out;
    out.origin = origin.next();
    out.extmap_allow_mixed = true;
    out.bundle.emplace_back();
    return out;
}

void add_live(Description& out, Section section, const ClientTransport& local, Setup setup) {
    add_transport(section, local.ice, local.sha256_fingerprint, setup);
    section.transport.ice_options = {"trickle"};  // browsers say so although this protocol cannot
    out.bundle.front().push_back(section.mid);
    out.sections.push_back(std::move(section));
}

Section offered_section(const ClientTrack& track) {
    Section section = rtp_section(track.kind, track.mid);
    for (const CodecParameters& codec : offered_codecs(track.kind)) add_codec(section, codec);
    add_extensions(section, offered_extensions(track.kind));
    section.direction = Direction::SendOnly;
    section.msids.push_back({track.stream_id, track.track_id});
    const auto rtx = track.kind == MediaKind::Video ? std::optional(track.rtx_ssrc) : std::nullopt;
    add_sources(section, track.ssrc, rtx, track.stream_id);
    return section;
}

Section silent(MediaKind kind, std::string_view mid) {
    Section section = rtp_section(kind, mid);
    for (const CodecParameters& codec : offered_codecs(kind)) add_codec(section, codec);
    section.direction = Direction::Inactive;
    return section;
}

Result<ServerSide, Error> read_server(const Description& description) {
    const Section* transport = tagged_section(description);
    if (!transport) return Error{0, "every section rejected"};
    ServerSide server;
    server.ice = transport->transport.ice;
    server.fingerprints = believed_fingerprints(transport->transport);
    for (const Candidate& candidate : transport->candidates)
        if (auto address = candidate.address()) server.candidates.push_back(*address);
    if (server.ice.ufrag.empty() || server.fingerprints.empty()) return Error{0, "no transport"};
    server.client_role = transport->transport.setup == Setup::Passive ? DtlsRole::Client : DtlsRole::Server;
    for (const Section& section : description.sections) {
        if (section.kind != SectionKind::Application || description.is_rejected(section)) continue;
        server.data_channel = true;
        server.sctp_port = section.sctp_port.value_or(kSctpPort);
    }
    return server;
}

MediaKind media_kind(const Section& section) {
    return section.kind == SectionKind::Audio ? MediaKind::Audio : MediaKind::Video;
}

OfferedTrack read_track(const Section& offered, const Section& answered) {
    OfferedTrack track;
    if (!offered.msids.empty()) track = {offered.msids.front().stream, offered.msids.front().track, {}};
    const Sources sources = read_sources(offered);
    track.parameters = {media_kind(offered),       offered.mid,   read_codecs(answered),
                        read_extensions(answered), sources.media, sources.rtx};
    return track;
}

Section answer_live(const Section& offered) {
    const MediaKind kind = media_kind(offered);
    Section section = rtp_section(kind, offered.mid);
    const Direction direction = offered.effective_direction();
    const bool sends = direction == Direction::SendOnly || direction == Direction::SendRecv;
    section.direction = sends ? Direction::RecvOnly : Direction::Inactive;
    for (const CodecParameters& codec : agreed_codecs(kind, offered)) add_codec(section, codec);
    add_extensions(section, agreed_extensions(kind, offered));
    return section;
}

}  // namespace

std::string publishing_offer(std::span<const ClientTrack> tracks, const ClientTransport& local, OriginState& origin) {
    Description out = empty_description(origin);
    add_live(out, data_section("0", kSctpPort), local, Setup::ActPass);
    for (const ClientTrack& track : tracks) {
        if (!track.stopped) {
            add_live(out, offered_section(track), local, Setup::ActPass);
            continue;
        }
        out.sections.push_back(silent(track.kind, track.mid));
        out.sections.back().port = 0;
    }
    return out.write();
}

Result<PublishingAnswer, Error> read_publishing_answer(std::string_view answer, std::span<const ClientTrack> tracks) {
    const auto parsed = Description::parse(answer);
    if (!parsed) return parsed.error();
    if (parsed->sections.size() != tracks.size() + 1) return Error{0, "not as many sections as were offered"};
    auto server = read_server(*parsed);
    if (!server) return server.error();
    PublishingAnswer result{std::move(*server), {}};
    for (size_t i = 0; i < tracks.size(); ++i) {
        const Section& section = parsed->sections[i + 1];
        auto& parameters = result.tracks.emplace_back();
        if (parsed->is_rejected(section) || section.direction != Direction::RecvOnly) continue;
        const ClientTrack& track = tracks[i];
        parameters = SendParameters{track.kind,
                                    track.mid,
                                    agreed_codecs(track.kind, section),
                                    agreed_extensions(track.kind, section),
                                    track.ssrc,
                                    track.rtx_ssrc,
                                    track.stream_id};
    }
    return result;
}

Result<SubscribingAnswer, Error> answer_subscribing_offer(std::string_view offer, const ClientTransport& local,
                                                          OriginState& origin) {
    const auto parsed = Description::parse(offer);
    if (!parsed) return parsed.error();
    auto server = read_server(*parsed);
    if (!server) return server.error();
    SubscribingAnswer result{{}, std::move(*server), {}};
    result.server.client_role = DtlsRole::Server;  // the SDK makes it so by saying passive
    Description out = empty_description(origin);
    for (const Section& offered : parsed->sections) {
        const bool alive = !parsed->is_rejected(offered);
        const Section answered = offered.is_rtp() ? answer_live(offered) : data_section(offered.mid, kSctpPort);
        const bool possible =
            offered.is_rtp() ? !answered.payload_types.empty() : offered.kind == SectionKind::Application;
        if (alive && possible) {
            if (answered.direction == Direction::RecvOnly) result.tracks.push_back(read_track(offered, answered));
            add_live(out, answered, local, Setup::Passive);
            continue;
        }
        out.sections.push_back(offered.is_rtp() ? silent(media_kind(offered), offered.mid) : offered);
        out.sections.back().port = 0;
    }
    result.sdp = out.write();
    return result;
}

}  // namespace crosspoint::rtc::sdp
