#include "api/demo.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "api/webhook_signature.h"

namespace crosspoint::api {
namespace {

namespace json = boost::json;

const AccountId kDev("dev");
const Buffer kSecret(32, 7);

struct DemoTest : testing::Test {
    SeededRandom random{5};
    sessions::Directory directory{random};
    Auth auth{{}, random};
    Routes routes{directory, auth, random};
    std::optional<Demo> demo{std::in_place, routes, DemoSettings{kDev, kSecret}};
    Now now{Timestamp(1h), WallTime{1'767'225'600'000}};
    std::vector<Statement> statements;
    sessions::Effects changes;

    DemoTest() { directory.add_account(kDev, changes); }

    std::pair<int, json::value> ask(std::string method, std::string target, const std::string& body = "",
                                    std::vector<Header> headers = {}) {
        headers.push_back({"Host", "127.0.0.1:8080"});
        HttpRequest request{RequestId{1}, std::move(method), std::move(target), std::move(headers), body, NetAddress(),
                            false};
        Effects out;
        demo->handle(request, now, out, changes);
        EXPECT_EQ(out.outputs.size(), 1u);
        statements.insert(statements.end(), out.statements.begin(), out.statements.end());
        const HttpResponse& response = std::get<Respond>(out.outputs.at(0)).response;
        return {response.status, response.body.empty() ? json::value() : json::parse(response.body)};
    }
    json::value join(const std::string& name, const std::string& room = "tea") {
        auto [status, body] =
            ask("POST", "/demo/rooms/" + room + "/participants", json::serialize(json::object{{"name", name}}));
        EXPECT_EQ(status, 200) << json::serialize(body);
        return body;
    }
    void tell(std::string_view event, const json::value& participant) {
        const json::object body{{"event", event}, {"participantId", participant.at("participantId")}};
        EXPECT_EQ(call_back(json::serialize(body)), 204);
    }
    int call_back(const std::string& body) {
        return ask("POST", "/demo/callbacks", body, sign_webhook(kSecret, "1", now.wall, body)).first;
    }
    json::array list(const std::string& room = "tea") {
        return ask("GET", "/demo/rooms/" + room + "/participants").second.as_array();
    }
};

}  // namespace

TEST_F(DemoTest, EverybodyWhoNamesTheSameRoomMeets) {
    const auto alice = join("alice");
    const auto bob = join("bob");
    const auto carol = join("carol", "coffee");
    EXPECT_EQ(alice.at("sessionId"), bob.at("sessionId"));
    EXPECT_NE(alice.at("sessionId"), carol.at("sessionId"));
    EXPECT_EQ(statements.size(), 2u);
    const auto made = directory.find(ParticipantId(alice.at("participantId").as_string()));
    ASSERT_TRUE(made);
    EXPECT_EQ(made->callback.url, "http://127.0.0.1:8080/demo/callbacks");
    EXPECT_EQ(directory.verify_token(alice.at("token").as_string(), now.wall), made);
}

TEST_F(DemoTest, WhoHasComeIsListedAndWhoHasLeftIsDeleted) {
    const auto alice = join("alice");
    EXPECT_TRUE(list().empty());
    tell("onConnect", alice);
    ASSERT_EQ(list().size(), 1u);
    EXPECT_EQ(list()[0].at("name"), json::value("alice"));
    tell("onDisconnect", alice);
    EXPECT_EQ(list().size(), 1u);
    tell("onLeave", alice);
    EXPECT_TRUE(list().empty());
    EXPECT_EQ(directory.participant_count(), 0u);
    tell("onLeave", alice);
}

TEST_F(DemoTest, OnlySignedCallbacksCount) {
    const auto alice = join("alice");
    const json::object left{{"event", "onLeave"}, {"participantId", alice.at("participantId")}};
    EXPECT_EQ(ask("POST", "/demo/callbacks", json::serialize(left)).first, 401);
    EXPECT_EQ(directory.participant_count(), 1u);
}

TEST_F(DemoTest, AParticipantOfAnotherApplicationNeedNotHaveATag) {
    const auto alice = join("alice");
    const auto other = directory.create_participant(kDev, {}, now, changes);
    ASSERT_TRUE(directory.add_member(kDev, SessionId(alice.at("sessionId").as_string()), other->id, {}, changes));
    ASSERT_EQ(list().size(), 1u);
    EXPECT_EQ(list()[0].at("name"), json::value(""));
}

TEST_F(DemoTest, ASessionThatHasEndedIsMadeAnew) {
    const auto alice = join("alice");
    ASSERT_TRUE(directory.delete_session(kDev, SessionId(alice.at("sessionId").as_string()), changes));
    EXPECT_TRUE(list().empty());
    EXPECT_NE(join("alice").at("sessionId"), alice.at("sessionId"));
}

TEST_F(DemoTest, WhatItCannotServeIsRefused) {
    EXPECT_EQ(ask("GET", "/demo/rooms/tea").first, 404);
    EXPECT_EQ(ask("GET", "/demo/rooms//participants").first, 400);
    EXPECT_EQ(ask("GET", "/demo/rooms/a%20b/participants").first, 400);
    EXPECT_EQ(ask("PUT", "/demo/rooms/tea/participants").first, 405);
    for (const char* body : {"", "{", "[]", "{}", R"({"name":5})", R"({"name":""})", R"({"name":"\u0000"})"})
        EXPECT_EQ(ask("POST", "/demo/rooms/tea/participants", body).first, 400) << body;
    for (const char* body : {"", "{", "[]", "{}", R"({"event":"onLeave","participantId":5})"})
        EXPECT_EQ(call_back(body), 400) << body;
    EXPECT_EQ(directory.participant_count(), 0u);
}

TEST_F(DemoTest, ARoomKeepsItsSessionOverARestart) {
    const auto alice = join("alice");
    demo.emplace(routes, DemoSettings{kDev, kSecret});
    demo->restore({Row{statements.at(0).values}});
    EXPECT_EQ(join("bob").at("sessionId"), alice.at("sessionId"));
}

}  // namespace crosspoint::api
