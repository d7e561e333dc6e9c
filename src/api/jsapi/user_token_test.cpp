#include "api/jsapi/user_token.h"

#include <gtest/gtest.h>

#include "crypto/jwt.h"

namespace crosspoint::api::jsapi {
namespace {

const Buffer kKey(32, 0x5a);
const AccountId kApp("dev");
constexpr WallTime kNow{1'700'000'000'000};

chains::Grant grant() {
    chains::Grant grant;
    grant.user = chains::UserId("ann");
    grant.expires = kNow + 1h;
    grant.token_id = "t1";
    return grant;
}

chains::Refusal refusal(const Result<chains::Grant, chains::Refusal>& result) {
    EXPECT_FALSE(result);
    return result ? chains::Refusal::Internal : result.error();
}

}  // namespace

TEST(UserToken, SaysWhatItWasIssuedFor) {
    chains::Grant restricted = grant();
    restricted.profiles = {chains::ProfileId("a"), chains::ProfileId("b")};
    restricted.pstn = restricted.text = false;
    for (const chains::Grant& one : {grant(), restricted}) {
        const auto read = verify_user_token(kKey, kApp, issue_user_token(kKey, kApp, one), kNow);
        ASSERT_TRUE(read);
        EXPECT_EQ(*read, one);
    }
}

TEST(UserToken, HasTheClaimsOfTheSpecification) {
    EXPECT_EQ(crypto::verify_jwt(kKey, issue_user_token(kKey, kApp, grant())),
              R"({"sub":"ann","app":"dev","exp":1700003600,"jti":"t1"})");
    chains::Grant restricted = grant();
    restricted.profiles = {chains::ProfileId("a")};
    restricted.pstn = false;
    EXPECT_EQ(crypto::verify_jwt(kKey, issue_user_token(kKey, kApp, restricted)),
              R"({"sub":"ann","app":"dev","exp":1700003600,"jti":"t1","profiles":["a"],"scope":"call text"})");
}

TEST(UserToken, ExpiresToTheSecond) {
    const std::string token = issue_user_token(kKey, kApp, grant());
    EXPECT_TRUE(verify_user_token(kKey, kApp, token, kNow + 3'599'999ms));
    EXPECT_EQ(refusal(verify_user_token(kKey, kApp, token, kNow + 1h)), chains::Refusal::TokenExpired);
}

TEST(UserToken, OfAnotherKeyOrAppIsNone) {
    const std::string token = issue_user_token(kKey, kApp, grant());
    using enum chains::Refusal;
    EXPECT_EQ(refusal(verify_user_token(Buffer(32, 1), kApp, token, kNow)), Unauthenticated);
    EXPECT_EQ(refusal(verify_user_token(kKey, AccountId("other"), token, kNow)), Unauthenticated);
    for (size_t cut = 0; cut < token.size(); ++cut)
        EXPECT_EQ(refusal(verify_user_token(kKey, kApp, token.substr(0, cut), kNow)), Unauthenticated) << cut;
}

TEST(UserToken, DamagedClaimsAreNone) {
    for (const char* claims :
         {"{}", "[]", R"({"sub":"a b","app":"dev","exp":1800000000,"jti":"t"})",
          R"({"sub":"ann","app":"dev","exp":"1800000000","jti":"t"})",
          R"({"sub":"ann","app":"dev","exp":-1,"jti":"t"})", R"({"sub":"ann","app":"dev","exp":1800000000})",
          R"({"sub":"ann","app":"dev","exp":9223372036854775,"jti":"t"})",  // no timer reaches that far
          R"({"sub":"ann","app":"dev","exp":1800000000,"jti":"t","profiles":"a"})",
          R"({"sub":"ann","app":"dev","exp":1800000000,"jti":"t","profiles":[7]})",
          // A participant's token, signed with the same key.
          R"({"a":"dev","p":"5b0c2b8e-6a3f-4f0e-9a42-0a4f6f0f8a11","v":"V3","exp":1800000000,"tid":"+1"})"})
        EXPECT_EQ(refusal(verify_user_token(kKey, kApp, crypto::sign_jwt(kKey, claims), kNow)),
                  chains::Refusal::Unauthenticated)
            << claims;
}

}  // namespace crosspoint::api::jsapi
