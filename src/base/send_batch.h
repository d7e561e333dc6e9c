#pragma once
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/net_address.h"

namespace crosspoint {

/// One datagram to send: a slice of its batch.
struct Transmit {
    NetAddress to;
    size_t offset = 0;
    size_t length = 0;
};

/// The datagrams that one turn of a machine produces. Whoever drives the machine owns the batch, sends it and clears
/// it; its memory is reused, so that a busy worker does not allocate.
class SendBatch {
public:
    /// Room for one datagram of up to `size` bytes, valid until the next call on this batch.
    MutableBytes reserve(size_t size) {
        if (storage_.size() < used_ + size) storage_.resize((used_ + size) * 2);
        return MutableBytes(storage_).subspan(used_, size);
    }
    /// Sends the first `length` bytes of what `reserve` gave.
    void commit(const NetAddress& to, size_t length) {
        transmits_.push_back({to, used_, length});
        used_ += length;
    }
    void add(const NetAddress& to, Bytes datagram) {
        const MutableBytes room = reserve(datagram.size());
        if (!datagram.empty()) std::memcpy(room.data(), datagram.data(), datagram.size());
        commit(to, datagram.size());
    }

    std::span<const Transmit> transmits() const { return transmits_; }
    Bytes datagram(const Transmit& transmit) const { return Bytes(storage_).subspan(transmit.offset, transmit.length); }
    bool empty() const { return transmits_.empty(); }
    void clear() {
        transmits_.clear();
        used_ = 0;
    }

private:
    Buffer storage_;
    size_t used_ = 0;
    std::vector<Transmit> transmits_;
};

}  // namespace crosspoint
