#include "io/udp_socket.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>

#include "base/verify.h"
#include "io/socket_address.h"

namespace crosspoint::io {
namespace {

constexpr int kDeadline = 10'000;  // ms

/// Somebody out there, with one socket of the plain kind.
class Client {
public:
    explicit Client(std::string_view ip) : descriptor_(socket(family(ip), SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        SocketAddress address;
        const auto own = *NetAddress::parse(ip, 0);
        socklen_t length = to_kernel(own, !own.is_v4(), address);
        bound_ = descriptor_ >= 0 && bind(descriptor_, &address.any, length) == 0;
        if (descriptor_ >= 0) getsockname(descriptor_, &address.any, &length);
        address_ = from_kernel(address.any);
    }
    ~Client() { close(descriptor_); }

    bool bound() const { return bound_; }
    const NetAddress& address() const { return address_; }

    void send(std::string_view text, std::string_view to_ip, uint16_t to_port) const {
        ASSERT_GE(descriptor_, 0);
        SocketAddress address;
        const auto to = *NetAddress::parse(to_ip, to_port);
        const socklen_t length = to_kernel(to, !to.is_v4(), address);
        EXPECT_EQ(sendto(descriptor_, text.data(), text.size(), 0, &address.any, length),
                  static_cast<ssize_t>(text.size()));
    }
    /// The next datagram, and the address it comes from.
    std::pair<std::string, NetAddress> receive() const {
        pollfd watched{descriptor_, POLLIN, 0};
        EXPECT_EQ(poll(&watched, 1, kDeadline), 1);
        std::array<char, 2048> room;
        SocketAddress from;
        socklen_t length = sizeof from;
        const ssize_t size = recvfrom(descriptor_, room.data(), room.size(), MSG_DONTWAIT, &from.any, &length);
        if (size < 0) return {};
        return {std::string(room.data(), static_cast<size_t>(size)), from_kernel(from.any)};
    }

private:
    static int family(std::string_view ip) { return ip.find(':') == std::string_view::npos ? AF_INET : AF_INET6; }

    int descriptor_;
    bool bound_ = false;
    NetAddress address_;
};

struct Received {
    NetAddress from;
    std::string text;
};

/// Exactly `count` datagrams.
std::vector<Received> receive(UdpSocket& socket, size_t count) {
    std::vector<Received> all;
    while (all.size() < count) {
        pollfd watched{socket.descriptor(), POLLIN, 0};
        if (poll(&watched, 1, kDeadline) != 1) break;
        socket.receive();
        for (const auto& one : socket.received()) all.push_back({one.from, std::string(as_text(one.data))});
    }
    EXPECT_EQ(all.size(), count);
    return all;
}

class UdpSocketTest : public testing::TestWithParam<UdpSocket::Family> {
protected:
    UdpSocket socket_{0, GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Families, UdpSocketTest, testing::Values(UdpSocket::Family::Both, UdpSocket::Family::V4));

TEST_P(UdpSocketTest, AnswersLeaveFromTheAddressThatWasAsked) {
    const Client client("127.0.0.1");
    for (const char* ip : {"127.0.0.1", "127.0.0.2", "127.0.0.1"}) client.send(ip, ip, socket_.port());
    const auto questions = receive(socket_, 3);
    ASSERT_EQ(questions.size(), 3u);
    EXPECT_NE(questions[0].from, questions[1].from) << "two paths";
    EXPECT_EQ(questions[0].from, questions[2].from);

    SendBatch answers;
    for (const auto& question : questions) answers.add(question.from, as_bytes(question.text));
    socket_.send(answers);
    for (size_t i = 0; i < 3; ++i) {
        const auto [text, from] = client.receive();
        EXPECT_EQ(from, *NetAddress::parse(text, socket_.port()));
    }
    EXPECT_EQ(socket_.losses().unsent, 0u);
}

TEST_P(UdpSocketTest, WhoWasNeverHeardIsReachedToo) {
    const Client client("127.0.0.1");
    SendBatch batch;
    batch.add(client.address(), as_bytes("hello"));
    socket_.send(batch);
    EXPECT_EQ(client.receive().first, "hello");
}

TEST(UdpSocket, SpeaksEveryFamilyOfTheHostOverOneSocket) {
    UdpSocket socket(0);
    std::vector<const char*> hosts{"127.0.0.1"};
    if (Client("::1").bound()) hosts.push_back("::1");
    for (const char* ip : hosts) {
        const Client client(ip);
        client.send("question", ip, socket.port());
        const auto question = receive(socket, 1).at(0);
        NetAddress from = question.from;
        from.via = 0;
        EXPECT_EQ(from, client.address());
        SendBatch batch;
        batch.add(question.from, as_bytes("answer"));
        socket.send(batch);
        EXPECT_EQ(client.receive().second, *NetAddress::parse(ip, socket.port()));
    }
}

TEST_P(UdpSocketTest, ReadsMoreThanOneBatch) {
    const Client client("127.0.0.1");
    std::set<std::string> sent;
    for (int i = 0; i < 100; ++i) {
        sent.insert(std::to_string(i));
        client.send(std::to_string(i), "127.0.0.1", socket_.port());
    }
    std::set<std::string> heard;
    for (auto& one : receive(socket_, 100)) heard.insert(std::move(one.text));
    EXPECT_EQ(heard, sent);
    EXPECT_FALSE(socket_.receive());
}

TEST_P(UdpSocketTest, ADatagramThatIsTooLongIsCountedAndTheNextIsNotDamaged) {
    const Client client("127.0.0.1");
    client.send(std::string(3000, 'x'), "127.0.0.1", socket_.port());
    client.send("", "127.0.0.1", socket_.port());
    client.send("after", "127.0.0.1", socket_.port());
    const auto heard = receive(socket_, 2);
    EXPECT_EQ(heard.at(0).text, "");
    EXPECT_EQ(heard.at(1).text, "after");
    EXPECT_EQ(socket_.losses().too_long, 1u);
}

TEST_P(UdpSocketTest, WhatCannotBeSentIsCountedAndHoldsUpNothing) {
    const Client client("127.0.0.1");
    SendBatch batch;
    batch.add(NetAddress::v4(127, 0, 0, 1, 0), as_bytes("to port 0, which nobody can have"));
    batch.add(client.address(), as_bytes("first"));
    batch.add(client.address(), Bytes(Buffer(70'000)));  // longer than UDP takes
    batch.add(client.address(), as_bytes("second"));
    socket_.send(batch);
    EXPECT_EQ(client.receive().first, "first");
    EXPECT_EQ(client.receive().first, "second");
    EXPECT_EQ(socket_.losses().unsent, 2u);
}

TEST_P(UdpSocketTest, APeerThatIsGoneMakesNoNoise) {
    NetAddress nobody;
    { nobody = Client("127.0.0.1").address(); }
    SendBatch batch;
    for (int i = 0; i < 3; ++i) batch.add(nobody, as_bytes("x"));
    socket_.send(batch);  // ICMP port unreachable comes back
    pollfd watched{socket_.descriptor(), POLLIN, 0};
    EXPECT_EQ(poll(&watched, 1, 0), 0) << "a loop would spin on this";
    EXPECT_FALSE(socket_.receive());
    const Client client("127.0.0.1");
    client.send("still here", "127.0.0.1", socket_.port());
    EXPECT_EQ(receive(socket_, 1).at(0).text, "still here");
}

TEST_P(UdpSocketTest, APortThatIsTakenIsNamed) {
    try {
        const UdpSocket second(socket_.port(), GetParam());
        FAIL();
    } catch (const std::runtime_error& failed) {
        EXPECT_EQ(std::string(failed.what()),
                  "media.port " + std::to_string(socket_.port()) + "/udp: Address already in use");
    }
}

}  // namespace
}  // namespace crosspoint::io
