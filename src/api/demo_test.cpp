#include "api/demo.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "api/administration.h"
#include "api/jsapi/hub.h"
#include "api/jsapi/user_token.h"
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
    jsapi::Hub hub{directory, {}, {}, {kDev}, random};
    Administration administration{hub, directory, random};
    Routes routes{directory, auth, random, {}, &administration};
    std::optional<Demo> demo{std::in_place, routes, DemoSettings{kDev, kSecret}};
    Now now{Timestamp(1h), WallTime{1'767'225'600'000}};
    std::vector<Statement> statements;
    sessions::Effects changes;

    DemoTest() {
        directory.add_account(kDev, changes);
        Effects out;
        hub.restore({now, out, changes}, {});
    }

    static bool is_respond(const Effect& effect) {
        const auto* respond = std::get_if<Respond>(&effect);
        return respond && respond->request == RequestId{1};
    }
    std::pair<int, json::value> ask(std::string method, std::string target, const std::string& body = "",
                                    std::vector<Header> headers = {}) {
        headers.push_back({"Host", "127.0.0.1:8080"});
        HttpRequest request{RequestId{1}, std::move(method), std::move(target), std::move(headers), body, NetAddress(),
                            false};
        Effects out;
        demo->handle(request, now, out, changes);
        answer_queries(out);
        EXPECT_EQ(std::ranges::count_if(out.outputs, is_respond), 1);
        statements.insert(statements.end(), out.statements.begin(), out.statements.end());
        const HttpResponse& response = std::get<Respond>(*std::ranges::find_if(out.outputs, is_respond)).response;
        return {response.status, response.body.empty() ? json::value() : json::parse(response.body)};
    }
    std::pair<int, json::value> sign_in(const std::string& name) {
        return ask("POST", "/demo/people/tokens", json::serialize(json::object{{"name", name}}));
    }
    /// Nothing of these users is in a store yet.
    void answer_queries(Effects& asked) {
        for (const Effect& effect : std::exchange(asked.outputs, {})) {
            if (const auto* query = std::get_if<QueryRows>(&effect)) {
                const std::vector<std::vector<Row>> nothing(query->selects.size());
                hub.rows_ready({now, asked, changes}, {query->query, nothing});
            } else {
                asked.outputs.push_back(effect);
            }
        }
    }
    /// Whether this was ever written.
    bool stored(const std::string& text) const {
        return std::ranges::any_of(statements, [&](const Statement& statement) {
            return std::ranges::find(statement.values, SqlValue(text)) != statement.values.end();
        });
    }
    std::vector<std::string> people() {
        std::vector<std::string> names;
        const json::value list = ask("GET", "/demo/people").second;
        for (const json::value& person : list.as_array()) names.emplace_back(person.at("name").as_string());
        return names;
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

TEST_F(DemoTest, APersonGetsAUserAProfileAndATokenOfItsOwn) {
    const auto [status, zoe] = sign_in("Zoë");
    ASSERT_EQ(status, 200) << json::serialize(zoe);
    EXPECT_EQ(zoe.at("appId"), json::value("dev"));
    const chains::ProfileId profile(std::string(zoe.at("profileId").as_string()));
    EXPECT_EQ(hub.owner_of(profile), chains::UserId(std::string(zoe.at("userId").as_string())));
    EXPECT_TRUE(stored("Zoë"));

    const auto token =
        jsapi::verify_user_token(*directory.token_keys().find(kDev), kDev, zoe.at("token").as_string(), now.wall);
    ASSERT_TRUE(token);
    EXPECT_EQ(token->user.value, zoe.at("userId").as_string());
    EXPECT_EQ(sign_in("Zoë").second.at("userId"), zoe.at("userId")) << "on as many devices as one likes";
}

TEST_F(DemoTest, TheFirstToComeFindsOthers) {
    EXPECT_EQ(people(), (std::vector<std::string>{"Ann", "Bob", "Cem", "Dora"}));
    sign_in("Ann");
    const json::value list = ask("GET", "/demo/people").second;
    for (const json::value& person : list.as_array())
        EXPECT_TRUE(hub.owner_of(chains::ProfileId(std::string(person.at("profileId").as_string()))));
}

TEST_F(DemoTest, EverybodyWhoEverSignedInIsListed) {
    for (const char* name : {"Zoë", "Ann", "a_b - c"}) sign_in(name);
    EXPECT_EQ(people(), (std::vector<std::string>{"Ann", "Bob", "Cem", "Dora", "Zoë", "a_b - c"}));
    // An administrator's users, which the demo knows nothing of.
    Effects out;
    for (const char* user : {"somebody", "demo-_ff", "demo-a_", "demo-"})
        hub.add_user({now, out, changes}, kDev, chains::UserId(user));
    EXPECT_EQ(people().size(), 6u);
}

TEST_F(DemoTest, WhatAPersonHasSetIsKept) {
    sign_in("Ann");
    statements.clear();
    sign_in("Ann");
    EXPECT_TRUE(statements.empty());
}

TEST_F(DemoTest, WhoCannotBeAPersonIsRefused) {
    for (const char* body : {"", "[]", "{}", R"({"name":5})", R"({"name":""})", R"({"name":"\u0000"})"})
        EXPECT_EQ(ask("POST", "/demo/people/tokens", body).first, 400) << body;
    EXPECT_EQ(sign_in(std::string(31, 'a')).first, 400);
    EXPECT_EQ(sign_in("äöüäöüäöüäöüäöü").first, 400) << "its id would be too long";
    EXPECT_EQ(ask("GET", "/demo/people/tokens").first, 405);
    EXPECT_EQ(ask("POST", "/demo/people").first, 405);
    EXPECT_EQ(people().size(), 4u);
}

}  // namespace crosspoint::api
