#include "api/device/address_limiter.h"

#include <gtest/gtest.h>

namespace crosspoint::api::device {
namespace {

constexpr Timestamp kNow = Timestamp{} + 1h;

NetAddress address(std::string_view text) { return *NetAddress::parse(text, 1); }

NetAddress numbered(size_t i) {
    return NetAddress::v4(10, static_cast<uint8_t>(i >> 16), static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i), 1);
}

}  // namespace

TEST(AddressLimiter, EveryAddressHasItsOwnBucket) {
    AddressLimiter limiter(2, 1s);
    EXPECT_TRUE(limiter.take(address("192.0.2.1"), kNow));
    EXPECT_TRUE(limiter.take(address("192.0.2.1"), kNow));
    EXPECT_FALSE(limiter.take(*NetAddress::parse("192.0.2.1", 2), kNow));
    EXPECT_TRUE(limiter.take(address("192.0.2.2"), kNow));
    EXPECT_TRUE(limiter.take(address("192.0.2.1"), kNow + 1s));
}

TEST(AddressLimiter, ANetworkOfIpv6CountsAsOne) {
    AddressLimiter limiter(1, 1s);
    EXPECT_TRUE(limiter.take(address("2001:db8::1"), kNow));
    EXPECT_FALSE(limiter.take(address("2001:db8::2"), kNow));
    EXPECT_TRUE(limiter.take(address("2001:db8:0:1::1"), kNow));
}

TEST(AddressLimiter, ForgetsWhoHasNotComeLatelyAndNeverGrowsBeyondItsLimit) {
    AddressLimiter limiter(2, 1s);
    for (size_t i = 0; i < AddressLimiter::kMaxAddresses; ++i) EXPECT_TRUE(limiter.take(numbered(i), kNow));
    EXPECT_TRUE(limiter.take(numbered(5), kNow + 500ms));
    EXPECT_TRUE(limiter.take(address("192.0.2.1"), kNow + 1s));
    EXPECT_EQ(limiter.size(), 2u);
    EXPECT_FALSE(limiter.take(numbered(5), kNow + 500ms));
    for (size_t i = 0; i < 3 * AddressLimiter::kMaxAddresses; ++i) {
        limiter.take(numbered(i), kNow + 1s);
        ASSERT_LE(limiter.size(), AddressLimiter::kMaxAddresses);
    }
}

}  // namespace crosspoint::api::device
