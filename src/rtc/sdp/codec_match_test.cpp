#include "rtc/sdp/codec_match.h"

#include <gtest/gtest.h>

namespace crosspoint::rtc::sdp {

namespace {
CodecParameters codec(Codec name, std::string fmtp = "", uint32_t clock_rate = 90'000) {
    CodecParameters parameters;
    parameters.codec = name;
    parameters.clock_rate = clock_rate;
    parameters.fmtp = std::move(fmtp);
    return parameters;
}
CodecParameters h264(const char* profile, int mode) {
    return codec(Codec::H264, "level-asymmetry-allowed=1; packetization-mode=" + std::to_string(mode) +
                                  ";profile-level-id=" + profile);
}
}  // namespace

TEST(CodecMatch, NamesAndClockRatesMustBeTheSame) {
    EXPECT_TRUE(forwardable(codec(Codec::Vp8), codec(Codec::Vp8)));
    EXPECT_FALSE(forwardable(codec(Codec::Vp8), codec(Codec::Vp9)));
    EXPECT_FALSE(
        forwardable(codec(Codec::TelephoneEvent, "0-15", 8'000), codec(Codec::TelephoneEvent, "0-15", 48'000)));
    EXPECT_TRUE(forwardable(codec(Codec::Opus, "minptime=10;useinbandfec=1", 48'000), codec(Codec::Opus, "", 48'000)));
}

TEST(CodecMatch, ConstrainedBaselineIsDecodedByEverybody) {
    EXPECT_TRUE(forwardable(h264("42e01f", 1), h264("42001f", 1)));
    EXPECT_TRUE(forwardable(h264("42e01f", 1), h264("64001f", 1)));
    EXPECT_TRUE(forwardable(h264("4d801f", 1), h264("42e034", 1)));
    EXPECT_FALSE(forwardable(h264("42001f", 1), h264("42e01f", 1)));
    EXPECT_FALSE(forwardable(h264("64001f", 1), h264("42e01f", 1)));
    EXPECT_FALSE(forwardable(codec(Codec::H264), h264("42e01f", 0)));  // RFC 6184 8.1: Baseline when nothing says
    EXPECT_FALSE(forwardable(h264("zz", 1), h264("42e01f", 1)));
}

TEST(CodecMatch, PacketizationModeOneTakesModeZeroButNotTheOtherWay) {
    EXPECT_TRUE(forwardable(h264("42e01f", 0), h264("42e01f", 1)));
    EXPECT_FALSE(forwardable(h264("42e01f", 1), h264("42e01f", 0)));
}

TEST(CodecMatch, Vp9AndAv1CompareProfiles) {
    EXPECT_TRUE(forwardable(codec(Codec::Vp9), codec(Codec::Vp9, "profile-id=0")));
    EXPECT_FALSE(forwardable(codec(Codec::Vp9, "profile-id=2"), codec(Codec::Vp9, "profile-id=0")));
    EXPECT_TRUE(forwardable(codec(Codec::Av1, "level-idx=5;profile=0;tier=0"), codec(Codec::Av1)));
}

}  // namespace crosspoint::rtc::sdp
