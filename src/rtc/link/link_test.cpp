#include "rtc/link/link.h"

#include <gtest/gtest.h>

#include "rtc/dtls/openssl_transport.h"
#include "rtc/rtcp/compound.h"
#include "rtc/rtp/packet.h"

namespace crosspoint::rtc::link {
namespace {

const IceCredentials kServerIce{"serv", "server-password-0123456789"};
const IceCredentials kClientIce{"clnt", "client-password-0123456789"};
const NetAddress kServerAddress = NetAddress::v4(192, 0, 2, 1, 40000);
const NetAddress kClientAddress = NetAddress::v4(198, 51, 100, 7, 5000);
const NetAddress kStranger = NetAddress::v4(203, 0, 113, 66, 6666);
constexpr WallTime kToday{1'760'000'000'000};

std::vector<Fingerprint> fingerprints_of(const crypto::Certificate& certificate) {
    return {{"sha-256", certificate.sha256_fingerprint()}};
}

template <class E>
int64_t count(const std::vector<Event>& events) {
    return std::ranges::count_if(events, [](const Event& event) { return std::holds_alternative<E>(event); });
}

// One end with all that came out of it.
struct End {
    End(IceRole ice_role, DtlsRole dtls_role, const IceCredentials& ice, Random& random,
        dtls::TransportFactory& transports)
        : certificate(crypto::make_certificate(kToday)),
          link({LinkId{1}, ice_role, ice, dtls_role, certificate, {SrtpProfile::AeadAes128Gcm}}, transports, random) {}

    // Copies the packets, since they point into a datagram that goes away.
    void keep() {
        for (const Received& packet : out.packets) received.emplace_back(packet.kind, to_buffer(packet.plain));
        out.packets.clear();
    }
    int64_t packets(PacketKind kind) const {
        return std::ranges::count(received, kind, &std::pair<PacketKind, Buffer>::first);
    }

    std::shared_ptr<const crypto::Certificate> certificate;
    SendBatch batch;
    Output out{batch, {}, {}};
    std::vector<std::pair<PacketKind, Buffer>> received;
    Link link;
};

// Two ends, 20 ms apart, on a virtual wire that loses, records and rewrites the client's address.
struct Pipe {
    struct Flying {
        Timestamp arrives;
        uint64_t order;
        bool to_server;
        Buffer bytes;
        bool operator>(const Flying& o) const { return std::tie(arrives, order) > std::tie(o.arrives, o.order); }
    };

    SeededRandom random{7};
    dtls::OpensslTransportFactory transports;
    End server;
    End client;
    Timestamp now = Timestamp{} + 1h;
    NetAddress client_address = kClientAddress;
    uint64_t lost_percent = 0;
    bool cut = false;
    std::vector<Flying> flying;
    uint64_t order = 0;
    std::vector<Buffer> seen_by_server;

    explicit Pipe(DtlsRole role = DtlsRole::Server)
        : server(IceRole::Lite, role, kServerIce, random, transports),
          client(IceRole::Controlling, role == DtlsRole::Server ? DtlsRole::Client : DtlsRole::Server, kClientIce,
                 random, transports) {}

    void describe() {
        const std::vector<ice::Candidate> candidates{{kServerAddress, 1}};
        server.link.set_remote(now, kClientIce, fingerprints_of(*client.certificate), server.out);
        client.link.set_remote(now, kServerIce, fingerprints_of(*server.certificate), client.out, candidates);
        flush();
    }
    void flush() {
        take(server, false);
        take(client, true);
    }
    void take(End& end, bool to_server) {
        for (const Transmit& transmit : end.batch.transmits()) {
            const bool arrives = transmit.to == (to_server ? kServerAddress : client_address);
            if (arrives && !cut && random.below(100) >= lost_percent)
                flying.push_back({now + 20ms, order++, to_server, to_buffer(end.batch.datagram(transmit))});
        }
        end.batch.clear();
    }
    Timestamp next() const {
        Timestamp when = std::min(server.link.next_timeout(), client.link.next_timeout());
        for (const Flying& datagram : flying) when = std::min(when, datagram.arrives);
        return when;
    }
    void deliver_due() {
        std::ranges::sort(flying, std::greater{});
        while (!flying.empty() && flying.back().arrives <= now) {
            Flying datagram = std::move(flying.back());
            flying.pop_back();
            End& end = datagram.to_server ? server : client;
            if (datagram.to_server) seen_by_server.push_back(datagram.bytes);
            end.link.handle_datagram(now, datagram.to_server ? client_address : kServerAddress, datagram.bytes,
                                     end.out);
            end.keep();
        }
        flush();
    }
    void run_until(Timestamp end) {
        while (next() <= end) {
            now = std::max(now, next());
            deliver_due();
            server.link.handle_timeout(now, server.out);
            client.link.handle_timeout(now, client.out);
            flush();
        }
        now = end;
    }
    void run_for(Duration duration) { run_until(now + duration); }
    bool run_until_connected(Duration limit) {
        const Timestamp end = now + limit;
        while (now < end && (count<Connected>(server.out.events) == 0 || count<Connected>(client.out.events) == 0))
            run_for(10ms);
        return now < end;
    }
    // One packet each way every 20 ms.
    void talk_for(Duration duration) {
        for (const Timestamp end = now + duration; now < end; run_for(20ms)) {
            say(server);
            say(client);
            flush();
        }
    }
    uint16_t sequence = 65500;
    void say(End& end) {
        const MutableBytes room = end.link.begin_packet(end.batch);
        if (room.empty()) return;
        rtp::PacketWriter writer(room, {false, PayloadType{111}, sequence++, 960, Ssrc{5}});
        writer.payload(Buffer(100, 0x5a));
        EXPECT_TRUE(end.link.finish_rtp(end.batch, writer.finish().size()));
    }
};

Buffer a_report() {
    Buffer memory(100);
    ByteWriter out(memory);
    rtcp::write(out, rtcp::Pli{Ssrc{1}, Ssrc{2}});
    return to_buffer(out.written());
}

}  // namespace

TEST(Link, ComesUpInBothDtlsRolesAndCarriesMediaBothWays) {
    for (const DtlsRole role : {DtlsRole::Server, DtlsRole::Client}) {
        Pipe pipe(role);
        pipe.describe();
        ASSERT_TRUE(pipe.run_until_connected(2s));
        EXPECT_EQ(
            std::get<Connected>(*std::ranges::find_if(pipe.server.out.events,
                                                      [](auto& e) { return std::holds_alternative<Connected>(e); }))
                .profile,
            SrtpProfile::AeadAes128Gcm);
        pipe.talk_for(2s);
        EXPECT_TRUE(pipe.server.link.send_rtcp(pipe.server.batch, a_report()));
        EXPECT_TRUE(pipe.client.link.send_rtcp(pipe.client.batch, a_report()));
        pipe.flush();
        pipe.run_for(1s);
        for (const End* end : {&pipe.server, &pipe.client}) {
            EXPECT_EQ(end->packets(PacketKind::Rtp), 100);
            EXPECT_EQ(end->packets(PacketKind::Rtcp), 1);
            EXPECT_EQ(end->received.back().second, a_report());
            EXPECT_EQ(end->link.counters().bad_rtp, 0u);
        }
        EXPECT_EQ(rtp::Packet::parse(pipe.server.received[0].second)->payload.size(), 100u);
    }
}

TEST(Link, LossOnlyMakesTheHandshakeSlower) {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        Pipe pipe(seed % 2 ? DtlsRole::Server : DtlsRole::Client);
        pipe.random = SeededRandom(seed);
        pipe.lost_percent = 20;
        pipe.describe();
        EXPECT_TRUE(pipe.run_until_connected(20s)) << seed;
    }
}

TEST(Link, DataComesOutOnTheOtherSide) {
    Pipe pipe;
    pipe.describe();
    EXPECT_FALSE(pipe.client.link.send_data(as_bytes("ping"), pipe.client.out));
    ASSERT_TRUE(pipe.run_until_connected(2s));
    EXPECT_TRUE(pipe.client.link.send_data(as_bytes("ping"), pipe.client.out));
    pipe.flush();
    pipe.run_for(100ms);
    ASSERT_EQ(count<DataReceived>(pipe.server.out.events), 1);
    EXPECT_EQ(as_text(std::get<DataReceived>(pipe.server.out.events.back()).data), "ping");
}

TEST(Link, NothingIsSentBeforeThePathAndTheFingerprintAreKnown) {
    Pipe pipe;
    const std::vector<ice::Candidate> candidates{{kServerAddress, 1}};
    pipe.client.link.set_remote(pipe.now, kServerIce, fingerprints_of(*pipe.server.certificate), pipe.client.out,
                                candidates);
    pipe.flush();
    pipe.run_for(3s);
    EXPECT_EQ(count<Connected>(pipe.server.out.events), 0);
    EXPECT_TRUE(pipe.server.link.begin_packet(pipe.server.batch).empty());
    EXPECT_EQ(pipe.server.link.counters().unsent, 1u);
    pipe.describe();
    EXPECT_TRUE(pipe.run_until_connected(5s));
}

TEST(Link, AnotherFingerprintThanThePromisedOneFails) {
    Pipe pipe;
    const auto other = crypto::make_certificate(kToday);
    pipe.server.link.set_remote(pipe.now, kClientIce, fingerprints_of(*other), pipe.server.out);
    const std::vector<ice::Candidate> candidates{{kServerAddress, 1}};
    pipe.client.link.set_remote(pipe.now, kServerIce, fingerprints_of(*pipe.server.certificate), pipe.client.out,
                                candidates);
    pipe.flush();
    pipe.run_for(5s);
    EXPECT_EQ(count<Connected>(pipe.server.out.events), 0);
    ASSERT_EQ(count<Failed>(pipe.server.out.events), 1);
    const auto failed =
        std::ranges::find_if(pipe.server.out.events, [](const Event& e) { return std::holds_alternative<Failed>(e); });
    EXPECT_EQ(std::get<Failed>(*failed).why, Failure::FingerprintMismatch);
    EXPECT_FALSE(pipe.server.link.can_send());
}

TEST(Link, AnIceRestartLosesNoPacket) {
    Pipe pipe;
    pipe.describe();
    ASSERT_TRUE(pipe.run_until_connected(2s));
    pipe.talk_for(1s);
    const IceCredentials server_new{"new1", "server-password-new-456789"};
    const IceCredentials client_new{"new2", "client-password-new-456789"};
    pipe.server.link.restart_ice(server_new);
    pipe.talk_for(1s);
    pipe.client.link.restart_ice(client_new);
    const std::vector<ice::Candidate> candidates{{kServerAddress, 1}};
    pipe.client.link.set_remote(pipe.now, server_new, fingerprints_of(*pipe.server.certificate), pipe.client.out,
                                candidates);
    pipe.server.link.set_remote(pipe.now, client_new, fingerprints_of(*pipe.client.certificate), pipe.server.out);
    pipe.talk_for(60s);
    pipe.run_for(1s);
    EXPECT_EQ(pipe.server.packets(PacketKind::Rtp), 62 * 50);
    EXPECT_EQ(pipe.client.packets(PacketKind::Rtp), 62 * 50);
    EXPECT_EQ(count<Connected>(pipe.server.out.events), 1);
    EXPECT_EQ(count<Silent>(pipe.server.out.events), 0);
    EXPECT_EQ(pipe.server.link.ice_counters().bad_username, 0u);
}

TEST(Link, AClientThatMovesIsFollowedAtItsNextCheck) {
    Pipe pipe;
    pipe.describe();
    ASSERT_TRUE(pipe.run_until_connected(2s));
    pipe.talk_for(1s);
    pipe.client_address = NetAddress::v4(198, 51, 100, 7, 6000);
    pipe.talk_for(5s);
    EXPECT_GT(pipe.server.link.counters().media_unvalidated, 0u);
    EXPECT_EQ(*pipe.server.link.remote_address(), pipe.client_address);
    EXPECT_EQ(count<AddressSelected>(pipe.server.out.events), 2);
    pipe.server.received.clear();
    pipe.client.received.clear();
    pipe.talk_for(1s);
    pipe.run_for(100ms);
    EXPECT_EQ(pipe.server.packets(PacketKind::Rtp), 50);
    EXPECT_EQ(pipe.client.packets(PacketKind::Rtp), 50);
}

TEST(Link, SilenceStopsSendingAndTheSameLinkRecovers) {
    Pipe pipe;
    pipe.describe();
    ASSERT_TRUE(pipe.run_until_connected(2s));
    pipe.talk_for(1s);
    pipe.cut = true;
    pipe.talk_for(40s);
    EXPECT_EQ(count<Silent>(pipe.server.out.events), 1);
    EXPECT_EQ(count<Silent>(pipe.client.out.events), 1);
    EXPECT_FALSE(pipe.server.link.can_send());
    pipe.cut = false;
    pipe.talk_for(5s);
    EXPECT_EQ(count<Heard>(pipe.server.out.events), 1);
    EXPECT_TRUE(pipe.server.link.can_send());
    pipe.server.received.clear();
    pipe.talk_for(1s);
    pipe.run_for(100ms);
    EXPECT_EQ(pipe.server.packets(PacketKind::Rtp), 50);
    EXPECT_EQ(count<Connected>(pipe.server.out.events), 1);
}

TEST(Link, HostileDatagramsAreCountedAndDropped) {
    Pipe pipe;
    Link& link = pipe.server.link;
    const auto hears = [&](const NetAddress& from, Buffer datagram) {
        link.handle_datagram(pipe.now, from, datagram, pipe.server.out);
    };
    Buffer rtp_packet(100);
    rtp_packet[0] = 0x80;
    rtp_packet[1] = 111;
    hears(kStranger, rtp_packet);
    EXPECT_EQ(link.counters().media_too_early, 1u);

    pipe.describe();
    ASSERT_TRUE(pipe.run_until_connected(2s));
    pipe.talk_for(1s);
    pipe.run_for(100ms);
    const std::vector<Buffer> recorded = pipe.seen_by_server;
    const auto news = [&] {
        return std::ssize(pipe.server.out.events) - count<AddressLearned>(pipe.server.out.events);
    };
    const auto before = news();
    const int64_t packets = pipe.server.packets(PacketKind::Rtp);

    for (const Buffer& datagram : recorded) hears(kClientAddress, datagram);  // everything again
    EXPECT_EQ(link.counters().bad_rtp, 50u);
    EXPECT_EQ(link.counters().media_unvalidated, 0u);

    hears(kStranger, {});
    hears(kStranger, Buffer(1500, 0xff));
    EXPECT_EQ(link.counters().unknown, 2u);
    hears(kStranger, rtp_packet);
    EXPECT_EQ(link.counters().media_unvalidated, 1u);
    Buffer dtls(100);
    dtls[0] = 22;
    hears(kStranger, dtls);
    EXPECT_EQ(link.counters().dtls_unvalidated, 1u);
    for (int i = 0; i < 256; ++i) {  // an SSRC each, none of them with a key
        rtp_packet[8] = static_cast<uint8_t>(i);
        hears(kClientAddress, rtp_packet);
    }
    EXPECT_EQ(link.counters().bad_rtp, 50u + 256u);
    hears(kClientAddress, Buffer{0x80, 200, 0, 1, 0, 0, 0, 1});
    EXPECT_EQ(link.counters().bad_rtcp, 1u);

    pipe.server.keep();
    EXPECT_EQ(pipe.server.packets(PacketKind::Rtp), packets);
    EXPECT_EQ(news(), before);
    pipe.server.batch.clear();
    pipe.talk_for(1s);
    pipe.run_for(100ms);
    EXPECT_EQ(pipe.server.packets(PacketKind::Rtp), packets + 50);
}

TEST(Link, GoodbyeEndsBothEnds) {
    Pipe pipe;
    pipe.describe();
    ASSERT_TRUE(pipe.run_until_connected(2s));
    pipe.client.link.close(pipe.client.out);
    EXPECT_EQ(pipe.client.link.next_timeout(), kNever);
    pipe.flush();
    pipe.run_for(100ms);
    EXPECT_EQ(count<Closed>(pipe.server.out.events), 1);
    EXPECT_FALSE(pipe.server.link.can_send());
}

}  // namespace crosspoint::rtc::link
