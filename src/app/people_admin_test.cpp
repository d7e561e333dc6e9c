#include "api/webhook_signature.h"
#include "app/people_story.h"

// The administration of people: every operation below /admin/v1 with each of its answers (spec/openapi.yaml), and what
// it does to those who are connected (jsapi 4, 10.6, CON-8, SEC-8).
namespace crosspoint::app {
namespace {

struct Operation {
    std::string method;
    std::string path;
    json::object body;
    int done;
};

class PeopleAdminTest : public PeopleStory {
protected:
    PeopleAdminTest() {
        add("ann", "a");
        add("bob", "b");
        add("xia", "x", "other");
    }
    /// Each right as it is, when there is this call.
    static std::vector<Operation> operations(const std::string& call) {
        return {{"GET", "users", {}, 200},
                {"PUT", "users/cid", {}, 201},
                {"PUT", "users/cid", {}, 200},
                {"GET", "users/ann", {}, 200},
                {"PUT", "users/ann/profiles/c", {{"nickname", "Ann"}}, 201},
                {"PUT", "users/ann/profiles/c", {{"nickname", "Ann"}, {"dnd", true}}, 200},
                {"PUT", "users/ann/relations/b", {{"relation", "contact"}}, 204},
                {"PUT", "users/ann/revoked", {{"revoked", false}}, 204},
                {"POST", "users/ann/tokens", {}, 200},
                {"DELETE", "users/ann/tokens/unheard-of", {}, 204},
                {"GET", "connections", {}, 200},
                {"GET", "calls", {}, 200},
                {"DELETE", "calls/" + call, {}, 204}};
    }
    api::HttpResponse ask_as(const std::string& credentials, const Operation& operation,
                             const std::string& account = "dev") {
        return admin(operation.method, operation.path, operation.body, account, credentials);
    }
    json::object user(const std::string& id) { return admin_object("GET", "users/" + id); }
};

TEST_F(PeopleAdminTest, EveryOperationIsForAdministratorsOfTheAccount) {
    Client& c1 = connect("ann");
    const auto all = operations(call(c1, "a", "b"));
    const Standing before = standing();
    for (const Operation& operation : all) {
        EXPECT_EQ(ask_as("root:wrong", operation).status, 401) << operation.path;
        EXPECT_EQ(ask_as("clerk:secret", operation).status, 403) << operation.path;
        EXPECT_EQ(ask_as("stranger:secret", operation).status, 403) << operation.path;
    }
    EXPECT_EQ(standing(), before);
    for (const Operation& operation : all) EXPECT_EQ(ask_as("root:secret", operation).status, operation.done);
    EXPECT_EQ(c1.last("call.end")->at("endReason"), "terminated");
}

TEST_F(PeopleAdminTest, WhatBelongsToAnotherAccountIsNotThere) {
    Client& cx = connect_with(token("xia", {}, "other"), {{"appId", "other"}});
    const std::string live = call(cx, "x", "tel:+15551230100");
    const Standing before = standing();
    for (Operation operation : operations(live)) {
        if (operation.path.find("ann") == std::string::npos && operation.method != "DELETE") continue;
        if (const size_t at = operation.path.find("ann"); at != std::string::npos) operation.path.replace(at, 3, "xia");
        EXPECT_EQ(ask_as("root:secret", operation).status, 404) << operation.path;
    }
    EXPECT_EQ(admin("PUT", "users/xia").status, 409);
    EXPECT_EQ(admin("PUT", "users/ann/profiles/x").status, 409);
    EXPECT_EQ(admin("PUT", "users/ann/relations/x", {{"relation", "blocked"}}).status, 404);
    EXPECT_TRUE(admin_object("GET", "connections").at("connections").as_array().empty());
    EXPECT_TRUE(admin_object("GET", "calls").at("calls").as_array().empty());
    EXPECT_EQ(standing(), before);
}

TEST_F(PeopleAdminTest, WrongValuesAreRefusedAndChangeNothing) {
    const std::string long_id(65, 'x');
    const std::vector<Operation> wrong{{"PUT", "users/a%20b", {}, 400},
                                       {"PUT", "users/" + long_id, {}, 400},
                                       {"PUT", "users/ann/profiles/tel:1", {}, 400},
                                       {"PUT", "users/ann/profiles/a", {{"nickname", 7}}, 400},
                                       {"PUT", "users/ann/profiles/a", {{"nickname", std::string(256, 'x')}}, 400},
                                       {"PUT", "users/ann/profiles/a", {{"dnd", "yes"}}, 400},
                                       {"PUT", "users/ann/profiles/a", {{"wakeable", 1}}, 400},
                                       {"PUT", "users/ann/profiles/a", {{"busyPolicy", "wait"}}, 400},
                                       {"PUT", "users/ann/profiles/a", {{"callPolicy", "friends"}}, 400},
                                       {"PUT", "users/bob/profiles/a", {}, 409},
                                       {"PUT", "users/ann/relations/b", {}, 400},
                                       {"PUT", "users/ann/relations/b", {{"relation", "friend"}}, 400},
                                       {"PUT", "users/ann/relations/nobody", {{"relation", "blocked"}}, 404},
                                       {"PUT", "users/ann/revoked", {}, 400},
                                       {"PUT", "users/ann/revoked", {{"revoked", "yes"}}, 400},
                                       {"POST", "users/ann/tokens", {{"lifeSeconds", 0}}, 400},
                                       {"POST", "users/ann/tokens", {{"lifeSeconds", 366 * 86400 + 1}}, 400},
                                       {"POST", "users/ann/tokens", {{"profiles", "a"}}, 400},
                                       {"POST", "users/ann/tokens", {{"profiles", json::array{}}}, 400},
                                       {"POST", "users/ann/tokens", {{"scope", "call"}}, 400},
                                       {"POST", "users/ann/tokens", {{"scope", {{"call", 1}}}}, 400},
                                       {"DELETE", "users/ann", {}, 405},
                                       {"POST", "calls", {}, 405},
                                       {"GET", "nothing", {}, 404},
                                       {"GET", "users/ann/profiles", {}, 404}};
    const Standing before = standing();
    for (const Operation& operation : wrong)
        EXPECT_EQ(ask_as("root:secret", operation).status, operation.done)
            << operation.method << " " << operation.path << " " << json::serialize(operation.body);
    EXPECT_EQ(standing(), before);
}

TEST_F(PeopleAdminTest, PoliciesAndRelationsAreKeptAndHold) {  // 4, PRO-3
    EXPECT_EQ(admin("PUT", "users/bob/profiles/b", {{"callPolicy", "contacts"}, {"nickname", "Bob"}}).status, 200);
    restart();
    const json::object profile = user("bob").at("profiles").at(0).as_object();
    EXPECT_EQ(profile.at("callPolicy"), "contacts");
    EXPECT_EQ(profile.at("nickname"), "Bob");
    Client& c1 = connect("ann");
    Client& c3 = connect("bob");
    const auto rings = [&] {
        const size_t before = c3.count("call.init");
        ask(c1, "call.hangup", about(call(c1, "a", "b")));
        return c3.count("call.init") > before;
    };
    EXPECT_FALSE(rings());
    EXPECT_EQ(admin("PUT", "users/bob/relations/a", {{"relation", "contact"}}).status, 204);
    EXPECT_EQ(user("bob").at("contacts"), json::array{"a"});
    EXPECT_TRUE(rings());
    EXPECT_EQ(admin("PUT", "users/bob/relations/a", {{"relation", "blocked"}}).status, 204);
    EXPECT_TRUE(user("bob").at("contacts").as_array().empty());
    EXPECT_EQ(user("bob").at("blocked"), json::array{"a"});
    EXPECT_FALSE(rings());
    EXPECT_EQ(admin("PUT", "users/bob/relations/a", {{"relation", "none"}}).status, 204);
    EXPECT_EQ(admin("PUT", "users/bob/profiles/b", {{"dnd", true}}).status, 200);
    EXPECT_EQ(c3.last("profile.updated")->at("profile").at("dnd"), true);
    const std::string silent = call(c1, "a", "b");
    EXPECT_EQ(c3.last("call.init")->at("silent"), true) << silent;
}

TEST_F(PeopleAdminTest, WhatLivesIsSeen) {
    Client& c1 = connect("ann", {{"device", {{"name", "desk"}, {"kind", "desktop"}}}});
    Client& c3 = connect("bob");
    const std::string id = call(c1, "a", "b");
    ask(c3, "call.accept", accepting(id));
    const json::object live = admin_object("GET", "calls").at("calls").at(0).as_object();
    EXPECT_EQ(live.at("id"), id.c_str());
    EXPECT_EQ(live.at("state"), "active");
    EXPECT_EQ(live.at("participants").at(1).at("connections").at(0).at("role"), "active receiver");
    EXPECT_EQ(user("ann").at("connections"), 1);
    handle(SocketClosed{c1.socket});
    const json::object connections = admin_object("GET", "connections");
    for (const json::value& each : connections.at("connections").as_array()) {
        const bool anns = each.at("userId") == "ann";
        EXPECT_EQ(each.at("attached"), !anns);
        EXPECT_EQ(each.at("device").at("name"), anns ? "desk" : "");
    }
    EXPECT_EQ(admin("DELETE", "calls/" + id).status, 204);
    EXPECT_EQ(admin("DELETE", "calls/" + id).status, 404);
    EXPECT_EQ(c3.last("call.end")->at("endReason"), "terminated");
    EXPECT_TRUE(admin_object("GET", "calls").at("calls").as_array().empty());
}

TEST_F(PeopleAdminTest, ATokenDoesWhatItWasMadeForUntilItIsRevoked) {  // CON-2, CON-8, A61
    const json::object made = admin_object("POST", "users/ann/tokens", {{"lifeSeconds", 600}});
    EXPECT_EQ(made.at("expiresAt"), now_.wall.unix_milliseconds + 600'000);
    const std::string token(made.at("token").as_string());
    Client& c1 = connect_with(token);
    Client& c2 = connect("ann");
    Client& c3 = connect("bob");
    const std::string id = call(c1, "a", "b");
    ask(c3, "call.accept", accepting(id));
    EXPECT_EQ(admin("DELETE", "users/ann/tokens/" + std::string(made.at("tokenId").as_string())).status, 204);
    EXPECT_EQ(c1.closed, 4401);
    EXPECT_FALSE(c2.closed);
    EXPECT_EQ(c3.last("call.drop")->at("profileId"), "a") << "lost at once";
    restart();
    Client& again = open();
    hello(again, token);
    EXPECT_EQ(again.closed, 4401);
}

TEST_F(PeopleAdminTest, AnExpiringTokenIsExchangedInPlace) {  // CON-8, A61
    Client& c1 = connect_with(token("ann", {{"lifeSeconds", 120}}));
    const auto refresh = [&](const std::string& token) { return ask(c1, "auth.refresh", {{"token", token}}); };
    pass(60s, {&c1});
    EXPECT_EQ(c1.last("auth.expiring")->at("expiresInMs"), 60'000);
    const std::string expired = token("ann", {{"lifeSeconds", 1}});
    pass(2s);
    EXPECT_EQ(refresh(expired).at("name"), "token_expired");
    EXPECT_EQ(refresh(token("bob")).at("name"), "unauthenticated");
    EXPECT_EQ(refresh(token("xia", {}, "other")).at("name"), "unauthenticated");
    EXPECT_EQ(refresh("x").at("name"), "unauthenticated");
    EXPECT_FALSE(c1.closed) << "the one it has is still good";
    EXPECT_TRUE(refresh(token("ann", {{"lifeSeconds", 600}, {"scope", {{"text", true}}}})).empty());
    pass(100s, {&c1});
    EXPECT_FALSE(c1.closed);
    EXPECT_EQ(ask(c1, "call.init", opening("a", {"b"})).at("name"), "forbidden") << "the new scope holds";
    pass(500s, {&c1});
    EXPECT_EQ(c1.closed, 4401);
}

TEST_F(PeopleAdminTest, WhoCanBeWokenIsOnceAndSigned) {  // PRO-2
    settings_.wake_urls[AccountId("dev")] = "https://app.example/wake";
    settings_.callbacks.secrets[AccountId("dev")] = Buffer(24, 7);
    restart();
    EXPECT_EQ(admin("PUT", "users/bob/profiles/b", {{"wakeable", true}}).status, 200);
    Client& c1 = connect("ann");
    const std::string id = call(c1, "a", "b");
    ASSERT_EQ(webhooks_.size(), 1U);
    EXPECT_EQ(webhooks_[0].url, "https://app.example/wake");
    const json::object body = json::parse(webhooks_[0].body).as_object();
    EXPECT_EQ(body.at("event"), "wake");
    EXPECT_EQ(body.at("callId"), id.c_str());
    EXPECT_EQ(body.at("from"), "a");
    EXPECT_EQ(body.at("to"), "b");
    EXPECT_EQ(body.at("expiresInMs"), 30'000);
    api::HttpRequest request;
    request.headers = webhooks_[0].headers;
    request.body = webhooks_[0].body;
    EXPECT_TRUE(api::is_signed_webhook(Buffer(24, 7), request, now_.wall));
    handle(api::WebhookResult{webhooks_[0].attempt, 500});
    Client& c3 = connect("bob");
    EXPECT_TRUE(ask(c3, "call.ringing", about(id)).empty());
    ask(c1, "call.hangup", about(id));
    pass(10min, {&c3});
    EXPECT_EQ(webhooks_.size(), 1U) << "neither again nor to cancel";

    Client& c2 = connect("ann");
    call(c2, "a", "b");
    EXPECT_EQ(webhooks_.size(), 1U) << "a device is there";
}

TEST_F(PeopleAdminTest, NobodyIsWokenWithoutSomewhereToAsk) {
    EXPECT_EQ(admin("PUT", "users/bob/profiles/b", {{"wakeable", true}}).status, 200);
    Client& c1 = connect("ann");
    call(c1, "a", "b");
    EXPECT_TRUE(webhooks_.empty());
    pass(31s, {&c1});
    EXPECT_EQ(c1.last("call.end")->at("endReason"), "unreachable");
}

TEST_F(PeopleAdminTest, SocketsThatSayNothingAreFew) {  // SEC-7
    settings_.doorway = {.all = 5, .of_network = 3};
    restart();
    const NetAddress here = *NetAddress::parse("192.0.2.1", 1);
    const NetAddress there = *NetAddress::parse("192.0.2.2", 1);
    const auto turned_away = [&](const NetAddress& peer) {
        api::HttpRequest request;
        request.target = "/jsapi/v1";
        request.headers = {{"Sec-WebSocket-Protocol", "jsapi.v1"}};
        request.peer = peer;
        const auto refusal = control_->refuse_socket(request, now_);
        EXPECT_EQ(refusal ? refusal->status : 429, 429);
        return refusal.has_value();
    };
    std::vector<Client*> waiting;
    for (int i = 0; i < 3; ++i) waiting.push_back(&open(here));
    EXPECT_TRUE(turned_away(here));
    EXPECT_FALSE(turned_away(there));
    EXPECT_EQ(open(here).closed, 4429) << "was let in before the others were opened";
    for (int i = 0; i < 2; ++i) open(there);
    EXPECT_TRUE(turned_away(there));
    hello(*waiting[0], token("ann"));
    handle(SocketClosed{waiting[1]->socket});
    EXPECT_FALSE(turned_away(here));
    pass(5s);
    EXPECT_EQ(control_->counts().people.waiting, 0U);
    EXPECT_FALSE(waiting[0]->closed);
    EXPECT_GT(control_->counts().people.sockets_turned_away, 0U);
}

}  // namespace
}  // namespace crosspoint::app
