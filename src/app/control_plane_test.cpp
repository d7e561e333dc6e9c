#include "app/control_plane.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api/device/records.h"
#include "app/stored_state.h"
#include "base/encoding.h"
#include "crypto/certificate.h"
#include "rtc/sdp/client.h"
#include "store/database.h"

namespace crosspoint::app {
namespace {

namespace json = boost::json;

// Of "secret", with a small cost.
constexpr std::string_view kHash = "scrypt$4$8$1$MDEyMzQ1Njc4OWFiY2RlZg$gEeb_KeWbm5g-kBQOFr1yJbkjBxxxDOkhSmrSXFFwOg";

/// A control plane, its store, and the edge as the test plays it.
struct ControlPlaneTest : testing::Test {
    SeededRandom random{3};
    store::Database database{":memory:", all_migrations()};
    Now now{Timestamp(1h), WallTime{1'767'225'600'000}};
    std::optional<ControlPlane> plane;
    Output out;  // commits that are not durable yet, effects since the last `effects()`
    uint64_t last_request = 0;
    uint64_t last_socket = 0;

    ControlPlaneTest() { start(); }

    void start() {
        ControlPlaneSettings settings;
        settings.accounts = {{AccountId("1"), {{"alice", std::string(kHash), api::Role::Account}}}};
        settings.devices.candidates = {NetAddress::v4(192, 0, 2, 7, 40000)};
        settings.devices.make_certificate = &crypto::make_certificate;
        plane.emplace(settings, random);
        out = {};
        plane->restore(read_stored(database), now, out);
        settle();
        log_in();
    }
    /// The password is right; from then on it is known at once.
    void log_in() {
        ask("GET", "/sessions/unknown");
        for (const api::VerifyPassword& check : take<api::VerifyPassword>())
            handle(api::PasswordVerified{check.check, true});
        EXPECT_EQ(take<api::Respond>().size(), 1u);
    }
    void handle(Input input) { plane->handle(std::move(input), now, out); }
    void settle() {
        while (!out.commits.empty()) store_one();
        EXPECT_TRUE(plane->settled());
    }
    /// The store has made the oldest commit durable.
    void store_one() {
        const Commit commit = std::move(out.commits.front());
        out.commits.erase(out.commits.begin());
        database.apply(commit.statements);
        handle(CommitDurable{commit.number});
    }
    /// Takes out the effects of one kind, and leaves the others.
    template <class Wanted>
    std::vector<Wanted> take() {
        std::vector<Wanted> found;
        for (api::Effect& effect : out.effects)
            if (auto* one = std::get_if<Wanted>(&effect)) found.push_back(std::move(*one));
        std::erase_if(out.effects, [](const api::Effect& effect) { return std::holds_alternative<Wanted>(effect); });
        return found;
    }
    RequestId ask(std::string method, const std::string& path, const std::string& body = "") {
        api::HttpRequest request;
        request.id = RequestId{++last_request};
        request.method = std::move(method);
        request.target = "/v1/accounts/1" + path;
        request.headers = {{"Authorization", "Basic " + base64(as_bytes("alice:secret"))}};
        request.body = body;
        handle(std::move(request));
        return RequestId{last_request};
    }
    /// The parsed body of a request that succeeds.
    json::value get(std::string method, const std::string& path, const std::string& body = "") {
        ask(std::move(method), path, body);
        settle();
        const auto answers = take<api::Respond>();
        EXPECT_EQ(answers.size(), 1u);
        EXPECT_LT(answers.at(0).response.status, 300) << answers.at(0).response.body;
        const std::string& text = answers.at(0).response.body;
        return text.empty() ? json::value() : json::parse(text);
    }

    struct Member {
        std::string id;
        std::string token;
        SocketId socket;
    };
    Member join(const std::string& session) {
        const auto made = get("POST", "/participants",
                              R"({"publishPermissions":["AUDIO","VIDEO"],"callbackUrl":"https://app.example/cb"})");
        Member member{
            std::string(made.at("participant").at("id").as_string()), std::string(made.at("token").as_string()), {}};
        get("PUT", "/sessions/" + session + "/participants/" + member.id, R"({"sessionId":")" + session + "\"}");
        return member;
    }
    void connect(Member& member) {
        member.socket = SocketId{++last_socket};
        api::HttpRequest request;
        request.target = "/v3/?uniqueId=u&token=" + member.token;
        handle(SocketOpened{member.socket, request});
        settle();
    }
    void call(const Member& member, std::string_view method, const json::object& params) {
        handle(SocketText{member.socket, json::serialize(json::object{
                                             {"jsonrpc", "2.0"}, {"method", method}, {"params", params}, {"id", 1}})});
    }
    void ready(Member& member) {
        connect(member);
        call(member, "setMediaPreferences", {});
        settle();
    }
    void publish(const Member& member) {
        rtc::sdp::OriginState origin{1, 0};
        const std::vector<rtc::sdp::ClientTrack> tracks{
            {rtc::MediaKind::Audio, "mic", "t", Ssrc{10}, Ssrc{}, "1", false}};
        call(member, "offerSdp",
             {{"sdpOffer", rtc::sdp::publishing_offer(tracks, {{"uuuu", "0123456789abcdef01234567"}, "AA:BB"}, origin)},
              {"mediaMetadata", {{"mediaStreams", {{"mic", json::object()}}}}}});
    }
    /// The streams of the newest sdpOffer to this member.
    std::optional<json::object> offered(const Member& member, const std::vector<api::SendText>& sent) {
        std::optional<json::object> streams;
        for (const api::SendText& text : sent) {
            const auto message = json::parse(text.text).as_object();
            if (text.socket == member.socket && message.contains("method"))
                streams = message.at("params").at("streamMetadata").as_object();
        }
        return streams;
    }
    std::string make_session() { return std::string(get("POST", "/sessions").at("id").as_string()); }
};

}  // namespace

TEST_F(ControlPlaneTest, AnAnswerWaitsUntilWhatItSaysIsDurable) {
    const RequestId request = ask("POST", "/sessions");
    ASSERT_EQ(out.commits.size(), 1u);
    EXPECT_TRUE(out.effects.empty());
    EXPECT_FALSE(plane->settled());
    store_one();
    const auto answers = take<api::Respond>();
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].request, request);
    EXPECT_EQ(answers[0].response.status, 200);
}

TEST_F(ControlPlaneTest, WhatChangesNothingIsAnsweredAtOnceUnlessSomethingWaitsBeforeIt) {
    ask("GET", "/sessions/unknown");
    EXPECT_EQ(take<api::Respond>().size(), 1u);
    EXPECT_TRUE(out.commits.empty());
    ask("POST", "/sessions");
    ask("GET", "/sessions/unknown");
    EXPECT_TRUE(out.effects.empty());
    store_one();
    const auto answers = take<api::Respond>();
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_EQ(answers[0].response.status, 200);
    EXPECT_EQ(answers[1].response.status, 404);
}

TEST_F(ControlPlaneTest, WhatComesDuringACommitGoesIntoTheNextOneTogether) {
    for (int i = 0; i < 4; ++i) ask("POST", "/sessions");
    ASSERT_EQ(out.commits.size(), 1u);
    const size_t one = out.commits[0].statements.size();
    store_one();
    EXPECT_EQ(take<api::Respond>().size(), 1u);
    ASSERT_EQ(out.commits.size(), 1u);
    EXPECT_EQ(out.commits[0].statements.size(), 3 * one);
    ask("POST", "/sessions");
    store_one();
    const auto answers = take<api::Respond>();
    ASSERT_EQ(answers.size(), 3u);
    for (uint64_t i = 0; i < 3; ++i) EXPECT_EQ(answers[i].request.value, last_request - 3 + i);
    settle();
    EXPECT_EQ(take<api::Respond>().size(), 1u);
}

TEST_F(ControlPlaneTest, StateAndMessagesAreThereAtOnceAndReleasedInOrder) {
    const std::string session = make_session();
    Member alice = join(session);
    Member bob = join(session);
    ready(alice);
    ready(bob);
    out.effects.clear();
    // Nothing of this is durable yet, but each command sees what the ones before it did.
    publish(alice);
    ask("DELETE", "/participants/" + alice.id);
    ask("GET", "/participants/" + alice.id);
    EXPECT_TRUE(out.effects.empty());
    settle();
    std::vector<std::string> story;
    for (const api::Effect& effect : out.effects) {
        if (const auto* answer = std::get_if<api::Respond>(&effect))
            story.push_back(std::to_string(answer->response.status));
        if (const auto* text = std::get_if<api::SendText>(&effect))
            story.push_back(text->socket == alice.socket ? "alice" : "bob");
        if (std::holds_alternative<api::CloseSocket>(effect)) story.push_back("close");
    }
    // Bob is offered her stream; that it ended goes into his next offer, for he has not answered yet.
    EXPECT_EQ(story, (std::vector<std::string>{"alice", "bob", "204", "close", "404"}));
}

TEST_F(ControlPlaneTest, DevicesHearOfEachOtherThroughTheDirectory) {
    const std::string session = make_session();
    Member alice = join(session);
    Member bob = join(session);
    ready(alice);
    ready(bob);
    out.effects.clear();
    publish(alice);
    settle();
    const auto streams = offered(bob, take<api::SendText>());
    ASSERT_TRUE(streams);
    ASSERT_EQ(streams->size(), 1u);
    EXPECT_EQ(streams->begin()->value().at("participantId"), json::value(alice.id));
    EXPECT_EQ(plane->counts().devices, 2u);
}

TEST_F(ControlPlaneTest, PresenceIsToldOnceItIsDurable) {
    Member alice = join(make_session());
    connect(alice);
    call(alice, "setMediaPreferences", {});
    EXPECT_TRUE(out.effects.empty());
    settle();
    const auto posts = take<api::PostWebhook>();
    ASSERT_EQ(posts.size(), 1u);
    const auto body = json::parse(posts[0].body).as_object();
    EXPECT_EQ(body.at("event"), json::value("onConnect"));
    EXPECT_EQ(body.at("timestamp"), json::value(std::to_string(now.wall.unix_milliseconds)));
    EXPECT_EQ(body.at("participantId"), json::value(alice.id));
    EXPECT_FALSE(body.contains("tag"));
}

TEST_F(ControlPlaneTest, ARestartFindsEverythingAgain) {
    const std::string session = make_session();
    Member alice = join(session);
    Member bob = join(session);
    ready(alice);
    ready(bob);
    publish(alice);
    settle();
    const auto before = *offered(bob, take<api::SendText>());
    const auto members = get("GET", "/sessions/" + session + "/participants");

    start();
    EXPECT_EQ(get("GET", "/sessions/" + session + "/participants"), members);
    EXPECT_EQ(plane->counts().callbacks_waiting, 4u);  // two onConnect as before, and that both sockets were lost
    out.effects.clear();
    connect(bob);
    const auto after = offered(bob, take<api::SendText>());
    ASSERT_TRUE(after);
    EXPECT_EQ(*after, before);
}

TEST_F(ControlPlaneTest, WhoseTimeRanOutWhileTheServerWasDownHasLeft) {
    const auto session = std::string(get("POST", "/sessions", "{}").at("id").as_string());
    Member alice = join(session);
    ready(alice);
    take<api::PostWebhook>();
    now = {Timestamp(1s), now.wall + 10h};
    start();
    EXPECT_EQ(plane->counts().participants + plane->counts().sessions + plane->counts().devices, 0u);
    std::vector<std::string> posted;
    for (int round = 0; round < 3; ++round)
        for (const api::PostWebhook& one : take<api::PostWebhook>()) {
            posted.emplace_back(json::parse(one.body).at("event").as_string());
            handle(api::WebhookResult{one.attempt, 204, false});
            settle();
        }
    ASSERT_FALSE(posted.empty());
    EXPECT_EQ(posted.back(), "onLeave");
    EXPECT_TRUE(database.query(api::device::select_devices()).empty());
}

TEST_F(ControlPlaneTest, AStoreThatHasNotAnsweredYetIsTheStateThatARestartFinds) {
    ask("POST", "/sessions");
    EXPECT_EQ(plane->counts().sessions, 1u);
    start();
    EXPECT_EQ(plane->counts().sessions, 0u);
    EXPECT_TRUE(take<api::Respond>().empty());
}

TEST_F(ControlPlaneTest, TimeEndsSessionsAndDevices) {
    const std::string session = make_session();
    Member alice = join(session);
    ready(alice);
    out.effects.clear();
    now.mono = plane->next_timeout();
    EXPECT_LE(now.mono, Timestamp(10h));
    now = {Timestamp(10h), WallTime{now.wall.unix_milliseconds + 9 * 3'600'000}};
    plane->handle_timeout(now, out);
    EXPECT_TRUE(out.effects.empty());
    settle();
    const auto closes = take<api::CloseSocket>();
    ASSERT_EQ(closes.size(), 1u);
    EXPECT_EQ(closes[0].socket, alice.socket);
    EXPECT_EQ(closes[0].code, 1000);
    EXPECT_EQ(plane->counts().sessions, 0u);
    EXPECT_EQ(plane->counts().participants, 0u);
}

TEST_F(ControlPlaneTest, StoppingAsksDevicesToComeBackAndKeepsThem) {
    Member alice = join(make_session());
    ready(alice);
    out.effects.clear();
    handle(Stopping{});
    settle();
    const auto closes = take<api::CloseSocket>();
    ASSERT_EQ(closes.size(), 1u);
    EXPECT_EQ(closes[0].code, 1012);
    handle(SocketClosed{alice.socket});
    settle();
    EXPECT_EQ(plane->counts().devices, 0u);
    start();
    EXPECT_EQ(plane->counts().participants, 1u);
}

TEST_F(ControlPlaneTest, SocketsWithoutATokenAreTurnedAwayWithAnHttpAnswer) {
    api::HttpRequest bad;
    bad.target = "/v3/?token=x";
    while (!plane->refuse_socket(bad, now)) {
        handle(SocketOpened{SocketId{++last_socket}, bad});
        ASSERT_LT(last_socket, 1000u);
    }
    EXPECT_EQ(plane->refuse_socket(bad, now)->status, 429);
    EXPECT_EQ(plane->counts().sockets_refused, last_socket);
    EXPECT_EQ(plane->counts().sockets_turned_away, 2u);
    EXPECT_EQ(take<api::CloseSocket>().size(), last_socket);
}

}  // namespace crosspoint::app
