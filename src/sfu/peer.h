#pragma once
#include <optional>
#include <string>
#include <vector>

#include "rtc/link/link.h"
#include "sfu/address_book.h"
#include "sfu/heartbeat.h"
#include "sfu/publisher.h"
#include "sfu/subscriber.h"

namespace crosspoint::sfu {

/// One remote end: its link, and the media that it publishes or is subscribed to.
class Peer final : public Outlet {
public:
    /// What peers of one worker share. `events` and `packets` are reused from turn to turn.
    struct Surroundings {
        Switchboard& switchboard;
        AddressBook& addresses;
        rtc::dtls::TransportFactory& transports;
        std::vector<rtc::link::Event> events{};
        std::vector<rtc::link::Received> packets{};
    };

    Peer(Surroundings& surroundings, const OpenLink& command);
    ~Peer() override;

    void set_remote(Timestamp now, const SetRemote& command, SendBatch& batch, std::vector<Event>& events);
    void restart_ice(const RestartIce& command);
    void set_publications(const SetPublications& command);
    void set_subscriptions(Timestamp now, const SetSubscriptions& command);
    /// Says goodbye.
    void close(SendBatch& batch);

    void handle_datagram(Timestamp now, const NetAddress& from, MutableBytes datagram, SendBatch& batch,
                         std::vector<Event>& events);
    void handle_timeout(Timestamp now, SendBatch& batch, std::vector<Event>& events);
    Timestamp next_timeout() const;

    LinkId id() const { return link_.id(); }
    /// Those that were good after the last ICE restart.
    const std::vector<std::string>& local_ufrags() const { return ufrags_; }
    size_t publications() const { return publisher_ ? publisher_->publications() : 0; }
    size_t subscriptions() const { return subscriber_ ? subscriber_->subscriptions() : 0; }
    const rtc::link::Counters& link_counters() const { return link_.counters(); }

    /// The deadline that the worker knows of.
    Timestamp scheduled = kNever;

    bool ready() const override { return link_.can_send(); }
    MutableBytes reserve_rtp(SendBatch& batch, size_t size) override;
    void commit_rtp(SendBatch& batch, size_t size) override { link_.finish_rtp(batch, size); }
    void send_rtcp(SendBatch& batch, Bytes compound) override { link_.send_rtcp(batch, compound); }

private:
    // One call into the link, with what came of it handled afterwards.
    template <class Call>
    void turn(Timestamp now, SendBatch& batch, std::vector<Event>& events, Call call);
    void take(Timestamp now, const rtc::link::Event& event, rtc::link::Output& out, std::vector<Event>& events);
    void take(Timestamp now, const rtc::link::Received& packet, SendBatch& batch);
    void connected(Timestamp now, rtc::link::Output& out);
    void learn(Timestamp now, const NetAddress& address);
    void forget(const NetAddress& address);

    Surroundings& surroundings_;
    rtc::link::Link link_;
    std::optional<Publisher> publisher_;
    std::optional<Subscriber> subscriber_;
    std::optional<Heartbeat> heartbeat_;
    std::vector<std::string> ufrags_;
    std::vector<NetAddress> addresses_;
};

}  // namespace crosspoint::sfu
