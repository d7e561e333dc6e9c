#include <gtest/gtest.h>

#include "base/encoding.h"
#include "rtc/srtp/session.h"

// The numbers that the RFCs print.
namespace crosspoint::rtc::srtp {
namespace {

Buffer from(std::string_view text) { return from_hex(text).value(); }

TEST(SrtpKeys, Rfc3711AppendixB3) {
    const SessionKeys keys = derive_session_keys(SrtpProfile::Aes128CmSha1_80, from("e1f97a0d3e018be0d64fa32c06de4139"),
                                                 from("0ec675ad498afeebb6960b3aabe6"));
    EXPECT_EQ(hex(keys.rtp.cipher), "c61e7a93744f39ee10734afe3ff7a087");
    EXPECT_EQ(hex(keys.rtp.salt), "30cbbc08863d8c85d49db34a9ae1");
    EXPECT_EQ(hex(keys.rtp.mac), "cebe321f6ff7716b6fd4ab49af256a156d38baa4");
}

struct GcmVector {
    SrtpProfile profile;
    std::string_view key, srtp, srtcp;
};
class SrtpRfc7714 : public testing::TestWithParam<GcmVector> {
protected:
    // The RFC gives session keys, the same for RTP and RTCP.
    SessionKeys keys() const {
        const TransformKeys both{.cipher = from(GetParam().key), .salt = from("517569642070726f2071756f"), .mac = {}};
        return {both, both};
    }
};

TEST_P(SrtpRfc7714, Section16Rtp) {
    const Buffer plain = from(
        "8040f17b8041f8d35501a0b2"
        "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573");
    Buffer packet = plain;
    packet.resize(plain.size() + kMaxTrailer);
    Sender sender(GetParam().profile, keys());
    const auto size = sender.protect_rtp(packet, plain.size());
    ASSERT_TRUE(size);
    packet.resize(*size);
    EXPECT_EQ(hex(packet), GetParam().srtp);

    Receiver receiver(GetParam().profile, keys());
    EXPECT_EQ(receiver.unprotect_rtp(packet), plain.size());
    EXPECT_EQ(hex(Bytes(packet).first(plain.size())), hex(plain));
}

TEST_P(SrtpRfc7714, Section17Rtcp) {
    const Buffer plain = from(
        "81c8000d4d617273"
        "4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef");
    constexpr int kIndex = 0x5d4;
    Sender sender(GetParam().profile, keys());
    Buffer packet;
    for (int i = 0; i <= kIndex; ++i) {
        packet = plain;
        packet.resize(plain.size() + kMaxTrailer);
        EXPECT_EQ(sender.protect_rtcp(packet, plain.size()), packet.size());
    }
    EXPECT_EQ(hex(packet), GetParam().srtcp);

    Receiver receiver(GetParam().profile, keys());
    EXPECT_EQ(receiver.unprotect_rtcp(packet), plain.size());
    EXPECT_EQ(hex(Bytes(packet).first(plain.size())), hex(plain));
}

INSTANTIATE_TEST_SUITE_P(
    , SrtpRfc7714,
    testing::Values(GcmVector{SrtpProfile::AeadAes128Gcm, "000102030405060708090a0b0c0d0e0f",
                              "8040f17b8041f8d35501a0b2"
                              "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
                              "899d7f27beb16a9152cf765ee4390cce",
                              "81c8000d4d617273"
                              "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b"
                              "c84aa45896cf4d2fc5abf87245d9eade800005d4"},
                    GcmVector{SrtpProfile::AeadAes256Gcm,
                              "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
                              "8040f17b8041f8d35501a0b2"
                              "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b"
                              "7aa3db36dfffd6b0f9bb7878d7a76c13",
                              "81c8000d4d617273"
                              "d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad"
                              "1d1eb30c4446839f57ff6f6cb26ac3be800005d4"}));

}  // namespace
}  // namespace crosspoint::rtc::srtp
