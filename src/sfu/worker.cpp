#include "sfu/worker.h"

#include "rtc/dtls/openssl_transport.h"
#include "rtc/link/demux.h"
#include "rtc/stun/message.h"

namespace crosspoint::sfu {

namespace {
void add(rtc::link::Counters& sum, const rtc::link::Counters& link) {
    sum.unknown += link.unknown;
    sum.dtls_unvalidated += link.dtls_unvalidated;
    sum.media_unvalidated += link.media_unvalidated;
    sum.media_too_early += link.media_too_early;
    sum.bad_rtp += link.bad_rtp;
    sum.bad_rtcp += link.bad_rtcp;
    sum.unsent += link.unsent;
}
}  // namespace

Worker::Worker(rtc::dtls::TransportFactory& transports, Random& random)
    : switchboard_(random), surroundings_{switchboard_, addresses_, transports} {}

Worker::Worker(Random& random)
    : own_transports_(std::make_unique<rtc::dtls::OpensslTransportFactory>()),
      switchboard_(random),
      surroundings_{switchboard_, addresses_, *own_transports_} {}

Worker::~Worker() = default;

void Worker::handle_command(Timestamp now, const Command& command, Output& out) {
    std::visit([&](const auto& c) { handle(now, c, out); }, command);
    schedule_woken(now, out);
}

void Worker::handle(Timestamp now, const OpenLink& command, Output& out) {
    if (find(command.link)) return;
    Peer& peer = *peers_.emplace(command.link, std::make_unique<Peer>(surroundings_, command)).first->second;
    by_ufrag_[command.local_ice.ufrag] = &peer;
    schedule(now, peer, out);
}

void Worker::handle(Timestamp now, const SetRemote& command, Output& out) {
    Peer* peer = find(command.link);
    if (!peer) return;
    peer->set_remote(now, command, out.batch, out.events);
    schedule(now, *peer, out);
}

void Worker::handle(Timestamp now, const RestartIce& command, Output& out) {
    Peer* peer = find(command.link);
    if (!peer) return;
    forget_ufrags(*peer);
    peer->restart_ice(command);
    for (const std::string& ufrag : peer->local_ufrags()) by_ufrag_[ufrag] = peer;
    schedule(now, *peer, out);
}

void Worker::handle(Timestamp, const CloseLink& command, Output& out) {
    Peer* peer = find(command.link);
    if (!peer) return;
    peer->close(out.batch);
    forget_ufrags(*peer);
    add(closed_links_, peer->link_counters());
    deadlines_.remove(command.link);
    peers_.erase(command.link);
}

void Worker::handle(Timestamp now, const SetPublications& command, Output& out) {
    Peer* peer = find(command.link);
    if (!peer) return;
    peer->set_publications(command);
    schedule(now, *peer, out);
}

void Worker::handle(Timestamp now, const SetSubscriptions& command, Output& out) {
    Peer* peer = find(command.link);
    if (!peer) return;
    peer->set_subscriptions(now, command);
    schedule(now, *peer, out);
}

void Worker::handle_datagram(Timestamp now, const NetAddress& from, MutableBytes datagram, Output& out) {
    ++switchboard_.counters().datagrams_received;
    Peer* peer = addressee(from, datagram);
    if (!peer) return;
    peer->handle_datagram(now, from, datagram, out.batch, out.events);
    schedule(now, *peer, out);
    schedule_woken(now, out);
}

// RFC 8445 7.3 finds the link of a check by its username; everything else comes from an address that a check proved.
Peer* Worker::addressee(const NetAddress& from, Bytes datagram) {
    if (rtc::link::classify(datagram) != rtc::link::DatagramKind::Stun) {
        Peer* peer = addresses_.find(from);
        if (!peer) ++switchboard_.counters().datagrams_unknown;
        return peer;
    }
    const auto message = rtc::stun::Message::parse(datagram);
    const auto found = message ? by_ufrag_.find(message->receiver_ufrag()) : by_ufrag_.end();
    if (found != by_ufrag_.end()) return found->second;
    ++switchboard_.counters().stun_unknown;
    return nullptr;
}

void Worker::handle_timeout(Timestamp now, Output& out) {
    // Taken out first: whoever is due again at once waits for the next call, so that this one ends.
    due_.clear();
    while (const auto link = deadlines_.pop_due(now)) due_.push_back(*link);
    for (const LinkId link : due_) {
        Peer* peer = find(link);
        if (!peer) continue;
        peer->scheduled = kNever;
        peer->handle_timeout(now, out.batch, out.events);
        schedule(now, *peer, out);
    }
    schedule_woken(now, out);
}

Timestamp Worker::next_timeout() const { return deadlines_.next(); }

void Worker::schedule(Timestamp now, Peer& peer, Output& out) {
    if (peer.next_timeout() <= now) peer.handle_timeout(now, out.batch, out.events);
    const Timestamp next = peer.next_timeout();
    if (next == peer.scheduled) return;
    peer.scheduled = next;
    deadlines_.set(peer.id(), next);
}

void Worker::schedule_woken(Timestamp now, Output& out) {
    std::vector<LinkId>& woken = switchboard_.woken();
    for (size_t i = 0; i < woken.size(); ++i)  // those who are woken meanwhile come last
        if (Peer* peer = find(woken[i])) schedule(now, *peer, out);
    woken.clear();
}

Peer* Worker::find(LinkId link) const {
    const auto found = peers_.find(link);
    return found == peers_.end() ? nullptr : found->second.get();
}

void Worker::forget_ufrags(const Peer& peer) {
    for (const std::string& ufrag : peer.local_ufrags()) {
        const auto found = by_ufrag_.find(ufrag);
        if (found != by_ufrag_.end() && found->second == &peer) by_ufrag_.erase(found);
    }
}

Load Worker::load() const {
    Load load{.links = peers_.size(), .addresses = addresses_.size(), .publications = 0, .subscriptions = 0};
    for (const auto& [id, peer] : peers_) {
        load.publications += peer->publications();
        load.subscriptions += peer->subscriptions();
    }
    return load;
}

rtc::link::Counters Worker::link_counters() const {
    rtc::link::Counters sum = closed_links_;
    for (const auto& [id, peer] : peers_) add(sum, peer->link_counters());
    return sum;
}

}  // namespace crosspoint::sfu
