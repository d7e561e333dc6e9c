#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/net_address.h"
#include "base/send_batch.h"

namespace crosspoint::io {

struct ReceivedDatagram {
    NetAddress from;
    MutableBytes data;
};

/// A non-blocking UDP socket bound to every address, which reads and writes in batches (recvmmsg, sendmmsg).
class UdpSocket {
public:
    /// Throws std::runtime_error that says which port could not be had and why.
    explicit UdpSocket(uint16_t port);
    ~UdpSocket();
    UdpSocket(const UdpSocket&) = delete;
    UdpSocket& operator=(const UdpSocket&) = delete;

    int descriptor() const { return descriptor_; }
    uint16_t port() const { return port_; }

    /// What has arrived, at most one batch; valid until the next call. Empty when there is nothing more.
    std::span<ReceivedDatagram> receive();
    /// Sends everything in the batch, in order. What the kernel has no room for is lost, as on any network, and
    /// counted.
    void send(const SendBatch& batch);
    uint64_t unsent() const { return unsent_; }

private:
    struct Buffers;

    int descriptor_ = -1;
    uint16_t port_ = 0;
    bool v6_ = true;
    uint64_t unsent_ = 0;
    std::unique_ptr<Buffers> buffers_;
    std::vector<ReceivedDatagram> received_;
};

}  // namespace crosspoint::io
