#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <usrsctp.h>

#include <cerrno>
#include <deque>
#include <string>

#include "rtc/sctp/association.h"

// Our association against the one that Firefox uses and Chromium used: both in this process, on one virtual clock.
namespace crosspoint::rtc::sctp {
namespace {

using testing::ElementsAre;

constexpr uint16_t kPort = 5000;

/// The library has one state for the whole process; without threads its timers run on the clock that we give it.
class Usrsctp {
public:
    static Usrsctp& instance() {
        static Usrsctp usrsctp;
        return usrsctp;
    }
    void handle_timers(std::chrono::milliseconds elapsed) {
        usrsctp_handle_timers(static_cast<uint32_t>(elapsed.count()));
    }

private:
    Usrsctp() {
        usrsctp_init_nothreads(0, send, nullptr);
        usrsctp_sysctl_set_sctp_ecn_enable(0);
    }
    static int send(void* address, void* packet, size_t size, uint8_t, uint8_t) {
        const auto* bytes = static_cast<const uint8_t*>(packet);
        static_cast<std::deque<Buffer>*>(address)->emplace_back(bytes, bytes + size);
        return 0;
    }
};

/// One usrsctp socket, set up as browsers do. Its address is the queue of the packets it sends.
class Peer {
public:
    Peer() {
        Usrsctp::instance();
        usrsctp_register_address(&packets);
        socket_ = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, nullptr, nullptr, 0, nullptr);
        EXPECT_TRUE(socket_);
        usrsctp_set_non_blocking(socket_, 1);
        const int on = 1;
        usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_NODELAY, &on, sizeof on);
        usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_RECVRCVINFO, &on, sizeof on);
        const sctp_assoc_value resets{SCTP_ALL_ASSOC, SCTP_ENABLE_RESET_STREAM_REQ};
        usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_ENABLE_STREAM_RESET, &resets, sizeof resets);
        const sctp_initmsg streams{1024, 1024, 0, 0};
        usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_INITMSG, &streams, sizeof streams);
        sockaddr_conn address = conn_address();
        EXPECT_EQ(usrsctp_bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    ~Peer() {
        const linger at_once{1, 0};
        for (struct socket* s : {socket_, listener_}) {
            if (!s) continue;
            usrsctp_setsockopt(s, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
            usrsctp_close(s);
        }
        usrsctp_deregister_address(&packets);
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    void connect() {
        sockaddr_conn address = conn_address();
        EXPECT_EQ(usrsctp_connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), -1);
        EXPECT_EQ(errno, EINPROGRESS);
    }
    void listen() {
        EXPECT_EQ(usrsctp_listen(socket_, 1), 0);
        listener_ = std::exchange(socket_, nullptr);
    }
    void handle_packet(Bytes packet) {
        usrsctp_conninput(&packets, packet.data(), packet.size(), 0);
        if (listener_ && !socket_) {
            socket_ = usrsctp_accept(listener_, nullptr, nullptr);
            if (socket_) usrsctp_set_non_blocking(socket_, 1);
        }
    }
    bool send(uint16_t stream, uint32_t kind, std::string_view text, bool unordered = false) {
        sctp_sndinfo info{};
        info.snd_sid = stream;
        info.snd_ppid = htonl(kind);
        info.snd_flags = unordered ? SCTP_UNORDERED : 0;
        return socket_ && usrsctp_sendv(socket_, text.data(), text.size(), nullptr, 0, &info, sizeof info,
                                        SCTP_SENDV_SNDINFO, 0) == static_cast<ssize_t>(text.size());
    }
    void reset_stream(uint16_t stream) {
        Buffer room(sizeof(sctp_reset_streams) + sizeof(uint16_t));
        auto* request = reinterpret_cast<sctp_reset_streams*>(room.data());
        request->srs_flags = SCTP_STREAM_RESET_OUTGOING;
        request->srs_number_streams = 1;
        request->srs_stream_list[0] = stream;
        EXPECT_EQ(usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_RESET_STREAMS, room.data(),
                                     static_cast<socklen_t>(room.size())),
                  0);
    }
    void shutdown() { EXPECT_EQ(usrsctp_shutdown(socket_, SHUT_WR), 0); }

    /// What has arrived since the last call, whole messages only.
    std::vector<Message> receive() {
        std::vector<Message> messages;
        Buffer room(100000);
        while (socket_) {
            sctp_rcvinfo info{};
            socklen_t info_size = sizeof info;
            socklen_t from_size = 0;
            unsigned info_type = 0;
            int flags = 0;
            const ssize_t size = usrsctp_recvv(socket_, room.data(), room.size(), nullptr, &from_size, &info,
                                               &info_size, &info_type, &flags);
            if (size <= 0) break;
            if (flags & MSG_NOTIFICATION) continue;
            partial_.insert(partial_.end(), room.begin(), room.begin() + size);
            if (flags & MSG_EOR) messages.push_back({info.rcv_sid, ntohl(info.rcv_ppid), std::exchange(partial_, {})});
        }
        return messages;
    }

    std::deque<Buffer> packets;

private:
    sockaddr_conn conn_address() {
        sockaddr_conn address{};
        address.sconn_family = AF_CONN;
        address.sconn_port = htons(kPort);
        address.sconn_addr = &packets;
        return address;
    }

    struct socket* socket_ = nullptr;
    struct socket* listener_ = nullptr;
    Buffer partial_;
};

class SctpAgainstUsrsctp : public testing::Test {
protected:
    /// Until `done`, for at most `limit` of virtual time.
    template <class Condition>
    bool run_until(const Condition& done, Duration limit = 120s) {
        const Timestamp end = now_ + limit;
        while (!done()) {
            if (now_ > end) return false;
            exchange();
            now_ += 10ms;
            Usrsctp::instance().handle_timers(10ms);
            if (ours_.next_timeout() <= now_) ours_.handle_timeout(now_, out_);
        }
        return true;
    }
    void exchange() {
        while (!out_.packets.empty() || !peer_.packets.empty()) {
            for (const Buffer& packet : std::exchange(out_.packets, {}))
                if (!lost()) peer_.handle_packet(packet);
            for (const Buffer& packet : std::exchange(peer_.packets, {}))
                if (!lost()) ours_.handle_packet(now_, packet, out_);
            for (Event& event : std::exchange(out_.events, {})) {
                if (auto* message = std::get_if<Message>(&event))
                    received_.push_back(std::move(*message));
                else
                    events_.push_back(std::move(event));
            }
            for (Message& message : peer_.receive()) peer_received_.push_back(std::move(message));
        }
    }
    bool lost() { return network_.below(100) < static_cast<uint64_t>(loss_percent_); }
    bool send(uint16_t stream, uint32_t kind, std::string_view text) {
        return ours_.send(now_, stream, kind, as_bytes(text), out_);
    }
    void connect_from_our_side() {
        peer_.listen();
        ours_.connect(now_, out_);
        ASSERT_TRUE(run_until([&] { return ours_.connected(); }));
    }
    void connect_from_its_side() {
        peer_.connect();
        ASSERT_TRUE(run_until([&] { return ours_.connected(); }));
    }
    void talk_both_ways() {
        const std::string large(32 * 1024, 'L');
        ASSERT_TRUE(send(0, ppid::kString, "PING"));
        ASSERT_TRUE(send(1, ppid::kBinary, large));
        ASSERT_TRUE(run_until([&] { return peer_.send(0, ppid::kString, "PONG"); }));
        ASSERT_TRUE(run_until([&] { return peer_.send(1, ppid::kBinary, large); }));
        ASSERT_TRUE(run_until([&] { return peer_received_.size() == 2 && received_.size() == 2; }));
        EXPECT_THAT(peer_received_, ElementsAre(Message{0, ppid::kString, to_buffer(as_bytes("PING"))},
                                                Message{1, ppid::kBinary, to_buffer(as_bytes(large))}));
        EXPECT_THAT(received_, ElementsAre(Message{0, ppid::kString, to_buffer(as_bytes("PONG"))},
                                           Message{1, ppid::kBinary, to_buffer(as_bytes(large))}));
    }

    Timestamp now_{1s};
    SeededRandom random_{1};
    SeededRandom network_{2};
    int loss_percent_ = 0;
    Association ours_{{}, random_};
    Output out_;
    Peer peer_;
    std::vector<Message> received_;
    std::vector<Message> peer_received_;
    std::vector<Event> events_;
};

TEST_F(SctpAgainstUsrsctp, ItAcceptsOurInit) {
    connect_from_our_side();
    talk_both_ways();
}

TEST_F(SctpAgainstUsrsctp, WeAcceptItsInit) {
    connect_from_its_side();
    talk_both_ways();
}

TEST_F(SctpAgainstUsrsctp, BothBegin) {
    peer_.connect();
    ours_.connect(now_, out_);
    ASSERT_TRUE(run_until([&] { return ours_.connected(); }));
    talk_both_ways();
}

// Only in this direction: to decide what to send again, usrsctp looks at the real clock.
TEST_F(SctpAgainstUsrsctp, WhatWeLoseIsSentAgain) {
    connect_from_its_side();
    loss_percent_ = 15;
    std::vector<Message> sent;
    for (size_t i = 0; i < 100; ++i) {
        const std::string text(1 + i * 37 % 3000, static_cast<char>('a' + i % 26));
        ASSERT_TRUE(run_until([&] { return send(0, ppid::kString, text); }));
        sent.push_back({0, ppid::kString, to_buffer(as_bytes(text))});
    }
    ASSERT_TRUE(run_until([&] { return ours_.next_timeout() == kNever; }, 600s));
    EXPECT_EQ(peer_received_, sent);
}

TEST_F(SctpAgainstUsrsctp, ItsUnorderedMessagesArrive) {
    connect_from_our_side();
    ASSERT_TRUE(run_until([&] { return peer_.send(3, ppid::kBinary, "unordered", true); }));
    ASSERT_TRUE(run_until([&] { return received_.size() == 1; }));
    EXPECT_EQ(as_text(received_[0].bytes), "unordered");
}

TEST_F(SctpAgainstUsrsctp, ItMayResetAStream) {
    connect_from_our_side();
    ASSERT_TRUE(run_until([&] { return peer_.send(3, ppid::kString, "before"); }));
    ASSERT_TRUE(run_until([&] { return received_.size() == 1; }));
    peer_.reset_stream(3);
    events_.clear();
    ASSERT_TRUE(run_until([&] { return !events_.empty(); }));
    EXPECT_THAT(std::get<StreamReset>(events_[0]).streams, ElementsAre(3));
    ASSERT_TRUE(run_until([&] { return peer_.send(3, ppid::kString, "after"); }));
    ASSERT_TRUE(run_until([&] { return received_.size() == 2; }));
}

TEST_F(SctpAgainstUsrsctp, ItMayShutDown) {
    connect_from_our_side();
    ASSERT_TRUE(run_until([&] { return peer_.send(0, ppid::kString, "last"); }));
    peer_.shutdown();
    ASSERT_TRUE(run_until([&] { return !ours_.connected() && !events_.empty(); }));
    EXPECT_TRUE(run_until([&] { return std::holds_alternative<Closed>(events_.back()); }));
    EXPECT_EQ(received_.size(), 1u);
}

TEST_F(SctpAgainstUsrsctp, WeMayShutDown) {
    connect_from_our_side();
    ASSERT_TRUE(send(0, ppid::kString, "last"));
    ours_.shutdown(now_, out_);
    ASSERT_TRUE(run_until([&] { return !events_.empty() && std::holds_alternative<Closed>(events_.back()); }));
    EXPECT_EQ(peer_received_.size(), 1u);
}

}  // namespace
}  // namespace crosspoint::rtc::sctp
