#include <gmock/gmock.h>

#include "chains/call_story.h"

// What a user owner's answer does, whenever it comes, and messages that come twice (jsapi 10.5, 10.6, 10.7, OWN-3).
namespace crosspoint::chains {
namespace {

using State = ParticipantState;

/// a, b and c talk.
Story three_talk() {
    Story s;
    s.calls_b_and_c({"c3", "c4"});
    s.does("c3", Verb::Accept);
    s.does("c5", Verb::Accept);
    return s;
}
template <class Message>
std::vector<Message> told(const Story& s, const std::string& user) {
    std::vector<Message> found;
    for (const auto& [to, message] : s.to_users)
        if (const auto* one = std::get_if<Message>(&message); one && to == user) found.push_back(*one);
    return found;
}

TEST(Offers, GRP5DoNotDisturbHoldsForAnInvitationOfWhoWasInBefore) {
    Story s = three_talk();
    s.does("c3", Verb::HangUp);
    s.pass(10s);
    EXPECT_EQ(s.about("c1", Verb::Invite, "b"), std::nullopt);
    OfferAnswer answer = s.offered("b", {"c3", "c4"});
    answer.dnd = true;
    s.say(answer);
    EXPECT_TRUE(s.all<CallInit>("c4").back().silent);
    EXPECT_EQ(s.does("c4", Verb::Ringing), Refusal::WrongState);
    s.pass(10s);
    EXPECT_EQ(s.state("b"), State::Unreachable);
}

TEST(Offers, PRO3WhoKnowsTheCallAlreadyIsNotKeptFromItByBlocking) {
    Story s = three_talk();
    s.does("c3", Verb::HangUp);
    s.pass(10s);
    s.about("c1", Verb::Invite, "b");
    OfferAnswer answer = s.offered("b", {"c3", "c4"});
    answer.blocked = true;
    s.say(answer);
    EXPECT_EQ(s.does("c3", Verb::Ringing), Refusal::WrongState);
    s.does("c1", Verb::HangUp);
    s.does("c5", Verb::HangUp);
    EXPECT_TRUE(s.end_heard("c3"));
}

TEST(Offers, GRP5AnInvitationStartsAsAtCreation) {
    Story s = three_talk();
    s.does("c3", Verb::Hold);
    s.does("c3", Verb::HangUp);
    s.pass(10s);
    s.about("c1", Verb::Invite, "b");
    const ParticipantView told = s.all<CallInvited>("c5").back().participants.at(0);
    EXPECT_EQ(told.state, State::Inviting);
    EXPECT_FALSE(told.held);
    EXPECT_EQ(told.media, MediaKinds{});
    EXPECT_EQ(s.call().participant(ProfileId("b"))->held, false);
}

TEST(Offers, AnAnswerAfterTheReachTimerBringsItsReceiverBackInsideTheRingWindow) {
    Story s;
    s.calls({"b", "c"});
    s.say(s.offered("c", {"c5"}));
    s.does("c5", Verb::Ringing);
    s.pass(10s);
    EXPECT_EQ(s.state("b"), State::Unreachable);
    Story too_late = s;
    s.say(s.offered("b", {"c3"}));
    EXPECT_EQ(s.state("b"), State::Inviting);
    EXPECT_TRUE(s.all<CallInvited>("c5").back().again);
    EXPECT_EQ(s.all<CallInit>("c3").size(), 1u);
    EXPECT_EQ(s.does("c3", Verb::Ringing), std::nullopt);

    too_late.does("c5", Verb::Accept);
    too_late.pass(35s);
    too_late.say(too_late.offered("b", {"c3"}));
    EXPECT_EQ(too_late.state("b"), State::Unreachable);
    EXPECT_EQ(too_late.all<CallStateIs>("c3").size(), 1u);
    EXPECT_TRUE(too_late.all<CallInit>("c3").empty());
}

TEST(Offers, PRO2AWakeUpSaysHowMuchTimeIsLeft) {
    Story s;
    s.calls({"b"});
    s.pass(4s);
    OfferAnswer answer = s.offered("b", {});
    answer.wakeable = true;
    s.say(answer);
    ASSERT_EQ(s.wakes.size(), 1u);
    EXPECT_EQ(s.wakes[0].expires_in, 26s);
}

TEST(Offers, GLR4WhoBlockedTheCallerAndCallsThemIsPutThrough) {
    Story s;
    s.calls({"b"});
    OfferAnswer answer = s.offered("b", {});
    answer.blocked = true;
    s.say(answer);
    s.say(MergeAccept{CallId("x"), CallId("w"), UserId("B"), {ConnectionId("c3"), true}, {true, false}});
    EXPECT_EQ(s.state("b"), State::Active);
    EXPECT_EQ(s.all<CallInit>("c3").at(0).replaces, CallId("w"));
    s.say(s.offered("b", {"c3", "c4"}));
    EXPECT_EQ(s.role_of("c4"), Role::PassiveReceiver);
    EXPECT_EQ(s.all<CallStateIs>("c4").size(), 1u);
}

TEST(Offers, GLR1ACallThatHasGrownIsNotAnsweredByOpening) {
    Story s;
    s.calls_b();
    s.about("c1", Verb::Invite, "c");
    s.say(AnswerByOpening{CallId("x"), s.opening("y", "c3", {"a"})});
    EXPECT_EQ(s.call().state, CallState::Init);
    EXPECT_EQ(told<NotMerged>(s, "B").size(), 1u);
}

TEST(Repetitions, OWN3AnOpeningThatWasRefusedStaysRefused) {
    Story s;
    s.talks_to_b();
    const OpenCall open = s.opening("y", "c2", {"b"});
    s.say(open);
    s.does("c1", Verb::HangUp);
    s.say(open);
    EXPECT_EQ(s.owner.live_call(), nullptr);
    EXPECT_EQ(std::get<Refused>(s.replies["c2"].back().result).why, Refusal::ChainBusy);
    EXPECT_EQ(told<OpenRefused>(s, "A").size(), 2u);
}

TEST(Repetitions, OWN3AnOpeningThatWasAnAnswerStaysOne) {
    Story s;
    s.calls_b();
    const OpenCall open = s.opening("y", "c3", {"a"});
    s.say(open);
    s.say(open);
    s.does("c3", Verb::HangUp);
    s.say(open);
    EXPECT_EQ(s.owner.state().calls.size(), 1u);
    EXPECT_EQ(s.replies["c3"].size(), 4u);
    EXPECT_TRUE(std::get<Opened>(s.replies["c3"].back().result).merged);
    const AnswerByOpening again{CallId("x"), open};
    s.say(again);
    EXPECT_TRUE(told<NotMerged>(s, "B").empty());
    EXPECT_EQ(told<OpenMerged>(s, "B").size(), 4u);
}

TEST(Media, CON6WhoseMediaIsIssuedAnewIsSeenToReconnect) {
    Story s;
    s.talks_to_b();
    s.say(ConnectionChanged{CallId("x"), UserId("A"), ConnectionId("c1"), ConnectionEvent::New, true});
    const auto updates = s.all<CallUpdated>("c3");
    ASSERT_GE(updates.size(), 2u);
    EXPECT_EQ(updates[updates.size() - 2].media_state, MediaState::Reconnecting);
    EXPECT_EQ(updates.back().media_state, MediaState::Connected);
    EXPECT_EQ(s.call().initiator().seat.epoch, 2u);
}

TEST(Media, MED7ASeatIsWaitedForFromWhenItWasAskedFor) {
    Story s;
    s.media_at_once = false;
    s.talks_to_b();
    s.pass(14s);
    s.say(SessionMade{CallId("x"), SessionId("s")});
    s.pass(14s);
    EXPECT_EQ(s.call().initiator().seat.epoch, 1u);
    s.pass(1s);
    EXPECT_EQ(s.call().initiator().seat.epoch, 2u);
}

}  // namespace
}  // namespace crosspoint::chains
