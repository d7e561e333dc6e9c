#include "sfu/sequence_map.h"

#include <gtest/gtest.h>

namespace crosspoint::sfu {

namespace {
constexpr uint16_t kStarts[] = {0, 1, 32767, 32768, 65534, 65535};
constexpr Timestamp kStart = Timestamp{} + 1h;
}  // namespace

TEST(SequenceMap, LossesOfTheNetworkStayGapsAndOurDropsDoNot) {
    for (const uint16_t first_out : kStarts) {
        for (const int64_t first : {int64_t{65536}, int64_t{65536 + 65535}, int64_t{1} << 40}) {
            SequenceMap map(first_out);
            EXPECT_FALSE(map.map(first)) << "nothing has begun";
            map.begin(first);
            const int64_t out = *map.map(first);
            EXPECT_EQ(static_cast<uint16_t>(out), first_out);
            EXPECT_EQ(map.map(first + 2), out + 2) << "a loss is a gap";
            map.skip(first + 3);
            map.skip(first + 4);
            EXPECT_EQ(map.map(first + 5), out + 3) << "a drop is none";
            EXPECT_EQ(map.map(first + 1), out + 1) << "what was late finds its place";
            EXPECT_FALSE(map.map(first - 1)) << "from before the beginning";
        }
    }
}

TEST(SequenceMap, ADropAfterALossKeepsThePlaceOfTheLostPacket) {
    SequenceMap map(100);
    map.begin(70'000);
    const int64_t out = *map.map(70'000);
    map.skip(70'002);
    EXPECT_EQ(map.map(70'003), out + 2);
    EXPECT_EQ(map.map(70'001), out + 1);
}

TEST(SequenceMap, ADropThatComesLateIsAGap) {
    SequenceMap map(100);
    map.begin(70'000);
    const int64_t out = *map.map(70'000);
    EXPECT_EQ(map.map(70'002), out + 2);
    map.skip(70'001);
    EXPECT_EQ(map.map(70'003), out + 3);
}

TEST(SequenceMap, AnotherSourceFollowsWithoutAGap) {
    for (const uint16_t first_out : kStarts) {
        SequenceMap map(first_out);
        map.begin(70'000);
        const int64_t out = *map.map(70'005);
        map.begin(900'000);
        EXPECT_EQ(map.map(900'000), out + 1);
        EXPECT_FALSE(map.map(899'999));
        map.begin(66'000);
        EXPECT_EQ(map.map(66'000), out + 2);
    }
}

TEST(SequenceMap, ManyDropsInARowAndApartNeverGoWrong) {
    SequenceMap map(7);
    map.begin(70'000);
    int64_t expected = *map.map(70'000);
    for (int64_t source = 70'001; source < 75'000; ++source) {
        if (source % 3 != 0)
            map.skip(source);
        else
            ASSERT_EQ(map.map(source), ++expected);
    }
}

TEST(TimestampMap, TimePassesBetweenTwoSources) {
    for (const uint32_t first : {0u, 1u, 0x7fffffffu, 0xfffffff0u}) {
        TimestampMap map(first);
        map.begin(1000, kStart, 90'000);
        EXPECT_EQ(map.map(1000, kStart), first);
        EXPECT_EQ(map.map(4000, kStart + 33ms), first + 3000);
        map.begin(0xffffff00, kStart + 133ms, 90'000);
        EXPECT_EQ(map.map(0xffffff00, kStart + 133ms), first + 3000 + 9000);
        EXPECT_EQ(map.map(0xffffff00 + 3000, kStart + 166ms), first + 3000 + 9000 + 3000);
        map.begin(5, kStart + 166ms, 90'000);
        EXPECT_EQ(map.map(5, kStart + 166ms), first + 15'001) << "two pictures never share a timestamp";
    }
}

}  // namespace crosspoint::sfu
