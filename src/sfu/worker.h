#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/deadline_queue.h"
#include "base/random.h"
#include "base/send_batch.h"
#include "sfu/control.h"
#include "sfu/switchboard.h"

namespace crosspoint::sfu {

class Peer;

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
    explicit Worker(Random& random);
    ~Worker();

    void handle_command(Timestamp now, const Command& command, Output& out);
    /// The datagram is opened in place.
    void handle_datagram(Timestamp now, const NetAddress& from, MutableBytes datagram, Output& out);
    void handle_timeout(Timestamp now, Output& out);
    Timestamp next_timeout() const;

    const Counters& counters() const { return switchboard_.counters(); }
    Load load() const;

private:
    void handle(Timestamp now, const OpenLink& command, Output& out);
    void handle(Timestamp now, const SetRemote& command, Output& out);
    void handle(Timestamp now, const RestartIce& command, Output& out);
    void handle(Timestamp now, const CloseLink& command, Output& out);
    void handle(Timestamp now, const SetPublications& command, Output& out);
    void handle(Timestamp now, const SetSubscriptions& command, Output& out);

    Peer* find(LinkId link) const;
    Peer* addressee(const NetAddress& from, Bytes datagram);
    void schedule(Timestamp now, Peer& peer, Output& out);
    void schedule_woken(Timestamp now, Output& out);

    Random& random_;
    Switchboard switchboard_;
    std::unordered_map<LinkId, std::unique_ptr<Peer>> peers_;
    std::unordered_map<std::string, Peer*> by_ufrag_;
    std::unordered_map<NetAddress, Peer*> by_address_;
    DeadlineQueue<LinkId> deadlines_;
};

}  // namespace crosspoint::sfu
