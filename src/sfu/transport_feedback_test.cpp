#include "sfu/transport_feedback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crosspoint::sfu {

namespace {
using rtc::rtcp::TransportFeedback;
using testing::ElementsAre;

constexpr Timestamp kStart = Timestamp{} + 1h;
constexpr uint16_t kStarts[] = {0, 1, 32767, 32768, 65534, 65535};

std::vector<TransportFeedback> collect(TransportFeedbackGenerator& generator, Timestamp now) {
    return generator.collect(now, Ssrc{1}, Ssrc{2});
}
std::vector<uint16_t> received(const TransportFeedback& feedback) {
    std::vector<uint16_t> sequences;
    for (const auto& arrival : feedback.arrivals) sequences.push_back(arrival.sequence);
    return sequences;
}
}  // namespace

TEST(TransportFeedbackGenerator, ReportsEveryFiftyMillisecondsWhatCameAndWhatDidNot) {
    for (const uint16_t start : kStarts) {
        const auto wire = [&](int distance) { return static_cast<uint16_t>(start + distance); };
        TransportFeedbackGenerator generator;
        EXPECT_EQ(generator.next_timeout(), kNever);
        generator.received(kStart, wire(0));
        generator.received(kStart + 1ms, wire(1));
        generator.received(kStart + 5ms, wire(4));
        EXPECT_EQ(generator.next_timeout(), kStart + 50ms);
        EXPECT_TRUE(collect(generator, kStart + 49ms).empty());

        auto messages = collect(generator, kStart + 50ms);
        ASSERT_EQ(messages.size(), 1u);
        EXPECT_EQ(messages[0].base_sequence, wire(0));
        EXPECT_EQ(messages[0].status_count, 5);
        EXPECT_THAT(received(messages[0]), ElementsAre(wire(0), wire(1), wire(4)));
        EXPECT_EQ(generator.next_timeout(), kNever);

        generator.received(kStart + 60ms, wire(6));
        messages = collect(generator, kStart + 110ms);
        ASSERT_EQ(messages.size(), 1u);
        EXPECT_EQ(messages[0].base_sequence, wire(5)) << "a loss between two messages is reported by the second";
        EXPECT_EQ(messages[0].feedback_count, 1);
    }
}

TEST(TransportFeedbackGenerator, WhatWasReportedMissingAndComesIsReportedAgain) {
    TransportFeedbackGenerator generator;
    generator.received(kStart, 65535);
    generator.received(kStart, 1);
    collect(generator, kStart + 50ms);
    generator.received(kStart + 60ms, 0);
    const auto messages = collect(generator, kStart + 110ms);
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_THAT(received(messages[0]), ElementsAre(0, 1));
}

TEST(TransportFeedbackGenerator, SplitsWhatOneMessageCannotSay) {
    TransportFeedbackGenerator generator;
    for (int i = 0; i < 1000; ++i) generator.received(kStart + i * 10us, static_cast<uint16_t>(65'000 + i));
    auto messages = collect(generator, kStart + 50ms);
    ASSERT_EQ(messages.size(), 3u);
    size_t arrivals = 0;
    for (const auto& message : messages) {
        arrivals += message.arrivals.size();
        std::array<uint8_t, 1200> room;
        ByteWriter out(room);
        message.write(out);
        EXPECT_TRUE(out.done());
    }
    EXPECT_EQ(arrivals, 1000u);

    generator.received(kStart + 1s, 464 + 1);
    generator.received(kStart + 20s, 464 + 2);  // more time between than a delta can hold
    messages = collect(generator, kStart + 20s);
    EXPECT_EQ(messages.size(), 2u);
}

TEST(TransportFeedbackGenerator, AHostileSequenceCostsNoMoreThanTheWindow) {
    TransportFeedbackGenerator generator;
    uint16_t sequence = 0;
    for (int i = 0; i < 100'000; ++i) generator.received(kStart, sequence = static_cast<uint16_t>(sequence + 30'000));
    for (int i = 0; i < 10; ++i) generator.received(kStart, sequence = static_cast<uint16_t>(sequence - 32'768));
    size_t arrivals = 0;
    for (const auto& message : collect(generator, kStart + 50ms)) arrivals += message.arrivals.size();
    EXPECT_LE(arrivals, 2048u);
}

}  // namespace crosspoint::sfu
