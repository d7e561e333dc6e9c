#pragma once
#include "base/send_batch.h"

namespace crosspoint::sfu {

/// Where the media of one remote end leaves: through a browser's protected link, or plain.
class Outlet {
public:
    virtual ~Outlet() = default;
    /// Whether anything sent now would go out.
    virtual bool ready() const = 0;
    /// Room for one plain RTP packet of up to `size` bytes, valid until the next call on `batch`; empty when not ready.
    virtual MutableBytes reserve_rtp(SendBatch& batch, size_t size) = 0;
    /// Sends the first `size` bytes of what `reserve_rtp` gave.
    virtual void commit_rtp(SendBatch& batch, size_t size) = 0;
    virtual void send_rtcp(SendBatch& batch, Bytes compound) = 0;
};

}  // namespace crosspoint::sfu
