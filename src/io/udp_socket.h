#pragma once
#include <netinet/in.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/net_address.h"
#include "base/send_batch.h"

namespace crosspoint::io {

struct ReceivedDatagram {
    NetAddress from;  // with `via`
    MutableBytes data;
};

/// What was lost here, in datagrams.
struct UdpLosses {
    uint64_t unsent = 0;    // the kernel had no room or no way
    uint64_t too_long = 0;  // received, and longer than any that WebRTC sends
};

/// A non-blocking UDP socket bound to every address, which reads and writes in batches (recvmmsg, sendmmsg). It tells
/// by `via` on which address of this host a datagram came in, and sends from there what goes to that `via`: a host with
/// several addresses would otherwise answer from whichever its routing table prefers, and ICE takes no such answer.
class UdpSocket {
public:
    enum class Family : uint8_t { Both, V4 };

    /// Port 0 lets the system choose. Where the host has no IPv6, both means IPv4. Throws std::runtime_error that says
    /// which port could not be had and why.
    explicit UdpSocket(uint16_t port, Family family = Family::Both);
    ~UdpSocket();
    UdpSocket(const UdpSocket&) = delete;
    UdpSocket& operator=(const UdpSocket&) = delete;

    int descriptor() const { return descriptor_; }
    uint16_t port() const { return port_; }

    /// Takes what has arrived, at most one batch, and says whether it was anything.
    bool receive();
    /// What `receive` took, until the next call of it.
    std::span<const ReceivedDatagram> received() const { return received_; }
    /// Sends everything in the batch, in order. What the kernel has no room for is lost, as on any network.
    void send(const SendBatch& batch);
    const UdpLosses& losses() const { return losses_; }

private:
    struct Buffers;

    uint8_t via_of(msghdr& header);
    void prepare(size_t slot, const SendBatch& batch, const Transmit& transmit);

    int descriptor_ = -1;
    uint16_t port_ = 0;
    bool v6_ = true;
    UdpLosses losses_;
    std::vector<in6_pktinfo> own_addresses_;  // `via` is 1 + the place in here
    std::unique_ptr<Buffers> buffers_;
    std::vector<ReceivedDatagram> received_;
};

}  // namespace crosspoint::io
