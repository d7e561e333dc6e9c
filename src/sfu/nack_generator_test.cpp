#include "sfu/nack_generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crosspoint::sfu {

namespace {
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Timestamp kStart = Timestamp{} + 1h;
constexpr int64_t kStarts[] = {65536, 65537, 65536 + 32767, 65536 + 65534, 65536 + 65535};

std::vector<uint16_t> asked(NackGenerator& generator, Timestamp now) {
    std::vector<uint16_t> lost;
    generator.collect(now, lost);
    return lost;
}
}  // namespace

TEST(NackGenerator, AsksForWhatIsMissingAfterAMomentAndAgainUntilItComes) {
    for (const int64_t first : kStarts) {
        NackGenerator generator;
        const auto wire = [&](int64_t distance) { return static_cast<uint16_t>(first + distance); };
        generator.received(kStart, first);
        EXPECT_EQ(generator.next_timeout(), kNever);
        generator.received(kStart, first + 3);
        EXPECT_THAT(asked(generator, kStart), IsEmpty()) << "it may only have been overtaken";

        const Timestamp first_ask = generator.next_timeout();
        EXPECT_THAT(asked(generator, first_ask), ElementsAre(wire(1), wire(2)));
        EXPECT_THAT(asked(generator, first_ask), IsEmpty());
        generator.received(first_ask + 30ms, first + 2);
        const Timestamp second_ask = generator.next_timeout();
        EXPECT_GE(second_ask - first_ask, generator.round_trip());
        EXPECT_THAT(asked(generator, second_ask), ElementsAre(wire(1)));
        generator.received(second_ask + 1ms, first + 1);
        EXPECT_EQ(generator.next_timeout(), kNever);
        EXPECT_EQ(generator.missing(), 0u);
    }
}

TEST(NackGenerator, APacketThatWasOnlyOvertakenIsNeverAskedFor) {
    NackGenerator generator;
    generator.received(kStart, 70'000);
    generator.received(kStart, 70'002);
    generator.received(kStart + 1ms, 70'001);
    EXPECT_EQ(generator.next_timeout(), kNever);
}

TEST(NackGenerator, GivesUpAfterTenTries) {
    NackGenerator generator;
    generator.received(kStart, 70'000);
    generator.received(kStart, 70'002);
    int tries = 0;
    while (generator.next_timeout() != kNever)
        tries += static_cast<int>(asked(generator, generator.next_timeout()).size());
    EXPECT_EQ(tries, 10);
}

TEST(NackGenerator, LearnsTheRoundTripAndSpacesItsTriesByIt) {
    NackGenerator generator;
    int64_t sequence = 70'000;
    Timestamp now = kStart;
    generator.received(now, sequence);
    for (int i = 0; i < 60; ++i) {
        generator.received(now, sequence += 2);
        now = generator.next_timeout();
        asked(generator, now);
        now += 300ms;
        generator.received(now, sequence - 1);
    }
    EXPECT_NEAR(static_cast<double>(generator.round_trip().count()), 300'000, 5'000);
}

TEST(NackGenerator, TooLongAGapIsLeftToAKeyFrame) {
    NackGenerator generator;
    generator.received(kStart, 70'000);
    EXPECT_EQ(generator.received(kStart, 70'401), NackGenerator::Noticed::Nothing);
    EXPECT_EQ(generator.received(kStart, 70'403), NackGenerator::Noticed::TooMuch);
    EXPECT_EQ(generator.missing(), 0u);
}

TEST(NackGenerator, AsksForAtMostOneMessageFulAtOnce) {
    NackGenerator generator;
    generator.received(kStart, 70'000);
    generator.received(kStart, 70'400);
    const Timestamp due = generator.next_timeout();
    EXPECT_EQ(asked(generator, due).size(), 250u);
    EXPECT_LE(generator.next_timeout(), due);
    EXPECT_EQ(asked(generator, due).size(), 149u);
}

TEST(NackGenerator, ForgetsWhatAKeyFrameMakesNeedless) {
    NackGenerator generator;
    generator.received(kStart, 70'000);
    generator.received(kStart, 70'005);
    generator.received(kStart, 70'007);
    generator.forget_before(70'005);
    EXPECT_THAT(asked(generator, kStart + 1s), ElementsAre(static_cast<uint16_t>(70'006)));
}

}  // namespace crosspoint::sfu
