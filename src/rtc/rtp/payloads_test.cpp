#include <gtest/gtest.h>

#include "base/encoding.h"
#include "rtc/rtp/key_frame.h"
#include "rtc/rtp/red.h"
#include "rtc/rtp/rtx.h"
#include "rtc/rtp/vp8.h"

namespace crosspoint::rtc::rtp {
namespace {

bool starts(Codec codec, std::string_view payload) { return starts_key_frame(codec, *from_hex(payload)); }

}  // namespace

TEST(Red, SplitsThePrimaryFromWhatIsOlder) {
    // 960 samples older, 2 bytes; 480 older, 1 byte; the primary of type 111.
    const Buffer payload = *from_hex(
        "ef0f0002"
        "ef078001"
        "6f"
        "aabb"
        "cc"
        "dddd");
    const auto red = Red::parse(payload);
    ASSERT_TRUE(red);
    ASSERT_EQ(red->redundant().size(), 2u);
    EXPECT_EQ(red->redundant()[0].payload_type, PayloadType{111});
    EXPECT_EQ(red->redundant()[0].timestamp_offset, 960);
    EXPECT_EQ(hex(red->redundant()[0].data), "aabb");
    EXPECT_EQ(red->redundant()[1].timestamp_offset, 480);
    EXPECT_EQ(hex(red->redundant()[1].data), "cc");
    EXPECT_EQ(red->primary.payload_type, PayloadType{111});
    EXPECT_EQ(hex(red->primary.data), "dddd");
    for (size_t cut = 0; cut < 12; ++cut) EXPECT_FALSE(Red::parse(Bytes(payload).first(cut))) << cut;
}

TEST(Red, APrimaryAloneIsAllThereIsAtTheStart) {
    const auto red = Red::parse(*from_hex("6f01"));
    ASSERT_TRUE(red);
    EXPECT_TRUE(red->redundant().empty());
    EXPECT_EQ(red->primary.data.size(), 1u);
}

TEST(Red, EndlessHeadersAreRefused) {
    Buffer payload;
    for (int i = 0; i < 10; ++i)
        for (uint8_t byte : {0xef, 0x00, 0x00, 0x00}) payload.push_back(byte);
    payload.push_back(0x6f);
    EXPECT_FALSE(Red::parse(payload));
}

TEST(Rtx, WrapsAndUnwraps) {
    Buffer memory(100);
    PacketWriter writer(memory, {false, PayloadType{97}, 1, 2, Ssrc{3}});
    write_rtx_payload(writer, 0xfffe, Buffer{1, 2, 3});
    const auto packet = Packet::parse(writer.finish());
    ASSERT_TRUE(packet);
    const auto rtx = Rtx::parse(packet->payload);
    ASSERT_TRUE(rtx);
    EXPECT_EQ(rtx->original_sequence, 0xfffe);
    EXPECT_EQ(hex(rtx->payload), "010203");
    EXPECT_FALSE(Rtx::parse(Buffer{1}));
    EXPECT_FALSE(Rtx::parse({}));
}

TEST(Vp8, ReadsEveryFieldAndWhereItStands) {
    const Buffer payload = *from_hex(
        "b0f0"
        "9234"
        "56"
        "a5"
        "00");
    const auto descriptor = Vp8Descriptor::parse(payload);
    ASSERT_TRUE(descriptor);
    EXPECT_TRUE(descriptor->starts_frame);
    EXPECT_TRUE(descriptor->key_frame);
    EXPECT_TRUE(descriptor->non_reference);
    EXPECT_EQ(descriptor->picture_id, 0x1234);
    EXPECT_TRUE(descriptor->long_picture_id);
    EXPECT_EQ(descriptor->tl0_picture_index, 0x56);
    EXPECT_EQ(descriptor->temporal_layer, 2);
    EXPECT_TRUE(descriptor->layer_sync);
    EXPECT_EQ(descriptor->key_index, 5);
    EXPECT_EQ(descriptor->picture_id_at, 2);
    EXPECT_EQ(descriptor->tl0_picture_index_at, 4);
    EXPECT_EQ(descriptor->layer_at, 5);
    EXPECT_EQ(descriptor->size, 6);
    for (size_t cut = 0; cut < payload.size(); ++cut) EXPECT_FALSE(Vp8Descriptor::parse(Bytes(payload).first(cut)));
}

TEST(Vp8, WhatIsAbsentIsAbsent) {
    const auto bare = Vp8Descriptor::parse(*from_hex("1001"));
    ASSERT_TRUE(bare);
    EXPECT_TRUE(bare->starts_frame);
    EXPECT_FALSE(bare->key_frame);
    EXPECT_FALSE(bare->picture_id || bare->tl0_picture_index || bare->temporal_layer || bare->key_index);
    EXPECT_EQ(bare->size, 1);
    const auto short_id = Vp8Descriptor::parse(*from_hex("80807f00"));
    ASSERT_TRUE(short_id);
    EXPECT_EQ(short_id->picture_id, 0x7f);
    EXPECT_FALSE(short_id->long_picture_id);
    EXPECT_FALSE(short_id->key_frame);  // in the middle of a frame nobody can tell
}

TEST(KeyFrame, Vp8) {
    EXPECT_TRUE(starts(Codec::Vp8, "1000"));
    EXPECT_FALSE(starts(Codec::Vp8, "1001"));
    EXPECT_FALSE(starts(Codec::Vp8, "1100"));  // second partition
    EXPECT_FALSE(starts(Codec::Vp8, "10"));
}

TEST(KeyFrame, H264) {
    EXPECT_TRUE(starts(Codec::H264, "6742"));   // SPS
    EXPECT_FALSE(starts(Codec::H264, "6588"));  // IDR, which nobody decodes without the parameters before it
    EXPECT_FALSE(starts(Codec::H264, "4188"));  // another slice
    EXPECT_FALSE(starts(Codec::H264, "68ce"));  // PPS alone
    EXPECT_TRUE(starts(Codec::H264,
                       "78"
                       "000268ce"
                       "00026742"));  // STAP-A
    EXPECT_FALSE(starts(Codec::H264,
                        "78"
                        "000268ce"
                        "00ff67"));               // cut
    EXPECT_FALSE(starts(Codec::H264, "7c8588"));  // FU-A, first fragment of an IDR
    EXPECT_TRUE(starts(Codec::H264, "7c8742"));   // of an SPS
    EXPECT_FALSE(starts(Codec::H264, "7c0742"));  // a later one
    EXPECT_FALSE(starts(Codec::H264, "7c8188"));
    EXPECT_FALSE(starts(Codec::H264, ""));
}

TEST(KeyFrame, Vp9) {
    EXPECT_TRUE(starts(Codec::Vp9,
                       "8a"
                       "8123"
                       "00"));  // I, B, V
    EXPECT_TRUE(starts(Codec::Vp9,
                       "a8"
                       "01"
                       "00"
                       "00"
                       "00"));  // layers, spatial 0
    EXPECT_FALSE(starts(Codec::Vp9,
                        "a8"
                        "01"
                        "02"
                        "00"
                        "00"));  // spatial 1
    EXPECT_FALSE(starts(Codec::Vp9,
                        "c8"
                        "01"
                        "00"));  // predicted from another picture
    EXPECT_FALSE(starts(Codec::Vp9,
                        "80"
                        "01"
                        "00"));  // not the beginning
    EXPECT_FALSE(starts(Codec::Vp9,
                        "8a"
                        "81"));
}

TEST(KeyFrame, Av1) {
    EXPECT_TRUE(starts(Codec::Av1, "180a"));   // N
    EXPECT_FALSE(starts(Codec::Av1, "980a"));  // N, but in the middle of an OBU
    EXPECT_TRUE(starts(Codec::Av1,
                       "20"
                       "020a00"
                       "3200"));  // two elements, a sequence header first
    EXPECT_TRUE(starts(Codec::Av1,
                       "00"
                       "020a00"));  // each with its length
    EXPECT_FALSE(starts(Codec::Av1,
                        "10"
                        "3200"));  // one frame
    EXPECT_FALSE(starts(Codec::Av1,
                        "00"
                        "ff0a00"));
    EXPECT_FALSE(starts(Codec::Av1, "00"));
}

TEST(KeyFrame, SoundHasNone) { EXPECT_FALSE(starts(Codec::Opus, "1000")); }

}  // namespace crosspoint::rtc::rtp
