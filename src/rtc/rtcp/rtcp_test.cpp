#include <gtest/gtest.h>

#include "base/encoding.h"
#include "rtc/rtcp/compound.h"
#include "rtc/rtcp/header.h"

namespace crosspoint::rtc::rtcp {
namespace {

Buffer written(const Message& message) {
    Buffer memory(1500);
    ByteWriter out(memory);
    write(out, message);
    EXPECT_TRUE(out.done());
    return to_buffer(out.written());
}

std::vector<Message> parsed(std::string_view text) {
    const auto compound = Compound::parse(*from_hex(text));
    EXPECT_TRUE(compound) << text;
    return compound ? compound->messages : std::vector<Message>{};
}

ReportBlock a_block(uint32_t source) { return {Ssrc{source}, 64, -5, 0x0001ffff, 7, 0x12345678, 0x8000}; }

std::vector<Message> one_of_each() {
    TransportFeedback feedback{Ssrc{1}, Ssrc{2}, 65530, 12, -3, 255, {}};
    for (uint16_t i : {0, 1, 5, 6, 11})
        feedback.arrivals.push_back({static_cast<uint16_t>(65530 + i), i == 5 ? int16_t{-40} : int16_t{200}});
    return {SenderReport{Ssrc{1}, 0x0102030405060708, 90000, 10, 12000, {a_block(2), a_block(3)}},
            ReceiverReport{Ssrc{1}, {a_block(4)}},
            ReceiverReport{Ssrc{1}, {}},
            SourceDescription{{{Ssrc{1}, "a"}, {Ssrc{2}, "ab"}, {Ssrc{3}, std::string(255, 'x')}}},
            Bye{{Ssrc{1}, Ssrc{2}}, ""},
            Bye{{Ssrc{1}}, "gone"},
            Nack{Ssrc{1}, Ssrc{2}, {65534, 65535, 0, 14, 15, 900}},
            Pli{Ssrc{1}, Ssrc{2}},
            Fir{Ssrc{1}, {{Ssrc{2}, 7}, {Ssrc{3}, 255}}},
            Remb{Ssrc{1}, 2'000'000, {Ssrc{2}, Ssrc{3}}},
            feedback};
}

}  // namespace

TEST(Rtcp, EveryMessageSurvivesTheWire) {
    for (const Message& message : one_of_each()) {
        const auto compound = Compound::parse(written(message));
        ASSERT_TRUE(compound) << message.index();
        ASSERT_EQ(compound->messages.size(), 1u);
        EXPECT_TRUE(compound->messages[0] == message) << message.index();
    }
}

TEST(Rtcp, AnyCutOfASinglePacketIsRefusedNotMisread) {
    for (const Message& message : one_of_each()) {
        const Buffer whole = written(message);
        for (size_t cut = 0; cut < whole.size(); ++cut)
            EXPECT_FALSE(Compound::parse(Bytes(whole).first(cut))) << message.index() << " " << cut;
    }
}

TEST(Rtcp, WhatDoesNotFitIsNotWritten) {
    for (const Message& message : one_of_each()) {
        Buffer memory(written(message).size() - 1);
        ByteWriter out(memory);
        write(out, message);
        EXPECT_FALSE(out.done());
    }
}

TEST(Rtcp, ACompoundKeepsTheOrderOfItsPackets) {
    const Compound all{one_of_each()};
    Buffer memory(1500);
    ByteWriter out(memory);
    all.write(out);
    ASSERT_TRUE(out.done());
    const auto compound = Compound::parse(out.written());
    ASSERT_TRUE(compound);
    EXPECT_TRUE(compound->messages == all.messages);
}

TEST(Rtcp, UnknownPacketsAreReadOver) {
    // APP, XR, RTPFB 3 (TMMBR), PSFB 15 of another application; a PLI at the end.
    const auto messages = parsed(
        "80cc00020000000141424344"
        "80cf000100000001"
        "83cd00020000000100000002"
        "8fce0003000000010000000258585858"
        "81ce00020000000100000002");
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_TRUE(std::holds_alternative<Pli>(messages[0]));
}

TEST(Rtcp, PaddingBelongsToNobody) {
    const auto messages = parsed("a1ce0003000000010000000200000004");
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(std::get<Pli>(messages[0]), (Pli{Ssrc{1}, Ssrc{2}}));
    EXPECT_FALSE(Compound::parse(*from_hex("a1ce0003000000010000000200000000")));
    EXPECT_FALSE(Compound::parse(*from_hex("a1ce00030000000100000002000000ff")));
}

TEST(Rtcp, DamageIsRefused) {
    EXPECT_FALSE(Compound::parse({}));
    EXPECT_FALSE(Compound::parse(*from_hex("41ce00020000000100000002")));  // version 1
    EXPECT_FALSE(Compound::parse(*from_hex("82c9000100000001")));          // two blocks promised, none there
    EXPECT_FALSE(Compound::parse(*from_hex("81cd00020000000100000002")));  // a NACK that names nothing
    EXPECT_FALSE(Compound::parse(*from_hex("81ca00020000000101ff4142")));  // an SDES item past the end
    EXPECT_FALSE(Compound::parse(*from_hex("82cb000100000001")));          // two sources promised
    EXPECT_FALSE(Compound::parse(*from_hex("8fce0005000000010000000052454d4202ffffff00000002")));  // REMB too short
    EXPECT_FALSE(Compound::parse(*from_hex("8fce0004000000010000000052454d4200ffffff")));          // REMB over 64 bits
}

TEST(Rtcp, ALossOfManyPacketsTakesFewEntries) {
    Nack nack{Ssrc{1}, Ssrc{2}, {}};
    for (uint16_t i = 0; i < 34; ++i) nack.lost.push_back(static_cast<uint16_t>(65520 + i));
    EXPECT_EQ(hex(written(nack)), "81cd00040000000100000002fff0ffff0001ffff");
}

TEST(Rtcp, ASenderReportOfTheTextbook) {
    const auto messages = parsed("80c8000600000001e6c5a0b1400000000001518000000064000186a0");
    ASSERT_EQ(messages.size(), 1u);
    const auto& report = std::get<SenderReport>(messages[0]);
    EXPECT_EQ(report.ntp_time, 0xe6c5a0b140000000u);
    EXPECT_EQ(report.middle_ntp(), 0xa0b14000u);
    EXPECT_EQ(report.rtp_timestamp, 86400u);
    EXPECT_EQ(report.packets, 100u);
    EXPECT_EQ(report.octets, 100000u);
}

TEST(Rtcp, CumulativeLossIsClampedTo24Bits) {
    ReceiverReport report{Ssrc{1}, {a_block(2)}};
    report.blocks[0].lost = 1 << 25;
    const auto compound = Compound::parse(written(report));
    EXPECT_EQ(std::get<ReceiverReport>(compound->messages[0]).blocks[0].lost, 0x7fffff);
}

TEST(Rtcp, RembRoundsDownTo18Bits) {
    const auto compound = Compound::parse(written(Remb{Ssrc{1}, 0x7ffff, {}}));
    EXPECT_EQ(std::get<Remb>(compound->messages[0]).bits_per_second, 0x7fffeu);
}

}  // namespace crosspoint::rtc::rtcp
