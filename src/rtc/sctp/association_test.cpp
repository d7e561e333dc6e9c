#include "rtc/sctp/association.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace crosspoint::rtc::sctp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

template <class E>
size_t count_of(const std::vector<Event>& events) {
    return static_cast<size_t>(
        std::count_if(events.begin(), events.end(), [](const Event& e) { return std::holds_alternative<E>(e); }));
}

struct End {
    explicit End(const Options& options, uint64_t seed) : random(seed), association(options, random) {}

    std::vector<std::string> texts(uint16_t stream) const {
        std::vector<std::string> texts;
        for (const Event& event : events)
            if (const auto* message = std::get_if<Message>(&event); message && message->stream == stream)
                texts.emplace_back(as_text(message->bytes));
        return texts;
    }

    SeededRandom random;
    Association association;
    Output out;
    std::vector<Event> events;
};

/// Two associations and a network between them that loses, delays and reorders by a seed, on a clock of its own.
class World {
public:
    explicit World(uint64_t seed, int loss_percent = 0, Duration jitter = 0ms, const Options& options = {})
        : a(options, seed * 2), b(options, seed * 2 + 1), random_(seed), loss_percent_(loss_percent), jitter_(jitter) {}

    void connect() { a.association.connect(now, a.out); }
    bool send(End& from, uint16_t stream, std::string_view text, uint32_t kind = ppid::kString) {
        return from.association.send(now, stream, kind, as_bytes(text), from.out);
    }
    void inject(End& to, Bytes packet) { to.association.handle_packet(now, packet, to.out); }

    void flush(End& from, End& to) {
        for (Buffer& packet : from.out.packets) {
            EXPECT_LE(packet.size(), 1191u);
            packets++;
            if (random_.below(100) < static_cast<uint64_t>(loss_percent_) || cut) continue;
            const Duration delay = 10ms + Duration(jitter_.count() ? random_.below(jitter_.count()) : 0);
            network_.emplace(now + delay, std::pair{&to, std::move(packet)});
        }
        from.out.packets.clear();
        std::move(from.out.events.begin(), from.out.events.end(), std::back_inserter(from.events));
        from.out.events.clear();
    }

    /// One step: the next packet or timer. False when nothing will ever happen again.
    bool step() {
        flush(a, b);
        flush(b, a);
        const Timestamp arrival = network_.empty() ? kNever : network_.begin()->first;
        const Timestamp next = std::min({arrival, a.association.next_timeout(), b.association.next_timeout()});
        if (next == kNever) return false;
        now = std::max(now, next);
        if (arrival <= now) {
            auto [to, packet] = std::move(network_.begin()->second);
            network_.erase(network_.begin());
            to->association.handle_packet(now, packet, to->out);
        }
        for (End* end : {&a, &b})
            if (end->association.next_timeout() <= now) end->association.handle_timeout(now, end->out);
        flush(a, b);
        flush(b, a);
        return true;
    }
    void run(Duration limit = 600s) {
        const Timestamp end = now + limit;
        while (now < end && step()) {}
    }
    template <class Condition>
    bool run_until(const Condition& condition, Duration limit = 600s) {
        const Timestamp end = now + limit;
        while (!condition() && now < end && step()) {}
        return condition();
    }
    void open() {
        connect();
        ASSERT_TRUE(run_until([&] { return a.association.connected() && b.association.connected(); }));
        run(1s);
        a.events.clear();
        b.events.clear();
    }

    Timestamp now{1s};
    End a;
    End b;
    size_t packets = 0;
    bool cut = false;

private:
    SeededRandom random_;
    int loss_percent_;
    Duration jitter_;
    std::multimap<Timestamp, std::pair<End*, Buffer>> network_;
};

TEST(SctpAssociation, ConnectsAndCarriesMessagesBothWays) {
    World world(1);
    world.connect();
    EXPECT_TRUE(world.send(world.a, 0, "early"));
    EXPECT_FALSE(world.send(world.b, 0, "not yet"));
    world.run();
    EXPECT_TRUE(world.send(world.b, 1, "PING"));
    world.run();
    EXPECT_EQ(count_of<Connected>(world.a.events), 1u);
    EXPECT_EQ(count_of<Connected>(world.b.events), 1u);
    EXPECT_THAT(world.b.texts(0), ElementsAre("early"));
    EXPECT_THAT(world.a.texts(1), ElementsAre("PING"));
    EXPECT_EQ(world.a.association.next_timeout(), kNever);
    EXPECT_LE(world.packets, 8u);  // INIT, INIT ACK, COOKIE ECHO, COOKIE ACK, twice DATA and SACK
}

TEST(SctpAssociation, BothSidesMayBegin) {
    for (uint64_t seed = 0; seed < 50; ++seed) {
        World world(seed, seed % 2 ? 20 : 0, 30ms);
        world.connect();
        world.b.association.connect(world.now, world.b.out);
        EXPECT_TRUE(world.send(world.a, 0, "from a"));
        EXPECT_TRUE(world.send(world.b, 0, "from b"));
        world.run();
        EXPECT_EQ(count_of<Connected>(world.a.events), 1u) << seed;
        EXPECT_EQ(count_of<Connected>(world.b.events), 1u) << seed;
        EXPECT_THAT(world.b.texts(0), ElementsAre("from a")) << seed;
        EXPECT_THAT(world.a.texts(0), ElementsAre("from b")) << seed;
    }
}

TEST(SctpAssociation, EmptyMessagesStayEmptyAndKeepTheirKind) {
    World world(1);
    world.open();
    world.send(world.a, 0, "", ppid::kString);
    world.send(world.a, 0, "", ppid::kBinary);
    world.run();
    EXPECT_THAT(world.b.events, ElementsAre(testing::VariantWith<Message>(Message{0, ppid::kString, {}}),
                                            testing::VariantWith<Message>(Message{0, ppid::kBinary, {}})));
}

std::string text_of_size(size_t size, size_t salt) {
    std::string text(size, ' ');
    for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + salt) % 26);
    return text;
}

TEST(SctpAssociation, EverythingArrivesOnceAndInOrderWhateverTheNetworkLoses) {
    for (uint64_t seed = 0; seed < 60; ++seed) {
        const int loss = static_cast<int>(seed % 7) * 5;
        World world(seed, loss, seed % 3 ? 40ms : 0ms);
        world.connect();
        std::vector<std::string> sent[2];
        SeededRandom sizes(seed);
        for (size_t i = 0; i < 40; ++i) {
            const size_t size = i % 8 == 7 ? sizes.below(20000) : sizes.below(300);
            const size_t stream = sizes.below(2);
            const std::string text = text_of_size(size, i);
            ASSERT_TRUE(world.send(world.a, static_cast<uint16_t>(stream), text));
            sent[stream].push_back(text);
        }
        const auto arrived = [&] {
            return world.b.texts(0).size() + world.b.texts(1).size() >= 40 &&
                   world.a.association.next_timeout() == kNever;
        };
        EXPECT_TRUE(world.run_until(arrived, 900s)) << "seed " << seed;
        EXPECT_EQ(world.b.texts(0), sent[0]) << "seed " << seed;
        EXPECT_EQ(world.b.texts(1), sent[1]) << "seed " << seed;
    }
}

TEST(SctpAssociation, TheLongestMessageArrives) {
    World world(3, 5, 20ms);
    world.open();
    const std::string longest = text_of_size(64 * 1024, 1);
    EXPECT_TRUE(world.send(world.a, 0, longest));
    EXPECT_FALSE(world.send(world.a, 0, longest + "x"));
    world.run();
    EXPECT_THAT(world.b.texts(0), ElementsAre(longest));
}

TEST(SctpAssociation, SendingHasLimits) {
    World world(3);
    world.open();
    EXPECT_FALSE(world.send(world.a, 1024, "x"));
    const std::string longest = text_of_size(64 * 1024, 1);
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(world.send(world.a, 0, longest));
    EXPECT_FALSE(world.send(world.a, 0, "x"));
    world.run();
    EXPECT_TRUE(world.send(world.a, 0, "x"));
}

TEST(SctpAssociation, OneLossIsRepairedWithoutWaitingForTheTimer) {
    World world(3);
    world.open();
    world.send(world.a, 0, text_of_size(1000, 0));
    world.run(1s);
    for (int i = 0; i < 4; ++i) {
        world.cut = i == 0;
        world.send(world.a, 0, text_of_size(1000, i));
        world.flush(world.a, world.b);
    }
    const Timestamp begun = world.now;
    EXPECT_TRUE(world.run_until([&] { return world.b.texts(0).size() == 5; }));
    EXPECT_LT(world.now - begun, 100ms);
}

TEST(SctpAssociation, GoesOnAfterThePathWasCutForLong) {
    World world(3);
    world.open();
    world.cut = true;
    world.send(world.a, 0, "during");
    world.run(120s);
    world.cut = false;
    EXPECT_TRUE(world.run_until([&] { return world.b.texts(0).size() == 1; }, 11s));
    EXPECT_TRUE(world.a.association.connected());
}

TEST(SctpAssociation, ShutsDownAfterTheLastMessage) {
    for (uint64_t seed = 0; seed < 40; ++seed) {
        World world(seed, seed % 2 ? 25 : 0, 20ms);
        world.open();
        world.send(world.a, 0, text_of_size(5000, 0));
        if (seed % 3 == 0) world.send(world.b, 0, text_of_size(5000, 0));
        world.a.association.shutdown(world.now, world.a.out);
        EXPECT_FALSE(world.send(world.a, 0, "too late"));
        if (seed % 5 == 0) world.b.association.shutdown(world.now, world.b.out);
        world.run();
        EXPECT_EQ(count_of<Closed>(world.a.events), 1u) << seed;
        EXPECT_EQ(count_of<Closed>(world.b.events), 1u) << seed;
        EXPECT_THAT(world.b.texts(0), SizeIs(1)) << seed;
        EXPECT_EQ(world.a.association.next_timeout(), kNever);
    }
}

TEST(SctpAssociation, AbortEndsBothSides) {
    World world(1);
    world.open();
    world.a.association.abort(world.a.out);
    world.run();
    ASSERT_EQ(count_of<Aborted>(world.a.events), 1u);
    ASSERT_EQ(count_of<Aborted>(world.b.events), 1u);
    EXPECT_FALSE(std::get<Aborted>(world.a.events.back()).by_peer);
    EXPECT_TRUE(std::get<Aborted>(world.b.events.back()).by_peer);
    EXPECT_EQ(std::get<Aborted>(world.b.events.back()).cause, CauseCode::UserInitiatedAbort);
    world.connect();
    world.run();
    EXPECT_TRUE(world.a.association.connected());
    EXPECT_TRUE(world.b.association.connected());
}

TEST(SctpAssociation, APeerThatLostItsStateMayBeginAnew) {
    World world(1);
    world.open();
    world.send(world.a, 0, "before");
    world.run();
    End reborn({}, 99);
    const auto exchange = [&] {
        while (!world.a.out.packets.empty() || !reborn.out.packets.empty()) {
            for (const Buffer& packet : std::exchange(reborn.out.packets, {})) world.inject(world.a, packet);
            for (const Buffer& packet : std::exchange(world.a.out.packets, {})) world.inject(reborn, packet);
        }
    };
    reborn.association.connect(world.now, reborn.out);
    exchange();
    EXPECT_EQ(count_of<Connected>(world.a.out.events), 1u);
    EXPECT_TRUE(reborn.association.connected());
    world.send(world.a, 0, "after");
    world.send(reborn, 0, "hello");
    exchange();
    ASSERT_EQ(count_of<Message>(reborn.out.events), 1u);
    EXPECT_EQ(as_text(std::get<Message>(reborn.out.events.back()).bytes), "after");
    EXPECT_EQ(as_text(std::get<Message>(world.a.out.events.back()).bytes), "hello");
}

/// Speaks chunk by chunk to an association, to show it what a well-behaved peer never sends.
class RawPeer {
public:
    RawPeer() : end({}, 1) {
        end.association.connect(now, end.out);
        const Packet init = take(ChunkType::Init);
        own = *InitChunk::parse(init.chunks[0].body);
        InitChunk ack = own;
        ack.tag = kTag;
        ack.initial_tsn = 100;
        ack.cookie = {1, 2, 3, 4};
        say(make_chunk(ack, ChunkType::InitAck, 0));
        take(ChunkType::CookieEcho);
        say(make_chunk(ChunkType::CookieAck, 0, {}));
        EXPECT_TRUE(end.association.connected());
    }
    void say(Bytes chunk) { say_to(own.tag, chunk); }
    void say_to(uint32_t tag, Bytes chunk) {
        PacketBuilder packet({5000, 5000, tag}, 65535);
        packet.add(chunk);
        end.association.handle_packet(now, packet.take(), end.out);
    }
    void say_data(uint32_t tsn, std::string_view text, uint16_t ssn, uint16_t stream = 0, bool unordered = false) {
        DataChunk data;
        data.tsn = tsn;
        data.ssn = ssn;
        data.stream = stream;
        data.unordered = unordered;
        data.payload = as_bytes(text);
        say(make_chunk(data, ChunkType::Data, data.flags()));
    }
    /// The packet sent last, which must begin with this chunk.
    Packet take(ChunkType type) {
        EXPECT_THAT(end.out.packets, testing::Not(IsEmpty()));
        if (end.out.packets.empty()) return {{}, {{}}};
        last = std::move(end.out.packets.back());
        end.out.packets.clear();
        const auto packet = Packet::parse(last);
        EXPECT_TRUE(packet);
        EXPECT_EQ(packet->chunks[0].type, type);
        return *packet;
    }

    static constexpr uint32_t kTag = 0xabcdef01;
    Timestamp now{1s};
    End end;
    InitChunk own;
    Buffer last;
};

TEST(SctpAssociation, UnknownChunksFollowTheirHighBits) {
    for (const auto& [type, goes_on, reports] : std::to_array<std::tuple<uint8_t, bool, bool>>(
             {{0x3e, false, false}, {0x7e, false, true}, {0xbe, true, false}, {0xfe, true, true}})) {
        RawPeer peer;
        Buffer chunks = make_chunk(ChunkType{type}, 0, as_bytes("abcd"));
        const Buffer heartbeat = make_chunk(ChunkType::Heartbeat, 0, as_bytes("beat"));
        chunks.insert(chunks.end(), heartbeat.begin(), heartbeat.end());
        peer.say(chunks);
        std::vector<ChunkType> answers;
        for (const Buffer& bytes : peer.end.out.packets) {
            const auto packet = Packet::parse(bytes);
            for (const RawChunk& chunk : packet->chunks) answers.push_back(chunk.type);
        }
        std::vector<ChunkType> wanted;
        if (reports) wanted.push_back(ChunkType::Error);
        if (goes_on) wanted.push_back(ChunkType::HeartbeatAck);
        EXPECT_EQ(answers, wanted) << int{type};
    }
}

TEST(SctpAssociation, HeartbeatsAreEchoed) {
    RawPeer peer;
    peer.say(make_chunk(ChunkType::Heartbeat, 0, as_bytes("some info")));
    const Packet answer = peer.take(ChunkType::HeartbeatAck);
    EXPECT_EQ(answer.header.tag, RawPeer::kTag);
    EXPECT_EQ(as_text(answer.chunks[0].body), "some info");
}

TEST(SctpAssociation, PacketsWithAnotherTagChangeNothing) {
    RawPeer peer;
    peer.say_to(peer.own.tag + 1, make_chunk(ChunkType::Abort, 0, {}));
    peer.say_to(0, make_chunk(ChunkType::Abort, 0, {}));
    peer.say_to(RawPeer::kTag, make_chunk(ChunkType::Abort, 0, {}));
    peer.say_to(0, make_chunk(ChunkType::Shutdown, 0, Buffer(4)));
    EXPECT_TRUE(peer.end.association.connected());
    EXPECT_EQ(peer.end.association.dropped_packets(), 4u);
    EXPECT_THAT(peer.end.out.packets, IsEmpty());
    peer.say_to(RawPeer::kTag, make_chunk(ChunkType::Abort, 1, {}));  // reflected
    EXPECT_FALSE(peer.end.association.connected());
}

TEST(SctpAssociation, DataIsAcknowledgedForEverySecondPacketOrAfterAMoment) {
    RawPeer peer;
    peer.say_data(100, "a", 0);
    EXPECT_THAT(peer.end.out.packets, IsEmpty());
    peer.say_data(101, "b", 1);
    EXPECT_EQ(SackChunk::parse(peer.take(ChunkType::Sack).chunks[0].body)->cumulative_tsn, 101u);
    peer.say_data(102, "c", 2);
    EXPECT_THAT(peer.end.out.packets, IsEmpty());
    peer.now = peer.end.association.next_timeout();
    EXPECT_EQ(peer.now, Timestamp(1s) + 200ms);
    peer.end.association.handle_timeout(peer.now, peer.end.out);
    EXPECT_EQ(SackChunk::parse(peer.take(ChunkType::Sack).chunks[0].body)->cumulative_tsn, 102u);
}

TEST(SctpAssociation, GapsAndDuplicatesAreReportedAtOnce) {
    RawPeer peer;
    peer.say_data(102, "c", 2);
    auto sack = SackChunk::parse(peer.take(ChunkType::Sack).chunks[0].body);
    EXPECT_EQ(sack->cumulative_tsn, 99u);
    EXPECT_THAT(sack->gaps, ElementsAre(SackChunk::Gap{3, 3}));
    peer.say_data(102, "c", 2);
    sack = SackChunk::parse(peer.take(ChunkType::Sack).chunks[0].body);
    EXPECT_THAT(sack->duplicates, ElementsAre(102u));
    peer.say_data(103, "now", 0, 0, true);
    EXPECT_EQ(count_of<Message>(peer.end.out.events), 1u);
}

TEST(SctpAssociation, AStreamWeDidNotAgreeOnIsReportedAndAcknowledged) {
    RawPeer peer;
    peer.say_data(100, "a", 0, 1024);
    EXPECT_EQ(first_cause(peer.take(ChunkType::Error).chunks[0].body), CauseCode::InvalidStream);
    peer.say_data(101, "b", 0);
    EXPECT_EQ(SackChunk::parse(peer.take(ChunkType::Sack).chunks[0].body)->cumulative_tsn, 101u);
}

TEST(SctpAssociation, DataWithoutDataEndsIt) {
    RawPeer peer;
    peer.say_data(100, "", 0);
    EXPECT_EQ(first_cause(peer.take(ChunkType::Abort).chunks[0].body), CauseCode::NoUserData);
    EXPECT_EQ(count_of<Aborted>(peer.end.out.events), 1u);
}

TEST(SctpAssociation, ForwardTsnSkipsWhatThePeerGaveUp) {
    RawPeer peer;
    peer.say_data(102, "after", 1);
    EXPECT_EQ(count_of<Message>(peer.end.out.events), 0u);
    ForwardTsnChunk forward;
    forward.new_cumulative_tsn = 101;
    forward.skipped = {{0, 0}, {60000, 0}};
    peer.say(make_chunk(forward, ChunkType::ForwardTsn, 0));
    EXPECT_EQ(count_of<Message>(peer.end.out.events), 1u);
    EXPECT_EQ(SackChunk::parse(peer.take(ChunkType::Sack).chunks[0].body)->cumulative_tsn, 102u);
}

TEST(SctpAssociation, StreamsCanBeResetByThePeer) {
    RawPeer peer;
    peer.say_data(100, "old", 0, 1);
    const ReConfigChunk request{{OutgoingReset{100, 0, 100, {1}}}};
    peer.say(make_chunk(request, ChunkType::ReConfig, 0));
    const auto answer = ReConfigChunk::parse(peer.take(ChunkType::ReConfig).chunks[0].body);
    EXPECT_EQ(std::get<ResetResponse>(answer->items[0]).result, ResetResult::Performed);
    ASSERT_EQ(count_of<StreamReset>(peer.end.out.events), 1u);
    EXPECT_THAT(std::get<StreamReset>(peer.end.out.events.back()).streams, ElementsAre(1));
    peer.say_data(101, "new", 0, 1);
    EXPECT_EQ(count_of<Message>(peer.end.out.events), 2u);
}

TEST(SctpAssociation, ASackForWhatWasNeverSentIsIgnored) {
    RawPeer peer;
    SackChunk sack;
    sack.cumulative_tsn = peer.own.initial_tsn + 5;
    peer.say(make_chunk(sack, ChunkType::Sack, 0));
    EXPECT_TRUE(peer.end.association.send(peer.now, 0, ppid::kString, as_bytes("x"), peer.end.out));
    EXPECT_EQ(DataChunk::parse(0, peer.take(ChunkType::Data).chunks[0].body)->tsn, peer.own.initial_tsn);
    sack.cumulative_tsn = peer.own.initial_tsn - 1;
    sack.gaps = {{2, 9}};
    peer.say(make_chunk(sack, ChunkType::Sack, 0));
    EXPECT_NE(peer.end.association.next_timeout(), kNever);
}

TEST(SctpAssociation, AClosedWindowIsProbedByOneChunk) {
    RawPeer peer;
    const std::string text = text_of_size(1000, 0);
    for (int i = 0; i < 3; ++i) peer.end.association.send(peer.now, 0, ppid::kString, as_bytes(text), peer.end.out);
    peer.end.out.packets.clear();
    for (int i = 0; i < 3; ++i) peer.end.association.send(peer.now, 0, ppid::kString, as_bytes(text), peer.end.out);
    peer.end.out.packets.clear();
    SackChunk sack;
    sack.cumulative_tsn = peer.own.initial_tsn + 2;
    sack.window = 0;
    peer.say(make_chunk(sack, ChunkType::Sack, 0));
    sack.cumulative_tsn = peer.own.initial_tsn + 4;
    peer.say(make_chunk(sack, ChunkType::Sack, 0));
    EXPECT_LE(peer.end.out.packets.size(), 1u);
    peer.end.out.packets.clear();
    sack.window = 100000;
    sack.cumulative_tsn = peer.own.initial_tsn + 5;
    peer.say(make_chunk(sack, ChunkType::Sack, 0));
    EXPECT_EQ(peer.end.association.next_timeout(), kNever);
}

TEST(SctpAssociation, AnInitWithoutTagOrStreamsIsRefused) {
    SeededRandom random(1);
    Association association({}, random);
    Output out;
    InitChunk init;
    init.tag = 7;
    init.outbound_streams = 0;
    init.inbound_streams = 1;
    PacketBuilder packet({5000, 5000, 0}, 1000);
    packet.add(make_chunk(init, ChunkType::Init, 0));
    association.handle_packet(Timestamp{}, packet.take(), out);
    ASSERT_THAT(out.packets, SizeIs(1));
    EXPECT_EQ(Packet::parse(out.packets[0])->chunks[0].type, ChunkType::Abort);
    out = {};
    init.tag = 0;
    packet.add(make_chunk(init, ChunkType::Init, 0));
    association.handle_packet(Timestamp{}, packet.take(), out);
    EXPECT_THAT(out.packets, IsEmpty());
}

TEST(SctpAssociation, AnythingForAnAssociationThatIsNotThereIsAnsweredOnce) {
    SeededRandom random(1);
    Association association({}, random);
    Output out;
    PacketBuilder packet({5000, 5000, 0x11223344}, 1000);
    packet.add(make_chunk(ChunkType::ShutdownAck, 0, {}));
    association.handle_packet(Timestamp{}, packet.take(), out);
    packet.add(make_chunk(ChunkType::CookieAck, 0, {}));
    association.handle_packet(Timestamp{}, packet.take(), out);
    packet.add(make_chunk(ChunkType::Abort, 0, {}));
    association.handle_packet(Timestamp{}, packet.take(), out);
    ASSERT_THAT(out.packets, SizeIs(2));
    EXPECT_EQ(Packet::parse(out.packets[0])->chunks[0].type, ChunkType::ShutdownComplete);
    EXPECT_EQ(Packet::parse(out.packets[1])->chunks[0].type, ChunkType::Abort);
    EXPECT_EQ(Packet::parse(out.packets[1])->header.tag, 0x11223344u);
}

}  // namespace
}  // namespace crosspoint::rtc::sctp
