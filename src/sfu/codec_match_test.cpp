#include "sfu/codec_match.h"

#include <gtest/gtest.h>

namespace crosspoint::sfu {

namespace {
rtc::CodecParameters codec(rtc::Codec name, std::string fmtp = "", uint32_t clock_rate = 90'000) {
    rtc::CodecParameters parameters;
    parameters.codec = name;
    parameters.clock_rate = clock_rate;
    parameters.fmtp = std::move(fmtp);
    return parameters;
}
rtc::CodecParameters h264(const char* profile, int mode) {
    return codec(rtc::Codec::H264, "level-asymmetry-allowed=1; packetization-mode=" + std::to_string(mode) +
                                       ";profile-level-id=" + profile);
}
}  // namespace

TEST(CodecMatch, NamesAndClockRatesMustBeTheSame) {
    EXPECT_TRUE(forwardable(codec(rtc::Codec::Vp8), codec(rtc::Codec::Vp8)));
    EXPECT_FALSE(forwardable(codec(rtc::Codec::Vp8), codec(rtc::Codec::Vp9)));
    EXPECT_FALSE(forwardable(codec(rtc::Codec::TelephoneEvent, "0-15", 8'000),
                             codec(rtc::Codec::TelephoneEvent, "0-15", 48'000)));
    EXPECT_TRUE(forwardable(codec(rtc::Codec::Opus, "minptime=10;useinbandfec=1", 48'000),
                            codec(rtc::Codec::Opus, "", 48'000)));
}

TEST(CodecMatch, ConstrainedBaselineIsDecodedByEverybody) {
    EXPECT_TRUE(forwardable(h264("42e01f", 1), h264("42001f", 1)));
    EXPECT_TRUE(forwardable(h264("42e01f", 1), h264("64001f", 1)));
    EXPECT_TRUE(forwardable(h264("4d801f", 1), h264("42e034", 1)));
    EXPECT_FALSE(forwardable(h264("42001f", 1), h264("42e01f", 1)));
    EXPECT_FALSE(forwardable(h264("64001f", 1), h264("42e01f", 1)));
    EXPECT_TRUE(forwardable(codec(rtc::Codec::H264), h264("42e01f", 0)));
    EXPECT_FALSE(forwardable(h264("zz", 1), h264("42e01f", 1)));
}

TEST(CodecMatch, PacketizationModeOneTakesModeZeroButNotTheOtherWay) {
    EXPECT_TRUE(forwardable(h264("42e01f", 0), h264("42e01f", 1)));
    EXPECT_FALSE(forwardable(h264("42e01f", 1), h264("42e01f", 0)));
}

TEST(CodecMatch, Vp9AndAv1CompareProfiles) {
    EXPECT_TRUE(forwardable(codec(rtc::Codec::Vp9), codec(rtc::Codec::Vp9, "profile-id=0")));
    EXPECT_FALSE(forwardable(codec(rtc::Codec::Vp9, "profile-id=2"), codec(rtc::Codec::Vp9, "profile-id=0")));
    EXPECT_TRUE(forwardable(codec(rtc::Codec::Av1, "level-idx=5;profile=0;tier=0"), codec(rtc::Codec::Av1)));
}

}  // namespace crosspoint::sfu
