#include "load/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crosspoint::load {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Timestamp kNow{1s};

ClientOutput heard(Client& client, std::string_view frame, Timestamp now = kNow) {
    ClientOutput out;
    client.hear(now, frame, out);
    return out;
}

Client ready_client() {
    Client client("dev", "a.b.c");
    heard(client, R"({"type":"welcome","body":{"limits":{"textsPerMinute":7}}})");
    heard(client, R"({"type":"sync.done","seq":1,"body":{"useq":"0"}})");
    return client;
}

TEST(LoadClient, SaysHelloAndIsReadyOnceItIsSynchronised) {
    Client client("dev", "a.b.c");
    ClientOutput out;
    client.begin(out);
    ASSERT_EQ(out.frames.size(), 1U);
    const json::value hello = json::parse(out.frames[0]);
    EXPECT_EQ(hello.at("type"), "hello");
    EXPECT_EQ(hello.at("body").at("token"), "a.b.c");
    EXPECT_EQ(hello.at("body").at("appId"), "dev");
    heard(client, R"({"type":"welcome","body":{"limits":{"textsPerMinute":7}}})");
    EXPECT_FALSE(client.ready());
    heard(client, R"({"type":"sync.done","seq":1,"body":{"useq":"0"}})");
    EXPECT_TRUE(client.ready());
    EXPECT_EQ(client.limits().at("textsPerMinute"), 7);
}

TEST(LoadClient, AcknowledgesWithAFrameOrSoonByItself) {
    Client client = ready_client();
    EXPECT_EQ(client.next_timeout(), kNow + 200ms);
    ClientOutput asked;
    client.ask("profile.list", {}, asked);
    EXPECT_THAT(asked.frames, ElementsAre(R"({"type":"profile.list","seq":1,"body":{},"ack":1})"));
    EXPECT_EQ(client.next_timeout(), kNever);

    heard(client, R"({"type":"custom.message","seq":2,"body":{}})");
    ClientOutput out;
    client.handle_timeout(kNow + 199ms, out);
    EXPECT_THAT(out.frames, IsEmpty());
    client.handle_timeout(kNow + 200ms, out);
    EXPECT_THAT(out.frames, ElementsAre(R"({"type":"ack","ack":2})"));
    EXPECT_EQ(client.next_timeout(), kNever);
}

TEST(LoadClient, AcknowledgesManyAtOnce) {
    Client client = ready_client();
    for (int seq = 2; seq <= 32; ++seq)
        heard(client, R"({"type":"custom.message","seq":)" + std::to_string(seq) + "}", kNow + 1ms);
    EXPECT_EQ(client.next_timeout(), kNow + 1ms);
}

TEST(LoadClient, AnswersPings) {
    Client client = ready_client();
    EXPECT_THAT(heard(client, R"({"type":"ping","ack":0})").frames, ElementsAre(R"({"type":"pong","ack":1})"));
}

TEST(LoadClient, KnowsWhatAReplyAnswers) {
    Client client = ready_client();
    ClientOutput asked;
    client.ask("call.accept", {}, asked);
    EXPECT_EQ(client.unanswered(), 1U);
    const auto refused = heard(
        client, R"({"type":"reply","seq":2,"body":{"re":1,"ok":false,"error":{"code":4092,"name":"call_ended"}}})");
    ASSERT_EQ(refused.news.size(), 1U);
    EXPECT_EQ(refused.news[0].answers, "call.accept");
    EXPECT_EQ(error_of(refused.news[0]), "call_ended");
    EXPECT_EQ(client.unanswered(), 0U);
    EXPECT_EQ(error_of({"reply", {{"re", 1}, {"ok", true}}, "call.accept"}), std::nullopt);
}

TEST(LoadClient, NoticesWhatTheServerMustNotDo) {
    Client client = ready_client();
    EXPECT_EQ(heard(client, R"({"type":"custom.message","seq":3,"body":{}})").fault, "number 3 after 1");
    EXPECT_EQ(heard(client, R"({"type":"custom.message","seq":1,"body":{}})").fault, "number 1 after 1");
    EXPECT_EQ(heard(client, R"({"type":"reply","seq":2,"body":{"re":9,"ok":true}})").fault, "a reply to nothing");
    EXPECT_EQ(heard(client, "{").fault, "a frame that is no message");
    EXPECT_EQ(heard(client, R"({"type":7})").fault, "a frame that is no message");
}

}  // namespace
}  // namespace crosspoint::load
