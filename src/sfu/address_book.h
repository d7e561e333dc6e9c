#pragma once
#include <unordered_map>

#include "base/net_address.h"

namespace crosspoint::sfu {

class Peer;

/// Whose datagrams come from which address: what no ICE check proved is in nobody's name.
class AddressBook {
public:
    /// Who proved it last has it: a NAT may give one peer's old address to another.
    void learn(const NetAddress& address, Peer& peer) { owners_[address] = &peer; }
    void forget(const NetAddress& address, const Peer& peer) {
        const auto found = owners_.find(address);
        if (found != owners_.end() && found->second == &peer) owners_.erase(found);
    }
    Peer* find(const NetAddress& address) const {
        const auto found = owners_.find(address);
        return found == owners_.end() ? nullptr : found->second;
    }
    size_t size() const { return owners_.size(); }

private:
    std::unordered_map<NetAddress, Peer*> owners_;
};

}  // namespace crosspoint::sfu
