#include <gmock/gmock.h>

#include "chains/call_story.h"

// Calls with more than one receiver: jsapi 10.7 and the scenarios of 19 that concern them.
namespace crosspoint::chains {
namespace {

using State = ParticipantState;

TEST(GroupCalls, A47AndA48EachReceiverDecidesForItself) {
    Story s;
    s.calls_b_and_c({"c3"});
    s.does("c5", Verb::Ringing);
    s.does("c3", Verb::Reject);
    EXPECT_EQ(s.call().state, CallState::Ringing);
    Story times_out = s, rejects = s;
    s.does("c5", Verb::Accept);
    EXPECT_EQ(s.state("b"), State::Rejected);
    times_out.pass(45s);
    EXPECT_EQ(times_out.end(), EndReason::NoAnswer);
    rejects.does("c5", Verb::Reject);
    EXPECT_EQ(rejects.end(), EndReason::Rejected);
}

TEST(GroupCalls, A49AndA53WhoIsLeftGoesOnWhileSomebodyMayCome) {
    Story s;
    s.calls_b_and_c({"c3"});
    s.does("c3", Verb::Accept);
    s.does("c1", Verb::HangUp);
    EXPECT_EQ(s.call().state, CallState::Active);
    Story accepts = s;
    s.does("c5", Verb::Reject);
    EXPECT_EQ(s.end(), EndReason::Rejected);
    accepts.does("c5", Verb::Accept);
    EXPECT_EQ(accepts.call().count_in(), 2u);
    accepts.does("c5", Verb::HangUp);
    EXPECT_EQ(accepts.end_heard("c3"), EndReason::HangUp);
}

TEST(GroupCalls, A51InvitingRingsOnceAndOnlyTheInvited) {
    Story s;
    s.talks_to_b();
    EXPECT_EQ(s.about("c1", Verb::Invite, "c"), std::nullopt);
    EXPECT_EQ(s.about("c3", Verb::Invite, "c"), std::nullopt);
    s.say(s.offered("c", {"c5"}));
    EXPECT_EQ(s.all<CallInit>("c5").size(), 1u);
    EXPECT_EQ(s.all<CallInvited>("c3").size(), 1u);
    EXPECT_EQ(s.all<CallInvited>("c3").at(0).invited_by, ProfileId("a"));
    EXPECT_EQ(s.does("c5", Verb::Reject), std::nullopt);
    EXPECT_EQ(s.about("c1", Verb::Invite, "c"), Refusal::RateLimited);  // GRP-5
    s.pass(10s);
    EXPECT_EQ(s.about("c1", Verb::Invite, "c"), std::nullopt);
}

TEST(GroupCalls, A52OneWhoTimedOutMayComeInLate) {
    Story s;
    s.calls_b_and_c({"c3"});
    s.does("c5", Verb::Ringing);
    s.does("c3", Verb::Accept);
    s.pass(45s);
    EXPECT_EQ(s.state("c"), State::Timeout);
    EXPECT_EQ(s.does("c5", Verb::Accept), std::nullopt);
    EXPECT_EQ(s.call().count_in(), 3u);
}

TEST(GroupCalls, A55TwoProfilesOfOneUserRingOnce) {
    Story s;
    s.calls({"b", "b2"});
    const auto offers = std::ranges::count_if(s.to_users, [](const auto& sent) {
        const auto* offer = std::get_if<Offer>(&sent.second);
        return offer && !offer->second;
    });
    EXPECT_EQ(offers, 1);
    s.say(s.offered("b", {"c3"}));
    s.does("c3", Verb::Ringing);
    s.pass(10s);
    EXPECT_EQ(s.state("b2"), State::Unreachable);
    EXPECT_EQ(s.state("b"), State::Ringing);
}

TEST(GroupCalls, A56TheRemovedAreStrangers) {
    Story s;
    s.calls_b_and_c({"c3"});
    s.does("c3", Verb::Accept);
    s.does("c5", Verb::Accept);
    EXPECT_EQ(s.about("c3", Verb::Remove, "c"), Refusal::Forbidden);
    EXPECT_EQ(s.about("c1", Verb::Remove, "c"), std::nullopt);
    EXPECT_THAT(s.to_media,
                testing::Contains(MediaMessage(RemoveSeat{{CallId("x"), ChainId("x")}, ProfileId("c"), 1})));
    EXPECT_EQ(s.count("c5", Notice::Remove), 1u);
    EXPECT_EQ(s.does("c5", Verb::Accept), Refusal::NotFound);
    s.does("c1", Verb::HangUp);
    EXPECT_EQ(s.does("c5", Verb::Sync), Refusal::NotFound);
}

TEST(GroupCalls, AnInitiatorWhoLeftCanBeInvitedBackAndRings) {
    Story s;
    s.calls_b_and_c({"c3"});
    s.does("c3", Verb::Accept);
    s.does("c5", Verb::Accept);
    s.does("c1", Verb::HangUp);
    EXPECT_EQ(s.about("c3", Verb::Invite, "a"), std::nullopt);
    s.say(s.offered("a", {"c1", "c2"}));
    EXPECT_EQ(s.all<CallInit>("c2").back().role, Role::Receiver);
    EXPECT_EQ(s.does("c2", Verb::Ringing), std::nullopt);
    EXPECT_EQ(s.does("c2", Verb::Accept), std::nullopt);
    EXPECT_EQ(s.call().count_in(), 3u);
}

}  // namespace
}  // namespace crosspoint::chains
