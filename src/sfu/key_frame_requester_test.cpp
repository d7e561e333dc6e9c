#include "sfu/key_frame_requester.h"

#include <gtest/gtest.h>

namespace crosspoint::sfu {

namespace {
constexpr Timestamp kStart = Timestamp{} + 1h;
}

TEST(KeyFrameRequester, ManyRequestsBecomeOnePerHalfSecond) {
    KeyFrameRequester requester;
    int sent = 0;
    for (Timestamp now = kStart; now < kStart + 2s; now += 10ms) {
        requester.request(now);
        sent += requester.collect(now);
    }
    EXPECT_EQ(sent, 4);
}

TEST(KeyFrameRequester, AsksAgainUntilAKeyFrameBegins) {
    KeyFrameRequester requester;
    requester.request(kStart);
    EXPECT_TRUE(requester.collect(kStart));
    EXPECT_TRUE(requester.pending());
    EXPECT_EQ(requester.next_timeout(), kStart + 500ms);
    EXPECT_TRUE(requester.collect(kStart + 500ms));
    requester.key_frame_began();
    EXPECT_FALSE(requester.pending());
    EXPECT_FALSE(requester.collect(kStart + 10s));
}

TEST(KeyFrameRequester, ANewRequestAfterAKeyFrameStillKeepsTheDistance) {
    KeyFrameRequester requester;
    requester.request(kStart);
    requester.collect(kStart);
    requester.key_frame_began();
    requester.request(kStart + 100ms);
    EXPECT_FALSE(requester.collect(kStart + 100ms));
    EXPECT_EQ(requester.next_timeout(), kStart + 500ms);
}

TEST(KeyFrameRequester, GrowsPatientWhenNothingComesAndEagerWhenSomebodyAsksAnew) {
    KeyFrameRequester requester;
    requester.request(kStart);
    int sent = 0;
    while (requester.next_timeout() < kStart + 60s) sent += requester.collect(requester.next_timeout());
    EXPECT_LT(sent, 30);
    const Timestamp last = requester.next_timeout() - 1s;
    requester.request(last);
    EXPECT_EQ(requester.next_timeout(), last);
}

}  // namespace crosspoint::sfu
