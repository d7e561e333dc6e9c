#include "api/jsapi/doorway.h"

#include "api/peer_network.h"

namespace crosspoint::api::jsapi {

bool Doorway::full(const NetAddress& peer) const {
    if (waiting_.size() >= limits_.all) return true;
    const auto network = networks_.find(peer_network(peer));
    return network != networks_.end() && network->second >= limits_.of_network;
}

void Doorway::enter(SocketId socket, const NetAddress& peer) {
    const NetAddress network = peer_network(peer);
    if (waiting_.try_emplace(socket, network).second) ++networks_[network];
}

void Doorway::leave(SocketId socket) {
    const auto waiting = waiting_.find(socket);
    if (waiting == waiting_.end()) return;
    const auto network = networks_.find(waiting->second);
    if (--network->second == 0) networks_.erase(network);
    waiting_.erase(waiting);
}

}  // namespace crosspoint::api::jsapi
