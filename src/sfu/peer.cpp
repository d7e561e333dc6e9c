#include "sfu/peer.h"

namespace crosspoint::sfu {
namespace {

rtc::link::Config link_config(const OpenLink& command) {
    return {.id = command.link,
            .ice_role = rtc::link::IceRole::Lite,
            .local_ice = command.local_ice,
            .dtls_role = command.dtls_role,
            .certificate = command.certificate,
            .srtp_profiles = command.srtp_profiles};
}

LinkFailure failure_of(rtc::link::Failure why) {
    switch (why) {
        case rtc::link::Failure::FingerprintMismatch: return LinkFailure::FingerprintMismatch;
        case rtc::link::Failure::NoSrtpProfile: return LinkFailure::NoSrtpProfile;
        case rtc::link::Failure::DtlsError: return LinkFailure::DtlsError;
        case rtc::link::Failure::NoPath: return LinkFailure::DtlsError;  // never of the lite side
    }
    return LinkFailure::DtlsError;
}

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

}  // namespace

Peer::Peer(Surroundings& surroundings, const OpenLink& command)
    : surroundings_(surroundings),
      link_(link_config(command), surroundings.transports, surroundings.switchboard.random()),
      ufrags_{command.local_ice.ufrag} {
    Switchboard& switchboard = surroundings.switchboard;
    switch (command.purpose) {
        case LinkPurpose::Publishing: publisher_.emplace(switchboard, command.link); break;
        case LinkPurpose::Subscribing: subscriber_.emplace(switchboard, command.link, *this); break;
    }
    if (command.data_channel) heartbeat_.emplace(switchboard.random(), switchboard.counters());
}

Peer::~Peer() {
    for (const NetAddress& address : addresses_) surroundings_.addresses.forget(address, *this);
}

template <class Call>
void Peer::turn(Timestamp now, SendBatch& batch, std::vector<Event>& events, Call call) {
    rtc::link::Output out{batch, std::move(surroundings_.events), std::move(surroundings_.packets)};
    call(out);
    // Handling one event may add others at the end.
    for (size_t i = 0; i < out.events.size(); ++i) {
        const rtc::link::Event event = std::move(out.events[i]);
        take(now, event, out, events);
    }
    for (const rtc::link::Received& packet : out.packets) take(now, packet, batch);
    out.events.clear();
    out.packets.clear();
    surroundings_.events = std::move(out.events);
    surroundings_.packets = std::move(out.packets);
}

void Peer::set_remote(Timestamp now, const SetRemote& command, SendBatch& batch, std::vector<Event>& events) {
    turn(now, batch, events,
         [&](rtc::link::Output& out) { link_.set_remote(now, command.remote_ice, command.fingerprints, out); });
}

void Peer::restart_ice(const RestartIce& command) {
    if (ufrags_.back() == command.local_ice.ufrag) return;
    link_.restart_ice(command.local_ice);
    ufrags_ = link_.local_ufrags();
}

void Peer::set_publications(const SetPublications& command) {
    if (publisher_) publisher_->set_tracks(command.tracks);
}

void Peer::set_subscriptions(Timestamp now, const SetSubscriptions& command) {
    if (subscriber_) subscriber_->set_tracks(now, command.tracks);
}

void Peer::close(SendBatch& batch) {
    rtc::link::Output out{batch, {}, {}};
    link_.close(out);
}

void Peer::handle_datagram(Timestamp now, const NetAddress& from, MutableBytes datagram, SendBatch& batch,
                           std::vector<Event>& events) {
    turn(now, batch, events, [&](rtc::link::Output& out) { link_.handle_datagram(now, from, datagram, out); });
}

void Peer::handle_timeout(Timestamp now, SendBatch& batch, std::vector<Event>& events) {
    turn(now, batch, events, [&](rtc::link::Output& out) {
        if (link_.next_timeout() <= now) link_.handle_timeout(now, out);
        if (heartbeat_) heartbeat_->handle_timeout(now, link_, out);
    });
    if (publisher_) publisher_->handle_timeout(now, *this, batch);
    if (subscriber_) subscriber_->handle_timeout(now, batch);
}

Timestamp Peer::next_timeout() const {
    Timestamp next = link_.next_timeout();
    if (publisher_) next = std::min(next, publisher_->next_timeout());
    if (subscriber_) next = std::min(next, subscriber_->next_timeout());
    if (heartbeat_) next = std::min(next, heartbeat_->next_timeout());
    return next;
}

void Peer::take(Timestamp now, const rtc::link::Event& event, rtc::link::Output& out, std::vector<Event>& events) {
    std::visit(Overloaded{
                   [&](const rtc::link::Connected& e) {
                       events.emplace_back(LinkConnected{id(), e.profile});
                       connected(now, out);
                   },
                   [&](const rtc::link::Silent&) { events.emplace_back(LinkSilent{id()}); },
                   [&](const rtc::link::Heard&) {
                       events.emplace_back(LinkHeard{id()});
                       if (subscriber_) subscriber_->start(now);
                   },
                   [&](const rtc::link::AddressSelected&) {},
                   [&](const rtc::link::AddressLearned& e) { learn(now, e.remote); },
                   [&](const rtc::link::AddressForgotten& e) { forget(e.remote); },
                   [&](const rtc::link::Failed& e) { events.emplace_back(LinkFailed{id(), failure_of(e.why)}); },
                   [&](const rtc::link::Closed&) { events.emplace_back(LinkFailed{id(), LinkFailure::Closed}); },
                   [&](const rtc::link::DataReceived& e) {
                       if (heartbeat_) heartbeat_->handle_data(now, e.data, link_, out);
                   },
               },
               event);
}

void Peer::connected(Timestamp now, rtc::link::Output& out) {
    if (subscriber_) subscriber_->start(now);
    if (heartbeat_) heartbeat_->start(now, link_, out);
}

void Peer::learn(Timestamp now, const NetAddress& address) {
    if (!surroundings_.addresses.learn(now, address, *this)) {
        ++surroundings_.switchboard.counters().addresses_contested;
        return;
    }
    if (std::ranges::find(addresses_, address) == addresses_.end()) addresses_.push_back(address);
}

void Peer::forget(const NetAddress& address) {
    surroundings_.addresses.forget(address, *this);
    std::erase(addresses_, address);
}

void Peer::take(Timestamp now, const rtc::link::Received& packet, SendBatch& batch) {
    Counters& counters = surroundings_.switchboard.counters();
    if (packet.kind == rtc::link::PacketKind::Rtp) {
        if (publisher_)
            publisher_->handle_rtp(now, packet.plain, batch);
        else
            ++counters.rtp_unexpected;
        return;
    }
    ++counters.rtcp_received;
    const auto compound = rtc::rtcp::Compound::parse(packet.plain);
    if (!compound) {
        ++counters.rtcp_damaged;
        return;
    }
    if (publisher_) publisher_->handle_rtcp(now, *compound);
    if (subscriber_) subscriber_->handle_rtcp(now, *compound, batch);
}

MutableBytes Peer::reserve_rtp(SendBatch& batch, size_t size) {
    const MutableBytes room = link_.begin_packet(batch);
    return room.first(std::min(size, room.size()));
}

}  // namespace crosspoint::sfu
