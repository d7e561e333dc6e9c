#pragma once
#include "sfu/outlet.h"

namespace crosspoint::sfu {

/// Media that leaves as it is, without ICE, DTLS and SRTP: towards a place inside our own machine.
class PlainOutlet final : public Outlet {
public:
    explicit PlainOutlet(const NetAddress& to) : to_(to) {}

    void set_ready(bool ready) { ready_ = ready; }
    bool ready() const override { return ready_; }
    MutableBytes reserve_rtp(SendBatch& batch, size_t size) override {
        return ready_ ? batch.reserve(size) : MutableBytes{};
    }
    void commit_rtp(SendBatch& batch, size_t size) override { batch.commit(to_, size); }
    void send_rtcp(SendBatch& batch, Bytes compound) override {
        if (ready_) batch.add(to_, compound);
    }

private:
    NetAddress to_;
    bool ready_ = true;
};

}  // namespace crosspoint::sfu
