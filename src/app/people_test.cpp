#include <gtest/gtest.h>

#include "app/people_story.h"

// Calls between people through the whole control plane and a real store: sockets in, frames out.
namespace crosspoint::app {
namespace {

class PeopleTest : public PeopleStory {};

TEST_F(PeopleTest, AConnectionIsWelcomedWithItsProfilesAndLimits) {
    add("ann", "a");
    Client& c1 = connect("ann");
    EXPECT_EQ(c1.last("welcome")->at("userId"), "ann");
    EXPECT_EQ(c1.last("welcome")->at("profiles").at(0).at("nickname"), "ann");
    EXPECT_EQ(c1.last("welcome")->at("limits").at("frameBytes"), 65536);
    EXPECT_EQ(admin_object("GET", "connections").at("connections").as_array().size(), 1U);
    EXPECT_EQ(admin_object("GET", "users/ann").at("connections"), 1);
}

TEST_F(PeopleTest, WhoIsNobodyIsClosedWithoutAWord) {
    add("ann", "a");
    Client& forged = open();
    hello(forged, token("ann") + "x");
    EXPECT_EQ(forged.closed, 4401);
    EXPECT_TRUE(forged.frames.empty());

    Client& late = open();
    const std::string short_lived = token("ann", {{"lifeSeconds", 1}});
    pass(2s);
    hello(late, short_lived);
    EXPECT_EQ(late.closed, 4401);
    EXPECT_TRUE(late.frames.empty());
}

TEST_F(PeopleTest, ASocketThatSaysNothingOrTheWrongThingFirstIsClosed) {
    Client& silent = open();
    pass(4s);
    EXPECT_FALSE(silent.closed);
    pass(1s);
    EXPECT_EQ(silent.closed, 4400);

    Client& rude = open();
    say(rude, {{"type", "ping"}});
    EXPECT_EQ(rude.closed, 4400);

    Client& newer = open();
    say(newer, {{"type", "hello"}, {"body", {{"version", 2}}}});
    EXPECT_EQ(newer.last("error")->at("name"), "unsupported_version");
    EXPECT_EQ(newer.closed, 4400);

    add("ann", "a");
    Client& damaged = open();
    hello(damaged, token("ann"), {{"since", 7}});
    EXPECT_EQ(damaged.last("error")->at("name"), "bad_argument");
    EXPECT_EQ(damaged.closed, 4400);
}

TEST_F(PeopleTest, AFrameThatIsTooLongClosesTheSocketNotTheConnection) {
    add("ann", "a");
    Client& c1 = connect("ann");
    handle(SocketText{c1.socket, std::string(64 * 1024 + 1, ' ')});
    EXPECT_EQ(c1.closed, 4413);
    EXPECT_EQ(control_->counts().people.connections, 1U);
}

TEST_F(PeopleTest, A8OneCallOnFourDevicesIsAnsweredOnOne) {
    add("ann", "a");
    add("bob", "b");
    Client& c1 = connect("ann");
    Client& c2 = connect("ann");
    Client& c3 = connect("bob");
    Client& c4 = connect("bob");
    const std::string id = call(c1, "a", "b");
    for (Client* client : {&c1, &c2, &c3, &c4}) EXPECT_EQ(client->count("call.init"), 1U);
    EXPECT_TRUE(ask(c2, "call.pending", about(id)).empty());
    EXPECT_TRUE(ask(c3, "call.ringing", about(id)).empty());
    EXPECT_EQ(c4.count("call.ringing"), 1U);
    EXPECT_TRUE(ask(c3, "call.accept", accepting(id)).empty());
    for (Client* client : {&c1, &c2, &c3, &c4}) EXPECT_EQ(client->count("call.accept"), 1U);
    // A10: who is in the call, and nobody else, learns where its media is.
    for (Client* client : {&c1, &c3}) {
        ASSERT_EQ(client->count("call.media"), 1U);
        EXPECT_EQ(client->last("call.media")->at("mediaEpoch"), 1);
        EXPECT_FALSE(client->last("call.media")->at("deviceToken").as_string().empty());
    }
    for (Client* client : {&c2, &c4}) EXPECT_EQ(client->count("call.media"), 0U);
    EXPECT_EQ(c1.last("call.media")->at("sessionId"), c3.last("call.media")->at("sessionId"));
    EXPECT_EQ(control_->counts().participants, 2U);
    EXPECT_EQ(admin_object("GET", "calls").at("calls").at(0).at("state"), "active");

    EXPECT_EQ(ask(c4, "call.accept", accepting(id)).at("name"), "already_accepted");
    EXPECT_TRUE(ask(c1, "call.hangup", about(id)).empty());
    for (Client* client : {&c1, &c2, &c3, &c4}) EXPECT_EQ(client->last("call.end")->at("endReason"), "hangup");
    EXPECT_EQ(control_->counts().sessions, 0U);
    EXPECT_EQ(control_->counts().participants, 0U);
}

TEST_F(PeopleTest, HoldingTakesAParticipantOutOfTheSessionAndBack) {
    add("ann", "a");
    add("bob", "b");
    Client& c1 = connect("ann");
    Client& c3 = connect("bob");
    const std::string id = call(c1, "a", "b");
    ask(c3, "call.accept", accepting(id));
    EXPECT_TRUE(ask(c3, "call.hold", about(id)).empty());
    EXPECT_EQ(c1.last("call.hold")->at("profileId"), "b");
    EXPECT_EQ(control_->counts().participants, 2U);
    EXPECT_TRUE(ask(c3, "call.resume", about(id)).empty());
    EXPECT_EQ(control_->counts().people.seats, 2U);
}

TEST_F(PeopleTest, ATextReachesBothAndStaysInTheChain) {
    add("ann", "a");
    add("bob", "b");
    Client& c1 = connect("ann");
    Client& c3 = connect("bob");
    const auto added = ask(c1, "text.add_message",
                           {{"localId", random_.uuid()},
                            {"sender", "a"},
                            {"receivers", json::array{"b"}},
                            {"content", {{"text", "hey"}}}});
    ASSERT_TRUE(added.contains("chainId")) << json::serialize(added);
    EXPECT_EQ(c3.last("text.add_message")->at("content").at("text"), "hey");
    EXPECT_FALSE(c3.last("text.add_message")->contains("localId"));
    const auto history =
        ask(c3, "chain.history", {{"profileId", "b"}, {"chainId", added.at("chainId")}, {"limit", 10}});
    ASSERT_EQ(history.at("messages").as_array().size(), 1U);
    EXPECT_EQ(history.at("messages").at(0).at("id"), added.at("id"));
    const auto chains = ask(c3, "chain.list", {{"profileId", "b"}, {"limit", 10}});
    EXPECT_EQ(chains.at("chains").at(0).at("chainId"), added.at("chainId"));
}

TEST_F(PeopleTest, AConversationIsNotReadAgainForEachText) {
    add("ann", "a");
    add("bob", "b");
    Client& c1 = connect("ann");
    json::object text{
        {"localId", random_.uuid()}, {"sender", "a"}, {"receivers", json::array{"b"}}, {"content", {{"text", "hey"}}}};
    text["chainId"] = ask(c1, "text.add_message", text).at("chainId");
    const size_t queries = queries_;
    for (int i = 0; i < 3; ++i) {
        pass(4s);
        text["localId"] = random_.uuid();
        EXPECT_TRUE(ask(c1, "text.add_message", text).contains("id"));
    }
    EXPECT_EQ(queries_, queries);

    pass(60s);
    Client& c2 = connect("ann");
    text["localId"] = random_.uuid();
    EXPECT_TRUE(ask(c2, "text.add_message", text).contains("id"));
    EXPECT_GT(queries_, queries);
}

TEST_F(PeopleTest, AHistoryOfLongTextsComesInPagesThatAConnectionCanTake) {
    add("ann", "a");
    add("bob", "b");
    Client& c1 = connect("ann");
    json::object add = text("a", "b", std::string(16 * 1024, 'x'));
    const json::value chain = ask(c1, "text.add_message", add).at("chainId");
    add["chainId"] = chain;
    for (int i = 1; i < 100; ++i) {
        add["localId"] = random_.uuid();
        ask(c1, "text.add_message", add);
        say(c1, {{"type", "ack"}, {"ack", c1.frames.back().at("seq")}});
    }
    json::object wanted{{"profileId", "a"}, {"chainId", chain}, {"limit", 100}};
    size_t read = 0;
    for (bool more = true; more;) {
        const json::object page = ask(c1, "chain.history", wanted);
        ASSERT_FALSE(c1.closed);
        more = page.at("more").as_bool();
        read += page.at("messages").as_array().size();
        wanted["before"] = page.at("messages").as_array().back().at("pos");
        say(c1, {{"type", "ack"}, {"ack", c1.frames.back().at("seq")}});
    }
    EXPECT_EQ(read, 100U);
}

TEST_F(PeopleTest, ACallThatNobodyTakesEnds) {  // A23, 9.1
    add("ann", "a");
    add("bob", "b");
    Client& c1 = connect("ann");
    Client& c3 = connect("bob");
    const std::string busy = call(c1, "a", "b");
    ask(c3, "call.reject", {{"callId", busy}, {"reason", "busy"}});
    EXPECT_EQ(c1.last("call.busy")->at("profileId"), "b");
    EXPECT_EQ(c1.last("call.end")->at("endReason"), "busy");
    const std::string rings = call(c1, "a", "b");
    ask(c3, "call.ringing", about(rings));
    pass(45s, {&c1, &c3});
    EXPECT_EQ(c1.last("call.ringing_timeout")->at("profileId"), "b");
    EXPECT_EQ(c1.last("call.end")->at("endReason"), "no_answer");
    EXPECT_EQ(c3.count("call.missed"), 1U) << "a call that one rejected is not missed (MISS-1)";
}

TEST_F(PeopleTest, WhatWasMissedComesFromTheLog) {
    add("ann", "a");
    add("bob", "b");
    Client& c1 = connect("ann");
    const std::string id = call(c1, "a", "b");
    pass(10s);
    EXPECT_EQ(c1.last("call.end")->at("endReason"), "unreachable");
    Client& c3 = connect("bob");
    ASSERT_EQ(c3.count("call.missed"), 1U);
    EXPECT_EQ(c3.last("call.missed")->at("record").at("callId"), id.c_str());
    EXPECT_EQ(c3.count("call.init"), 0U);
}

TEST_F(PeopleTest, ALostTransportIsResumedWithWhatCameMeanwhile) {
    add("ann", "a");
    add("bob", "b");
    Client& c1 = connect("ann");
    Client& c3 = connect("bob");
    const json::object welcome = *c3.last("welcome");
    const auto received = c3.frames.back().at("seq").to_number<uint64_t>();
    handle(SocketClosed{c3.socket});
    const std::string id = call(c1, "a", "b");
    Client& again = open();
    const json::object resume{
        {"connectionId", welcome.at("connectionId")}, {"token", welcome.at("resumeToken")}, {"recv", received}};
    hello(again, token("bob"), {{"resume", resume}});
    ASSERT_TRUE(again.last("welcome"));
    EXPECT_EQ(again.last("welcome")->at("resumed"), true);
    EXPECT_EQ(again.last("welcome")->at("fresh"), false);
    EXPECT_EQ(again.count("call.init"), 1U);
    // CON-7: the same token is good for nothing once it was replaced.
    again.seq = 0;
    ask(again, "call.ringing", about(id));
    Client& thief = open();
    hello(thief, token("bob"), {{"resume", resume}});
    EXPECT_EQ(thief.last("welcome")->at("resumed"), false);
}

TEST_F(PeopleTest, ACallOutlivesTheProcess) {
    add("ann", "a");
    add("bob", "b");
    Client& c1 = connect("ann");
    Client& c3 = connect("bob");
    const std::string id = call(c1, "a", "b");
    ask(c3, "call.ringing", about(id));
    ask(c3, "call.accept", accepting(id));
    const json::object ann = *c1.last("welcome");
    const json::object bob = *c3.last("welcome");
    const json::value session = c1.last("call.media")->at("sessionId");
    restart();
    const auto resumed = [&](const json::object& welcome, const std::string& user) -> Client& {
        Client& client = open();
        hello(client, token(user),
              {{"resume",
                {{"connectionId", welcome.at("connectionId")}, {"token", welcome.at("resumeToken")}, {"recv", 1}}}});
        EXPECT_EQ(client.last("welcome")->at("resumed"), true);
        EXPECT_EQ(client.last("welcome")->at("fresh"), true);
        return client;
    };
    Client& c1b = resumed(ann, "ann");
    Client& c3b = resumed(bob, "bob");
    ASSERT_TRUE(c1b.last("call.state"));
    EXPECT_EQ(c1b.last("call.state")->at("role"), "active initiator");
    EXPECT_EQ(c1b.last("call.state")->at("call").at("state"), "active");
    EXPECT_EQ(c3b.last("call.state")->at("role"), "active receiver");
    EXPECT_EQ(control_->counts().sessions, 1U);
    EXPECT_TRUE(ask(c3b, "call.hangup", about(id)).empty());
    EXPECT_EQ(c1b.last("call.end")->at("endReason"), "hangup");
    EXPECT_EQ(control_->counts().sessions, 0U);
    EXPECT_EQ(control_->counts().participants, 0U);
}

TEST_F(PeopleTest, RevocationEndsConnectionsAndKeepsThemOut) {
    add("ann", "a");
    Client& c1 = connect("ann");
    const auto other = admin_object("POST", "users/ann/tokens");
    Client& c2 = open();
    hello(c2, std::string(other.at("token").as_string()));
    ASSERT_TRUE(c2.last("welcome"));
    EXPECT_EQ(admin("DELETE", "users/ann/tokens/" + std::string(other.at("tokenId").as_string())).status, 204);
    EXPECT_EQ(c2.closed, 4401);
    EXPECT_FALSE(c1.closed);
    EXPECT_EQ(admin("PUT", "users/ann/revoked", {{"revoked", true}}).status, 204);
    EXPECT_EQ(c1.closed, 4401);
    restart();
    Client& c3 = open();
    hello(c3, token("ann"));
    EXPECT_EQ(c3.closed, 4401);
    EXPECT_FALSE(c3.last("welcome"));
    EXPECT_EQ(admin("PUT", "users/ann/revoked", {{"revoked", false}}).status, 204);
    connect("ann");
}

TEST_F(PeopleTest, AnAdministratorEndsACall) {
    add("ann", "a");
    add("bob", "b");
    Client& c1 = connect("ann");
    const std::string id = call(c1, "a", "b");
    EXPECT_EQ(admin("DELETE", "calls/" + id).status, 204);
    EXPECT_EQ(c1.last("call.end")->at("endReason"), "terminated");
    EXPECT_EQ(admin("DELETE", "calls/" + id).status, 404);
}

TEST_F(PeopleTest, AdministrationRefusesWhatMakesNoSense) {
    add("ann", "a");
    EXPECT_EQ(admin("PUT", "users/ann").status, 200);
    EXPECT_EQ(admin("PUT", "users/a%20b").status, 400);
    EXPECT_EQ(admin("GET", "users/bob").status, 404);
    EXPECT_EQ(admin("PUT", "users/bob/profiles/b").status, 404);
    EXPECT_EQ(admin("PUT", "users/ann/profiles/a", {{"callPolicy", "friends"}}).status, 400);
    EXPECT_EQ(admin("PUT", "users/ann/relations/nobody", {{"relation", "blocked"}}).status, 404);
    EXPECT_EQ(admin("PUT", "users/ann/relations/a", {{"relation", "friend"}}).status, 400);
    EXPECT_EQ(admin("POST", "users/ann/tokens", {{"lifeSeconds", 0}}).status, 400);
    EXPECT_EQ(admin("DELETE", "users").status, 405);
    EXPECT_EQ(admin("GET", "nothing").status, 404);
    EXPECT_EQ(admin("PUT", "users/bob").status, 201);
    EXPECT_EQ(admin("PUT", "users/bob/profiles/a").status, 409);
}

TEST_F(PeopleTest, WhoIsBlockedSeesAnOfflineUser) {
    add("ann", "a");
    add("bob", "b");
    EXPECT_EQ(admin("PUT", "users/bob/relations/a", {{"relation", "blocked"}}).status, 204);
    Client& c1 = connect("ann");
    Client& c3 = connect("bob");
    call(c1, "a", "b");
    EXPECT_EQ(c3.count("call.init"), 0U);
    pass(10s);
    EXPECT_EQ(c1.last("call.end")->at("endReason"), "unreachable");
    EXPECT_EQ(c3.count("call.missed"), 0U);
}

TEST_F(PeopleTest, TheSubprotocolIsNeeded) {
    api::HttpRequest request;
    request.target = "/jsapi/v1";
    EXPECT_EQ(control_->refuse_socket(request, now_)->status, 400);
    request.headers = {{"Sec-WebSocket-Protocol", "chat, jsapi.v1"}};
    EXPECT_FALSE(control_->refuse_socket(request, now_));
}

TEST_F(PeopleTest, WhoIsAskedToComeBackWhenTheServerStops) {
    add("ann", "a");
    Client& c1 = connect("ann");
    handle(Stopping{});
    EXPECT_EQ(c1.closed, 1012);
}

/// A store that writes at once, and answers questions when it is told to.
class SlowReads : public PeopleStory {
protected:
    void take_effect(api::Effect& effect, std::deque<Input>& inputs) override {
        auto* query = std::get_if<api::QueryRows>(&effect);
        if (!query || !slow_) return PeopleStory::take_effect(effect, inputs);
        unanswered_.push_back(std::move(*query));
    }
    void answer_all() {
        slow_ = false;
        for (; !unanswered_.empty(); unanswered_.pop_front())
            handle(api::RowsReady{unanswered_.front().query, read_rows(database_, unanswered_.front().selects)});
    }
    /// With nobody in memory, so that they have to be read when something happens to them.
    void add(const std::string& user, const std::string& profile) {
        PeopleStory::add(user, profile);
        restart();
    }
    /// kill -9 while the store was asked something.
    void crash() {
        slow_ = false;
        unanswered_.clear();
        restart();
    }
    RequestId ask_administration(std::string method, const std::string& path, const json::object& body = {}) {
        api::HttpRequest request;
        request.id = RequestId{++last_request_};
        request.method = std::move(method);
        request.target = "/admin/v1/accounts/dev/" + path;
        request.headers = {{"Authorization", "Basic " + base64(as_bytes("root:secret"))}};
        request.body = json::serialize(body);
        handle(request);
        return request.id;
    }

    bool slow_ = false;
    std::deque<api::QueryRows> unanswered_;
};

TEST_F(SlowReads, ATextThatWasAnsweredReachesWhoeverWasNotThere) {  // OWN-4, TXT-1
    add("ann", "a");
    add("bob", "b");
    Client& c1 = connect("ann");
    slow_ = true;
    const auto sent = ask(c1, "text.add_message", text("a", "b", "one"));
    ASSERT_TRUE(sent.contains("id"));
    crash();
    for (int times = 0; times < 2; ++times, restart()) {
        Client& c3 = connect("bob");
        ASSERT_EQ(c3.count("text.add_message"), 1U) << times;
        EXPECT_EQ(c3.last("text.add_message")->at("content").at("text"), "one");
        EXPECT_EQ(c3.last("text.add_message")->at("receiver"), "b");
        const auto history =
            ask(c3, "chain.history", {{"profileId", "b"}, {"chainId", sent.at("chainId")}, {"limit", 10}});
        EXPECT_EQ(history.at("messages").as_array().size(), 1U);
    }
}

TEST_F(SlowReads, TextsForSomebodyWhoIsBeingReadComeInOrderAndOnce) {
    add("ann", "a");
    add("bob", "b");
    Client& c1 = connect("ann");
    slow_ = true;
    for (const char* words : {"one", "two"}) ask(c1, "text.add_message", text("a", "b", words));
    answer_all();
    restart();
    Client& c3 = connect("bob");
    ASSERT_EQ(c3.count("text.add_message"), 2U);
    EXPECT_EQ(c3.last("text.add_message")->at("content").at("text"), "two");
}

TEST_F(SlowReads, TheAdministrationAnswersOnceItIsDone) {  // CON-8
    add("ann", "a");
    const std::string path = "users/ann/";
    const std::vector<std::pair<std::string, std::pair<std::string, json::object>>> requests{
        {"PUT", {path + "revoked", {{"revoked", true}}}},
        {"PUT", {path + "profiles/a", {{"nickname", "Ann"}}}},
        {"PUT", {path + "relations/a", {{"relation", "contact"}}}},
        {"DELETE", {path + "tokens/t1", {}}},
    };
    slow_ = true;
    std::vector<RequestId> asked;
    for (const auto& [method, rest] : requests) asked.push_back(ask_administration(method, rest.first, rest.second));
    for (const RequestId request : asked) EXPECT_FALSE(answers_.contains(request));
    answer_all();
    for (const RequestId request : asked) EXPECT_TRUE(answers_.contains(request));
    restart();
    EXPECT_EQ(admin_object("GET", "users/ann").at("revoked"), true);
}

TEST_F(SlowReads, NobodyGetsMoreConnectionsByOpeningThemAllAtOnce) {  // 13
    add("ann", "a");
    const std::string credentials = token("ann");
    slow_ = true;
    std::vector<Client*> clients;
    for (int i = 0; i < 12; ++i) {
        clients.push_back(&open());
        hello(*clients.back(), credentials);
    }
    answer_all();
    EXPECT_EQ(std::ranges::count_if(clients, [](Client* c) { return c->last("welcome") != nullptr; }), 10);
    EXPECT_EQ(control_->counts().people.connections, 10U);
}

TEST_F(SlowReads, NobodyWritesFasterByComingAnew) {  // 13
    add("ann", "a");
    add("bob", "b");
    const auto texts = [&](Client& client) {
        for (int i = 0; i < 60; ++i)
            if (ask(client, "text.add_message", text("a", "b", "x")).contains("code")) return i;
        return 60;
    };
    for (int i = 0; i < 2; ++i) {
        Client& client = connect("ann");
        EXPECT_EQ(texts(client), 60);
        say(client, {{"type", "bye"}});
    }
    Client& client = connect("ann");
    EXPECT_EQ(texts(client), 0);
    say(client, {{"type", "bye"}});
    pass(60s);
    EXPECT_EQ(control_->counts().people.users, 0U) << "nobody is kept for longer than that takes";
}

TEST_F(SlowReads, ATokenThatIsRevokedHasTheNameOfAToken) {  // it is stored
    add("ann", "a");
    EXPECT_EQ(admin("DELETE", "users/ann/tokens/%00").status, 400);
    EXPECT_EQ(admin("DELETE", "users/ann/tokens/" + random_.uuid()).status, 204);
}

}  // namespace
}  // namespace crosspoint::app
