#include "base/token_bucket.h"

#include <gtest/gtest.h>

namespace crosspoint {

TEST(TokenBucket, AllowsABurstAndThenItsRate) {
    TokenBucket bucket(3, 100ms);
    Timestamp now = Timestamp{} + 1h;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(now));
    EXPECT_FALSE(bucket.take(now));
    EXPECT_FALSE(bucket.take(now + 99ms));
    EXPECT_TRUE(bucket.take(now + 100ms));
    EXPECT_FALSE(bucket.take(now + 199ms));
    now += 1h;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(now));
    EXPECT_FALSE(bucket.take(now));
}

TEST(TokenBucket, TakesSeveralOrNone) {
    TokenBucket bucket(3, 100ms);
    const Timestamp now = Timestamp{} + 1h;
    EXPECT_FALSE(bucket.take(now, 4));
    EXPECT_TRUE(bucket.take(now, 2));
    EXPECT_FALSE(bucket.take(now, 2));
    EXPECT_TRUE(bucket.take(now));
    EXPECT_FALSE(bucket.take(now + 199ms, 2));
    EXPECT_TRUE(bucket.take(now + 200ms, 2));
}

}  // namespace crosspoint
