#include "api/auth.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/password.h"

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
    /// What identifying asked for, since the last call.
    std::vector<VerifyPassword> asked() {
        std::vector<VerifyPassword> checks;
        for (auto& effect : out_.outputs) checks.push_back(std::get<VerifyPassword>(std::move(effect)));
        out_ = {};
        return checks;
    }
    Identity identify(std::string_view credentials, const NetAddress& peer = kPeer) {
        return auth_.identify(basic(credentials), peer, kNow, out_);
    }
    std::optional<Caller> finish(const VerifyPassword& check, Timestamp now = kNow) {
        return auth_.finished({check.check, crypto::verify_password(check.password, check.stored_hash)}, now);
    }
    /// Identifies and verifies at once.
    std::optional<Caller> authenticate(std::string_view authorization, const NetAddress& peer, Timestamp now) {
        const auto identity = auth_.identify(authorization, peer, now, out_);
        const auto checks = asked();
        EXPECT_EQ(checks.size(), std::holds_alternative<PasswordCheckId>(identity) ? 1u : 0u);
        if (const auto* caller = std::get_if<Caller>(&identity)) return *caller;
        if (std::holds_alternative<Denial>(identity)) return std::nullopt;
        return finish(checks.at(0), now);
    }

    SeededRandom random_{1};
    Effects out_;
    Auth auth_{accounts(), random_, {.failures_per_peer = 2, .forgiven_per_peer = 10s, .failures = 3, .forgiven = 5s}};
};

TEST_F(AuthTest, TellsWhoItIs) {
    const auto caller = authenticate("bAsIc " + base64(as_bytes("root:se:cret")), kPeer, kNow);
    ASSERT_TRUE(caller);
    EXPECT_EQ(caller->account, AccountId("1"));
    EXPECT_EQ(caller->user, "root");
    EXPECT_EQ(caller->role, Role::Admin);
}

TEST_F(AuthTest, WhatIsNoBasicCredentialCostsNoTry) {
    for (const std::string bad : {"", "Basic", "Basic ", "Basic !", "Bearer x", "alice:se:cret"})
        for (int i = 0; i < 5; ++i) EXPECT_FALSE(authenticate(bad, kPeer, kNow));
    EXPECT_TRUE(authenticate(basic("alice:se:cret"), kPeer, kNow));
}

TEST_F(AuthTest, APeerThatFailedTooOftenWaitsAndOthersDoNot) {
    EXPECT_FALSE(authenticate(basic("alice:wrong"), kPeer, kNow));
    EXPECT_FALSE(authenticate(basic("nobody:se:cret"), kPeer, kNow));
    EXPECT_FALSE(authenticate(basic("alice:se:cret"), kPeer, kNow)) << "right, but too late";
    EXPECT_TRUE(authenticate(basic("alice:se:cret"), kOtherPeer, kNow));
    EXPECT_TRUE(authenticate(basic("alice:se:cret"), kPeer, kNow)) << "proven elsewhere, costs nothing";
    EXPECT_FALSE(authenticate(basic("root:se:cret"), kPeer, kNow + 9s));
    EXPECT_TRUE(authenticate(basic("root:se:cret"), kPeer, kNow + 10s));
}

TEST_F(AuthTest, AllPeersTogetherHaveALimitToo) {
    for (uint8_t i = 0; i < 3; ++i)
        EXPECT_FALSE(authenticate(basic("alice:wrong"), NetAddress::v4(192, 0, 2, i, 1), kNow));
    EXPECT_FALSE(authenticate(basic("alice:se:cret"), NetAddress::v4(192, 0, 2, 9, 1), kNow));
    EXPECT_TRUE(authenticate(basic("alice:se:cret"), NetAddress::v4(192, 0, 2, 9, 1), kNow + 5s));
}

TEST_F(AuthTest, AnotherPortIsTheSamePeer) {
    for (uint16_t port : {1, 2}) EXPECT_FALSE(authenticate(basic("a:b"), NetAddress::v4(1, 2, 3, 4, port), kNow));
    EXPECT_FALSE(authenticate(basic("alice:se:cret"), NetAddress::v4(1, 2, 3, 4, 3), kNow));
}

TEST_F(AuthTest, AnotherAddressOfTheSameIpv6NetworkIsTheSamePeer) {
    for (const std::string_view ip : {"2001:db8::1", "2001:db8::2"})
        EXPECT_FALSE(authenticate(basic("a:b"), *NetAddress::parse(ip, 1), kNow));
    EXPECT_FALSE(authenticate(basic("alice:se:cret"), *NetAddress::parse("2001:db8::3", 1), kNow));
    EXPECT_TRUE(authenticate(basic("alice:se:cret"), *NetAddress::parse("2001:db8:0:1::3", 1), kNow));
}

TEST_F(AuthTest, ADamagedHashLetsNobodyIn) { EXPECT_FALSE(authenticate(basic("bob:damaged"), kPeer, kNow)); }

TEST_F(AuthTest, TheSameCredentialsAreCheckedOnceForAllWhoBringThem) {
    const auto first = std::get<PasswordCheckId>(identify("alice:se:cret"));
    EXPECT_EQ(std::get<PasswordCheckId>(identify("alice:se:cret", kOtherPeer)), first);
    const auto checks = asked();
    ASSERT_EQ(checks.size(), 1u);
    EXPECT_EQ(checks[0].check, first);
    EXPECT_EQ(finish(checks[0])->user, "alice");
    EXPECT_TRUE(std::holds_alternative<Caller>(identify("alice:se:cret")));
    EXPECT_TRUE(asked().empty());
}

TEST_F(AuthTest, GuessingInParallelDoesNotGetRoundTheLimit) {
    EXPECT_TRUE(std::holds_alternative<PasswordCheckId>(identify("alice:1")));
    EXPECT_TRUE(std::holds_alternative<PasswordCheckId>(identify("alice:2")));
    EXPECT_EQ(std::get<Denial>(identify("alice:3")), Denial::Busy);
    EXPECT_TRUE(std::holds_alternative<PasswordCheckId>(identify("alice:3", kOtherPeer)));
    EXPECT_EQ(std::get<Denial>(identify("alice:4", NetAddress::v4(192, 0, 2, 3, 1))), Denial::Busy);
    for (const auto& check : asked()) EXPECT_FALSE(finish(check));
    EXPECT_EQ(std::get<Denial>(identify("alice:3")), Denial::Wrong);
}

TEST_F(AuthTest, NoMoreThanSoManyChecksAtOnce) {
    Auth auth(accounts(), random_, {.checks = 1});
    EXPECT_TRUE(std::holds_alternative<PasswordCheckId>(auth.identify(basic("alice:1"), kPeer, kNow, out_)));
    EXPECT_EQ(std::get<Denial>(auth.identify(basic("alice:2"), kOtherPeer, kNow, out_)), Denial::Busy);
    EXPECT_FALSE(auth.finished({asked().at(0).check, false}, kNow));
    EXPECT_TRUE(std::holds_alternative<PasswordCheckId>(auth.identify(basic("alice:2"), kOtherPeer, kNow, out_)));
}

TEST_F(AuthTest, ANameThatNobodyHasIsCheckedLikeAnyOther) {
    const auto name = identify("nobody:se:cret");
    ASSERT_TRUE(std::holds_alternative<PasswordCheckId>(name));
    const auto checks = asked();
    EXPECT_FALSE(checks.at(0).stored_hash.empty());
    EXPECT_FALSE(auth_.finished({checks.at(0).check, true}, kNow)) << "a hash that fits by chance opens nothing";
    EXPECT_FALSE(auth_.finished({checks.at(0).check, true}, kNow)) << "and none is finished twice";
}

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
