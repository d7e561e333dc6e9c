#include "api/webhook_signature.h"

#include <gtest/gtest.h>

namespace crosspoint::api {
namespace {

constexpr WallTime kNow{1'614'265'330'000};

HttpRequest signed_request(Bytes secret, WallTime when = kNow) {
    HttpRequest request;
    request.body = R"({"test": 2432232314})";
    request.headers = sign_webhook(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", when, request.body);
    return request;
}

std::string& header(HttpRequest& request, std::string_view name) {
    for (Header& one : request.headers)
        if (one.name == name) return one.value;
    return request.headers.emplace_back(Header{std::string(name), ""}).value;
}

}  // namespace

TEST(WebhookSignature, IsTheOneThatReceiversLibrariesCompute) {
    // The example of the Standard Webhooks reference libraries.
    const auto secret = parse_webhook_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    ASSERT_TRUE(secret);
    HttpRequest request = signed_request(*secret);
    EXPECT_EQ(header(request, "webhook-timestamp"), "1614265330");
    EXPECT_EQ(header(request, "webhook-signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    EXPECT_TRUE(is_signed_webhook(*secret, request, kNow));
}

TEST(WebhookSignature, IsRefusedWhenAnythingWasChanged) {
    const Buffer secret(32, 7);
    const auto refused = [&](auto change) {
        HttpRequest request = signed_request(secret);
        change(request);
        return !is_signed_webhook(secret, request, kNow);
    };
    EXPECT_FALSE(refused([](HttpRequest&) {}));
    EXPECT_TRUE(refused([](HttpRequest& request) { request.body += " "; }));
    EXPECT_TRUE(refused([](HttpRequest& request) { request.headers.clear(); }));
    EXPECT_TRUE(refused([](HttpRequest& request) { header(request, "webhook-id") = "msg_2"; }));
    for (const char* time : {"", "x", "1614265331", "1614265330x", "-9223372036854775808", "99999999999999999999"})
        EXPECT_TRUE(refused([&](HttpRequest& request) { header(request, "webhook-timestamp") = time; })) << time;
    for (const char* signature : {"", " ", "v1,", "v1,AAAA"})
        EXPECT_TRUE(refused([&](HttpRequest& request) { header(request, "webhook-signature") = signature; }));
    EXPECT_FALSE(is_signed_webhook(Buffer(32, 8), signed_request(secret), kNow));
}

TEST(WebhookSignature, MayStandAmongOthers) {
    const Buffer secret(32, 7);
    HttpRequest request = signed_request(secret);
    header(request, "webhook-signature").insert(0, "v1,AAAA v1a,BBBB ");
    EXPECT_TRUE(is_signed_webhook(secret, request, kNow));
}

TEST(WebhookSignature, IsGoodForFiveMinutes) {
    const Buffer secret(32, 7);
    const HttpRequest request = signed_request(secret);
    for (const auto& [late, good] : {std::pair{299s, true}, {301s, false}, {-299s, true}, {-301s, false}})
        EXPECT_EQ(is_signed_webhook(secret, request, kNow + std::chrono::milliseconds(late)), good) << late.count();
}

TEST(WebhookSecret, IsAtLeastAsLongAsAKeyShouldBe) {
    const std::string of_24 = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    EXPECT_TRUE(parse_webhook_secret("whsec_" + of_24));
    for (const std::string& text : {std::string(), std::string("whsec_"), of_24, "whsec_" + of_24.substr(4),
                                    "whsec_" + of_24 + "!", "whsec_" + std::string(88, 'A')})
        EXPECT_FALSE(parse_webhook_secret(text)) << text;
}

}  // namespace crosspoint::api
