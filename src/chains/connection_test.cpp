#include <gtest/gtest.h>

#include "chains/people_story.h"

// jsapi 2.2, 3, 10.3, 13. A calls from c1 (and c2), B is on c3.
namespace crosspoint::chains {
namespace {

TEST(Connection, IsWelcomedWithItsProfilesThenSyncDone) {  // CON-3, A1
    People world;
    world.connects("A", "c1");
    Client& c2 = world.connects("A", "c2");
    const Welcome welcome = c2.welcome();
    EXPECT_EQ(welcome.connection, ConnectionId("c2"));
    EXPECT_FALSE(welcome.resumed);
    EXPECT_FALSE(welcome.fresh);
    EXPECT_EQ(welcome.connections, 2u);
    ASSERT_EQ(welcome.profiles.size(), 1u);
    EXPECT_EQ(welcome.profiles[0].id, ProfileId("a"));
    EXPECT_FALSE(welcome.resume_token.empty());
    EXPECT_TRUE(std::holds_alternative<SyncDone>(c2.messages.at(0)));
}

TEST(Connection, IsToldHowManyThereAreFromItsBeginningOn) {  // CON-9
    People world;
    const auto counts = [](const Client& client) {
        std::vector<size_t> told;
        for (const ConnectionCount& count : client.all<ConnectionCount>()) told.push_back(count.connections);
        return told;
    };
    Client& c1 = world.connects("A", "c1");
    Client& c2 = world.connects("A", "c2");
    EXPECT_EQ(counts(c1), (std::vector<size_t>{1, 2}));
    EXPECT_EQ(counts(c2), (std::vector<size_t>{2}));
    EXPECT_TRUE(std::holds_alternative<ConnectionCount>(c2.messages.back())) << "after `sync.done`";
    c2.loses_transport();
    world.connects("A", "c4");
    c2.resumes();
    EXPECT_EQ(counts(c2), (std::vector<size_t>{2, 3})) << "as everything that came meanwhile";
    c2.loses_transport();
    c2.resumes(std::nullopt);
    EXPECT_EQ(counts(c2), (std::vector<size_t>{2, 3, 3})) << "a page that was loaded again knows nothing";
    c1.bye();
    EXPECT_EQ(counts(c2), (std::vector<size_t>{2, 3, 3, 2}));
}

TEST(Connection, DropsWhatItHasTakenAlreadyAndAcknowledgesAgain) {  // SEQ-1, A42
    TwoPeople world;
    world.c1.says(world.text("a", {"b"}, "once"));
    const size_t replies = world.c1.all<ReplyTo>().size();
    --world.c1.said;
    const size_t frames = world.c1.frames.size();
    world.c1.says(world.text("a", {"b"}, "once"));
    EXPECT_EQ(world.c1.all<ReplyTo>().size(), replies);
    EXPECT_EQ(world.c3.logged<TextAdded>().size(), 1u);
    EXPECT_TRUE(std::holds_alternative<ServerAck>(world.c1.frames.at(frames)));
}

TEST(Connection, ClosesOnAProtocolFault) {  // CON-1, SEQ-2
    const std::vector<std::pair<ClientFrame, std::optional<uint64_t>>> faults{
        {ClientSays{2, ListProfiles{}}, 0},
        {ClientSays{0, ListProfiles{}}, 0},
        {ClientGarbage{}, std::nullopt},
        {ClientAck{}, 1000},
    };
    for (const auto& [frame, ack] : faults) {
        People world;
        Client& c1 = world.connects("A", "c1");
        const auto heard = frame;
        const auto with = ack;
        world.with(c1, [&](Connection& c, ConnectionEffects& out) { c.hear(c1.socket, heard, with, world.now, out); });
        EXPECT_EQ(c1.closed, CloseCode::Protocol);
        EXPECT_FALSE(world.connection("c1").attached());
        EXPECT_FALSE(world.connection("c1").gone());  // … and resumes
    }
}

TEST(Connection, ReplaysWhatWasNotReceived) {  // SEQ-1, RES-1, CON-3
    TwoPeople world;
    world.c3.loses_transport();
    for (const char* words : {"one", "two", "three"}) world.c1.says(world.text("a", {"b"}, words));
    EXPECT_TRUE(world.c3.logged<TextAdded>().empty());
    world.c3.resumes();
    EXPECT_TRUE(world.c3.welcome().resumed);
    EXPECT_FALSE(world.c3.welcome().fresh);
    const auto texts = world.c3.logged<TextAdded>();
    ASSERT_EQ(texts.size(), 3u);
    EXPECT_EQ(texts[0].view.text.text, "one");
    EXPECT_EQ(texts[2].view.text.text, "three");
    EXPECT_TRUE(std::holds_alternative<SyncDone>(world.c3.messages.back()));
}

TEST(Connection, ResumesWithTheTokenBeforeWhenAWelcomeWasLost) {  // CON-7
    TwoPeople world;
    const std::string before = world.c3.token;
    world.c3.loses_transport();
    world.c3.acknowledges = false;
    world.c3.resumes();
    EXPECT_NE(world.c3.token, before);
    Connection& connection = world.connection("c3");
    EXPECT_TRUE(connection.may_resume(UserId("B"), People::hash_of(before)));
    world.c3.says(ListProfiles{});  // it has read the newer one
    EXPECT_FALSE(connection.may_resume(UserId("B"), People::hash_of(before)));
    EXPECT_TRUE(connection.may_resume(UserId("B"), People::hash_of(world.c3.token)));
    EXPECT_FALSE(connection.may_resume(UserId("A"), People::hash_of(world.c3.token)));
}

TEST(Connection, ResumesWithTheTokenItShowedLastHoweverOftenWelcomesAreLost) {  // CON-7
    TwoPeople world;
    world.c3.acknowledges = false;
    world.c3.loses_transport();
    world.c3.resumes();
    const std::string read = world.c3.token;
    for (int lost = 0; lost < 3; ++lost) {
        world.c3.loses_transport();
        ASSERT_TRUE(world.connection("c3").may_resume(UserId("B"), People::hash_of(read))) << lost;
        world.c3.token = read;
        world.c3.resumes();
    }
}

TEST(Connection, CountsAnewForWhomItsFreshWelcomeWasLost) {  // CON-6, CON-7
    TwoPeople world;
    world.c1.says(world.text("a", {"b"}, "one"));
    const std::string read = world.c3.token;
    const uint64_t heard = world.c3.heard;
    ASSERT_GT(heard, 0u);
    world.restarts();
    world.c3.acknowledges = false;
    world.c1.resumes();
    world.c3.resumes();
    ASSERT_TRUE(world.c3.welcome().fresh);
    world.c1.says(world.text("a", {"b"}, "two"));
    world.c3.loses_transport();
    world.c3.token = read;
    world.c3.resumes(heard);  // a number of the process before
    EXPECT_TRUE(world.c3.welcome().fresh);
    // With the newer token it goes on where it was.
    const uint64_t heard_anew = world.c3.heard;
    world.c3.loses_transport();
    world.c3.resumes(heard_anew);
    EXPECT_FALSE(world.c3.welcome().fresh);
}

TEST(Connection, IsNotResumedWithATokenThatWasRevoked) {  // CON-8
    TwoPeople world;
    world.tell(UserId("B"), Revoke{"stolen", world.now.wall + 1h});
    EXPECT_FALSE(world.c3.closed);
    world.c3.loses_transport();
    Hello hello = world.hello_for(world.c3);
    hello.grant.token_id = "stolen";
    hello.recv = world.c3.heard;
    hello.resumed_with = People::hash_of(world.c3.token);
    world.with(world.c3, [&](Connection& c, ConnectionEffects& out) { c.resume(hello, world.now, out); });
    EXPECT_EQ(world.c3.closed, CloseCode::Authentication);
    EXPECT_FALSE(world.has_connection("c3"));
}

TEST(Connection, TakesOverFromATransportThatSeemsAlive) {  // CON-7, A35
    TwoPeople world;
    const CallId call = world.talk();
    const SocketId old = world.c3.socket;
    const size_t told = world.c1.messages.size();
    world.c3.resumes();
    EXPECT_EQ(world.c1.messages.size(), told);
    EXPECT_EQ(world.call(call)->participant(ProfileId("b"))->state, ParticipantState::Active);
    world.with(world.c3, [&](Connection& c, ConnectionEffects& out) { c.transport_lost(old, world.now, out); });
    EXPECT_TRUE(world.connection("c3").attached());
}

TEST(Connection, BeginsAnewForAPageThatWasLoadedAgain) {  // CON-6, A38
    TwoPeople world;
    const CallId call = world.talk();
    world.c1.loses_transport();
    world.c1.messages.clear();
    world.c1.resumes(std::nullopt);
    const Welcome welcome = world.c1.welcome();
    EXPECT_TRUE(welcome.resumed);
    EXPECT_TRUE(welcome.fresh);
    EXPECT_EQ(welcome.recv, 0u);
    const auto states = world.c1.of_calls<CallStateIs>();
    ASSERT_EQ(states.size(), 1u);
    EXPECT_EQ(states[0].role, Role::ActiveInitiator);
    EXPECT_EQ(world.c1.of_calls<CallMedia>().size(), 1u);  // media anew
    EXPECT_EQ(world.call(call)->state, CallState::Active);
    EXPECT_EQ(world.c1.gets<ProfileList>(ListProfiles{}).profiles.size(), 1u);  // both sequences start again
}

TEST(Connection, EndsWhenItsWindowPasses) {  // RES-1
    TwoPeople world;
    world.c3.loses_transport();
    world.pass(59s);
    EXPECT_TRUE(world.has_connection("c3"));
    world.pass(2s);
    EXPECT_FALSE(world.has_connection("c3"));
    EXPECT_TRUE(world.user(UserId("B")).state().connections.empty());
    EXPECT_TRUE(world.database().query(select_connections_of(UserId("B"))).empty());
}

TEST(Connection, IsNotGoneBeforeItsActiveLegIs) {  // RES-1, MED-8
    TwoPeople world;
    const CallId call = world.talk();
    world.c3.loses_transport();
    world.pass(100s);  // media flows: the grace timer was extended
    EXPECT_TRUE(world.has_connection("c3"));
    EXPECT_EQ(world.call(call)->participant(ProfileId("b"))->state, ParticipantState::Reconnecting);
    world.c3.messages.clear();
    world.c3.resumes();
    EXPECT_TRUE(world.c3.welcome().fresh);  // its queue was dropped
    EXPECT_EQ(world.call(call)->participant(ProfileId("b"))->state, ParticipantState::Active);
    world.c3.loses_transport();
    world.pass(130s);
    EXPECT_FALSE(world.has_connection("c3"));
    EXPECT_EQ(world.call(call)->end_reason, EndReason::Lost);
}

TEST(Connection, IsGoneWhenItsQueueIsTooLong) {  // RES-1
    TwoPeople world;
    world.settings.kept_messages = 10;
    world.c3.loses_transport();
    for (int i = 0; i < 10; ++i) world.c1.says(world.text("a", {"b"}, "words"));
    EXPECT_TRUE(world.has_connection("c3"));
    world.c1.says(world.text("a", {"b"}, "words"));
    EXPECT_FALSE(world.has_connection("c3"));
    Client& again = world.connects("B", "c4", 0);  // from the log
    EXPECT_EQ(again.logged<TextAdded>().size(), 11u);
}

TEST(Connection, IsClosedWhenItDoesNotRead) {
    TwoPeople world;
    world.settings.kept_messages = 10;
    world.c3.acknowledges = false;
    for (int i = 0; i < 12; ++i) world.c1.says(world.text("a", {"b"}, "words"));
    EXPECT_EQ(world.c3.closed, CloseCode::DeadTransport);
    EXPECT_FALSE(world.has_connection("c3"));
}

TEST(Connection, SaysByeAndIsGoneAtOnce) {  // RES-1, 9.2
    TwoPeople world;
    const CallId call = world.talk();
    world.c3.bye();
    EXPECT_EQ(world.c3.closed, CloseCode::Normal);
    EXPECT_FALSE(world.has_connection("c3"));
    EXPECT_EQ(world.call(call)->end_reason, EndReason::HangUp);
}

TEST(Connection, PingsAndGivesUpASilentTransport) {  // CON-5
    TwoPeople world;
    world.c3.answers_pings = false;
    world.pass(15s);
    EXPECT_TRUE(std::holds_alternative<ServerPing>(world.c3.frames.back()));
    world.pass(10s);
    EXPECT_EQ(world.c3.closed, CloseCode::DeadTransport);
    EXPECT_TRUE(world.connection("c1").attached());
    world.with(world.c1, [&](Connection& c, ConnectionEffects& out) {
        c.hear(world.c1.socket, ClientPing{}, {}, world.now, out);
    });
    EXPECT_TRUE(std::holds_alternative<ServerPong>(world.c1.frames.back()));
}

TEST(Connection, IsLostAtOnceByRevocation) {  // CON-8, A61
    TwoPeople world;
    const CallId call = world.talk();
    world.tell(UserId("B"), Revoke{});
    EXPECT_EQ(world.c3.closed, CloseCode::Authentication);
    EXPECT_EQ(world.call(call)->end_reason, EndReason::Lost);
    Client& again = world.connects("B", "c4");
    EXPECT_FALSE(again.welcomed());
    EXPECT_EQ(again.closed, CloseCode::Authentication);
    EXPECT_TRUE(again.frames.empty());  // CON-2: and no message
    world.tell(UserId("B"), Reinstate{});
    EXPECT_TRUE(world.connects("B", "c5").welcomed());
}

TEST(Connection, OfAUserWhoDoesNotExistIsRefused) {
    People world;
    Client& nobody = world.connects("N", "c9");
    EXPECT_EQ(nobody.closed, CloseCode::Authentication);
    EXPECT_TRUE(nobody.frames.empty());
    EXPECT_FALSE(world.has_connection("c9"));
}

TEST(Connection, LimitsTheRateOfOtherMessages) {  // 13
    People world;
    Client& c1 = world.connects("A", "c1");
    for (int i = 0; i < 50; ++i) c1.gets<ProfileList>(ListProfiles{});
    const Refused refused = c1.refused(ListProfiles{});
    EXPECT_EQ(refused.why, Refusal::RateLimited);
    EXPECT_EQ(refused.retry_after, 20ms);
    world.pass(20ms);
    c1.gets<ProfileList>(ListProfiles{});
    for (int i = 0; i < 201; ++i) c1.says(ListProfiles{});
    EXPECT_EQ(c1.closed, CloseCode::Rate);
    // What was too much has no reply: it is said again.
    c1.resumes();
    EXPECT_EQ(c1.welcome().recv, c1.said - 1);
}

TEST(Connection, ClosesOnWhoFloodsItWithWhatHasNoReply) {                                // 13, SEC-7
    const std::vector<ClientFrame> frames{ClientPing{}, ClientSays{1, ListProfiles{}}};  // again and again
    for (const ClientFrame& frame : frames) {
        People world;
        Client& c1 = world.connects("A", "c1");
        const auto hears = [&](int count) {
            for (int i = 0; i < count && !c1.closed; ++i)
                world.with(c1, [&](Connection& c, ConnectionEffects& out) {
                    c.hear(c1.socket, frame, std::nullopt, world.now, out);
                });
        };
        hears(200);
        EXPECT_FALSE(c1.closed);
        world.pass(1s);
        hears(50);
        EXPECT_FALSE(c1.closed);
        hears(2);
        EXPECT_EQ(c1.closed, CloseCode::Rate);
        EXPECT_TRUE(world.has_connection("c1")) << "it may come back";
    }
}

TEST(Connection, AnswersWhatItCannotRead) {
    People world;
    Client& c1 = world.connects("A", "c1");
    EXPECT_EQ(c1.refused(Unreadable{Refused{.why = Refusal::UnknownType}}).why, Refusal::UnknownType);
}

TEST(Connection, IsInOneCallAtATime) {  // SLOT-1, A62
    TwoPeople world;
    world.connects("C", "c5");
    const CallId first = world.calls(world.c1, "a", "b");
    const Refused busy = world.c1.refused(world.opening("a", {"c"}));
    EXPECT_EQ(busy.why, Refusal::ConnectionBusy);
    EXPECT_EQ(busy.call, first);
    EXPECT_EQ(world.connects("A", "c2").refused(world.opening("a", {"b"})).why, Refusal::AlreadyCalling);
    world.client("c2").gets<Opened>(world.opening("a", {"c"}));
}

TEST(Connection, HoldsOthersWhenAsked) {  // SLOT-1, A31
    TwoPeople world;
    Client& c5 = world.connects("C", "c5");
    Client& c4 = world.connects("B", "c4");
    const CallId first = world.talk();
    const CallId second = world.calls(c5, "c", "b");
    EXPECT_EQ(world.c3.of_calls<CallInit>().size(), 2u);
    EXPECT_EQ(c4.of_calls<CallInit>().size(), 2u);
    EXPECT_EQ(world.c3.refused(about(second, Verb::Accept)).call, first);
    CallRequest accept = about(second, Verb::Accept);
    accept.hold_others = true;
    world.c3.gets<std::monostate>(accept);
    EXPECT_TRUE(world.call(first)->participant(ProfileId("b"))->held);
    EXPECT_EQ(world.call(second)->state, CallState::Active);
    EXPECT_EQ(world.c3.refused(about(first, Verb::Resume)).why, Refusal::ConnectionBusy);
    world.c3.gets<std::monostate>(about(second, Verb::HangUp));
    world.c3.gets<std::monostate>(about(first, Verb::Resume));
    EXPECT_FALSE(world.call(first)->participant(ProfileId("b"))->held);
}

TEST(Connection, IsFreeAgainWhenItsCallGoesElsewhere) {  // SLOT-1, HAND-1
    TwoPeople world;
    world.connects("C", "c5");
    Client& c2 = world.connects("A", "c2");
    const CallId first = world.talk();
    CallRequest takes = about(first, Verb::Activate);
    takes.named = ConnectionId("c1");
    c2.gets<std::monostate>(takes);
    world.c1.gets<Opened>(world.opening("a", {"c"}));
    EXPECT_EQ(c2.refused(world.opening("a", {"c"})).why, Refusal::AlreadyCalling);
}

TEST(Connection, OpensWhileHoldingOthers) {  // OPEN-5
    TwoPeople world;
    world.connects("C", "c5");
    const CallId first = world.talk();
    OpenRequest open = world.opening("a", {"c"});
    open.hold_others = true;
    world.c1.gets<Opened>(open);
    EXPECT_TRUE(world.call(first)->participant(ProfileId("a"))->held);
}

TEST(Connection, ReplacesItsCallWithoutHoldingIt) {  // LAST-1, A6
    TwoPeople world;
    const CallId first = world.talk();
    OpenRequest open = world.opening("a", {"b"});
    open.chain = ChainId(first.value);
    open.replace = true;
    const Opened second = world.c1.gets<Opened>(open);
    EXPECT_EQ(world.call(first)->end_reason, EndReason::Superseded);
    EXPECT_EQ(second.ref.chain, ChainId(first.value));
}

TEST(Connection, AsksItsUserOnceForRepeatedOpenings) {  // SEQ-7, A41
    TwoPeople world;
    const OpenRequest open = world.opening("a", {"b"});
    const Opened first = world.c1.gets<Opened>(open);
    OpenRequest again = open;
    again.fresh_id = world.fresh_id();
    EXPECT_EQ(world.c1.gets<Opened>(again), first);                   // although it is busy in that very call
    EXPECT_EQ(world.connects("A", "c2").gets<Opened>(again), first);  // from whichever connection
    again.to = {ProfileId("c")};
    EXPECT_EQ(world.c1.refused(again).why, Refusal::Conflict);
    EXPECT_EQ(world.c3.of_calls<CallInit>().size(), 1u);
    world.restarts();
    again.to = open.to;
    EXPECT_EQ(world.connects("A", "c9").gets<Opened>(again), first);
}

TEST(Connection, ResumesFreshAfterTheProcessEnded) {  // CON-6, OWN-7, acceptance 5
    TwoPeople world;
    const CallId call = world.talk();
    world.restarts();
    EXPECT_EQ(world.call(call)->participant(ProfileId("a"))->state, ParticipantState::Reconnecting);
    for (Client* client : {&world.c1, &world.c3}) {
        client->messages.clear();
        client->resumes();
        EXPECT_TRUE(client->welcome().fresh);
        EXPECT_EQ(client->of_calls<CallStateIs>().size(), 1u);
    }
    EXPECT_EQ(world.call(call)->state, CallState::Active);
    EXPECT_EQ(world.call(call)->participant(ProfileId("a"))->state, ParticipantState::Active);
    world.c1.gets<std::monostate>(about(call, Verb::HangUp));
    EXPECT_EQ(world.call(call)->end_reason, EndReason::HangUp);
}

TEST(Connection, IsLostWithItsCallWhenNobodyComesBackAfterARestart) {
    TwoPeople world;
    world.media_at_once = false;
    const CallId call = world.talk();
    world.restarts();
    world.pass(61s);
    EXPECT_FALSE(world.call(call)->live());
    EXPECT_FALSE(world.has_connection("c1"));
}

TEST(Connection, RepliesOnceToEverySequencedMessage) {
    TwoPeople world;
    const CallId call = world.talk();
    const std::vector<ClientMessage> messages{about(call, Verb::Hold),
                                              about(call, Verb::Resume),
                                              about(CallId("unknown"), Verb::Accept),
                                              world.text("a", {"b"}, "x"),
                                              EditText{MessageId("unknown"), "y"},
                                              RemoveText{MessageId("unknown")},
                                              SendCustom{ProfileId("a"), {ProfileId("b")}, "x"},
                                              ListProfiles{},
                                              SetProfile{.profile = ProfileId("a")},
                                              ReadHistory{ProfileId("a"), ChainId(call.value)},
                                              ListChains{ProfileId("a")},
                                              RefreshGrant{},
                                              Unreadable{}};
    for (const ClientMessage& message : messages) {
        const uint64_t seq = world.c1.says(message);
        const auto replies = world.c1.all<ReplyTo>();
        EXPECT_EQ(std::ranges::count(replies, seq, &ReplyTo::re), 1) << message.index();
    }
    EXPECT_TRUE(world.connection("c1").state().requests.empty());
}

}  // namespace
}  // namespace crosspoint::chains
