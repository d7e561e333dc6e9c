#include "io/webhook_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/test_server.h"

namespace crosspoint::io {
namespace {

/// Results in the order in which they come.
class Results {
public:
    void put(const api::WebhookResult& result) {
        const std::lock_guard lock(mutex_);
        results_.push_back(result);
        came_.notify_all();
    }
    api::WebhookResult next() {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(came_.wait_for(lock, 20s, [this] { return !results_.empty(); }));
        if (results_.empty()) return {};
        const auto first = results_.front();
        results_.pop_front();
        return first;
    }

private:
    std::mutex mutex_;
    std::condition_variable came_;
    std::deque<api::WebhookResult> results_;
};

class WebhookClientTest : public testing::Test {
protected:
    std::unique_ptr<WebhookClient> client(WebhookOptions options) {
        return std::make_unique<WebhookClient>(options, [this](const api::WebhookResult& one) { results_.put(one); });
    }
    api::PostWebhook post(uint64_t id, const std::string& path) const {
        return {api::AttemptId(id),
                "http://127.0.0.1:" + std::to_string(server_.port()) + path,
                {{"Content-Type", "application/json"}},
                R"({"event":"onConnect"})"};
    }

    TestServer server_;
    Results results_;
};

TEST_F(WebhookClientTest, PostsAndTellsTheStatus) {
    const auto webhooks = client({.allow_private_addresses = true});
    webhooks->post(post(1, "/hook"));
    auto result = results_.next();
    EXPECT_EQ(result.attempt, api::AttemptId(1));
    EXPECT_EQ(result.status, 200);
    EXPECT_FALSE(result.refused);

    webhooks->post(post(2, "/later"));
    server_.answer_later({503, {}, "no"});
    EXPECT_EQ(results_.next().status, 503);
    webhooks->post(post(3, "/later"));
    server_.answer_later({302, {{"Location", "/hook"}}, ""});
    EXPECT_EQ(results_.next().status, 302) << "redirects are not followed";
    webhooks->post(post(4, "/later"));
    server_.answer_later({200, {}, std::string(10 << 20, 'x')});
    EXPECT_EQ(results_.next().status, 200) << "however much it says";
}

TEST_F(WebhookClientTest, ManyAtOnceAreAllAnswered) {
    const auto webhooks = client({.allow_private_addresses = true});
    for (uint64_t i = 1; i <= 200; ++i) webhooks->post(post(i, "/hook"));
    uint64_t sum = 0;
    for (uint64_t i = 1; i <= 200; ++i) {
        const auto result = results_.next();
        EXPECT_EQ(result.status, 200);
        sum += result.attempt.value;
    }
    EXPECT_EQ(sum, 200u * 201 / 2);
}

TEST_F(WebhookClientTest, AReceiverThatIsDeadOrSilentHasNoStatus) {
    const auto webhooks = client({.timeout = 200ms, .allow_private_addresses = true});
    webhooks->post(post(1, "/later"));
    EXPECT_EQ(results_.next().status, 0);
    webhooks->post({api::AttemptId(2), "http://127.0.0.1:1/", {}, "{}"});
    const auto dead = results_.next();
    EXPECT_EQ(dead.status, 0);
    EXPECT_FALSE(dead.refused) << "it may come back";
}

TEST_F(WebhookClientTest, NeverLeadsToPrivateAddressesOrOtherProtocols) {
    const auto webhooks = client({});
    const std::string port = std::to_string(server_.port());
    for (const std::string& url :
         {"http://127.0.0.1:" + port + "/", "http://localhost:" + port + "/", "http://2130706433:" + port + "/",
          "http://[::1]:" + port + "/", "http://[::ffff:127.0.0.1]:" + port + "/", std::string("file:///etc/passwd"),
          std::string("gopher://example.org/"), std::string("no url")}) {
        webhooks->post({api::AttemptId(1), url, {}, "{}"});
        const auto result = results_.next();
        EXPECT_TRUE(result.refused) << url;
        EXPECT_EQ(result.status, 0);
    }
}

TEST_F(WebhookClientTest, EndsWithAttemptsUnderWay) {
    const auto webhooks = client({.allow_private_addresses = true});
    webhooks->post(post(1, "/later"));
    server_.next();
    webhooks->post(post(2, "/hook"));
}

TEST(IsPrivate, KnowsWhatIsNotPublic) {
    const std::pair<const char*, bool> cases[] = {
        {"0.0.0.0", true},
        {"10.1.2.3", true},
        {"100.63.0.1", false},
        {"100.64.0.1", true},
        {"100.127.0.1", true},
        {"100.128.0.1", false},
        {"127.0.0.1", true},
        {"127.255.0.1", true},
        {"169.253.0.1", false},
        {"169.254.169.254", true},
        {"172.15.0.1", false},
        {"172.16.0.1", true},
        {"172.31.0.1", true},
        {"172.32.0.1", false},
        {"192.0.0.1", true},
        {"192.0.2.1", true},
        {"192.88.99.1", true},
        {"192.168.1.1", true},
        {"192.169.0.1", false},
        {"198.17.0.1", false},
        {"198.18.0.1", true},
        {"198.51.100.1", true},
        {"203.0.113.1", true},
        {"203.0.114.1", false},
        {"223.255.0.1", false},
        {"224.0.0.1", true},
        {"255.255.255.255", true},
        {"8.8.8.8", false},
        {"::", true},
        {"::1", true},
        {"::ffff:10.0.0.1", true},
        {"::ffff:8.8.8.8", false},
        {"64:ff9b::808:808", true},
        {"fc00::1", true},
        {"fd12::1", true},
        {"fe80::1", true},
        {"ff02::1", true},
        {"2001:0:1::1", true},
        {"2001:db8::1", true},
        {"2002:7f00:1::", true},
        {"2001:4860::8888", false},
        {"2a00:1450::1", false},
    };
    for (const auto& [ip, expected] : cases) EXPECT_EQ(is_private(*NetAddress::parse(ip, 0)), expected) << ip;
}

}  // namespace
}  // namespace crosspoint::io
