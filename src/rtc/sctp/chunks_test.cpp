#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "rtc/sctp/crc32c.h"
#include "rtc/sctp/data_chunk.h"
#include "rtc/sctp/error_cause.h"
#include "rtc/sctp/forward_tsn_chunk.h"
#include "rtc/sctp/init_chunk.h"
#include "rtc/sctp/packet.h"
#include "rtc/sctp/parameter.h"
#include "rtc/sctp/reconfig_chunk.h"
#include "rtc/sctp/sack_chunk.h"
#include "rtc/sctp/state_cookie.h"

namespace crosspoint::rtc::sctp {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

template <class Chunk>
Buffer body_of(const Chunk& chunk) {
    Buffer body(chunk.size());
    ByteWriter out(body);
    chunk.write(out);
    EXPECT_TRUE(out.done());
    EXPECT_EQ(out.position(), body.size());
    return body;
}

/// Cuts that leave a shorter but whole chunk are in `whole_at`.
template <class Parse>
void expect_cuts_refused(Bytes body, const Parse& parse, std::vector<size_t> whole_at = {}) {
    for (size_t cut = 0; cut < body.size(); ++cut) {
        const bool whole = std::find(whole_at.begin(), whole_at.end(), cut) != whole_at.end();
        EXPECT_EQ(parse(body.first(cut)).has_value(), whole) << cut;
    }
}

// The vectors of RFC 3720 B.4, which uses the same checksum.
TEST(Sctp, Crc32cMatchesTheVectors) {
    EXPECT_EQ(crc32c(Buffer(32, 0)), 0x8a9136aau);
    EXPECT_EQ(crc32c(Buffer(32, 0xff)), 0x62a8ab43u);
    Buffer rising(32);
    for (size_t i = 0; i < rising.size(); ++i) rising[i] = static_cast<uint8_t>(i);
    EXPECT_EQ(crc32c(rising), 0x46dd794eu);
    EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
}

TEST(Sctp, APacketReadsBackAndAnyDamageIsRefused) {
    PacketBuilder builder({5000, 5001, 0x12345678}, 100);
    EXPECT_TRUE(builder.empty());
    builder.add(make_chunk(ChunkType::Heartbeat, 0, as_bytes("abc")));
    builder.add(make_chunk(ChunkType::CookieAck, 7, {}));
    EXPECT_TRUE(builder.fits(76));
    EXPECT_FALSE(builder.fits(77));
    Buffer bytes = builder.take();
    EXPECT_TRUE(builder.empty());

    const auto packet = Packet::parse(bytes);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->header.source_port, 5000);
    EXPECT_EQ(packet->header.destination_port, 5001);
    EXPECT_EQ(packet->header.tag, 0x12345678u);
    ASSERT_THAT(packet->chunks, SizeIs(2));
    EXPECT_EQ(as_text(packet->chunks[0].body), "abc");
    EXPECT_EQ(packet->chunks[0].whole.size(), 7u);
    EXPECT_EQ(packet->chunks[1].flags, 7);

    for (size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(Packet::parse(Bytes(bytes).first(cut)));
    for (size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] ^= 0x10;
        EXPECT_FALSE(Packet::parse(bytes)) << i;
        bytes[i] ^= 0x10;
    }
}

TEST(Sctp, ChunksThatLeaveThePacketAreRefused) {
    for (const uint8_t length : {0, 3, 9, 255}) {
        PacketBuilder builder({1, 2, 3}, 100);
        Buffer chunk = make_chunk(ChunkType::Heartbeat, 0, as_bytes("abcd"));
        chunk[3] = length;
        builder.add(chunk);
        EXPECT_FALSE(Packet::parse(builder.take())) << int{length};
    }
    EXPECT_FALSE(Packet::parse(PacketBuilder({1, 2, 3}, 100).take()));
}

TEST(Sctp, InitReadsBack) {
    InitChunk init;
    init.tag = 1;
    init.window = 2;
    init.outbound_streams = 3;
    init.inbound_streams = 4;
    init.initial_tsn = 5;
    init.forward_tsn = true;
    init.reconfig = true;
    init.cookie = {1, 2, 3, 4};
    const Buffer body = body_of(init);
    const auto again = InitChunk::parse(body);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->tag, 1u);
    EXPECT_EQ(again->window, 2u);
    EXPECT_EQ(again->outbound_streams, 3);
    EXPECT_EQ(again->inbound_streams, 4);
    EXPECT_EQ(again->initial_tsn, 5u);
    EXPECT_TRUE(again->forward_tsn);
    EXPECT_TRUE(again->reconfig);
    EXPECT_EQ(again->cookie, init.cookie);
    // 16 fixed, extensions (6, padded to 8), forward TSN (4), cookie (8).
    expect_cuts_refused(body, InitChunk::parse, {16, 22, 23, 24, 28});
}

TEST(Sctp, UnknownInitParametersFollowTheirHighBits) {
    const auto init_with = [](uint16_t type) {
        InitChunk init;
        init.tag = 1;
        Buffer body = body_of(init);
        Buffer parameters(parameter_size(2) + parameter_size(0));
        ByteWriter out(parameters);
        write_parameter(out, type, as_bytes("ab"));
        write_parameter(out, 0xc000, {});
        body.insert(body.end(), parameters.begin(), parameters.end());
        return *InitChunk::parse(body);
    };
    EXPECT_FALSE(init_with(0x3abc).forward_tsn);
    EXPECT_THAT(init_with(0x3abc).unknown, SizeIs(0));
    EXPECT_FALSE(init_with(0x7abc).forward_tsn);
    EXPECT_THAT(init_with(0x7abc).unknown, ElementsAre(Buffer{0x7a, 0xbc, 0, 6, 'a', 'b'}));
    EXPECT_TRUE(init_with(0x8abc).forward_tsn);
    EXPECT_THAT(init_with(0x8abc).unknown, SizeIs(0));
    EXPECT_TRUE(init_with(0xdabc).forward_tsn);
    EXPECT_THAT(init_with(0xdabc).unknown, SizeIs(1));
}

TEST(Sctp, DataReadsBack) {
    DataChunk data;
    data.tsn = 0xfffffff0;
    data.stream = 1;
    data.ssn = 2;
    data.ppid = 51;
    data.beginning = false;
    data.unordered = true;
    data.immediate = true;
    data.payload = as_bytes("hello");
    const Buffer body = body_of(data);
    const auto again = DataChunk::parse(data.flags(), body);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->tsn, 0xfffffff0u);
    EXPECT_EQ(again->stream, 1);
    EXPECT_EQ(again->ssn, 2);
    EXPECT_EQ(again->ppid, 51u);
    EXPECT_FALSE(again->beginning);
    EXPECT_TRUE(again->end);
    EXPECT_TRUE(again->unordered);
    EXPECT_TRUE(again->immediate);
    EXPECT_EQ(as_text(again->payload), "hello");
    for (size_t cut = 0; cut < DataChunk::kFixedSize; ++cut)
        EXPECT_FALSE(DataChunk::parse(0, Bytes(body).first(cut))) << cut;
}

TEST(Sctp, SackReadsBack) {
    SackChunk sack;
    sack.cumulative_tsn = 7;
    sack.window = 8;
    sack.gaps = {{2, 3}, {5, 5}};
    sack.duplicates = {9, 10};
    const Buffer body = body_of(sack);
    const auto again = SackChunk::parse(body);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->cumulative_tsn, 7u);
    EXPECT_EQ(again->window, 8u);
    EXPECT_EQ(again->gaps, sack.gaps);
    EXPECT_EQ(again->duplicates, sack.duplicates);
    expect_cuts_refused(body, SackChunk::parse);

    sack.gaps = {{3, 2}};
    EXPECT_FALSE(SackChunk::parse(body_of(sack)));
    sack.gaps = {{0, 2}};
    EXPECT_FALSE(SackChunk::parse(body_of(sack)));
}

TEST(Sctp, ForwardTsnReadsBack) {
    ForwardTsnChunk forward;
    forward.new_cumulative_tsn = 5;
    forward.skipped = {{1, 2}, {3, 4}};
    const Buffer body = body_of(forward);
    EXPECT_EQ(ForwardTsnChunk::parse(body)->new_cumulative_tsn, 5u);
    EXPECT_EQ(ForwardTsnChunk::parse(body)->skipped, forward.skipped);
    expect_cuts_refused(body, ForwardTsnChunk::parse, {4, 8});
}

TEST(Sctp, ReConfigReadsBack) {
    const ReConfigChunk chunk{{ResetResponse{1, ResetResult::Performed}, OutgoingReset{2, 3, 4, {5, 6}}}};
    const Buffer body = body_of(chunk);
    const auto again = ReConfigChunk::parse(body);
    ASSERT_TRUE(again);
    ASSERT_THAT(again->items, SizeIs(2));
    EXPECT_EQ(std::get<ResetResponse>(again->items[0]).request, 1u);
    EXPECT_EQ(std::get<ResetResponse>(again->items[0]).result, ResetResult::Performed);
    const auto& reset = std::get<OutgoingReset>(again->items[1]);
    EXPECT_EQ(reset.request, 2u);
    EXPECT_EQ(reset.response, 3u);
    EXPECT_EQ(reset.last_tsn, 4u);
    EXPECT_THAT(reset.streams, ElementsAre(5, 6));
    expect_cuts_refused(body, ReConfigChunk::parse, {12});
    EXPECT_FALSE(ReConfigChunk::parse(body_of(ReConfigChunk{{OtherRequest{1}, OtherRequest{2}, OtherRequest{3}}})));
    EXPECT_TRUE(ReConfigChunk::parse(body_of(ReConfigChunk{{OtherRequest{1}}})));
}

TEST(Sctp, CausesReadBack) {
    EXPECT_EQ(first_cause(make_cause(CauseCode::ProtocolViolation, as_bytes("x"))), CauseCode::ProtocolViolation);
    EXPECT_EQ(first_cause({}), CauseCode::None);
    EXPECT_EQ(first_cause(Buffer{0, 12, 0, 3}), CauseCode::None);
}

TEST(Sctp, TheStateCookieReadsBackAndOnlyAsAWhole) {
    StateCookie cookie;
    cookie.own_tag = 1;
    cookie.own_initial_tsn = 2;
    cookie.own_tie_tag = 3;
    cookie.peer_tie_tag = 4;
    cookie.peer.tag = 5;
    cookie.peer.window = 6;
    cookie.peer.outbound_streams = 7;
    cookie.peer.inbound_streams = 8;
    cookie.peer.initial_tsn = 9;
    const Buffer bytes = cookie.write();
    EXPECT_EQ(bytes.size() % 4, 0u);
    const auto again = StateCookie::parse(bytes);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->write(), bytes);
    EXPECT_EQ(again->peer.initial_tsn, 9u);
    expect_cuts_refused(bytes, StateCookie::parse);
    cookie.peer.tag = 0;
    EXPECT_FALSE(StateCookie::parse(cookie.write()));
}

}  // namespace
}  // namespace crosspoint::rtc::sctp
