#include "load/pace.h"

#include <gtest/gtest.h>

namespace crosspoint::load {
namespace {

constexpr Timestamp kStart{10s};

TEST(Pace, SpreadsThemEvenlyAndStops) {
    Pace pace(4, kStart, 2s);
    std::vector<Duration> due;
    for (; !pace.over(); pace.take()) due.push_back(pace.next() - kStart);
    EXPECT_EQ(due, (std::vector<Duration>{0ms, 250ms, 500ms, 750ms, 1000ms, 1250ms, 1500ms, 1750ms}));
    EXPECT_EQ(pace.next(), kNever);
}

TEST(Pace, DoesNotDriftWhenTheyDoNotDivideASecond) {
    Pace pace(3, kStart, 1000s);
    for (int i = 0; i < 2997; ++i) pace.take();
    EXPECT_EQ(pace.next(), kStart + 999s);
}

TEST(Pace, NoneASecondIsOverAtOnce) {
    const Pace pace(0, kStart, 10s);
    EXPECT_TRUE(pace.over());
    EXPECT_EQ(pace.next(), kNever);
}

}  // namespace
}  // namespace crosspoint::load
