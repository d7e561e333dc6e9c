#include "network.h"

namespace crosspoint::sim {
namespace {
constexpr Duration kLate = 20ms;
}

Timestamp Network::arrival(Path& path) {
    const auto jitter = static_cast<uint64_t>(path.jitter.count());
    const Timestamp when = schedule_.time() + path.delay + Duration(static_cast<int64_t>(random_.below(jitter + 1)));
    if (random_.below(1000) < path.reordered_per_mille) return when + kLate;
    return path.last_arrival = std::max(path.last_arrival, when);
}

void Network::send(const NetAddress& from, const NetAddress& to, Bytes datagram) {
    const auto sender = ends_.find(from);
    const auto receiver = ends_.find(to);
    Wire* wire = nullptr;
    if (sender != ends_.end()) wire = sender->second.wire;
    const bool up = wire != nullptr;
    if (!up && receiver != ends_.end()) wire = receiver->second.wire;
    if (!wire) return;
    Path& path = up ? wire->up : wire->down;
    if (path.cut || random_.below(1000) < path.lost_per_mille)
        return trace_.datagram(schedule_.time(), from, to, datagram, false);
    schedule_.at(arrival(path), [this, from, to, bytes = to_buffer(datagram)]() mutable { deliver(from, to, bytes); });
}

void Network::send(const NetAddress& from, SendBatch& batch) {
    for (const Transmit& transmit : batch.transmits()) send(from, transmit.to, batch.datagram(transmit));
    batch.clear();
}

void Network::deliver(const NetAddress& from, const NetAddress& to, MutableBytes datagram) {
    const auto receiver = ends_.find(to);
    const bool there = receiver != ends_.end();
    trace_.datagram(schedule_.time(), from, to, datagram, there);
    if (!there) return;
    // The handler may detach itself.
    const Handler handler = receiver->second.handler;
    handler(from, datagram);
}

}  // namespace crosspoint::sim
