#include "io/udp_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

#include "io/socket_address.h"

namespace crosspoint::io {
namespace {

constexpr size_t kBatch = 64;
constexpr size_t kMaxDatagram = 2048;  // WebRTC keeps below 1500; longer ones are cut and then refused by every parser
constexpr int kKernelBuffer = 4 * 1024 * 1024;  // bytes: a key frame of every publisher at once

}  // namespace

struct UdpSocket::Buffers {
    std::array<mmsghdr, kBatch> headers{};
    std::array<iovec, kBatch> vectors{};
    std::array<SocketAddress, kBatch> addresses{};
    std::array<std::array<uint8_t, kMaxDatagram>, kBatch> datagrams;
    std::array<mmsghdr, kBatch> out_headers{};
    std::array<iovec, kBatch> out_vectors{};
    std::array<SocketAddress, kBatch> out_addresses{};
};

UdpSocket::UdpSocket(uint16_t port) : buffers_(std::make_unique<Buffers>()) {
    descriptor_ = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor_ < 0) {  // a host without IPv6
        v6_ = false;
        descriptor_ = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }
    const int off = 0;
    if (v6_) setsockopt(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &kKernelBuffer, sizeof kKernelBuffer);
    setsockopt(descriptor_, SOL_SOCKET, SO_SNDBUF, &kKernelBuffer, sizeof kKernelBuffer);

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
        buffers_->vectors[i] = {buffers_->datagrams[i].data(), kMaxDatagram};
        buffers_->headers[i].msg_hdr.msg_iov = &buffers_->vectors[i];
        buffers_->headers[i].msg_hdr.msg_iovlen = 1;
        buffers_->headers[i].msg_hdr.msg_name = &buffers_->addresses[i];
    }
    received_.reserve(kBatch);
}

UdpSocket::~UdpSocket() { close(descriptor_); }

std::span<ReceivedDatagram> UdpSocket::receive() {
    received_.clear();
    for (auto& header : buffers_->headers) header.msg_hdr.msg_namelen = sizeof(SocketAddress);
    const int count = recvmmsg(descriptor_, buffers_->headers.data(), kBatch, 0, nullptr);
    for (int i = 0; i < count; ++i) {
        const auto at = static_cast<size_t>(i);
        received_.push_back({from_kernel(buffers_->addresses[at].any),
                             MutableBytes(buffers_->datagrams[at]).first(buffers_->headers[at].msg_len)});
    }
    return received_;
}

void UdpSocket::send(const SendBatch& batch) {
    std::span<const Transmit> left = batch.transmits();
    while (!left.empty()) {
        const size_t count = std::min(left.size(), kBatch);
        for (size_t i = 0; i < count; ++i) {
            const Bytes datagram = batch.datagram(left[i]);
            buffers_->out_vectors[i] = {const_cast<uint8_t*>(datagram.data()), datagram.size()};
            msghdr& header = buffers_->out_headers[i].msg_hdr;
            header.msg_iov = &buffers_->out_vectors[i];
            header.msg_iovlen = 1;
            header.msg_name = &buffers_->out_addresses[i];
            header.msg_namelen = to_kernel(left[i].to, v6_, buffers_->out_addresses[i]);
        }
        const int sent = sendmmsg(descriptor_, buffers_->out_headers.data(), static_cast<unsigned>(count), 0);
        if (sent <= 0) {  // the first of them cannot be sent: skip it, the others may go elsewhere
            if (errno == EINTR) continue;
            ++unsent_;
            left = left.subspan(1);
        } else {
            left = left.subspan(static_cast<size_t>(sent));
        }
    }
}

}  // namespace crosspoint::io
