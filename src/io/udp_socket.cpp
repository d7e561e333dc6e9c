#include "io/udp_socket.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "io/socket_address.h"

namespace crosspoint::io {
namespace {

constexpr size_t kBatch = 64;
constexpr size_t kMaxDatagram = 2048;           // WebRTC keeps below 1500
constexpr int kKernelBuffer = 4 * 1024 * 1024;  // bytes: a key frame of every publisher at once
constexpr size_t kMaxOwnAddresses = std::numeric_limits<uint8_t>::max();

/// Room for one control message that carries an address of ours.
union Control {
    cmsghdr align;
    std::array<uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))> bytes;
};

void set_option(int descriptor, int level, int name, int value) {
    setsockopt(descriptor, level, name, &value, sizeof value);
}

bool is_link_local(const in6_addr& address) { return IN6_IS_ADDR_LINKLOCAL(&address); }

/// The address in `control`, IPv4 in its mapped form, with the interface only where the address is no use without.
std::optional<in6_pktinfo> read_own_address(msghdr& header) {
    for (cmsghdr* one = CMSG_FIRSTHDR(&header); one != nullptr; one = CMSG_NXTHDR(&header, one)) {
        in6_pktinfo found{};
        if (one->cmsg_level == IPPROTO_IPV6 && one->cmsg_type == IPV6_PKTINFO) {
            std::memcpy(&found, CMSG_DATA(one), sizeof found);
            if (!is_link_local(found.ipi6_addr)) found.ipi6_ifindex = 0;
            return found;
        }
        if (one->cmsg_level == IPPROTO_IP && one->cmsg_type == IP_PKTINFO) {
            in_pktinfo v4;
            std::memcpy(&v4, CMSG_DATA(one), sizeof v4);
            std::memset(found.ipi6_addr.s6_addr + 10, 0xff, 2);
            std::memcpy(found.ipi6_addr.s6_addr + 12, &v4.ipi_spec_dst, 4);
            return found;
        }
    }
    return std::nullopt;
}

void write_own_address(const in6_pktinfo& own, bool v6, msghdr& header, Control& control) {
    header.msg_control = control.bytes.data();
    header.msg_controllen = CMSG_SPACE(v6 ? sizeof(in6_pktinfo) : sizeof(in_pktinfo));
    cmsghdr* const one = CMSG_FIRSTHDR(&header);
    if (v6) {  // Linux takes this one for IPv4 in its mapped form, too
        one->cmsg_level = IPPROTO_IPV6;
        one->cmsg_type = IPV6_PKTINFO;
        one->cmsg_len = CMSG_LEN(sizeof own);
        std::memcpy(CMSG_DATA(one), &own, sizeof own);
        return;
    }
    in_pktinfo v4{};
    std::memcpy(&v4.ipi_spec_dst, own.ipi6_addr.s6_addr + 12, 4);
    one->cmsg_level = IPPROTO_IP;
    one->cmsg_type = IP_PKTINFO;
    one->cmsg_len = CMSG_LEN(sizeof v4);
    std::memcpy(CMSG_DATA(one), &v4, sizeof v4);
}

}  // namespace

struct UdpSocket::Buffers {
    std::array<mmsghdr, kBatch> headers{};
    std::array<iovec, kBatch> vectors{};
    std::array<SocketAddress, kBatch> addresses{};
    std::array<Control, kBatch> controls{};
    std::array<std::array<uint8_t, kMaxDatagram>, kBatch> datagrams;
    std::array<mmsghdr, kBatch> out_headers{};
    std::array<iovec, kBatch> out_vectors{};
    std::array<SocketAddress, kBatch> out_addresses{};
    std::array<Control, kBatch> out_controls{};
};

UdpSocket::UdpSocket(uint16_t port, Family family) : buffers_(std::make_unique<Buffers>()) {
    if (family == Family::Both) descriptor_ = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor_ < 0) {
        v6_ = false;
        descriptor_ = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }
    if (v6_) {
        set_option(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, 0);
        set_option(descriptor_, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    } else {
        set_option(descriptor_, IPPROTO_IP, IP_PKTINFO, 1);
    }
    set_option(descriptor_, SOL_SOCKET, SO_RCVBUF, kKernelBuffer);
    set_option(descriptor_, SOL_SOCKET, SO_SNDBUF, kKernelBuffer);

    SocketAddress address;
    NetAddress any;
    any.port = port;
    socklen_t length = to_kernel(any, v6_, address);
    if (descriptor_ < 0 || bind(descriptor_, &address.any, length) != 0) {
        const std::string why = std::strerror(errno);
        if (descriptor_ >= 0) close(descriptor_);
        throw std::runtime_error("media.port " + std::to_string(port) + "/udp: " + why);
    }
    getsockname(descriptor_, &address.any, &length);
    port_ = from_kernel(address.any).port;

    for (size_t i = 0; i < kBatch; ++i) {
        msghdr& in = buffers_->headers[i].msg_hdr;
        buffers_->vectors[i] = {buffers_->datagrams[i].data(), kMaxDatagram};
        in.msg_iov = &buffers_->vectors[i];
        in.msg_iovlen = 1;
        in.msg_name = &buffers_->addresses[i];
        in.msg_control = buffers_->controls[i].bytes.data();
        msghdr& out = buffers_->out_headers[i].msg_hdr;
        out.msg_iov = &buffers_->out_vectors[i];
        out.msg_iovlen = 1;
        out.msg_name = &buffers_->out_addresses[i];
    }
    received_.reserve(kBatch);
}

UdpSocket::~UdpSocket() { close(descriptor_); }

bool UdpSocket::receive() {
    received_.clear();
    for (auto& header : buffers_->headers) {
        header.msg_hdr.msg_namelen = sizeof(SocketAddress);
        header.msg_hdr.msg_controllen = sizeof(Control);
    }
    // An error, too, means that there is nothing now: the socket is not connected, so ICMP does not reach it, and what
    // is wrong with one datagram is not kept for the next.
    const int count = recvmmsg(descriptor_, buffers_->headers.data(), kBatch, 0, nullptr);
    for (int i = 0; i < count; ++i) {
        const auto at = static_cast<size_t>(i);
        msghdr& header = buffers_->headers[at].msg_hdr;
        if ((header.msg_flags & MSG_TRUNC) != 0) {
            ++losses_.too_long;
            continue;
        }
        NetAddress from = from_kernel(buffers_->addresses[at].any);
        from.via = via_of(header);
        received_.push_back({from, MutableBytes(buffers_->datagrams[at]).first(buffers_->headers[at].msg_len)});
    }
    return count > 0;
}

uint8_t UdpSocket::via_of(msghdr& header) {
    const auto own = read_own_address(header);
    if (!own) return 0;
    const auto same = [&](const in6_pktinfo& known) { return std::memcmp(&known, &*own, sizeof known) == 0; };
    const auto found = std::ranges::find_if(own_addresses_, same);
    const auto place = static_cast<size_t>(found - own_addresses_.begin());
    if (place == kMaxOwnAddresses) return 0;
    if (found == own_addresses_.end()) own_addresses_.push_back(*own);
    return static_cast<uint8_t>(place + 1);
}

void UdpSocket::prepare(size_t slot, const SendBatch& batch, const Transmit& transmit) {
    const Bytes datagram = batch.datagram(transmit);
    buffers_->out_vectors[slot] = {const_cast<uint8_t*>(datagram.data()), datagram.size()};
    msghdr& header = buffers_->out_headers[slot].msg_hdr;
    header.msg_namelen = to_kernel(transmit.to, v6_, buffers_->out_addresses[slot]);
    if (transmit.to.via == 0 || transmit.to.via > own_addresses_.size()) {
        header.msg_control = nullptr;
        header.msg_controllen = 0;
    } else {
        write_own_address(own_addresses_[transmit.to.via - 1u], v6_, header, buffers_->out_controls[slot]);
    }
}

void UdpSocket::send(const SendBatch& batch) {
    std::span<const Transmit> left = batch.transmits();
    while (!left.empty()) {
        const size_t count = std::min(left.size(), kBatch);
        for (size_t i = 0; i < count; ++i) prepare(i, batch, left[i]);
        const int sent = sendmmsg(descriptor_, buffers_->out_headers.data(), static_cast<unsigned>(count), 0);
        if (sent > 0) {
            left = left.subspan(static_cast<size_t>(sent));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            // The socket's buffer is full, and waiting would hold up everybody: to try each of the rest costs a call
            // and brings nothing.
            losses_.unsent += left.size();
            return;
        } else if (errno != EINTR) {  // the first of them cannot be sent; the others may go elsewhere
            ++losses_.unsent;
            left = left.subspan(1);
        }
    }
}

}  // namespace crosspoint::io
