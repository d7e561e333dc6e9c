#include "sfu/receive_window.h"

#include <gtest/gtest.h>

namespace crosspoint::sfu {

namespace {
using Verdict = ReceiveWindow::Verdict;
constexpr uint16_t kStarts[] = {0, 1, 127, 2047, 32767, 32768, 65534, 65535};

uint16_t plus(uint16_t start, int distance) { return static_cast<uint16_t>(start + distance); }
}  // namespace

TEST(ReceiveWindow, CountsOnAcrossTheWrapAndRefusesRepeats) {
    for (const uint16_t start : kStarts) {
        ReceiveWindow window;
        const int64_t first = window.take(start).sequence;
        for (int i = 1; i < 70'000; ++i) {
            const auto taken = window.take(plus(start, i));
            ASSERT_EQ(taken.verdict, Verdict::New);
            ASSERT_EQ(taken.sequence, first + i);
        }
        EXPECT_EQ(window.take(plus(start, 69'999)).verdict, Verdict::Repeated);
        EXPECT_EQ(window.take(plus(start, 69'999 - 2000)).verdict, Verdict::Repeated);
        EXPECT_EQ(window.take(plus(start, 69'999 - 2048)).verdict, Verdict::Outside);
    }
}

TEST(ReceiveWindow, TakesWhatComesLateOnce) {
    for (const uint16_t start : kStarts) {
        ReceiveWindow window;
        const int64_t first = window.take(start).sequence;
        window.take(plus(start, 3));
        EXPECT_EQ(window.take(plus(start, 1)).sequence, first + 1);
        EXPECT_EQ(window.take(plus(start, 1)).verdict, Verdict::Repeated);
        EXPECT_EQ(window.take_recovered(plus(start, 2)).sequence, first + 2);
        EXPECT_EQ(window.take(plus(start, 2)).verdict, Verdict::Repeated);
        EXPECT_EQ(window.take(plus(start, -1)).sequence, first - 1);
    }
}

TEST(ReceiveWindow, AGapLongerThanTheWindowLeavesNoTraces) {
    ReceiveWindow window;
    window.take(10);
    EXPECT_EQ(window.take(10 + 2500).verdict, Verdict::New);
    EXPECT_EQ(window.take(10 + 2500 - 2047).verdict, Verdict::New);
}

TEST(ReceiveWindow, BelievesAJumpOnlyWhenTwoPacketsConfirmIt) {
    for (const uint16_t start : kStarts) {
        for (const int jump : {3005, 20'000, 40'000, -2048, -20'000}) {
            ReceiveWindow window;
            const int64_t first = window.take(start).sequence;
            EXPECT_EQ(window.take(plus(start, jump)).verdict, Verdict::Outside);
            EXPECT_EQ(window.take(plus(start, 1)).verdict, Verdict::New) << "a stray packet changes nothing";
            EXPECT_EQ(window.take(plus(start, jump)).verdict, Verdict::Outside);
            const auto taken = window.take(plus(start, jump + 1));
            EXPECT_EQ(taken.verdict, Verdict::Restarted);
            EXPECT_GT(taken.sequence, first + 1) << "numbers never go back";
            EXPECT_EQ(static_cast<uint16_t>(taken.sequence), plus(start, jump + 1));
            EXPECT_EQ(window.take(plus(start, jump + 2)).sequence, taken.sequence + 1);
        }
    }
}

TEST(ReceiveWindow, AnotherSourceRestartsAtOnce) {
    ReceiveWindow window;
    EXPECT_EQ(window.take_recovered(1).verdict, Verdict::Outside);
    const int64_t before = window.take(500).sequence;
    window.expect_restart();
    const auto taken = window.take(500);
    EXPECT_EQ(taken.verdict, Verdict::Restarted);
    EXPECT_GT(taken.sequence, before);
}

}  // namespace crosspoint::sfu
