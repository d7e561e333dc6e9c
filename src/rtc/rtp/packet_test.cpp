#include "rtc/rtp/packet.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace crosspoint::rtc::rtp {
namespace {

Buffer written(const OutgoingHeader& header, const std::vector<std::pair<uint8_t, Buffer>>& extensions, Bytes payload) {
    Buffer memory(1500);
    PacketWriter writer(memory, header);
    for (const auto& [id, data] : extensions) writer.extension(id, data);
    writer.payload(payload);
    return to_buffer(writer.finish());
}

const OutgoingHeader kHeader{true, PayloadType{111}, 65535, 0xdeadbeef, Ssrc{0x01020304}};

}  // namespace

TEST(RtpPacket, ReadsWhatTheWriterWrote) {
    const Buffer payload{1, 2, 3};
    const Buffer bytes = written(kHeader, {}, payload);
    EXPECT_EQ(hex(bytes), "80efffffdeadbeef01020304010203");
    const auto packet = Packet::parse(bytes);
    ASSERT_TRUE(packet);
    EXPECT_TRUE(packet->marker);
    EXPECT_EQ(packet->payload_type, PayloadType{111});
    EXPECT_EQ(packet->sequence, 65535);
    EXPECT_EQ(packet->timestamp, 0xdeadbeefu);
    EXPECT_EQ(packet->ssrc, Ssrc{0x01020304});
    EXPECT_EQ(packet->extension_profile, 0);
    EXPECT_EQ(to_buffer(packet->payload), payload);
}

TEST(RtpPacket, OneByteExtensionsAreFoundByTheirId) {
    const Buffer bytes = written(kHeader, {{3, {0x12, 0x34}}, {0, {9}}, {14, Buffer(16, 7)}, {1, {'0'}}}, Buffer{0xaa});
    const auto packet = Packet::parse(bytes);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->extension_profile, 0xbede);
    EXPECT_EQ(to_buffer(packet->extension(3)), (Buffer{0x12, 0x34}));
    EXPECT_EQ(packet->extension(14).size(), 16u);
    EXPECT_EQ(as_text(packet->extension(1)), "0");
    EXPECT_TRUE(packet->extension(2).empty());
    EXPECT_TRUE(packet->extension(0).empty());
    EXPECT_EQ(to_buffer(packet->payload), Buffer{0xaa});
}

TEST(RtpPacket, LongDataOrLargeIdsUseTheTwoByteForm) {
    for (const auto& odd : std::vector<std::pair<uint8_t, Buffer>>{{15, {1}}, {200, {1, 2}}, {4, Buffer(17, 5)}}) {
        const Buffer bytes = written(kHeader, {{3, {0x12, 0x34}}, odd}, Buffer{0xaa});
        const auto packet = Packet::parse(bytes);
        ASSERT_TRUE(packet);
        EXPECT_EQ(packet->extension_profile, 0x1000);
        EXPECT_EQ(to_buffer(packet->extension(3)), (Buffer{0x12, 0x34}));
        EXPECT_EQ(to_buffer(packet->extension(odd.first)), odd.second);
        EXPECT_EQ(to_buffer(packet->payload), Buffer{0xaa});
    }
}

TEST(RtpPacket, TheOffsetOfAnExtensionAllowsStampingItLast) {
    for (const size_t length : {size_t{4}, size_t{20}}) {
        Buffer memory(200);
        PacketWriter writer(memory, kHeader);
        writer.extension(5, Buffer(length, 1));
        writer.extension(3, Buffer{0, 0});
        writer.payload(Buffer{1});
        const size_t size = writer.finish().size();
        const auto at = writer.extension_offset(3);
        ASSERT_TRUE(at);
        EXPECT_FALSE(writer.extension_offset(9));
        memory[*at] = 0xca;
        memory[*at + 1] = 0xfe;
        const auto packet = Packet::parse(Bytes(memory).first(size));
        ASSERT_TRUE(packet);
        EXPECT_EQ(to_buffer(packet->extension(3)), (Buffer{0xca, 0xfe}));
    }
}

TEST(RtpPacket, ContributingSourcesAndPaddingAreTakenOff) {
    const Buffer bytes = *from_hex("a2600001000000020000000300000004000000050102030000000004");
    const auto packet = Packet::parse(bytes);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->csrcs.size(), 8u);
    EXPECT_EQ(packet->padding, 4);
    EXPECT_EQ(hex(packet->payload), "01020300");
}

TEST(RtpPacket, OnlyPaddingIsAPacketWithoutPayload) {
    const auto packet = Packet::parse(*from_hex("a06000010000000200000003000003"));
    ASSERT_TRUE(packet);
    EXPECT_TRUE(packet->payload.empty());
}

TEST(RtpPacket, DamagedHeadersAreRefused) {
    for (const char* text : {
             "",
             "40600001000000020000000300",               // version 1
             "a06000010000000200000003",                 // padding bit without a byte to count
             "a0600001000000020000000301020300",         // padding of zero
             "a0600001000000020000000301020305",         // more padding than payload
             "90600001000000020000000300",               // extension header cut
             "906000010000000200000003bede000200000000"  // two words promised, one there
         }) {
        EXPECT_FALSE(Packet::parse(*from_hex(text))) << text;
    }
}

TEST(RtpPacket, EveryCutOfTheHeaderIsRefused) {
    const Buffer bytes = written(kHeader, {{3, {0x12, 0x34}}}, {});
    for (size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(Packet::parse(Bytes(bytes).first(cut))) << cut;
    EXPECT_TRUE(Packet::parse(bytes));
}

TEST(RtpPacket, DamagedExtensionBlocksYieldNothing) {
    // Id 3 claims 16 bytes where 3 are left; then id 15, which ends the block.
    EXPECT_TRUE(Packet::parse(*from_hex("906000010000000200000003bede00013f010203"))->extension(3).empty());
    EXPECT_TRUE(Packet::parse(*from_hex("906000010000000200000003bede0001f0013001"))->extension(3).empty());
    EXPECT_TRUE(Packet::parse(*from_hex("9060000100000002000000031000000103ff0203"))->extension(3).empty());
    EXPECT_TRUE(Packet::parse(*from_hex("906000010000000200000003abcd000130010203"))->extension(3).empty());
}

TEST(RtpPacket, WhatDoesNotFitIsNotWritten) {
    Buffer memory(18);
    PacketWriter writer(memory, kHeader);
    writer.extension(1, Buffer{1});
    writer.payload(Buffer{1, 2, 3});
    EXPECT_TRUE(writer.finish().empty());
}

TEST(RtpPacket, TheSecondByteTellsRtcp) {
    EXPECT_TRUE(looks_like_rtcp(Buffer{0x80, 200}));
    EXPECT_TRUE(looks_like_rtcp(Buffer{0x80, 192}));
    EXPECT_FALSE(looks_like_rtcp(Buffer{0x80, 224}));
    EXPECT_FALSE(looks_like_rtcp(Buffer{0x80, 96 | 0x80}));
    EXPECT_FALSE(looks_like_rtcp(Buffer{0x80, 111}));
    EXPECT_FALSE(looks_like_rtcp(Buffer{0x80}));
}

TEST(Media, CodecNamesCompareWithoutRegardToCase) {
    EXPECT_EQ(codec_from_name("OPUS"), Codec::Opus);
    EXPECT_EQ(codec_from_name("vp8"), Codec::Vp8);
    EXPECT_EQ(codec_from_name("telephone-event"), Codec::TelephoneEvent);
    EXPECT_FALSE(codec_from_name("ulpfec"));
    EXPECT_FALSE(codec_from_name(""));
    for (int i = 0; i <= static_cast<int>(Codec::Rtx); ++i)
        EXPECT_EQ(codec_from_name(codec_name(static_cast<Codec>(i))), static_cast<Codec>(i));
}

}  // namespace crosspoint::rtc::rtp
