#include "rtc/dtls/transport.h"

#include <gtest/gtest.h>

#include <optional>

#include "base/random.h"
#include "crypto/openssl_certificate.h"
#include "rtc/dtls/openssl_transport.h"
#include "rtc/dtls/record.h"

namespace crosspoint::rtc::dtls {
namespace {

const std::vector<SrtpProfile> kAll = {SrtpProfile::AeadAes128Gcm, SrtpProfile::AeadAes256Gcm,
                                       SrtpProfile::Aes128CmSha1_80, SrtpProfile::Aes128CmSha1_32};

std::shared_ptr<const crypto::Certificate> certificate(int which) {
    static const std::array made = {crypto::make_certificate({1'700'000'000'000}),
                                    crypto::make_certificate({1'700'000'000'000})};
    return made.at(static_cast<size_t>(which));
}

Fingerprint sha256_of(int which) { return {"sha-256", certificate(which)->sha256_fingerprint()}; }

using Arrivals = std::vector<Buffer>;

struct End {
    std::unique_ptr<Transport> transport;
    std::optional<SrtpKeys> keys;
    std::optional<Failure> failure;
    bool closed = false;
    std::vector<Buffer> received;
    size_t timeouts = 0;
};

/// A client and a server with 10 ms of network between them.
class World {
public:
    // Sees every datagram with its number in sending order; what it returns is what arrives.
    using Network = std::function<Arrivals(size_t number, bool from_client, const Buffer&)>;

    End client;
    End server;
    Network network = [](size_t, bool, const Buffer& datagram) { return Arrivals{datagram}; };
    size_t sent = 0;

    explicit World(const std::vector<SrtpProfile>& client_profiles = kAll,
                   const std::vector<SrtpProfile>& server_profiles = kAll, size_t mtu = 1200) {
        static OpensslTransportFactory factory;
        client.transport = factory.make({DtlsRole::Client, certificate(0), client_profiles, mtu});
        server.transport = factory.make({DtlsRole::Server, certificate(1), server_profiles, mtu});
    }

    void trust() {
        act(client, [](Transport& t, Outbox& out) { t.set_remote_fingerprints({sha256_of(1)}, out); });
        act(server, [](Transport& t, Outbox& out) { t.set_remote_fingerprints({sha256_of(0)}, out); });
    }
    void start() {
        act(server, [this](Transport& t, Outbox& out) { t.start(now_, out); });
        act(client, [this](Transport& t, Outbox& out) { t.start(now_, out); });
    }
    void act(End& end, const std::function<void(Transport&, Outbox&)>& action) {
        Outbox out;
        action(*end.transport, out);
        drain(end, out);
    }

    void run_for(Duration duration) {
        const Timestamp limit = now_ + duration;
        while (step(limit)) {}
        now_ = limit;
    }
    bool connected() const {
        return client.transport->state() == State::Connected && server.transport->state() == State::Connected;
    }
    Timestamp now() const { return now_; }

private:
    void drain(End& end, Outbox& out) {
        const bool from_client = &end == &client;
        for (const Buffer& datagram : out.datagrams)
            for (Buffer& arrives : network(sent++, from_client, datagram))
                in_flight_.push_back({now_ + 10ms, from_client, std::move(arrives)});
        for (Event& event : out.events) {
            if (auto* connected = std::get_if<Connected>(&event)) end.keys = std::move(connected->keys);
            if (auto* failed = std::get_if<Failed>(&event)) end.failure = failed->why;
            if (auto* data = std::get_if<ApplicationData>(&event)) end.received.push_back(std::move(data->data));
            if (std::holds_alternative<Closed>(event)) end.closed = true;
        }
    }
    bool step(Timestamp limit) {
        const Timestamp arrival = in_flight_.empty() ? kNever : in_flight_.front().when;
        const Timestamp timer = std::min(client.transport->next_timeout(), server.transport->next_timeout());
        if (std::min(arrival, timer) > limit) return false;
        now_ = std::min(arrival, timer);
        if (arrival <= timer) {
            const InFlight next = std::move(in_flight_.front());
            in_flight_.pop_front();
            act(next.from_client ? server : client,
                [&](Transport& t, Outbox& out) { t.handle_datagram(now_, next.datagram, out); });
            return true;
        }
        for (End* end : {&client, &server}) {
            if (end->transport->next_timeout() > now_) continue;
            ++end->timeouts;
            act(*end, [this](Transport& t, Outbox& out) { t.handle_timeout(now_, out); });
        }
        return true;
    }

    struct InFlight {
        Timestamp when;
        bool from_client;
        Buffer datagram;
    };
    Timestamp now_{1s};
    std::deque<InFlight> in_flight_;
};

void expect_agreement(const World& world) {
    ASSERT_TRUE(world.connected());
    ASSERT_TRUE(world.client.keys && world.server.keys);
    EXPECT_EQ(world.client.keys->profile, world.server.keys->profile);
    EXPECT_EQ(world.client.keys->local_key, world.server.keys->remote_key);
    EXPECT_EQ(world.client.keys->local_salt, world.server.keys->remote_salt);
    EXPECT_EQ(world.client.keys->remote_key, world.server.keys->local_key);
    EXPECT_EQ(world.client.keys->remote_salt, world.server.keys->local_salt);
    EXPECT_NE(world.client.keys->local_key, world.client.keys->remote_key);
    EXPECT_EQ(world.client.transport->next_timeout(), kNever);
    EXPECT_EQ(world.server.transport->next_timeout(), kNever);
}

void expect_data_both_ways(World& world) {
    world.act(world.client, [](Transport& t, Outbox& out) { EXPECT_TRUE(t.send(as_bytes("from client"), out)); });
    world.act(world.server, [](Transport& t, Outbox& out) { EXPECT_TRUE(t.send(as_bytes("from server"), out)); });
    world.run_for(1s);
    ASSERT_EQ(world.client.received.size(), 1u);
    EXPECT_EQ(as_text(world.client.received[0]), "from server");
    ASSERT_EQ(world.server.received.size(), 1u);
    EXPECT_EQ(as_text(world.server.received[0]), "from client");
}

/// Cuts the ClientHello in a datagram into two datagrams, as a post-quantum key share does to a browser's (RFC 6347
/// 4.2.3: fragment offset and length follow the message length and sequence).
std::vector<Buffer> cut_client_hello(const Buffer& datagram) {
    constexpr size_t kRecord = Record::kHeaderSize;
    constexpr size_t kHeader = 12;
    const Bytes body = Bytes(datagram).subspan(kRecord + kHeader);
    const size_t first = body.size() / 2;
    std::vector<Buffer> cut;
    for (const auto& [offset, part] : {std::pair<size_t, Bytes>{0, body.first(first)}, {first, body.subspan(first)}}) {
        Buffer piece(datagram.begin(), datagram.begin() + kRecord + kHeader);
        piece[10] = static_cast<uint8_t>(40 * cut.size());  // a record number that the client will not use itself
        ByteWriter(MutableBytes(piece).subspan(11)).u16(static_cast<uint16_t>(kHeader + part.size()));
        ByteWriter fragment(MutableBytes(piece).subspan(kRecord + 6));
        fragment.u24(static_cast<uint32_t>(offset));
        fragment.u24(static_cast<uint32_t>(part.size()));
        piece.insert(piece.end(), part.begin(), part.end());
        cut.push_back(std::move(piece));
    }
    return cut;
}

TEST(Dtls, HandshakeThenDataThenGoodbye) {
    World world;
    world.trust();
    world.start();
    world.run_for(60ms);
    expect_agreement(world);
    EXPECT_EQ(world.client.keys->profile, SrtpProfile::AeadAes128Gcm);
    EXPECT_LE(world.sent, 6u);
    expect_data_both_ways(world);

    world.act(world.client, [](Transport& t, Outbox& out) { t.close(out); });
    world.run_for(1s);
    EXPECT_EQ(world.client.transport->state(), State::Closed);
    EXPECT_FALSE(world.client.closed);
    EXPECT_EQ(world.server.transport->state(), State::Closed);
    EXPECT_TRUE(world.server.closed);
    world.act(world.server, [](Transport& t, Outbox& out) { EXPECT_FALSE(t.send(as_bytes("late"), out)); });
}

TEST(Dtls, EachProfileHasItsKeySizes) {
    for (SrtpProfile profile : kAll) {
        World world({profile}, kAll);
        world.trust();
        world.start();
        world.run_for(1s);
        expect_agreement(world);
        EXPECT_EQ(world.client.keys->profile, profile);
        EXPECT_EQ(world.client.keys->local_key.size(), profile == SrtpProfile::AeadAes256Gcm ? 32u : 16u);
        EXPECT_EQ(world.client.keys->local_salt.size(), static_cast<uint16_t>(profile) >= 7 ? 12u : 14u);
    }
}

TEST(Dtls, TheServersPreferenceDecides) {
    World world({SrtpProfile::Aes128CmSha1_80, SrtpProfile::AeadAes256Gcm, SrtpProfile::AeadAes128Gcm}, kAll);
    world.trust();
    world.start();
    world.run_for(1s);
    expect_agreement(world);
    EXPECT_EQ(world.server.keys->profile, SrtpProfile::AeadAes128Gcm);
}

TEST(Dtls, NoCommonProfileFailsBothSides) {
    World world({SrtpProfile::AeadAes128Gcm}, {SrtpProfile::Aes128CmSha1_80});
    world.trust();
    world.start();
    world.run_for(1s);
    EXPECT_EQ(world.client.failure, Failure::NoSrtpProfile);
    EXPECT_EQ(world.server.failure, Failure::NoSrtpProfile);
    EXPECT_FALSE(world.client.keys || world.server.keys);
}

TEST(Dtls, AnyLostDatagramIsRepaired) {
    for (size_t first = 0; first < 8; ++first)
        for (size_t count = 1; count <= 4; ++count) {
            World world;
            world.network = [=](size_t number, bool, const Buffer& datagram) {
                const bool lost = number >= first && number < first + count;
                return lost ? Arrivals{} : Arrivals{datagram};
            };
            world.trust();
            world.start();
            world.run_for(20s);
            SCOPED_TRACE(testing::Message() << "lost " << count << " from " << first);
            expect_agreement(world);
            EXPECT_LE(world.client.timeouts + world.server.timeouts, 12u);
            if (first >= 7) expect_data_both_ways(world);
        }
}

TEST(Dtls, SmallMtuAndHeavyLoss) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        World world(kAll, kAll, 256);
        SeededRandom random(seed);
        world.network = [&random](size_t, bool, const Buffer& datagram) {
            EXPECT_LE(datagram.size(), 256u);
            return random.below(4) == 0 ? Arrivals{} : Arrivals{datagram};
        };
        world.trust();
        world.start();
        world.run_for(40s);
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        expect_agreement(world);
    }
}

// RFC 6347 4.2.4: what the last flight answered comes again, with record numbers that the peer has not seen.
TEST(Dtls, TheClientRepeatsItsFinishedUnderNewNumbers) {
    World world;
    std::vector<uint64_t> finished;
    world.network = [&finished](size_t, bool from_client, const Buffer& datagram) {
        Bytes rest = datagram;
        bool last_flight = false;
        while (const auto record = take_record(rest)) {
            if (record->epoch != 1 || record->type != ContentType::Handshake) continue;
            if (from_client)
                finished.push_back(record->sequence);
            else
                last_flight = finished.size() < 3;
        }
        return last_flight ? Arrivals{} : Arrivals{datagram};
    };
    world.trust();
    world.start();
    world.run_for(5s);
    expect_agreement(world);
    ASSERT_EQ(finished.size(), 3u);
    EXPECT_LT(finished[0], finished[1]);
    EXPECT_LT(finished[1], finished[2]);
    expect_data_both_ways(world);
}

TEST(Dtls, DuplicatesAndReorderingDoNoHarm) {
    World world(kAll, kAll, 256);
    std::optional<Buffer> held;
    world.network = [&held](size_t number, bool, const Buffer& datagram) {
        if (number % 3 == 1) {
            held = datagram;
            return Arrivals{};
        }
        std::vector<Buffer> arrives = {datagram, datagram};
        if (held) arrives.push_back(*std::exchange(held, std::nullopt));
        return arrives;
    };
    world.trust();
    world.start();
    world.run_for(20s);
    expect_agreement(world);
}

TEST(Dtls, ClientHelloInTwoDatagrams) {
    for (bool swapped : {false, true}) {
        World world;
        world.network = [swapped](size_t number, bool, const Buffer& datagram) {
            if (number != 0) return Arrivals{datagram};
            auto cut = cut_client_hello(datagram);
            if (swapped) std::swap(cut[0], cut[1]);
            return cut;
        };
        world.trust();
        world.start();
        world.run_for(60ms);
        expect_agreement(world);
    }
}

TEST(Dtls, GarbageAndTruncatedDatagramsBetween) {
    World world;
    SeededRandom random(7);
    world.network = [&random](size_t, bool, const Buffer& datagram) {
        std::vector<Buffer> arrives;
        for (int i = 0; i < 20; ++i) {
            Buffer garbage(random.below(200));
            random.fill(garbage);
            if (!garbage.empty()) garbage[0] = static_cast<uint8_t>(20 + random.below(44));
            arrives.push_back(std::move(garbage));
            arrives.emplace_back(datagram.begin(),
                                 datagram.begin() + static_cast<ptrdiff_t>(random.below(datagram.size())));
        }
        arrives.push_back(datagram);
        // A protected record before its time, or a forged one after it.
        Buffer early(Record::kHeaderSize + 40, 0x55);
        ByteWriter out(early);
        out.u8(random.below(2) == 0 ? 22 : 23);
        out.u16(0xfefd);
        out.u16(1);
        out.zeros(2);
        out.u32(5);
        out.u16(40);
        arrives.push_back(std::move(early));
        return arrives;
    };
    world.trust();
    world.start();
    world.run_for(5s);
    expect_agreement(world);
    expect_data_both_ways(world);
}

TEST(Dtls, WrongFingerprintFailsBothSides) {
    for (bool client_is_lied_to : {true, false}) {
        World world;
        world.trust();
        End& lied_to = client_is_lied_to ? world.client : world.server;
        End& other = client_is_lied_to ? world.server : world.client;
        Fingerprint wrong = sha256_of(client_is_lied_to ? 1 : 0);
        wrong.value.back() = wrong.value.back() == '0' ? '1' : '0';
        world.act(lied_to, [&](Transport& t, Outbox& out) { t.set_remote_fingerprints({wrong}, out); });
        world.start();
        world.run_for(5s);
        EXPECT_EQ(lied_to.failure, Failure::FingerprintMismatch);
        EXPECT_EQ(other.failure, Failure::DtlsError);
        EXPECT_FALSE(lied_to.keys || other.keys);
        EXPECT_EQ(lied_to.transport->next_timeout(), kNever);
    }
}

TEST(Dtls, OneMatchOfSeveralFingerprintsIsEnough) {
    const auto& inside = dynamic_cast<const crypto::OpensslCertificate&>(*certificate(1));
    World world;
    world.trust();
    world.act(world.client, [&](Transport& t, Outbox& out) {
        t.set_remote_fingerprints({{"sha-1", "AA:BB"},
                                   {"sha-256", sha256_of(0).value},
                                   {"sha-512", crypto::fingerprint_text(inside.x509(), EVP_sha512())}},
                                  out);
    });
    world.start();
    world.run_for(1s);
    expect_agreement(world);
}

TEST(Dtls, FingerprintsMayComeAfterTheHandshake) {
    for (bool right : {true, false}) {
        World world;
        world.act(world.client, [](Transport& t, Outbox& out) { t.set_remote_fingerprints({sha256_of(1)}, out); });
        world.start();
        world.run_for(1s);
        EXPECT_TRUE(world.client.keys);
        EXPECT_FALSE(world.server.keys);
        EXPECT_EQ(world.server.transport->state(), State::Handshaking);
        world.act(world.client, [](Transport& t, Outbox& out) { EXPECT_TRUE(t.send(as_bytes("too early"), out)); });
        world.run_for(1s);
        EXPECT_TRUE(world.server.received.empty());

        world.act(world.server,
                  [right](Transport& t, Outbox& out) { t.set_remote_fingerprints({sha256_of(right ? 0 : 1)}, out); });
        world.run_for(1s);
        if (right) {
            expect_agreement(world);
            expect_data_both_ways(world);
        } else {
            EXPECT_EQ(world.server.failure, Failure::FingerprintMismatch);
            EXPECT_TRUE(world.client.closed);
        }
    }
}

TEST(Dtls, NobodyThereEndsWithFewTries) {
    World world;
    world.network = [](size_t, bool, const Buffer&) { return Arrivals{}; };
    world.trust();
    world.start();
    world.run_for(120s);
    EXPECT_EQ(world.client.failure, Failure::DtlsError);
    EXPECT_LE(world.client.timeouts, 12u);
    EXPECT_EQ(world.server.timeouts, 0u);
    EXPECT_EQ(world.server.transport->state(), State::Handshaking);
}

TEST(Dtls, NothingHappensBeforeStart) {
    World world;
    world.trust();
    world.act(world.client, [&](Transport& t, Outbox& out) { t.start(world.now(), out); });
    world.run_for(30ms);
    EXPECT_EQ(world.server.transport->state(), State::New);
    EXPECT_EQ(world.sent, 1u);
    world.act(world.server, [&](Transport& t, Outbox& out) { t.start(world.now(), out); });
    world.run_for(1s);
    expect_agreement(world);
}

TEST(Dtls, DataHasALimit) {
    World world;
    world.trust();
    world.start();
    world.run_for(1s);
    expect_agreement(world);
    size_t largest = 0;
    world.network = [&largest](size_t, bool, const Buffer& datagram) {
        largest = std::max(largest, datagram.size());
        return Arrivals{datagram};
    };
    world.act(world.client, [](Transport& t, Outbox& out) {
        EXPECT_TRUE(t.send(Buffer(kMaxApplicationData, 1), out));
        EXPECT_FALSE(t.send(Buffer(kMaxApplicationData + 1, 1), out));
        EXPECT_FALSE(t.send({}, out));
    });
    world.run_for(1s);
    EXPECT_EQ(largest, 1200u);
    ASSERT_EQ(world.server.received.size(), 1u);
    EXPECT_EQ(world.server.received[0].size(), kMaxApplicationData);
}

// Whoever may be at the other end of an unfinished handshake can send what it likes; we keep little of it.
TEST(Dtls, EarlyProtectedRecordsAreNotKept) {
    World world;
    world.trust();
    world.act(world.server, [&](Transport& t, Outbox& out) { t.start(world.now(), out); });
    Buffer early(Record::kHeaderSize + 1000, 0x55);
    for (uint32_t i = 0; i < 1000; ++i) {
        ByteWriter out(early);
        out.u8(22);
        out.u16(0xfefd);
        out.u16(1);
        out.zeros(2);
        out.u32(i);
        out.u16(1000);
        world.act(world.server, [&](Transport& t, Outbox& sink) { t.handle_datagram(world.now(), early, sink); });
    }
    EXPECT_EQ(world.server.transport->next_timeout(), kNever);
    world.start();
    world.run_for(1s);
    expect_agreement(world);
}

}  // namespace
}  // namespace crosspoint::rtc::dtls
