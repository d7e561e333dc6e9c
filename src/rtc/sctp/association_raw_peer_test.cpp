#include "rtc/sctp/association.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "rtc/sctp/association_end.h"

namespace crosspoint::rtc::sctp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

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
