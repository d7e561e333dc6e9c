#include <gtest/gtest.h>

#include "rtc/ice/controlling_agent.h"
#include "rtc/ice/lite_agent.h"

namespace crosspoint::rtc::ice {
namespace {

const IceCredentials kServer{"serv", "server-password-0123456789"};
const IceCredentials kClient{"clnt", "client-password-0123456789"};
const IceCredentials kNewServer{"new1", "server-password-new-456789"};
const crypto::HmacSha1 kServerKey(as_bytes(kServer.password));
const NetAddress kServerAddress = NetAddress::v4(192, 0, 2, 1, 40000);
const Timestamp kStart = Timestamp{} + 1h;

NetAddress peer(uint16_t port) { return NetAddress::v4(198, 51, 100, 7, port); }

struct CheckOptions {
    IceCredentials to = kServer;
    bool nominate = false;
    bool integrity = true;
    bool username = true;
    bool controlled = false;
};

Buffer check(const CheckOptions& options = {}) {
    static uint8_t counter = 0;
    Buffer memory(500);
    stun::MessageWriter writer(memory, stun::MessageClass::Request, stun::kBinding, {++counter});
    if (options.username) writer.username(options.to.ufrag, "clnt");
    writer.priority(1);
    if (options.controlled)
        writer.ice_controlled(7);
    else
        writer.ice_controlling(7);
    if (options.nominate) writer.use_candidate();
    if (options.integrity) writer.integrity(crypto::HmacSha1(as_bytes(options.to.password)));
    return to_buffer(writer.finish());
}

// One lite agent with what it put out.
struct Lite {
    LiteAgent agent{kServer};
    SendBatch batch;
    std::vector<Event> events;

    void hears(Timestamp now, const NetAddress& from, const Buffer& datagram) {
        batch.clear();
        events.clear();
        Outbox out{batch, events};
        agent.handle_message(now, from, datagram, out);
    }
    void timeout(Timestamp now) {
        batch.clear();
        events.clear();
        Outbox out{batch, events};
        agent.handle_timeout(now, out);
    }
    std::optional<stun::Message> answer() const {
        return batch.empty() ? std::nullopt : stun::Message::parse(batch.datagram(batch.transmits()[0]));
    }
    std::optional<uint16_t> error() const { return answer() ? answer()->error_code : std::nullopt; }
};

// A client and a server on a wire that may lose or move things. Delivery takes no time; timers do.
struct Wire {
    SeededRandom random{1};
    LiteAgent server{kServer};
    ControllingAgent client{kClient, random};
    std::vector<Event> server_events;
    std::vector<Event> client_events;
    Timestamp now = kStart;
    NetAddress client_address = peer(5000);
    NetAddress reachable = kServerAddress;
    bool cut = false;
    uint64_t lost_percent = 0;

    bool lost() { return cut || random.below(100) < lost_percent; }

    void to_server(const SendBatch& batch) {
        SendBatch answers;
        Outbox out{answers, server_events};
        for (const Transmit& transmit : batch.transmits())
            if (transmit.to == reachable && !lost())
                server.handle_message(now, client_address, batch.datagram(transmit), out);
        SendBatch further;
        Outbox client_out{further, client_events};
        for (const Transmit& transmit : answers.transmits())
            if (transmit.to == client_address && !lost())
                client.handle_message(now, reachable, answers.datagram(transmit), client_out);
        if (!further.empty()) to_server(further);
    }
    void run_until(Timestamp end) {
        for (;;) {
            const Timestamp next = std::min(client.next_timeout(), server.next_timeout());
            if (next > end) break;
            now = std::max(now, next);
            SendBatch batch;
            Outbox client_out{batch, client_events};
            client.handle_timeout(now, client_out);
            to_server(batch);
            SendBatch none;
            Outbox server_out{none, server_events};
            server.handle_timeout(now, server_out);
        }
        now = end;
    }
    void run_for(Duration duration) { run_until(now + duration); }
};

template <class E>
int64_t count(const std::vector<Event>& events) {
    return std::ranges::count_if(events, [](const Event& event) { return std::holds_alternative<E>(event); });
}

}  // namespace

TEST(IceLite, AnswersARightCheckAndBelievesItsAddress) {
    Lite lite;
    EXPECT_EQ(lite.agent.selected(), nullptr);
    EXPECT_EQ(lite.agent.next_timeout(), kNever);
    lite.hears(kStart, peer(1), check());
    const auto answer = lite.answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->kind, stun::MessageClass::Success);
    EXPECT_EQ(answer->mapped_address, peer(1));
    EXPECT_TRUE(answer->authentic(kServerKey));
    EXPECT_EQ(lite.events, (std::vector<Event>{Learned{peer(1)}, Selected{peer(1)}}));
    ASSERT_TRUE(lite.agent.selected());
    EXPECT_EQ(*lite.agent.selected(), peer(1));
    EXPECT_TRUE(lite.agent.validated(peer(1)));
    EXPECT_FALSE(lite.agent.validated(peer(2)));
}

TEST(IceLite, RefusesAsTheRfcsSay) {
    Lite lite;
    lite.hears(kStart, peer(1), check({.integrity = false}));
    EXPECT_EQ(lite.error(), 400);
    lite.hears(kStart, peer(1), check({.username = false}));
    EXPECT_EQ(lite.error(), 400);
    lite.hears(kStart, peer(1), check({.to = {"else", kServer.password}}));
    EXPECT_EQ(lite.error(), 401);
    lite.hears(kStart, peer(1), check({.to = {"serv", "wrong"}}));
    EXPECT_EQ(lite.error(), 401);
    lite.hears(kStart, peer(1), check({.controlled = true}));
    EXPECT_EQ(lite.error(), 487);
    EXPECT_TRUE(lite.answer()->authentic(kServerKey));
    EXPECT_EQ(lite.agent.selected(), nullptr);
    EXPECT_FALSE(lite.agent.validated(peer(1)));
    EXPECT_EQ(lite.agent.counters().bad_integrity, 3u);
    EXPECT_EQ(lite.agent.counters().bad_username, 1u);
    EXPECT_EQ(lite.agent.counters().role_conflict, 1u);
}

TEST(IceLite, UnknownAttributesThatMustBeUnderstoodAreRefused) {
    Buffer memory(300);
    stun::MessageWriter writer(memory, stun::MessageClass::Request, stun::kBinding, {1});
    writer.username("serv", "clnt");
    writer.xor_mapped_address(peer(1));
    writer.integrity(kServerKey);
    Buffer bytes = to_buffer(writer.finish());
    bytes[36] = 0x77;  // XOR-MAPPED-ADDRESS becomes a type that nobody has; sign it again by hand
    bytes.resize(48);
    const size_t signed_length = bytes.size() - 20 + 24;
    bytes[2] = static_cast<uint8_t>(signed_length >> 8);
    bytes[3] = static_cast<uint8_t>(signed_length);
    const auto digest = kServerKey.digest(bytes);
    for (uint8_t byte : {0x00, 0x08, 0x00, 0x14}) bytes.push_back(byte);
    bytes.insert(bytes.end(), digest.begin(), digest.end());
    Lite lite;
    lite.hears(kStart, peer(1), bytes);
    EXPECT_EQ(lite.error(), 420);
    EXPECT_EQ(lite.agent.counters().unknown_attribute, 1u);
    EXPECT_EQ(lite.agent.selected(), nullptr);
}

TEST(IceLite, GarbageAndAnswersAreCounted) {
    Lite lite;
    lite.hears(kStart, peer(1), Buffer(30, 1));
    lite.hears(kStart, peer(1), {});
    Buffer memory(100);
    stun::MessageWriter writer(memory, stun::MessageClass::Success, stun::kBinding, {1});
    lite.hears(kStart, peer(1), to_buffer(writer.finish()));
    EXPECT_TRUE(lite.batch.empty());
    EXPECT_EQ(lite.agent.counters().malformed, 2u);
    EXPECT_EQ(lite.agent.counters().unexpected, 1u);
}

TEST(IceLite, UntilNominatedTheLatestCarriesThenTheNominatedOne) {
    Lite lite;
    lite.hears(kStart, peer(1), check());
    lite.hears(kStart, peer(2), check());
    EXPECT_EQ(*lite.agent.selected(), peer(2));
    lite.hears(kStart, peer(1), check({.nominate = true}));
    EXPECT_EQ(*lite.agent.selected(), peer(1));
    lite.hears(kStart, peer(2), check());
    EXPECT_EQ(*lite.agent.selected(), peer(1));
    EXPECT_TRUE(lite.agent.validated(peer(2)));
    lite.hears(kStart, peer(3), check({.nominate = true}));
    EXPECT_EQ(*lite.agent.selected(), peer(3));
}

TEST(IceLite, SilenceStopsSendingAndAnyCheckResumesIt) {
    Lite lite;
    lite.hears(kStart, peer(1), check({.nominate = true}));
    lite.hears(kStart + 10s, peer(1), check({.nominate = true}));
    EXPECT_EQ(lite.agent.next_timeout(), kStart + 40s);
    lite.timeout(kStart + 39s);
    EXPECT_TRUE(lite.events.empty());
    lite.timeout(kStart + 40s);
    EXPECT_EQ(lite.events, std::vector<Event>{Silent{}});
    EXPECT_EQ(lite.agent.selected(), nullptr);
    EXPECT_EQ(lite.agent.next_timeout(), kNever);
    EXPECT_TRUE(lite.agent.validated(peer(1)));
    lite.hears(kStart + 90s, peer(2), check());
    EXPECT_EQ(lite.events, (std::vector<Event>{Learned{peer(2)}, Heard{}, Selected{peer(2)}}));
    EXPECT_EQ(*lite.agent.selected(), peer(2));
}

TEST(IceLite, ConsentIsThatOfThePairInUse) {
    Lite lite;
    lite.hears(kStart, peer(1), check({.nominate = true}));
    for (Duration passed = 5s; passed <= 25s; passed += 5s) lite.hears(kStart + passed, peer(2), check());
    EXPECT_EQ(*lite.agent.selected(), peer(1));
    EXPECT_EQ(lite.agent.next_timeout(), kStart + 30s);
    lite.timeout(kStart + 30s);
    EXPECT_EQ(lite.events, std::vector<Event>{Selected{peer(2)}});
    EXPECT_EQ(*lite.agent.selected(), peer(2));
    EXPECT_EQ(lite.agent.next_timeout(), kStart + 55s);
    lite.timeout(kStart + 55s);
    EXPECT_EQ(lite.events, std::vector<Event>{Silent{}});
    EXPECT_EQ(lite.agent.selected(), nullptr);
}

TEST(IceLite, APeerThatMissedSomeRestartsIsStillHeard) {
    const auto nth = [](int n) { return IceCredentials{"rst" + std::to_string(n), kNewServer.password}; };
    Lite lite;
    lite.hears(kStart, peer(1), check({.nominate = true}));
    for (int n = 1; n <= 9; ++n) lite.agent.restart(nth(n));
    EXPECT_EQ(lite.agent.local_ufrags(), (std::vector<std::string>{"serv", "rst7", "rst8", "rst9"}));
    lite.hears(kStart + 1s, peer(1), check({.nominate = true}));
    EXPECT_TRUE(lite.answer()->mapped_address);
    lite.hears(kStart + 2s, peer(1), check({.to = nth(8), .nominate = true}));
    EXPECT_TRUE(lite.answer()->mapped_address);
    EXPECT_EQ(lite.agent.local_ufrags(), (std::vector<std::string>{"rst8", "rst9"}));
    lite.hears(kStart + 3s, peer(1), check({.nominate = true}));
    EXPECT_EQ(lite.error(), 401);
}

TEST(IceLite, TheOldPairCarriesUntilTheRestartIsAnswered) {
    Lite lite;
    lite.hears(kStart, peer(1), check({.nominate = true}));
    lite.agent.restart(kNewServer);
    lite.agent.restart(kNewServer);
    EXPECT_EQ(*lite.agent.selected(), peer(1));
    lite.hears(kStart + 1s, peer(1), check({.nominate = true}));
    EXPECT_TRUE(lite.answer());
    lite.hears(kStart + 2s, peer(9), check({.to = kNewServer}));
    EXPECT_EQ(*lite.agent.selected(), peer(9));
    EXPECT_TRUE(lite.agent.validated(peer(1)));  // what is under way still arrives from there
    lite.hears(kStart + 3s, peer(1), check({.nominate = true}));
    EXPECT_EQ(lite.error(), 401);
    EXPECT_EQ(*lite.agent.selected(), peer(9));
}

TEST(IceLite, AFloodGrowsNothingAndGetsFewAnswers) {
    Lite lite;
    lite.hears(kStart, peer(1), check({.nominate = true}));
    size_t answered = 0;
    int64_t known = 1;
    for (uint16_t port = 1000; port < 3000; ++port) {
        lite.hears(kStart, peer(port), check());
        answered += lite.batch.transmits().size();
        known += count<Learned>(lite.events) - count<Forgotten>(lite.events);
    }
    EXPECT_EQ(known, static_cast<int64_t>(kMaxPairs));
    EXPECT_LE(answered, 200u);
    EXPECT_GT(lite.agent.counters().unanswered, 1700u);
    EXPECT_EQ(*lite.agent.selected(), peer(1));
    int believed = 0;
    for (uint16_t port = 1000; port < 3000; ++port) believed += lite.agent.validated(peer(port));
    EXPECT_EQ(believed, static_cast<int>(kMaxPairs) - 1);
    answered = 0;
    for (int i = 0; i < 1000; ++i) {
        lite.hears(kStart + 10s, peer(1), check({.to = {"serv", "wrong"}}));
        answered += lite.batch.transmits().size();
    }
    EXPECT_LE(answered, 10u);
    lite.hears(kStart + 10s, peer(1), check({.nominate = true}));
    EXPECT_EQ(lite.answer()->kind, stun::MessageClass::Success);
}

TEST(Ice, AClientFindsAServerAndNominates) {
    Wire wire;
    wire.client.set_remote(wire.now, kServer,
                           std::vector<Candidate>{{NetAddress::v4(192, 0, 2, 9, 1), 5}, {kServerAddress, 9}});
    wire.run_for(100ms);
    EXPECT_EQ(wire.client_events, std::vector<Event>{Selected{kServerAddress}});
    EXPECT_EQ(std::vector<Event>(wire.server_events.begin(), wire.server_events.begin() + 2),
              (std::vector<Event>{Learned{wire.client_address}, Selected{wire.client_address}}));
    wire.run_for(10min);
    EXPECT_EQ(wire.client_events.size(), 1u);
    EXPECT_EQ(std::ssize(wire.server_events) - count<Learned>(wire.server_events), 1);
}

TEST(Ice, LossOnlyMakesItSlower) {
    Wire wire;
    wire.lost_percent = 30;
    wire.client.set_remote(wire.now, kServer, std::vector<Candidate>{{kServerAddress, 9}});
    wire.run_for(10s);
    EXPECT_EQ(count<Selected>(wire.client_events), 1);
    EXPECT_EQ(count<Selected>(wire.server_events), 1);
    wire.run_for(5min);
    EXPECT_EQ(count<Silent>(wire.server_events), 0);
}

TEST(Ice, TheSecondCandidateIsTriedWhenTheFirstIsDead) {
    Wire wire;
    wire.client.set_remote(wire.now, kServer,
                           std::vector<Candidate>{{NetAddress::v4(10, 0, 0, 1, 40000), 9}, {kServerAddress, 1}});
    wire.run_for(200ms);
    EXPECT_EQ(wire.client_events, std::vector<Event>{Selected{kServerAddress}});
}

TEST(Ice, NobodyThereIsAFailureAndOnlyThat) {
    Wire wire;
    wire.cut = true;
    wire.client.set_remote(wire.now, kServer, std::vector<Candidate>{{kServerAddress, 9}, {peer(4), 1}});
    wire.run_for(2min);
    EXPECT_EQ(wire.client_events, std::vector<Event>{Failed{}});
    EXPECT_EQ(wire.client.next_timeout(), kNever);
    EXPECT_EQ(wire.client.selected(), nullptr);
}

TEST(Ice, AWrongPasswordLeadsNowhere) {
    Wire wire;
    wire.client.set_remote(wire.now, {"serv", "something else"}, std::vector<Candidate>{{kServerAddress, 9}});
    wire.run_for(2min);
    EXPECT_EQ(wire.client_events, std::vector<Event>{Failed{}});
    EXPECT_TRUE(wire.server_events.empty());
}

TEST(Ice, ACutPathIsSilentOnBothEndsAndComesBack) {
    Wire wire;
    wire.client.set_remote(wire.now, kServer, std::vector<Candidate>{{kServerAddress, 9}});
    wire.run_for(10s);
    wire.cut = true;
    wire.run_for(40s);
    EXPECT_EQ(count<Silent>(wire.client_events), 1);
    EXPECT_EQ(count<Silent>(wire.server_events), 1);
    wire.cut = false;
    wire.run_for(5s);
    EXPECT_EQ(count<Heard>(wire.client_events), 1);
    EXPECT_EQ(count<Heard>(wire.server_events), 1);
    EXPECT_EQ(*wire.server.selected(), wire.client_address);
    EXPECT_EQ(*wire.client.selected(), kServerAddress);
}

TEST(Ice, AClientThatMovesIsFollowed) {
    Wire wire;
    wire.client.set_remote(wire.now, kServer, std::vector<Candidate>{{kServerAddress, 9}});
    wire.run_for(10s);
    wire.client_address = peer(6000);
    wire.run_for(5s);
    EXPECT_EQ(*wire.server.selected(), peer(6000));
}

TEST(Ice, ARestartMovesBothToTheNewCredentials) {
    Wire wire;
    wire.client.set_remote(wire.now, kServer, std::vector<Candidate>{{kServerAddress, 9}});
    wire.run_for(10s);
    wire.server.restart(kNewServer);
    wire.client.restart({"cnew", "client-password-new-456789"});
    wire.client_address = peer(6000);
    EXPECT_EQ(*wire.client.selected(), kServerAddress);
    wire.client.set_remote(wire.now, kNewServer, std::vector<Candidate>{{kServerAddress, 9}});
    EXPECT_EQ(*wire.client.selected(), kServerAddress);
    wire.run_for(1s);
    EXPECT_EQ(*wire.server.selected(), peer(6000));
    wire.run_for(2min);
    EXPECT_EQ(count<Silent>(wire.server_events) + count<Silent>(wire.client_events), 0);
    EXPECT_EQ(wire.server.counters().bad_username, 0u);
}

TEST(Ice, AnswersFromElsewhereOrUnsignedAreNone) {
    SeededRandom random(1);
    ControllingAgent client(kClient, random);
    client.set_remote(kStart, kServer, std::vector<Candidate>{{kServerAddress, 9}});
    SendBatch batch;
    std::vector<Event> events;
    Outbox out{batch, events};
    client.handle_timeout(kStart, out);
    ASSERT_EQ(batch.transmits().size(), 1u);
    const Buffer asked = to_buffer(batch.datagram(batch.transmits()[0]));
    const auto request = stun::Message::parse(asked);
    Buffer memory(200);
    stun::MessageWriter unsigned_writer(memory, stun::MessageClass::Success, stun::kBinding, request->transaction);
    client.handle_message(kStart, kServerAddress, unsigned_writer.finish(), out);
    stun::MessageWriter writer(memory, stun::MessageClass::Success, stun::kBinding, request->transaction);
    writer.integrity(kServerKey);
    const Buffer answer = to_buffer(writer.finish());
    client.handle_message(kStart, peer(3), answer, out);
    EXPECT_TRUE(events.empty());
    EXPECT_EQ(client.counters().bad_integrity, 1u);
    EXPECT_EQ(client.counters().unexpected, 1u);
    client.handle_message(kStart, kServerAddress, answer, out);
    EXPECT_EQ(events, std::vector<Event>{Selected{kServerAddress}});
}

}  // namespace crosspoint::rtc::ice
