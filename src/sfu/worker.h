#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/deadline_queue.h"
#include "base/random.h"
#include "base/send_batch.h"
#include "sfu/peer.h"

namespace crosspoint::sfu {

/// What one turn of a worker produces. Whoever drives the worker sends, delivers and clears it.
struct Output {
    SendBatch batch;
    std::vector<Event> events;
};

/// How much a worker carries at the moment; for metrics.
struct Load {
    size_t links = 0;
    size_t addresses = 0;  // validated by ICE
    size_t publications = 0;
    size_t subscriptions = 0;
};

/// All links of one UDP port and the media between them, as one machine. A packet's way: datagram > link >
/// publication > subscriptions > their links > batch.
class Worker {
public:
    /// With real DTLS. `random` must outlive the worker.
    explicit Worker(Random& random);
    /// With DTLS of somebody else's choice; both must outlive the worker.
    Worker(rtc::dtls::TransportFactory& transports, Random& random);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void handle_command(Timestamp now, const Command& command, Output& out);
    /// The datagram is opened in place.
    void handle_datagram(Timestamp now, const NetAddress& from, MutableBytes datagram, Output& out);
    void handle_timeout(Timestamp now, Output& out);
    Timestamp next_timeout() const;

    const Counters& counters() const { return switchboard_.counters(); }
    Load load() const;
    /// Of all links there are and were.
    rtc::link::Counters link_counters() const;

private:
    void handle(Timestamp now, const OpenLink& command, Output& out);
    void handle(Timestamp now, const SetRemote& command, Output& out);
    void handle(Timestamp now, const RestartIce& command, Output& out);
    void handle(Timestamp now, const CloseLink& command, Output& out);
    void handle(Timestamp now, const SetPublications& command, Output& out);
    void handle(Timestamp now, const SetSubscriptions& command, Output& out);

    Peer* find(LinkId link) const;
    void forget_ufrags(const Peer& peer);
    Peer* addressee(const NetAddress& from, Bytes datagram);
    void schedule(Timestamp now, Peer& peer, Output& out);
    void schedule_woken(Timestamp now, Output& out);

    // A ufrag in a datagram is a view; finding it must not make a string.
    struct TextHash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    std::unique_ptr<rtc::dtls::TransportFactory> own_transports_;
    Switchboard switchboard_;
    AddressBook addresses_;
    Peer::Surroundings surroundings_;
    std::unordered_map<LinkId, std::unique_ptr<Peer>> peers_;
    std::unordered_map<std::string, Peer*, TextHash, std::equal_to<>> by_ufrag_;
    rtc::link::Counters closed_links_;
    DeadlineQueue<LinkId> deadlines_;
    std::vector<LinkId> due_;  // reused
};

}  // namespace crosspoint::sfu
