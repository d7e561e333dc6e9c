#include "sessions/token.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/jwt.h"

namespace crosspoint::sessions {
namespace {

const AccountId kAccount("9900000");
const ParticipantId kParticipant("5b0c2b8e-6a3f-4f0e-9a42-0a4f6f0f8a11");
constexpr WallTime kNow{1'700'000'000'000};
const TokenClaims kClaims{kAccount, kParticipant, kNow + 9h};

class TokenTest : public testing::Test {
protected:
    TokenTest() { keys_.set(kAccount, key_); }
    std::string sign(std::string_view payload) const { return crypto::sign_jwt(key_, payload); }

    Buffer key_ = Buffer(32, 0x5a);
    TokenKeys keys_;
    SeededRandom random_{1};
};

TEST_F(TokenTest, HasTheFormThatClientsExpect) {
    const auto token = keys_.issue(kClaims, random_);
    EXPECT_LE(token.size(), kMaxTokenLength);
    EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."),
              std::string::npos);
    const auto payload = *crypto::verify_jwt(key_, token);
    const std::string start =
        R"({"a":"9900000","p":"5b0c2b8e-6a3f-4f0e-9a42-0a4f6f0f8a11","v":"V3","exp":1700032400,"tid":"+)";
    EXPECT_EQ(payload.substr(0, start.size()), start);
    EXPECT_EQ(payload.size(), start.size() + 15 + 2);
    EXPECT_EQ(payload.substr(start.size(), 15).find_first_not_of("0123456789"), std::string::npos);
}

TEST_F(TokenTest, StaysWithinAPhoneCallsFieldForTheLongestAccountId) {
    const AccountId longest(std::string(kMaxAccountIdLength, 'x'));
    keys_.set(longest, key_);
    EXPECT_LE(keys_.issue({longest, kParticipant, kNow}, random_).size(), kMaxTokenLength);
}

TEST_F(TokenTest, GivesBackWhatItWasMadeFromUntilItExpires) {
    const auto token = keys_.issue(kClaims, random_);
    EXPECT_EQ(keys_.verify(token, kNow), kClaims);
    EXPECT_EQ(keys_.verify(token, kNow + (9h - 1ms)), kClaims);
    EXPECT_EQ(keys_.verify(token, kNow + 9h), std::nullopt);
}

TEST_F(TokenTest, RefusesEveryDamage) {
    const auto token = keys_.issue(kClaims, random_);
    for (size_t cut = 0; cut < token.size(); ++cut) EXPECT_FALSE(keys_.verify(token.substr(0, cut), kNow));
    // The last character of a part carries unused bits; any other change of any character counts.
    for (size_t at = 0; at + 1 < token.size(); ++at) {
        auto damaged = token;
        damaged[at] = damaged[at] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(keys_.verify(damaged, kNow)) << at;
    }
    EXPECT_FALSE(keys_.verify(token + ".", kNow));
    EXPECT_FALSE(keys_.verify(std::string(100'000, '.'), kNow));
}

TEST_F(TokenTest, RefusesAnotherAccountsKey) {
    const AccountId other("9900001");
    TokenKeys keys;
    keys.set(kAccount, Buffer(32, 1));
    keys.set(other, key_);
    EXPECT_FALSE(keys.verify(keys_.issue(kClaims, random_), kNow));
    EXPECT_FALSE(TokenKeys().verify(keys_.issue(kClaims, random_), kNow));
}

TEST_F(TokenTest, RefusesSignedClaimsOfAnotherShape) {
    for (const std::string_view payload : {
             R"({})",
             R"([])",
             R"(not json)",
             R"({"a":"9900000","p":"x","exp":1800000000})",
             R"({"a":"9900000","p":"x","v":"V2","exp":1800000000})",
             R"({"a":"9900000","p":"x","v":"V3"})",
             R"({"a":"9900000","p":"x","v":"V3","exp":"1800000000"})",
             R"({"a":"9900000","p":"x","v":"V3","exp":1.8e9})",
             R"({"a":"9900000","p":"x","v":"V3","exp":-1})",
             R"({"a":"9900000","p":"x","v":"V3","exp":9223372036854775807})",
             R"({"a":9900000,"p":"x","v":"V3","exp":1800000000})",
             R"({"a":"9900000","p":null,"v":"V3","exp":1800000000})",
         })
        EXPECT_FALSE(keys_.verify(sign(payload), kNow)) << payload;
}

}  // namespace
}  // namespace crosspoint::sessions
