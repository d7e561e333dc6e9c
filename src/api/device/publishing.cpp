#include "api/device/publishing.h"

#include <set>

#include "api/device/stream_json.h"
#include "rtc/sdp/media_lines.h"

namespace crosspoint::api::device {

namespace json = boost::json;
namespace sdp = rtc::sdp;

namespace {

constexpr size_t kMaxAlias = 256;
constexpr size_t kMaxNamedStreams = rtc::sdp::kMaxSections;  // no description could hold more

std::vector<rtc::SrtpProfile> publishing_profiles() {
    // We are DTLS server here and choose: AES-GCM costs half of AES-CM with HMAC-SHA1 (docs/decisions.md).
    return {rtc::SrtpProfile::AeadAes128Gcm, rtc::SrtpProfile::AeadAes256Gcm, rtc::SrtpProfile::Aes128CmSha1_80};
}

bool offers_data_channel(const sdp::Description& offer) {
    return std::any_of(offer.sections.begin(), offer.sections.end(), [&](const sdp::Section& section) {
        return section.kind == sdp::SectionKind::Application && !offer.is_rejected(section);
    });
}

/// The answer lists RED before the codec it carries, and digits behind it.
rtc::Codec sent_codec(const rtc::ReceiveParameters& parameters) {
    for (const rtc::CodecParameters& one : parameters.codecs)
        if (one.codec != rtc::Codec::Red && one.codec != rtc::Codec::TelephoneEvent) return one.codec;
    return rtc::Codec::Opus;
}

}  // namespace

Result<std::optional<std::string>, RpcError> Publishing::read_alias(const std::string& where,
                                                                    const json::value& stream) {
    if (stream.is_null()) return std::optional<std::string>();
    if (!stream.is_object()) return RpcError{RpcCode::InvalidParams, where + " is not an object"};
    const json::value* alias = stream.get_object().if_contains("alias");
    if (alias == nullptr || alias->is_null()) return std::optional<std::string>();
    if (!alias->is_string()) return RpcError{RpcCode::InvalidParams, where + ".alias is not a string"};
    const json::string& text = alias->get_string();
    if (text.size() > kMaxAlias) return RpcError{RpcCode::InvalidParams, where + ".alias is longer than 256 bytes"};
    // Spec 2.2: the JSON library of the hosted SDK takes such a string for a reference and breaks on it.
    if (text.starts_with("~")) return RpcError{RpcCode::InvalidParams, where + ".alias begins with ~"};
    return std::optional(std::string(text));
}

Result<Publishing::Aliases, RpcError> Publishing::read_aliases(const json::object& params) {
    Aliases aliases;
    const json::value* metadata = params.if_contains("mediaMetadata");
    if (metadata == nullptr || metadata->is_null()) return aliases;
    if (!metadata->is_object()) return RpcError{RpcCode::InvalidParams, "mediaMetadata is not an object"};
    const json::value* streams = metadata->get_object().if_contains("mediaStreams");
    if (streams == nullptr || streams->is_null()) return aliases;
    if (!streams->is_object()) return RpcError{RpcCode::InvalidParams, "mediaMetadata.mediaStreams is not an object"};
    if (streams->get_object().size() > kMaxNamedStreams)
        return RpcError{RpcCode::InvalidParams, "mediaMetadata.mediaStreams names more than 256 streams"};
    for (const auto& [id, stream] : streams->get_object()) {
        auto alias = read_alias("mediaMetadata.mediaStreams." + std::string(id), stream);
        if (!alias) return alias.error();
        if (*alias) aliases.emplace_back(id, std::move(**alias));
    }
    return aliases;
}

bool Publishing::needs_new_link(const sdp::Section& offered) const {
    if (!link_ || link_->health() == LocalLink::Health::Failed) return true;
    // Another fingerprint is another peer connection of the client.
    return link_->remote_fingerprints() != sdp::believed_fingerprints(offered.transport);
}

Result<json::object, RpcError> Publishing::offer(Context& context, const json::object& params,
                                                 const ParticipantId& self, sessions::Permissions permissions) {
    const auto text = text_member(params, "sdpOffer");
    if (!text) return text.error();
    const auto aliases = read_aliases(params);
    if (!aliases) return aliases.error();
    const auto offer = sdp::Description::parse(*text);
    if (!offer) return RpcError{RpcCode::InvalidParams, "sdpOffer: " + offer.error().text()};
    const sdp::Section* offered = sdp::tagged_section(*offer);
    if (offered == nullptr) return RpcError{RpcCode::InvalidParams, "sdpOffer: no m-line that is alive"};

    // Answer into copies first: an offer that we refuse must leave the running connection as it was.
    Effects prepared;
    Context trial{context.now, context.settings, context.numbers, context.random, prepared, context.messages};
    const bool fresh = needs_new_link(*offered);
    LocalLink link =
        fresh ? LocalLink::open(trial, sfu::LinkPurpose::Publishing, publishing_profiles(), offers_data_channel(*offer))
              : *link_;
    if (!fresh && link.remote_ice() != offered->transport.ice) link.restart_ice(trial);
    sdp::OriginState origin = fresh ? sdp::OriginState{context.random.u64() >> 2, 0} : origin_;
    sdp::AnswerPolicy policy;
    policy.video_codecs = context.settings.video_codecs;
    policy.video_start_kbps = context.settings.video_start_kbps;
    policy.audio = permissions.audio || !context.settings.enforce_permissions;
    policy.video = permissions.video || !context.settings.enforce_permissions;
    const auto answer = sdp::answer(*offer, policy, link.transport(context.settings), origin);
    if (!answer) return RpcError{RpcCode::InvalidParams, "sdpOffer: " + answer.error().text()};
    if (answer->tracks.size() > kMaxTracks)
        return RpcError{RpcCode::Application, "more than " + std::to_string(kMaxTracks) + " tracks at a time"};

    if (fresh && link_) link_->close(context);
    for (Effect& effect : prepared.outputs) context.out.outputs.push_back(std::move(effect));
    link_ = std::move(link);
    origin_ = origin;
    link_->set_remote(context, answer->remote_ice, answer->remote_fingerprints);
    if (endpoint_.empty()) endpoint_ = context.random.uuid();
    adopt(context, *answer, *aliases);
    return json::object{{"sdpAnswer", answer->sdp}, {"endpointId", endpoint_}, {"streamMetadata", metadata(self)}};
}

// Anything that was not there before is new to the subscribers (spec 2.7), and so is a stream of which nothing was.
Publishing::Stream Publishing::follow(Context& context, const std::string& client_id,
                                      const std::vector<const sdp::NegotiatedTrack*>& tracks) const {
    Stream stream{client_id, {}, std::nullopt, {}};
    std::vector<PublishedTrack> before;
    const auto known = std::ranges::find(streams_, client_id, &Stream::client_id);
    if (known != streams_.end()) before = known->tracks;
    std::set<uint8_t> taken;
    for (const sdp::NegotiatedTrack* track : tracks) {
        const rtc::ReceiveParameters& parameters = track->parameters;
        PublishedTrack published{{}, parameters.mid, parameters.kind, sent_codec(parameters), 0};
        const auto same = std::ranges::find_if(before, [&](const PublishedTrack& each) {
            return each.kind == parameters.kind && (each.mid.empty() || each.mid == parameters.mid);
        });
        if (same != before.end()) {
            published.id = same->id;
            published.place = same->place;
            taken.insert(same->place);
            stream.id = known->id;
            before.erase(same);
        }
        stream.tracks.push_back(std::move(published));
    }
    if (stream.id.value.empty()) stream.id = StreamId(context.random.uuid());
    for (PublishedTrack& track : stream.tracks) {
        if (track.id != TrackId{}) continue;
        track.id = context.numbers.track();
        while (!taken.insert(track.place).second) ++track.place;
    }
    return stream;
}

void Publishing::adopt(Context& context, const sdp::Answer& answer, const Aliases& aliases) {
    std::vector<std::pair<std::string, std::vector<const sdp::NegotiatedTrack*>>> groups;
    for (const sdp::NegotiatedTrack& track : answer.tracks) {
        auto group = std::find_if(groups.begin(), groups.end(),
                                  [&](const auto& entry) { return entry.first == track.client_stream_id; });
        if (group == groups.end()) group = groups.insert(groups.end(), {track.client_stream_id, {}});
        group->second.push_back(&track);
    }
    std::vector<Stream> streams;
    sfu::SetPublications publications{link_->id(), {}};
    for (const auto& [client_id, tracks] : groups) {
        Stream stream = follow(context, client_id, tracks);
        for (const auto& [id, alias] : aliases)
            if (id == client_id) stream.alias = alias;
        for (size_t i = 0; i < tracks.size(); ++i)
            publications.tracks.push_back({stream.tracks[i].id, tracks[i]->parameters});
        streams.push_back(std::move(stream));
    }
    streams_ = std::move(streams);
    context.command(std::move(publications));
}

json::object Publishing::metadata(const ParticipantId& self) const {
    json::object all;
    for (const Stream& stream : streams_) {
        std::vector<rtc::MediaKind> kinds;
        for (const PublishedTrack& track : stream.tracks) kinds.push_back(track.kind);
        all[stream.client_id] = stream_metadata(stream.id, kinds, stream.alias, self);
    }
    return all;
}

std::vector<sessions::PublishedStream> Publishing::streams() const {
    std::vector<sessions::PublishedStream> all;
    for (const Stream& stream : streams_) {
        sessions::PublishedStream published{stream.id, stream.alias, {}};
        for (const PublishedTrack& track : stream.tracks)
            published.tracks.push_back({track.id, track.kind, track.codec, track.place});
        all.push_back(std::move(published));
    }
    return all;
}

bool Publishing::alive() const { return link_ && link_->health() == LocalLink::Health::Connected; }

bool Publishing::handle_link(const sfu::Event& event) { return link_ && follow_link(*link_, event); }

void Publishing::close(Context& context) {
    if (link_) link_->close(context);
    link_.reset();
    streams_.clear();
}

json::array Publishing::stored() const {
    json::array all;
    for (const Stream& stream : streams_) {
        json::array codecs;  // in the order of the m-lines
        json::array places;
        for (const PublishedTrack& track : stream.tracks) {
            codecs.emplace_back(rtc::codec_name(track.codec));
            places.emplace_back(track.place);
        }
        json::object one{{"clientId", stream.client_id},
                         {"id", stream.id.value},
                         {"codecs", std::move(codecs)},
                         {"places", std::move(places)}};
        if (stream.alias) one["alias"] = *stream.alias;
        all.push_back(std::move(one));
    }
    return all;
}

void Publishing::restore(const json::array& stored, Numbers& numbers) {
    for (const json::value& value : stored) {
        const json::object& one = value.as_object();
        Stream stream{std::string(one.at("clientId").as_string()), StreamId(one.at("id").as_string()), {}, {}};
        if (const json::value* alias = one.if_contains("alias")) stream.alias = std::string(alias->as_string());
        const json::array& codecs = one.at("codecs").as_array();
        const json::value* places = one.if_contains("places");  // older states have none: none had ever moved
        for (size_t i = 0; i < codecs.size(); ++i) {
            const auto codec = rtc::codec_from_name(std::string_view(codecs[i].as_string()));
            const auto place = places ? places->at(i).to_number<uint8_t>() : static_cast<uint8_t>(i);
            stream.tracks.push_back({numbers.track(), "", rtc::kind_of(codec.value()), *codec, place});
        }
        streams_.push_back(std::move(stream));
    }
}

}  // namespace crosspoint::api::device
