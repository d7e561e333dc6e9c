#include "sfu/source_clock.h"

#include <gtest/gtest.h>

#include "sfu/ntp.h"

namespace crosspoint::sfu {

namespace {
constexpr Timestamp kStart = Timestamp{} + 1h;

rtc::rtcp::SenderReport report(Timestamp when, uint32_t rtp) {
    return {.sender = Ssrc{1}, .ntp_time = to_ntp(when), .rtp_timestamp = rtp, .packets = 0, .octets = 0, .blocks = {}};
}
}  // namespace

TEST(Ntp, GoesBothWaysToTheMicrosecond) {
    for (const Duration since : {Duration{0}, Duration{1}, Duration{999'999}, Duration{5h}})
        EXPECT_NEAR(static_cast<double>(ntp_microseconds(to_ntp(Timestamp{} + since)) - ntp_microseconds(to_ntp({}))),
                    static_cast<double>(since.count()), 1);
    EXPECT_EQ(from_ntp_units(to_ntp_units(2s)), 2s);
}

TEST(Ntp, TicksWrapWhateverTheTimeAndTheRate) {
    EXPECT_EQ(rtp_ticks(1'500'000, 90'000), 135'000u);
    EXPECT_EQ(rtp_ticks(-1'500'000, 90'000), static_cast<uint32_t>(-135'000));
    EXPECT_EQ(rtp_ticks(-1, 48'000), static_cast<uint32_t>(-1));
    // The farthest that the NTP times of two reports can be apart, and more than a machine ever runs.
    constexpr int64_t kEra = (int64_t{1} << 32) * 1'000'000;
    EXPECT_EQ(rtp_ticks(kEra, 90'000), 0u);
    EXPECT_EQ(rtp_ticks(-kEra + 1'000'000, 90'000), 90'000u);
    EXPECT_EQ(rtp_ticks(kEra + 3'000'000, UINT32_MAX), static_cast<uint32_t>(-3));
}

TEST(SourceClock, AHostileReportOfAnotherEraHarmsNothing) {
    PublisherClock publisher;
    SourceClock clock;
    rtc::rtcp::SenderReport first = report(kStart, 7);
    first.ntp_time = 0;
    clock.handle_report(kStart, first);
    publisher.observe(kStart, UINT64_MAX);
    EXPECT_TRUE(clock.rtp_at(publisher.at(kStart + 1s), UINT32_MAX));
}

TEST(SourceClock, CarriesTheReportOnAtTheClockRateAcrossTheWrap) {
    for (const uint32_t rtp : {0u, 0x7fffffffu, 0xfffffff0u}) {
        SourceClock clock;
        const int64_t reported = ntp_microseconds(to_ntp(kStart));
        EXPECT_FALSE(clock.rtp_at(reported, 90'000));
        clock.handle_report(kStart + 40ms, report(kStart, rtp));
        EXPECT_EQ(clock.rtp_at(reported, 90'000), rtp);
        EXPECT_EQ(clock.rtp_at(reported + 1'000'000, 90'000), rtp + 90'000);
        EXPECT_EQ(clock.rtp_at(reported - 10'000, 48'000), rtp - 480);
    }
}

TEST(SourceClock, TellsThePublisherWhichReportWasSeenAndHowLongAgo) {
    SourceClock clock;
    rtc::rtcp::ReportBlock block;
    clock.acknowledge(kStart, block);
    EXPECT_EQ(block.last_sender_report, 0u);
    clock.handle_report(kStart, report(kStart, 0));
    clock.acknowledge(kStart + 500ms, block);
    EXPECT_EQ(block.last_sender_report, middle_of_ntp(to_ntp(kStart)));
    EXPECT_EQ(block.delay_since_sender_report, 32768u);
}

TEST(PublisherClock, KeepsItsOffsetThroughJitterAndFollowsAStep) {
    PublisherClock clock;
    const Timestamp theirs = Timestamp{} + 20h;
    clock.observe(kStart, to_ntp(theirs));
    const int64_t before = clock.at(kStart + 10s);
    clock.observe(kStart + 1s, to_ntp(theirs + 900ms));
    EXPECT_EQ(clock.at(kStart + 10s), before);
    clock.observe(kStart + 2s, to_ntp(theirs + 30s));
    EXPECT_NEAR(static_cast<double>(clock.at(kStart + 10s)), static_cast<double>(before + 28'000'000), 1);
}

}  // namespace crosspoint::sfu
