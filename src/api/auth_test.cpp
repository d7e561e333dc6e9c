#include "api/auth.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace crosspoint::api {
namespace {

constexpr Timestamp kNow(1000s);
const NetAddress kPeer = NetAddress::v4(192, 0, 2, 1, 5000);
const NetAddress kOtherPeer = NetAddress::v4(192, 0, 2, 2, 5000);

std::string basic(std::string_view credentials) { return "Basic " + base64(as_bytes(credentials)); }

std::vector<Account> accounts() {
    // Of "se:cret", with a cost that tests can afford.
    const std::string hash = "scrypt$4$8$1$MDEyMzQ1Njc4OWFiY2RlZg$t8n44HzMexsyin4WNraN0hipyLQtHgubjVfnoMty3K4";
    return {{AccountId("1"), {{"alice", hash, Role::Account}, {"root", hash, Role::Admin}}},
            {AccountId("2"), {{"bob", "damaged", Role::Account}}}};
}

class AuthTest : public testing::Test {
protected:
    SeededRandom random_{1};
    Auth auth_{accounts(), random_, {.failures_per_peer = 2, .forgiven_per_peer = 10s, .failures = 3, .forgiven = 5s}};
};

TEST_F(AuthTest, TellsWhoItIs) {
    const auto caller = auth_.authenticate("bAsIc " + base64(as_bytes("root:se:cret")), kPeer, kNow);
    ASSERT_TRUE(caller);
    EXPECT_EQ(caller->account, AccountId("1"));
    EXPECT_EQ(caller->user, "root");
    EXPECT_EQ(caller->role, Role::Admin);
}

TEST_F(AuthTest, WhatIsNoBasicCredentialCostsNoTry) {
    for (const std::string bad : {"", "Basic", "Basic ", "Basic !", "Bearer x", "alice:se:cret"})
        for (int i = 0; i < 5; ++i) EXPECT_FALSE(auth_.authenticate(bad, kPeer, kNow));
    EXPECT_TRUE(auth_.authenticate(basic("alice:se:cret"), kPeer, kNow));
}

TEST_F(AuthTest, APeerThatFailedTooOftenWaitsAndOthersDoNot) {
    EXPECT_FALSE(auth_.authenticate(basic("alice:wrong"), kPeer, kNow));
    EXPECT_FALSE(auth_.authenticate(basic("nobody:se:cret"), kPeer, kNow));
    EXPECT_FALSE(auth_.authenticate(basic("alice:se:cret"), kPeer, kNow)) << "right, but too late";
    EXPECT_TRUE(auth_.authenticate(basic("alice:se:cret"), kOtherPeer, kNow));
    EXPECT_TRUE(auth_.authenticate(basic("alice:se:cret"), kPeer, kNow)) << "proven elsewhere, costs nothing";
    EXPECT_FALSE(auth_.authenticate(basic("root:se:cret"), kPeer, kNow + 9s));
    EXPECT_TRUE(auth_.authenticate(basic("root:se:cret"), kPeer, kNow + 10s));
}

TEST_F(AuthTest, AllPeersTogetherHaveALimitToo) {
    for (uint8_t i = 0; i < 3; ++i)
        EXPECT_FALSE(auth_.authenticate(basic("alice:wrong"), NetAddress::v4(192, 0, 2, i, 1), kNow));
    EXPECT_FALSE(auth_.authenticate(basic("alice:se:cret"), NetAddress::v4(192, 0, 2, 9, 1), kNow));
    EXPECT_TRUE(auth_.authenticate(basic("alice:se:cret"), NetAddress::v4(192, 0, 2, 9, 1), kNow + 5s));
}

TEST_F(AuthTest, AnotherPortIsTheSamePeer) {
    for (uint16_t port : {1, 2}) EXPECT_FALSE(auth_.authenticate(basic("a:b"), NetAddress::v4(1, 2, 3, 4, port), kNow));
    EXPECT_FALSE(auth_.authenticate(basic("alice:se:cret"), NetAddress::v4(1, 2, 3, 4, 3), kNow));
}

TEST_F(AuthTest, ADamagedHashLetsNobodyIn) { EXPECT_FALSE(auth_.authenticate(basic("bob:damaged"), kPeer, kNow)); }

TEST(FailureCount, ForgivesOneForEachPeriod) {
    FailureCount failures;
    for (int i = 0; i < 3; ++i) failures.add(10s, kNow);
    EXPECT_EQ(failures.count(10s, kNow), 3u);
    EXPECT_EQ(failures.count(10s, kNow + 19s), 2u);
    failures.add(10s, kNow + 19s);
    EXPECT_EQ(failures.count(10s, kNow + 20s), 2u);
    EXPECT_EQ(failures.count(10s, kNow + 40s), 0u);
    failures.add(10s, kNow + 1000s);
    EXPECT_EQ(failures.count(10s, kNow + 1009s), 1u);
}

}  // namespace
}  // namespace crosspoint::api
