#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/jwt.h"
#include "crypto/password.h"

namespace crosspoint::crypto {
namespace {

TEST(Jwt, MacOfRfc7515AppendixA1) {
    const auto key =
        from_base64url("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
    ASSERT_TRUE(key.has_value());
    const std::string_view signing_input =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const std::string_view signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    EXPECT_EQ(base64url(hmac_sha256(*key, as_bytes(signing_input))), signature);
    // A good signature, but not our header.
    EXPECT_FALSE(verify_jwt(*key, std::string(signing_input) + "." + std::string(signature)));
}

TEST(Jwt, RoundTripAndItsHeader) {
    const Buffer key(32, 7);
    const std::string token = sign_jwt(key, R"({"sub":"x","exp":1})");
    EXPECT_EQ(verify_jwt(key, token), R"({"sub":"x","exp":1})");
    EXPECT_EQ(as_text(from_base64url(token.substr(0, token.find('.'))).value()), R"({"alg":"HS256","typ":"JWT"})");
    EXPECT_FALSE(verify_jwt(Buffer(32, 8), token));
    EXPECT_EQ(verify_jwt(key, sign_jwt(key, "")), "");
}

TEST(Jwt, AnyChangeOrCutIsRefused) {
    const Buffer key(32, 7);
    const std::string token = sign_jwt(key, R"({"sub":"x"})");
    for (size_t at = 0; at < token.size(); ++at) {
        EXPECT_FALSE(verify_jwt(key, token.substr(0, at))) << at;
        std::string changed = token;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(verify_jwt(key, changed)) << at;
    }
    EXPECT_FALSE(verify_jwt(key, token + "."));
    EXPECT_FALSE(verify_jwt(key, token + "="));
}

TEST(Jwt, AlgorithmNoneIsRefused) {
    const std::string header = base64url(as_bytes(R"({"alg":"none","typ":"JWT"})"));
    EXPECT_FALSE(verify_jwt(Buffer(32, 7), header + "." + base64url(as_bytes("{}")) + "."));
}

TEST(Password, RoundTripInOneLine) {
    SeededRandom random(1);
    const std::string stored = hash_password("correct horse", random);
    EXPECT_TRUE(stored.starts_with("scrypt$15$8$1$"));
    EXPECT_EQ(stored.find_first_of(" \n"), std::string::npos);
    EXPECT_TRUE(verify_password("correct horse", stored));
    EXPECT_FALSE(verify_password("correct horsf", stored));
    EXPECT_NE(hash_password("correct horse", random), stored);
}

TEST(Password, Rfc7914Vector) {  // RFC 7914 12, second vector, cut to our 32 bytes
    const std::string stored =
        "scrypt$10$8$16$" + base64url(as_bytes("NaCl")) + "$" +
        base64url(from_hex("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162").value());
    EXPECT_TRUE(verify_password("password", stored));
    EXPECT_FALSE(verify_password("Password", stored));
}

TEST(Password, DamagedStoredTextIsJustFalse) {
    const std::string hash = base64url(Buffer(32, 0));
    for (const std::string& stored : std::vector<std::string>{
             "", "scrypt", "scrypt$", "bcrypt$4$8$1$AAAA$" + hash, "scrypt$4$8$1$AAAA", "scrypt$4$8$1$AAAA$",
             "scrypt$4$8$1$$" + hash, "scrypt$4$8$1$A*AA$" + hash, "scrypt$0$8$1$AAAA$" + hash,
             "scrypt$64$8$1$AAAA$" + hash, "scrypt$20$32$1$AAAA$" + hash, "scrypt$4$-8$1$AAAA$" + hash,
             "scrypt$4$8x$1$AAAA$" + hash, "scrypt$4$8$99999999999$AAAA$" + hash, "scrypt$4$8$1$AAAA$" + hash + "AA",
             "scrypt$4$8$1$AAAA$" + hash + "$"})
        EXPECT_FALSE(verify_password("x", stored)) << stored;
}

}  // namespace
}  // namespace crosspoint::crypto
