#include "rtc/srtp/session.h"

#include <gtest/gtest.h>

namespace crosspoint::rtc::srtp {
namespace {

constexpr auto kProfiles = std::to_array<SrtpProfile>({SrtpProfile::AeadAes128Gcm, SrtpProfile::AeadAes256Gcm,
                                                       SrtpProfile::Aes128CmSha1_80, SrtpProfile::Aes128CmSha1_32});

Buffer rtp_packet(uint32_t ssrc, uint16_t sequence, size_t payload) {
    Buffer packet(12 + payload, 0xa5);
    ByteWriter out(packet);
    out.u16(0x8060);
    out.u16(sequence);
    out.u32(90'000);
    out.u32(ssrc);
    return packet;
}

Buffer rtcp_packet(uint32_t ssrc) {
    Buffer packet(28, 0x5a);
    ByteWriter out(packet);
    out.u32(0x80c80006);
    out.u32(ssrc);
    return packet;
}

class Srtp : public testing::TestWithParam<SrtpProfile> {
protected:
    Buffer key_ = Buffer(sizes_of(GetParam()).key, 0x11);
    Buffer salt_ = Buffer(sizes_of(GetParam()).salt, 0x22);
    Sender sender_{GetParam(), key_, salt_};
    Receiver receiver_{GetParam(), key_, salt_};

    Buffer protect_rtp(const Buffer& plain) {
        Buffer packet = plain;
        packet.resize(plain.size() + kMaxTrailer);
        packet.resize(sender_.protect_rtp(packet, plain.size()).value());
        return packet;
    }
    Buffer protect_rtcp(const Buffer& plain) {
        Buffer packet = plain;
        packet.resize(plain.size() + kMaxTrailer);
        packet.resize(sender_.protect_rtcp(packet, plain.size()).value());
        return packet;
    }
    std::optional<Buffer> open_rtp(Buffer packet) {
        const auto size = receiver_.unprotect_rtp(packet);
        if (!size) return std::nullopt;
        packet.resize(*size);
        return packet;
    }
    std::optional<Buffer> open_rtcp(Buffer packet) {
        const auto size = receiver_.unprotect_rtcp(packet);
        if (!size) return std::nullopt;
        packet.resize(*size);
        return packet;
    }
    bool carries_rtp(uint32_t ssrc, uint16_t sequence) {
        const Buffer plain = rtp_packet(ssrc, sequence, 40);
        return open_rtp(protect_rtp(plain)) == plain;
    }
};
INSTANTIATE_TEST_SUITE_P(, Srtp, testing::ValuesIn(kProfiles));

TEST_P(Srtp, CsrcsAndExtensionStayReadable) {
    Buffer plain(12 + 8 + 4 + 8 + 50, 0x77);
    ByteWriter out(plain);
    out.u16(0x9260);  // two CSRCs, an extension of two words
    out.u16(7);
    out.u32(1);
    out.u32(2);
    out.zeros(8);
    out.u32(0xbede0002);
    out.zeros(8);
    const size_t clear = out.position();
    const Buffer packet = protect_rtp(plain);
    EXPECT_TRUE(std::equal(plain.begin(), plain.begin() + static_cast<ptrdiff_t>(clear), packet.begin()));
    EXPECT_FALSE(std::equal(plain.begin() + static_cast<ptrdiff_t>(clear), plain.end(),
                            packet.begin() + static_cast<ptrdiff_t>(clear)));
    EXPECT_EQ(open_rtp(packet), plain);
}

TEST_P(Srtp, EmptyPayloads) {
    const Buffer rtp = rtp_packet(1, 2, 0);
    EXPECT_EQ(open_rtp(protect_rtp(rtp)), rtp);
    Buffer rtcp = rtcp_packet(1);
    rtcp.resize(8);
    EXPECT_EQ(open_rtcp(protect_rtcp(rtcp)), rtcp);
}

TEST_P(Srtp, RollsOverFromEveryStart) {
    uint32_t ssrc = 100;
    for (uint16_t start : {0, 1, 32767, 32768, 65534, 65535}) {
        ++ssrc;
        uint16_t sequence = start;
        for (int i = 0; i < 5; ++i) EXPECT_TRUE(carries_rtp(ssrc, sequence++)) << start;
        for (int i = 0; i < 15; ++i) EXPECT_TRUE(carries_rtp(ssrc, sequence += 20'000)) << start << " " << i;
    }
}

TEST_P(Srtp, ReorderedAcrossTheRollover) {
    EXPECT_TRUE(carries_rtp(1, 65530));
    EXPECT_TRUE(carries_rtp(1, 2));
    EXPECT_TRUE(carries_rtp(1, 65535));
    EXPECT_TRUE(carries_rtp(1, 1));
    EXPECT_TRUE(carries_rtp(1, 65531));
    EXPECT_TRUE(carries_rtp(1, 3));
}

TEST_P(Srtp, ReplayIsRefused) {
    const Buffer rtp = protect_rtp(rtp_packet(1, 5, 40));
    const Buffer rtcp = protect_rtcp(rtcp_packet(1));
    EXPECT_TRUE(open_rtp(rtp));
    EXPECT_FALSE(open_rtp(rtp));
    EXPECT_TRUE(open_rtcp(rtcp));
    EXPECT_FALSE(open_rtcp(rtcp));
    EXPECT_TRUE(carries_rtp(1, 6));
    EXPECT_FALSE(open_rtp(rtp));
    // The same packet protected again, as for a retransmission, is the same bytes.
    EXPECT_EQ(protect_rtp(rtp_packet(1, 5, 40)), rtp);
}

TEST_P(Srtp, WhatTheWindowNoLongerCoversIsRefused) {
    const Buffer inside = protect_rtp(rtp_packet(1, 1001, 40));
    const Buffer outside = protect_rtp(rtp_packet(1, 1000, 40));
    EXPECT_TRUE(carries_rtp(1, 1000 + ReplayWindow::kSize));
    EXPECT_FALSE(open_rtp(outside));
    EXPECT_TRUE(open_rtp(inside));
}

TEST_P(Srtp, AnyDamageIsRefusedAndLeavesNoTrace) {
    const Buffer rtp = protect_rtp(rtp_packet(1, 5, 24));
    const Buffer rtcp = protect_rtcp(rtcp_packet(1));
    for (size_t bit = 0; bit < rtp.size() * 8; ++bit) {
        Buffer damaged = rtp;
        damaged[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
        EXPECT_FALSE(open_rtp(damaged)) << bit;
    }
    for (size_t bit = 0; bit < rtcp.size() * 8; ++bit) {
        Buffer damaged = rtcp;
        damaged[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
        EXPECT_FALSE(open_rtcp(damaged)) << bit;
    }
    for (size_t cut = 0; cut < rtp.size(); ++cut) EXPECT_FALSE(open_rtp(Buffer(rtp.begin(), rtp.end() - 1 - cut)));
    for (size_t cut = 0; cut < rtcp.size(); ++cut) EXPECT_FALSE(open_rtcp(Buffer(rtcp.begin(), rtcp.end() - 1 - cut)));
    EXPECT_TRUE(open_rtp(rtp));
    EXPECT_TRUE(open_rtcp(rtcp));
}

TEST_P(Srtp, NoRoomOrNoPacketIsRefused) {
    Buffer packet = rtp_packet(1, 1, 20);
    EXPECT_FALSE(sender_.protect_rtp(packet, packet.size()));
    Buffer garbage(40, 0);
    EXPECT_FALSE(sender_.protect_rtp(garbage, 20));
    EXPECT_FALSE(sender_.protect_rtcp(garbage, 20));
    Buffer short_extension(40, 0);
    ByteWriter(short_extension).u16(0x9060);
    short_extension[15] = 9;
    EXPECT_FALSE(sender_.protect_rtp(short_extension, 20));
}

TEST_P(Srtp, TheSilentSsrcIsForgottenFirst) {
    const Buffer of_first = protect_rtp(rtp_packet(0, 1, 10));
    EXPECT_TRUE(open_rtp(of_first));
    for (uint32_t ssrc = 1; ssrc < Receiver::kMaxSsrcs; ++ssrc) EXPECT_TRUE(carries_rtp(ssrc, 1));
    EXPECT_FALSE(open_rtp(of_first));
    EXPECT_TRUE(carries_rtp(0, 2));
    EXPECT_TRUE(carries_rtp(9999, 1));  // SSRC 1 goes
    EXPECT_FALSE(open_rtp(of_first));
    EXPECT_TRUE(open_rtp(protect_rtp(rtp_packet(1, 1, 40))));
    EXPECT_TRUE(carries_rtp(2, 2));
}

TEST(SrtpIndex, TieStaysInTheSameWrap) {  // RFC 3711 3.3.1
    EXPECT_EQ(estimate_index(std::nullopt, 65535), 65535u);
    EXPECT_EQ(estimate_index(0x10000, 0x8000), 0x18000u);
    EXPECT_EQ(estimate_index(0x10000, 0x8001), 0x8001u);
    EXPECT_EQ(estimate_index(0x18000, 0x0000), 0x10000u);
    EXPECT_EQ(estimate_index(0x18001, 0x0000), 0x20000u);
    EXPECT_EQ(estimate_index(5, 65535), 65535u);
}

TEST(ReplayWindow, JumpsForgetWhatTheySkip) {
    ReplayWindow window;
    window.add(5);
    window.add(5 + ReplayWindow::kSize - 1);
    EXPECT_FALSE(window.fresh(5));
    EXPECT_TRUE(window.fresh(6));
    window.add(6 + 3 * ReplayWindow::kSize);
    EXPECT_FALSE(window.fresh(6));
    EXPECT_TRUE(window.fresh(7 + 2 * ReplayWindow::kSize));
    EXPECT_FALSE(window.fresh(6 + 2 * ReplayWindow::kSize));
}

}  // namespace
}  // namespace crosspoint::rtc::srtp
