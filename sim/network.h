#pragma once
#include <array>
#include <functional>
#include <unordered_map>

#include "base/random.h"
#include "base/send_batch.h"
#include "schedule.h"
#include "trace.h"

namespace crosspoint::sim {

/// One direction between a browser's socket and the server.
struct Path {
    Duration delay = 10ms;
    Duration jitter = 1ms;  // added, uniform; alone it never reorders
    uint32_t lost_per_mille = 0;
    uint32_t reordered_per_mille = 0;  // these come 20 ms late, after their successors
    bool cut = false;
    Timestamp last_arrival{};
};

struct Wire {
    Path up;
    Path down;
    void set_cut(bool cut) { up.cut = down.cut = cut; }
    void set_loss(uint32_t per_mille) { up.lost_per_mille = down.lost_per_mille = per_mille; }
    void set_delay(Duration delay) { up.delay = down.delay = delay; }
};

/// UDP. Datagrams to nobody vanish.
class Network {
public:
    using Handler = std::function<void(const NetAddress& from, MutableBytes datagram)>;

    Network(Schedule& schedule, Random& random, Trace& trace) : schedule_(schedule), random_(random), trace_(trace) {}

    /// The server's sockets have no wire; `wire` must outlive what is on its way.
    void attach(const NetAddress& address, Handler handler, Wire* wire = nullptr) {
        ends_[address] = {std::move(handler), wire};
    }
    void detach(const NetAddress& address) { ends_.erase(address); }

    void send(const NetAddress& from, const NetAddress& to, Bytes datagram);
    /// Sends all of it, and clears it.
    void send(const NetAddress& from, SendBatch& batch);

private:
    struct End {
        Handler handler;
        Wire* wire = nullptr;
    };
    Timestamp arrival(Path& path);
    void deliver(const NetAddress& from, const NetAddress& to, MutableBytes datagram);

    Schedule& schedule_;
    Random& random_;
    Trace& trace_;
    std::unordered_map<NetAddress, End> ends_;
};

}  // namespace crosspoint::sim
