#include <gtest/gtest.h>

#include "chains/people_story.h"

// What a connection's token allows, and what follows when another takes its place (jsapi 2.2, 15). A calls from c1, B
// is on c3 and has another profile, b2.
namespace crosspoint::chains {
namespace {

struct TwoProfiles : TwoPeople {
    TwoProfiles() { add_profile(UserId("B"), {.id = ProfileId("b2")}); }
    Grant grant_for(std::vector<ProfileId> profiles) const {
        Grant grant = People::grant(UserId("B"));
        grant.profiles = std::move(profiles);
        grant.token_id = "another";
        return grant;
    }
};

TEST(Token, IsExtendedInPlaceBeforeItEnds) {  // CON-8, A61
    TwoProfiles world;
    world.pass(59min);
    ASSERT_EQ(world.c1.all<AuthExpiring>().size(), 1u);
    EXPECT_EQ(world.c1.all<AuthExpiring>()[0].expires_in, 60s);
    EXPECT_EQ(world.c1.refused(RefreshGrant{}).why, Refusal::Unauthenticated);
    EXPECT_EQ(world.c1.refused(RefreshGrant{world.grant(UserId("B"))}).why, Refusal::Unauthenticated);
    world.c1.gets<std::monostate>(RefreshGrant{world.grant(UserId("A"))});
    world.pass(90s);
    EXPECT_EQ(world.c1.closed, std::nullopt);
    EXPECT_EQ(world.c3.closed, CloseCode::Authentication);
    EXPECT_TRUE(world.has_connection("c3"));  // like any drop
}

TEST(Token, IsRevokedAlone) {
    TwoProfiles world;
    Grant other = world.grant(UserId("B"));
    other.token_id = "another";
    world.connects("B", "c4", std::nullopt, other);
    world.tell(UserId("B"), Revoke{"another", world.now.wall + 1h});
    EXPECT_EQ(world.client("c4").closed, CloseCode::Authentication);
    EXPECT_EQ(world.c3.closed, std::nullopt);
    world.c3.gets<std::monostate>(RefreshGrant{other});
    EXPECT_EQ(world.c3.closed, CloseCode::Authentication);
}

TEST(Token, ThatIsRevokedEndsTheCallsOfTheOneBeforeAlsoIfItAllowsLess) {  // CON-8
    TwoProfiles world;
    const CallId call = world.talk();
    world.tell(UserId("B"), Revoke{"another", world.now.wall + 1h});
    world.c3.gets<std::monostate>(RefreshGrant{world.grant_for({ProfileId("b2")})});
    EXPECT_FALSE(world.has_connection("c3"));
    EXPECT_EQ(world.call(call)->end_reason, EndReason::Lost);
}

TEST(Token, OfAResumedConnectionThatAllowsLessShowsItsCallsNoMore) {
    TwoProfiles world;
    const CallId call = world.talk();
    world.c3.loses_transport();
    world.c3.messages.clear();
    world.c3.resumes(world.c3.heard, world.grant_for({ProfileId("b2")}));
    EXPECT_TRUE(world.c3.welcome().fresh);
    EXPECT_TRUE(world.c3.all<CallMessage>().empty());
    EXPECT_EQ(world.call(call)->end_reason, EndReason::Lost);
}

// What A does while c3 is not there, and what is not for who is on it with another token.
struct Meanwhile : TwoProfiles {
    Meanwhile() {
        c3.loses_transport();
        c1.gets<TextStored>(text("a", {"b"}, "x"));
        c1.gets<std::monostate>(about(calls(c1, "a", "b"), Verb::HangUp));
        set("b", [](Profile& p) { p.nickname = "Bob"; });
        c3.messages.clear();
    }
};

TEST(Token, OfAResumedConnectionThatAllowsLessIsToldNothingElseOfWhatCameMeanwhile) {  // CON-2, SEC-1
    Meanwhile world;
    world.c3.resumes(world.c3.heard, world.grant_for({ProfileId("b2")}));
    EXPECT_TRUE(world.c3.welcome().resumed);
    EXPECT_TRUE(world.c3.welcome().fresh);
    EXPECT_TRUE(world.c3.all<LogNews>().empty());
    EXPECT_TRUE(world.c3.all<CallMessage>().empty());
    EXPECT_TRUE(world.c3.all<ProfileChanged>().empty());
    EXPECT_EQ(world.c3.all<SyncDone>().size(), 1u);
}

TEST(Token, OfAResumedConnectionThatAllowsNoCallsIsToldOfNoneThatCameMeanwhile) {  // CON-2
    Meanwhile world;
    Grant mute = world.grant(UserId("B"));
    mute.call = false;
    world.c3.resumes(world.c3.heard, mute);
    EXPECT_TRUE(world.c3.welcome().fresh);
    EXPECT_TRUE(world.c3.all<CallMessage>().empty());
    EXPECT_EQ(world.c3.logged<TextAdded>().size(), 1u) << "from the log";
}

TEST(Token, OfAResumedConnectionThatAllowsNoLessIsToldWhatCameMeanwhile) {  // SEQ-1
    Grant same = Meanwhile().grant(UserId("B"));
    Grant texts_less = same;
    texts_less.text = texts_less.pstn = false;  // what it may say, not what it is told
    Grant other = same;
    other.token_id = "another";
    for (const Grant& grant : {same, texts_less, other}) {
        Meanwhile world;
        world.c3.resumes(world.c3.heard, grant);
        EXPECT_TRUE(world.c3.welcome().resumed);
        EXPECT_FALSE(world.c3.welcome().fresh);
        EXPECT_EQ(world.c3.logged<TextAdded>().size(), 1u);
        EXPECT_EQ(world.c3.of_calls<CallInit>().size(), 1u);
        EXPECT_EQ(world.c3.all<ProfileChanged>().size(), 1u);
    }
}

TEST(Token, OfAResumedConnectionThatAllowsMoreLetsItGoOn) {  // SEQ-1
    TwoProfiles world;
    const std::vector<ProfileId> one{ProfileId("b2")};
    const std::vector<ProfileId> two{ProfileId("b"), ProfileId("b2")};
    Client& c4 = world.connects("B", "c4", std::nullopt, world.grant_for(one));
    for (const Grant& more : {world.grant_for(one), world.grant_for(two), world.grant(UserId("B"))}) {
        c4.loses_transport();
        c4.messages.clear();
        world.c1.gets<TextStored>(world.text("a", {"b2"}, "x"));
        c4.resumes(c4.heard, more);
        EXPECT_FALSE(c4.welcome().fresh);
        EXPECT_EQ(c4.logged<TextAdded>().size(), 1u);
    }
    c4.loses_transport();
    c4.resumes(c4.heard, world.grant_for(one));
    EXPECT_FALSE(c4.welcome().fresh) << "it has all that was said before";
}

TEST(Token, ThatAllowsLessIsNotShownAgainWhatTheOneBeforeWas) {  // CON-8, SEQ-1
    TwoProfiles world;
    const Grant less = world.grant_for({ProfileId("b2")});
    const uint64_t heard = world.c3.heard;
    world.c3.acknowledges = false;
    world.c1.gets<TextStored>(world.text("a", {"b"}, "lost on its way"));
    world.with(world.c3, [&](Connection& c, ConnectionEffects& out) {
        c.hear(world.c3.socket, ClientSays{++world.c3.said, RefreshGrant{less}}, heard, world.now, out);
    });
    EXPECT_EQ(world.c3.closed, std::nullopt);
    world.c3.loses_transport();
    world.c3.messages.clear();
    world.c3.heard = heard;
    world.c3.resumes(heard, less);
    EXPECT_TRUE(world.c3.welcome().fresh);
    EXPECT_TRUE(world.c3.all<LogNews>().empty());
    EXPECT_EQ(world.c3.gets<ProfileList>(ListProfiles{}).profiles.size(), 1u);
}

TEST(Token, ThatAllowsLessIsNotToldWhatWaitedForTheLog) {  // CON-2, CON-3
    for (const bool resumed : {false, true}) {
        TwoProfiles world;
        world.settings.kept_messages = 4;
        world.settings.log_page = 2;
        const Grant less = world.grant_for({ProfileId("b2")});
        for (int i = 0; i < 4; ++i) world.c1.gets<TextStored>(world.text("a", {"b2"}, "x"));
        world.c3.bye();
        Client& c4 = world.connects("B", "c4");
        c4.loses_transport();
        c4.acknowledges = false;
        c4.resumes(std::nullopt);
        ASSERT_EQ(c4.all<SyncDone>().size(), 1u) << "the log is read as the client takes it";
        world.set("b", [](Profile& p) { p.nickname = "Bob"; });
        c4.messages.clear();
        c4.acknowledges = true;
        if (resumed) {
            c4.loses_transport();
            c4.resumes(c4.heard, less);
        } else {
            c4.gets<std::monostate>(RefreshGrant{less});
            EXPECT_EQ(c4.closed, CloseCode::Restart);
            c4.resumes(c4.heard, less);
        }
        EXPECT_TRUE(c4.welcome().fresh);
        EXPECT_TRUE(c4.all<ProfileChanged>().empty());
        EXPECT_EQ(c4.logged<TextAdded>().size(), 4u);
        EXPECT_EQ(c4.all<SyncDone>().size(), 1u);
    }
}

TEST(Token, OfAResumedConnectionThatAllowsLessLeavesItInTheCallsThatItAllows) {  // CON-6
    TwoProfiles world;
    const CallId call = world.calls(world.c1, "a", "b2");
    world.c3.gets<std::monostate>(about(call, Verb::Accept));
    world.c3.loses_transport();
    world.c1.gets<TextStored>(world.text("a", {"b"}, "x"));
    world.c3.messages.clear();
    world.c3.resumes(world.c3.heard, world.grant_for({ProfileId("b2")}));
    ASSERT_TRUE(world.c3.welcome().fresh);
    ASSERT_EQ(world.c3.of_calls<CallStateIs>().size(), 1u);
    EXPECT_EQ(world.c3.of_calls<CallStateIs>()[0].role, Role::ActiveReceiver);
    EXPECT_EQ(world.call(call)->participant(ProfileId("b2"))->state, ParticipantState::Active);
    world.c3.gets<std::monostate>(about(call, Verb::HangUp));
    EXPECT_EQ(world.call(call)->end_reason, EndReason::HangUp);
}

TEST(Token, OfAResumedConnectionThatAllowsLessLosesNothingThatWasTaken) {  // SEQ-7, CON-6
    TwoProfiles world;
    const AddText add = world.text("b", {"a"}, "x");
    const uint64_t heard = world.c3.heard;
    world.c3.acknowledges = false;
    const TextStored first = world.c3.gets<TextStored>(add);
    world.c3.loses_transport();
    world.c3.messages.clear();
    world.c3.heard = heard;  // the answer was lost
    world.c3.resumes(heard, world.grant_for({ProfileId("b2")}));
    ASSERT_TRUE(world.c3.welcome().fresh);
    EXPECT_EQ(world.c3.gets<TextStored>(add).id, first.id);
    EXPECT_EQ(world.c1.logged<TextAdded>().size(), 1u);
}

TEST(Token, DoesOnlyWhatItAllows) {  // CON-2, SEC-1
    People world;
    Grant grant = world.grant(UserId("A"));
    grant.call = grant.text = false;
    Client& c1 = world.connects("A", "c1", std::nullopt, grant);
    const std::vector<ClientMessage> refused{world.opening("a", {"b"}),
                                             about(CallId("x"), Verb::Accept),
                                             world.text("a", {"b"}, "x"),
                                             EditText{},
                                             RemoveText{},
                                             SendCustom{}};
    for (const ClientMessage& message : refused) EXPECT_EQ(c1.refused(message).why, Refusal::Forbidden);
    grant.call = grant.text = true;
    grant.profiles = {ProfileId("other")};
    Client& c2 = world.connects("A", "c2", std::nullopt, grant);
    EXPECT_TRUE(c2.welcome().profiles.empty());
    EXPECT_EQ(c2.refused(world.opening("a", {"b"})).why, Refusal::ForbiddenProfile);
    EXPECT_EQ(c2.refused(world.text("a", {"b"}, "x")).why, Refusal::ForbiddenProfile);
}

TEST(Token, OfOneProfileTellsNothingOfCallsOfAnother) {  // SEC-1
    TwoProfiles world;
    Client& c4 = world.connects("B", "c4", std::nullopt, world.grant_for({ProfileId("b2")}));
    const CallId call = world.talk();
    EXPECT_EQ(c4.refused(about(call, Verb::Sync)).why, Refusal::NotFound);
    EXPECT_EQ(c4.refused(about(call, Verb::Activate)).why, Refusal::NotFound);
    world.c1.gets<std::monostate>(about(call, Verb::HangUp));
    EXPECT_EQ(c4.refused(about(call, Verb::Sync)).why, Refusal::NotFound);
    EXPECT_EQ(c4.refused(about(call, Verb::Accept)).why, Refusal::NotFound);
    EXPECT_TRUE(c4.all<CallMessage>().empty());
}

TEST(Token, AnotherOneRestrictsFromNowOn) {  // CON-2, CON-8
    TwoProfiles world;
    world.c3.gets<std::monostate>(RefreshGrant{world.grant_for({ProfileId("b2")})});
    EXPECT_EQ(world.c3.refused(world.opening("b", {"a"})).why, Refusal::ForbiddenProfile);
    EXPECT_EQ(world.c3.refused(world.text("b", {"a"}, "x")).why, Refusal::ForbiddenProfile);
    EXPECT_EQ(world.c3.gets<ProfileList>(ListProfiles{}).profiles.size(), 1u);
    world.c3.gets<TextStored>(world.text("b2", {"a"}, "x"));
    world.c1.gets<TextStored>(world.text("a", {"b"}, "x"));
    EXPECT_EQ(world.c3.logged<TextAdded>().size(), 1u) << "its own";
    Grant mute = world.grant_for({ProfileId("b2")});
    mute.text = false;
    world.c3.gets<std::monostate>(RefreshGrant{mute});
    EXPECT_EQ(world.c3.refused(world.text("b2", {"a"}, "x")).why, Refusal::Forbidden);
}

TEST(Token, OfAResumedConnectionSaysWhichProfilesItIsWelcomedWith) {  // CON-2
    TwoProfiles world;
    Client& c4 = world.connects("B", "c4", std::nullopt, world.grant_for({ProfileId("b2")}));
    ASSERT_EQ(c4.welcome().profiles.size(), 1u);
    c4.loses_transport();
    world.set("b", [](Profile& p) { p.nickname = "Bob"; });
    c4.resumes();  // with a token for all
    ASSERT_TRUE(c4.welcome().resumed);
    ASSERT_EQ(c4.welcome().profiles.size(), 2u);
    EXPECT_EQ(c4.welcome().profiles[0].nickname, "Bob");

    world.c3.gets<std::monostate>(RefreshGrant{world.grant_for({ProfileId("b2")})});
    world.c3.loses_transport();
    world.c3.resumes(world.c3.heard, world.grant_for({ProfileId("b2")}));
    ASSERT_EQ(world.c3.welcome().profiles.size(), 1u);
    EXPECT_EQ(world.c3.welcome().profiles[0].id, ProfileId("b2"));
}

TEST(Token, ThatTookThePlaceOfAnotherIsRevokedAndTheOtherIsNot) {  // CON-8
    for (const bool restarted : {false, true}) {
        TwoProfiles world;
        const CallId call = world.talk();
        Grant other = world.grant(UserId("B"));
        const std::string first = std::exchange(other.token_id, "another");
        world.c3.gets<std::monostate>(RefreshGrant{other});
        if (restarted) world.restarts();
        world.tell(UserId("B"), Revoke{first, world.now.wall + 1h});
        EXPECT_TRUE(world.has_connection("c3")) << restarted;
        world.tell(UserId("B"), Revoke{"another", world.now.wall + 1h});
        EXPECT_FALSE(world.has_connection("c3")) << restarted;
        EXPECT_EQ(world.call(call)->end_reason, EndReason::Lost) << restarted;
    }
}

TEST(Token, ThatCannotTakeACallHoldsNoWakeUpBack) {  // PRO-2
    TwoProfiles world;
    world.set("b", [](Profile& p) { p.wakeable = true; });
    world.c3.bye();
    Grant mute = world.grant(UserId("B"));
    mute.call = false;
    Client& other_profile = world.connects("B", "c4", std::nullopt, world.grant_for({ProfileId("b2")}));
    Client& texts_only = world.connects("B", "c6", std::nullopt, mute);
    const CallId call = world.calls(world.c1, "a", "b");
    ASSERT_EQ(world.wakes.size(), 1u) << "at once";
    EXPECT_EQ(world.wakes[0].expires_in, world.settings.wake_timeout);
    Client& woken = world.connects("B", "c7");
    EXPECT_EQ(woken.of_calls<CallInit>().size(), 1u);
    woken.gets<std::monostate>(about(call, Verb::Accept));
    for (Client* client : {&other_profile, &texts_only}) {
        EXPECT_TRUE(client->all<CallMessage>().empty());
        EXPECT_EQ(client->all<SyncDone>().size(), 1u);
    }
    Client& later = world.connects("B", "c8", std::nullopt, mute);
    EXPECT_EQ(later.all<SyncDone>().size(), 1u);
    EXPECT_TRUE(later.all<CallMessage>().empty());
}

TEST(Token, ThatAllowsMoreBringsTheCallsThatItAllows) {  // CON-8, 9.2: new connection
    TwoProfiles world;
    Client& c4 = world.connects("B", "c4", std::nullopt, world.grant_for({ProfileId("b2")}));
    const CallId call = world.calls(world.c1, "a", "b");
    EXPECT_TRUE(c4.all<CallMessage>().empty());
    c4.gets<std::monostate>(RefreshGrant{world.grant(UserId("B"))});
    EXPECT_EQ(c4.of_calls<CallInit>().size(), 1u);
    c4.gets<std::monostate>(about(call, Verb::Accept));
    EXPECT_EQ(world.call(call)->participant(ProfileId("b"))->active_leg()->connection, ConnectionId("c4"));
}

TEST(Token, ThatAllowsLessEndsItsPartInTheCallsThatItDoesNotAllow) {  // CON-2, CON-8
    TwoProfiles world;
    const CallId call = world.talk();
    Grant less = world.grant_for({ProfileId("b2")});
    world.c3.gets<std::monostate>(RefreshGrant{less});
    EXPECT_EQ(world.call(call)->end_reason, EndReason::Lost) << "as by revocation";
    // The client shows that call until a snapshot is without it.
    EXPECT_EQ(world.c3.closed, CloseCode::Restart);
    world.c3.messages.clear();
    world.c3.resumes(world.c3.heard, less);
    EXPECT_TRUE(world.c3.welcome().fresh);
    EXPECT_TRUE(world.c3.all<CallMessage>().empty());
    world.c3.gets<Opened>(world.opening("b2", {"a"}));  // SLOT-1: it is in no call any more

    world.set("b", [](Profile& p) { p.wakeable = true; });
    Client& c4 = world.connects("B", "c4");
    world.calls(world.connects("A", "c2"), "a", "b");
    EXPECT_TRUE(world.wakes.empty());
    c4.gets<std::monostate>(RefreshGrant{less});
    EXPECT_EQ(world.wakes.size(), 1u) << "it would ring no more";
}

}  // namespace
}  // namespace crosspoint::chains
