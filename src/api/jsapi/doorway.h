#pragma once
#include <map>
#include <unordered_map>

#include "base/ids.h"
#include "base/net_address.h"

namespace crosspoint::api::jsapi {

/// How many sockets may be open that have not said `hello` (SEC-7).
struct DoorwayLimits {
    size_t all = 4'000;
    size_t of_network = 1'000;  // a whole company may come back at once
};

/// The sockets that have not said `hello` yet. Nobody knows whose they are, so they are counted, all of them and those
/// of each network (`peer_network`).
class Doorway {
public:
    explicit Doorway(const DoorwayLimits& limits) : limits_(limits) {}

    bool full(const NetAddress& peer) const;
    void enter(SocketId socket, const NetAddress& peer);
    /// Does nothing for one that is not here.
    void leave(SocketId socket);
    size_t size() const { return waiting_.size(); }

private:
    DoorwayLimits limits_;
    std::unordered_map<SocketId, NetAddress> waiting_;
    std::map<NetAddress, size_t> networks_;
};

}  // namespace crosspoint::api::jsapi
