#pragma once
#include <unordered_map>

#include "base/net_address.h"
#include "base/time.h"

namespace crosspoint::sfu {

class Peer;

/// Whose datagrams come from which address: what no ICE check proved is in nobody's name.
class AddressBook {
public:
    /// False when the address is another's who proved it a moment ago. Behind a NAT it may become this peer's once the
    /// other is gone, so every proof counts. A forged one must not take it away: whoever has a link of his own can send
    /// a right check to it under anybody's address.
    bool learn(Timestamp now, const NetAddress& address, Peer& peer) {
        const auto [known, fresh] = owners_.try_emplace(address, Owner{&peer, now});
        if (!fresh && known->second.peer != &peer && now - known->second.heard < kHold) return false;
        known->second = {&peer, now};
        return true;
    }
    void forget(const NetAddress& address, const Peer& peer) {
        const auto found = owners_.find(address);
        if (found != owners_.end() && found->second.peer == &peer) owners_.erase(found);
    }
    Peer* find(const NetAddress& address) const {
        const auto found = owners_.find(address);
        return found == owners_.end() ? nullptr : found->second.peer;
    }
    size_t size() const { return owners_.size(); }

private:
    struct Owner {
        Peer* peer;
        Timestamp heard;
    };
    static constexpr Duration kHold = 15s;  // browsers renew their checks within 6 (RFC 7675 5.1)

    std::unordered_map<NetAddress, Owner> owners_;
};

}  // namespace crosspoint::sfu
