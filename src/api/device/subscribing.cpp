#include "api/device/subscribing.h"

#include "api/device/stream_json.h"

namespace crosspoint::api::device {

namespace json = boost::json;

namespace {

constexpr Duration kAnswerTimeout = 10s;
constexpr Duration kConnectTimeout = 30s;
constexpr Duration kRestartInterval = 10s;
constexpr int64_t kRevisionEpoch = 1735689600;  // 2025-01-01: seconds since then fit 31 bits until 2093

}  // namespace

void Subscribing::set_incoming(Context& context, std::vector<sessions::IncomingStream> streams) {
    incoming_ = std::move(streams);
    std::set<TrackId> still_untaken;
    for (const sessions::IncomingStream& incoming : incoming_)
        for (const sessions::Track& track : incoming.stream.tracks)
            if (untaken_.contains(track.id)) still_untaken.insert(track.id);
    untaken_ = std::move(still_untaken);
    update_wanted(context);
}

void Subscribing::update_wanted(Context& context) {
    std::vector<rtc::sdp::WantedTrack> wanted;
    for (const sessions::IncomingStream& incoming : incoming_)
        for (const sessions::Track& track : incoming.stream.tracks) {
            if (untaken_.contains(track.id)) continue;
            const std::string label = incoming.stream.id.value + "-" + std::to_string(track.place);
            wanted.push_back({incoming.stream.id, label, track.kind, track.id});
        }
    const size_t unplaced_before = offerer_.unplaced();
    offerer_.set_wanted(wanted, context.random);
    if (const size_t unplaced = offerer_.unplaced(); unplaced > unplaced_before) {
        context.log("a subscriber has no line left", {{"tracks", std::to_string(unplaced)}});
        context.numbers.unplaced_tracks += unplaced - unplaced_before;
    }
    send_subscriptions(context);
}

void Subscribing::give_up_untaken(Context& context, const std::vector<rtc::sdp::Offerer::Line>& lines) {
    std::map<TrackId, rtc::Codec> sent;
    for (const sessions::IncomingStream& incoming : incoming_)
        for (const sessions::Track& track : incoming.stream.tracks) sent.emplace(track.id, track.codec);
    for (const rtc::sdp::Offerer::Line& line : lines) {
        const auto source = sent.find(line.source);
        if (!line.accepted || source == sent.end()) continue;
        const auto& codecs = line.parameters.codecs;
        const bool taken = std::any_of(codecs.begin(), codecs.end(),
                                       [&](const rtc::CodecParameters& one) { return one.codec == source->second; });
        if (taken || !untaken_.insert(line.source).second) continue;
        context.log("a subscriber has no such codec",
                    {{"codec", std::string(rtc::codec_name(source->second))}, {"stream", line.stream.value}});
        ++context.numbers.untaken_codecs;
    }
    if (!untaken_.empty()) update_wanted(context);
}

void Subscribing::send_subscriptions(Context& context) {
    if (!link_) return;
    std::vector<sfu::SubscribedTrack> tracks;
    for (const rtc::sdp::Offerer::Line& line : offerer_.lines())
        if (line.accepted) tracks.push_back({line.source, line.parameters});
    if (tracks == sent_) return;
    sent_ = tracks;
    context.command(sfu::SetSubscriptions{link_->id(), std::move(tracks)});
}

void Subscribing::prepare_link(Context& context) {
    if (link_ && !replace_link_) {
        if (restart_ice_) link_->restart_ice(context);
        restart_ice_ = false;
        return;
    }
    if (link_) link_->close(context);
    std::vector<rtc::SrtpProfile> profiles{rtc::SrtpProfile::AeadAes128Gcm};
    if (all_profiles_) {
        profiles.push_back(rtc::SrtpProfile::AeadAes256Gcm);
        profiles.push_back(rtc::SrtpProfile::Aes128CmSha1_80);
    }
    link_ = LocalLink::open(context, sfu::LinkPurpose::Subscribing, std::move(profiles), true);
    offerer_.renew_ssrcs(context.random);
    sent_.clear();
    replace_link_ = restart_ice_ = false;
}

uint32_t Subscribing::next_revision(WallTime now) {
    // Spec 2.4: it must never fall behind what a client has seen, not even after a restart that lost the last one.
    const auto by_clock = static_cast<uint32_t>(std::max<int64_t>(1, now.unix_seconds() - kRevisionEpoch));
    return revision_ = std::max(revision_ + 1, by_clock);
}

bool Subscribing::offer_due() const {
    if (outstanding_) return false;
    const bool leads_nowhere =
        offered_ && !link_;  // the client's connection does, after its device was gone or we were
    return offer_again_ || restart_ice_ || leads_nowhere || offerer_.offer_needed();
}

std::optional<std::string> Subscribing::next_offer(Context& context) {
    if (!offer_due()) return std::nullopt;
    prepare_link(context);
    if (endpoint_.empty()) endpoint_ = context.random.uuid();
    offered_ = outstanding_ = true;
    offer_again_ = false;
    timers_.set(Timer::Answer, context.now.mono + kAnswerTimeout);
    return notification_text("sdpOffer", {{"sdpOffer", offerer_.offer(link_->transport(context.settings))},
                                          {"sdpRevision", next_revision(context.now.wall)},
                                          {"endpointId", endpoint_},
                                          {"streamMetadata", metadata()}});
}

Result<void, RpcError> Subscribing::answer(Context& context, std::string_view sdp) {
    if (!outstanding_) {
        // An offer that was given up was answered after all, and that was taken for the answer to the one after it: the
        // client's last word is not the one that was believed.
        offer_again_ = offer_again_ || overdue_;
        overdue_ = false;
        return RpcError{RpcCode::Application, "no sdpOffer is waiting for an answer"};
    }
    const auto accepted = offerer_.accept_answer(sdp);
    if (!accepted) return RpcError{RpcCode::InvalidParams, "sdpAnswer: " + accepted.error().text()};
    outstanding_ = false;
    timers_.clear(Timer::Answer);
    if (link_->has_remote() && link_->remote_fingerprints() != accepted->remote_fingerprints) {
        // The client has built a new peer connection, which knows nothing of our DTLS association.
        replace_link_ = offer_again_ = true;
        return {};
    }
    if (!link_->has_remote()) timers_.set(Timer::Connect, context.now.mono + kConnectTimeout);
    link_->set_remote(context, accepted->remote_ice, accepted->remote_fingerprints);
    give_up_untaken(context, accepted->lines);
    if (offerer_.unplaced() > 0) update_wanted(context);  // lines that have just fallen silent may be used
    send_subscriptions(context);
    return {};
}

void Subscribing::socket_replaced() {
    if (outstanding_) offer_again_ = true;
    outstanding_ = false;
    timers_.clear(Timer::Answer);
}

bool Subscribing::handle_link(Context& context, const sfu::Event& event) {
    if (!link_ || !follow_link(*link_, event)) return false;
    switch (link_->health()) {
        case LocalLink::Health::Connected:
            timers_.clear(Timer::Connect);
            timers_.clear(Timer::Restart);
            restart_ice_ = false;
            break;
        case LocalLink::Health::Silent: timers_.set(Timer::Restart, context.now.mono); break;
        case LocalLink::Health::Failed: {
            const auto* failed = std::get_if<sfu::LinkFailed>(&event);
            const bool other_profiles =
                failed != nullptr && failed->why == sfu::LinkFailure::NoSrtpProfile && !all_profiles_;
            all_profiles_ = all_profiles_ || other_profiles;
            replace_link_ = true;
            timers_.clear(Timer::Connect);
            // A client that fails again and again is tried at the pace of restarts.
            timers_.set(Timer::Restart, context.now.mono + (other_profiles ? Duration{} : kRestartInterval));
            break;
        }
        case LocalLink::Health::Connecting: break;
    }
    return true;
}

bool Subscribing::alive() const { return link_ && link_->health() == LocalLink::Health::Connected; }

void Subscribing::handle_timeout(Timestamp now) {
    if (timers_.fired(Timer::Answer, now)) {
        outstanding_ = false;
        offer_again_ = overdue_ = true;
    }
    if (timers_.fired(Timer::Connect, now)) timers_.set(Timer::Restart, now);
    if (timers_.fired(Timer::Restart, now)) {
        restart_ice_ = true;
        timers_.set(Timer::Restart, now + kRestartInterval);
    }
}

json::object Subscribing::metadata() const {
    json::object all;
    for (const sessions::IncomingStream& incoming : incoming_) {
        std::vector<rtc::MediaKind> kinds;
        for (const sessions::Track& track : incoming.stream.tracks) kinds.push_back(track.kind);
        all[incoming.stream.id.value] =
            stream_metadata(incoming.stream.id, kinds, incoming.stream.alias, incoming.publisher);
    }
    return all;
}

void Subscribing::close(Context& context) {
    if (link_) link_->close(context);
    link_.reset();
    sent_.clear();
    outstanding_ = false;
    timers_ = {};
    offer_again_ = overdue_ = replace_link_ = restart_ice_ = false;
}

void Subscribing::connection_ended(Context& context) {
    close(context);
    offered_ = false;
    offerer_ = rtc::sdp::Offerer(context.random);
    set_incoming(context, std::move(incoming_));
}

void Subscribing::client_changed(Context& context) {
    all_profiles_ = false;
    untaken_.clear();
    connection_ended(context);
}

json::object Subscribing::stored() const {
    return {
        {"revision", revision_}, {"offered", offered_}, {"layout", offerer_.layout()}, {"allProfiles", all_profiles_}};
}

void Subscribing::restore(const json::object& stored) {
    revision_ = stored.at("revision").to_number<uint32_t>();
    offered_ = stored.at("offered").as_bool();
    all_profiles_ = stored.at("allProfiles").as_bool();
    const json::string& layout = stored.at("layout").as_string();
    if (auto offerer = rtc::sdp::Offerer::restore({layout.data(), layout.size()})) offerer_ = std::move(*offerer);
}

}  // namespace crosspoint::api::device
