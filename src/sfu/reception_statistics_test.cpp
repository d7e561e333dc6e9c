#include "sfu/reception_statistics.h"

#include <gtest/gtest.h>

namespace crosspoint::sfu {

namespace {
constexpr Timestamp kStart = Timestamp{} + 1h;
constexpr int64_t kStarts[] = {65536, 65536 + 32767, 65536 + 65535};
}  // namespace

TEST(ReceptionStatistics, SaysWhatWasLostInAllAndSinceTheLastReport) {
    for (const int64_t first : kStarts) {
        ReceptionStatistics statistics;
        for (int i = 0; i < 100; ++i)
            if (i % 4 != 3) statistics.received(kStart + i * 20ms, first + i, 960u * static_cast<uint32_t>(i), 48'000);
        auto block = statistics.report();
        EXPECT_EQ(block.lost, 24) << "the last of the hundred may still come";
        EXPECT_EQ(block.fraction_lost, 24 * 256 / 99);
        EXPECT_EQ(block.highest_sequence, static_cast<uint32_t>(first + 98 - 65536));
        EXPECT_EQ(block.jitter, 0u);

        for (int i = 100; i < 200; ++i)
            statistics.received(kStart + i * 20ms, first + i, 960u * static_cast<uint32_t>(i), 48'000);
        block = statistics.report();
        EXPECT_EQ(block.lost, 25);
        EXPECT_EQ(block.fraction_lost, 256 / 101);
        EXPECT_EQ(statistics.report().fraction_lost, 0) << "nothing was expected since";
    }
}

TEST(ReceptionStatistics, JitterApproachesTheMeanDifferenceOfTransitTimes) {
    for (const uint32_t start : {0u, 0x7ffffff0u, 0xffffff00u}) {
        ReceptionStatistics statistics;
        for (int i = 0; i < 500; ++i)
            statistics.received(kStart + i * 20ms + (i % 2) * 10ms, 70'000 + i, start + 960u * static_cast<uint32_t>(i),
                                48'000);
        EXPECT_NEAR(statistics.report().jitter, 480, 2);  // 10 ms at 48 kHz
    }
}

TEST(ReceptionStatistics, ARestartCountsFromThere) {
    ReceptionStatistics statistics;
    statistics.received(kStart, 70'000, 0, 90'000);
    statistics.restart(90'000);
    statistics.received(kStart, 90'000, 0, 90'000);
    EXPECT_EQ(statistics.report().lost, 0);
}

}  // namespace crosspoint::sfu
