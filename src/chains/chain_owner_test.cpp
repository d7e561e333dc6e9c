#include "chains/chain_owner.h"

#include <gmock/gmock.h>

#include "chains/call_story.h"

// Scenarios of jsapi 19 as far as they concern one chain owner; the exploration in sim/explore/ has every order.
namespace crosspoint::chains {
namespace {

using State = ParticipantState;

TEST(ChainOwner, A4ACallWithoutChainBeginsOneOfItsOwnId) {
    Story s;
    s.calls({"b"});
    const auto init = s.all<CallInit>("c1").at(0);
    EXPECT_EQ(init.call.ref.chain, ChainId("x"));
    EXPECT_EQ(init.local_id, "local-x");
    const auto& reply = std::get<Opened>(s.replies["c1"].at(0).result);
    EXPECT_EQ(reply, (Opened{{CallId("x"), ChainId("x")}, false}));
}

TEST(ChainOwner, A5AnotherCallInTheChainIsRefusedWhileOneIsLive) {
    Story s;
    s.talks_to_b();
    s.say(s.opening("y", "c2", {"b"}));
    const auto refused = std::get<Refused>(s.replies["c2"].back().result);
    EXPECT_EQ(refused.why, Refusal::ChainBusy);
    EXPECT_EQ(refused.call, CallId("x"));
    EXPECT_EQ(s.call().id, CallId("x"));
    EXPECT_EQ(s.call().state, CallState::Active);
}

TEST(ChainOwner, A6TheActiveConnectionMayReplaceTheCallAndNoOther) {
    Story s;
    s.talks_to_b();
    OpenCall open = s.opening("z", "c2", {"b"});
    open.replace = true;
    s.say(open);
    EXPECT_EQ(std::get<Refused>(s.replies["c2"].back().result).why, Refusal::ChainBusy);

    open = s.opening("y", "c1", {"b"});
    open.replace = true;
    s.say(open);
    const auto end = s.all<CallEnded>("c3").at(0);
    EXPECT_EQ(end.reason, EndReason::Superseded);
    EXPECT_EQ(end.replaced_by, CallId("y"));
    EXPECT_EQ(s.owner.live_call()->id, CallId("y"));
    EXPECT_EQ(s.owner.live_call()->state, CallState::Init);
}

TEST(ChainOwner, A7AnEndedCallStaysEndedWhenTheNextOneIsLive) {
    Story s;
    s.talks_to_b();
    s.does("c3", Verb::HangUp);
    s.say(s.opening("y", "c1", {"b"}));
    CallCommand late = s.command("c3", Verb::Accept);
    late.call = CallId("x");
    const auto refused = s.does(late);
    EXPECT_EQ(refused->why, Refusal::CallEnded);
    EXPECT_EQ(refused->end_reason, EndReason::HangUp);
    EXPECT_EQ(s.owner.live_call()->id, CallId("y"));
}

TEST(ChainOwner, OnlyThoseNamedInAChainMayUseIt) {  // CHN-3
    Story s;
    s.talks_to_b();
    s.does("c3", Verb::HangUp);
    s.say(s.opening("y", "c5", {"b"}));
    EXPECT_EQ(std::get<Refused>(s.replies["c5"].back().result).why, Refusal::NotFound);
}

// 8.3, revision by revision.
TEST(ChainOwner, A8TheSeedsOwnExample) {
    Story s;
    s.calls({"b"});
    EXPECT_EQ(s.role_of("c1"), Role::ActiveInitiator);
    EXPECT_EQ(s.role_of("c2"), Role::PassiveInitiator);
    EXPECT_EQ(s.does("c2", Verb::Pending), std::nullopt);
    s.say(s.offered("b", {"c3", "c4"}));
    EXPECT_EQ(s.role_of("c3"), Role::Receiver);
    EXPECT_EQ(s.role_of("c4"), Role::Receiver);
    EXPECT_EQ(s.does("c3", Verb::Ringing), std::nullopt);
    EXPECT_EQ(s.does("c4", Verb::Ringing), std::nullopt);
    EXPECT_EQ(s.does("c3", Verb::Accept), std::nullopt);
    EXPECT_EQ(s.role_of("c1"), Role::ActiveInitiator);
    EXPECT_EQ(s.role_of("c2"), Role::PassiveInitiator);
    EXPECT_EQ(s.role_of("c3"), Role::ActiveReceiver);
    EXPECT_EQ(s.role_of("c4"), Role::PassiveReceiver);

    using Steps = std::vector<std::pair<uint64_t, uint64_t>>;
    const auto steps = [&](const std::string& connection, size_t first) {
        Steps out;
        for (size_t i = 0; i < first; ++i) out.emplace_back(s.heard[connection][i].rev, s.heard[connection][i].prev);
        return out;
    };
    EXPECT_EQ(steps("c1", 6), (Steps{{1, 0}, {2, 1}, {3, 2}, {4, 3}, {5, 4}, {6, 5}}));
    EXPECT_EQ(steps("c2", 5), (Steps{{1, 0}, {2, 1}, {3, 2}, {4, 3}, {5, 4}}));
    EXPECT_EQ(steps("c3", 4), (Steps{{1, 0}, {2, 1}, {3, 2}, {4, 3}}));
    EXPECT_EQ(steps("c4", 4), (Steps{{1, 0}, {2, 1}, {3, 2}, {4, 3}}));
    EXPECT_EQ(s.count("c1", Notice::Pending), 1u);
    EXPECT_EQ(s.count("c3", Notice::Pending), 0u);
}

TEST(ChainOwner, A11OfTwoDevicesThatAcceptOneWins) {
    Story s;
    s.talks_to_b();
    const auto refused = s.does(s.command("c4", Verb::Accept));
    EXPECT_EQ(refused->why, Refusal::AlreadyAccepted);
    EXPECT_EQ(refused->connection, ConnectionId("c3"));
    EXPECT_EQ(s.role_of("c4"), Role::PassiveReceiver);
}

TEST(ChainOwner, A12RejectAfterAcceptAndAcceptAfterReject) {
    Story first;
    first.talks_to_b();
    EXPECT_EQ(first.does("c4", Verb::Reject), Refusal::AlreadyAccepted);
    EXPECT_EQ(first.call().state, CallState::Active);

    Story second;
    second.calls_b();
    EXPECT_EQ(second.does("c4", Verb::Reject), std::nullopt);
    const auto refused = second.does(second.command("c3", Verb::Accept));
    EXPECT_EQ(refused->why, Refusal::CallEnded);
    EXPECT_EQ(refused->end_reason, EndReason::Rejected);
    EXPECT_EQ(second.count("c1", Notice::Reject), 1u);
    EXPECT_EQ(second.end_heard("c1"), EndReason::Rejected);
    EXPECT_FALSE(second.missed_by("B"));
}

TEST(ChainOwner, A13PassiveDevicesDoNotTouchAnAnsweredCall) {
    Story s;
    s.talks_to_b();
    EXPECT_EQ(s.does("c4", Verb::Reject), Refusal::AlreadyAccepted);
    EXPECT_EQ(s.does("c4", Verb::Ignore), Refusal::AlreadyAccepted);
    EXPECT_EQ(s.does("c4", Verb::HangUp), Refusal::NotActive);
    EXPECT_EQ(s.call().state, CallState::Active);
}

TEST(ChainOwner, A14ACancelTakenFirstIsMissed) {
    Story s;
    s.calls_b();
    s.does("c1", Verb::HangUp);
    const auto refused = s.does(s.command("c3", Verb::Accept));
    EXPECT_EQ(refused->why, Refusal::CallEnded);
    EXPECT_EQ(refused->end_reason, EndReason::Cancelled);
    EXPECT_EQ(s.end_heard("c3"), EndReason::Cancelled);
    EXPECT_TRUE(s.missed_by("B"));
    EXPECT_FALSE(s.missed_by("A"));
}

TEST(ChainOwner, A15AnAcceptTakenFirstIsNotMissed) {
    Story s;
    s.talks_to_b();
    s.does("c1", Verb::HangUp);
    EXPECT_EQ(s.all<CallAccepted>("c1").size(), 1u);
    EXPECT_EQ(s.end_heard("c1"), EndReason::HangUp);
    EXPECT_EQ(s.end_heard("c4"), EndReason::HangUp);
    EXPECT_FALSE(s.missed_by("B"));
}

TEST(ChainOwner, A16OpeningToWhoeverIsCallingAnswers) {
    Story s;
    s.calls_b();
    s.say(s.opening("y", "c3", {"a"}));
    EXPECT_EQ(std::get<Opened>(s.replies["c3"].back().result), (Opened{{CallId("x"), ChainId("x")}, true}));
    EXPECT_EQ(s.call().state, CallState::Active);
    EXPECT_EQ(s.all<CallAccepted>("c3").at(0).local_id, "local-y");
    EXPECT_EQ(s.all<CallAccepted>("c4").at(0).local_id, std::nullopt);
    EXPECT_FALSE(s.owner.find(CallId("y")));
}

TEST(ChainOwner, GLR4TheLoserGivesWayAndAsksTheWinnerToAccept) {
    Story s;
    s.calls({"b"});
    s.say(Crossed{CallId("x"), {CallId("w"), ChainId("w")}});
    EXPECT_EQ(s.end(), EndReason::Glare);
    EXPECT_EQ(s.call().replaced_by, CallId("w"));
    const auto& merge = std::get<MergeAccept>(s.to_chains.at(0).message);
    EXPECT_EQ(merge.connection.id, ConnectionId("c1"));
    s.say(Crossed{CallId("x"), {CallId("w"), ChainId("w")}});  // told twice
    EXPECT_EQ(s.to_chains.size(), 1u);
    s.say(OfferAnswer{.call = CallId("x"), .profile = ProfileId("b"), .invitation = 1});
    EXPECT_FALSE(s.missed_by("B"));  // GLR-8
}

TEST(ChainOwner, GLR4AnAnsweredLoserStands) {
    Story s;
    s.talks_to_b();
    s.say(Crossed{CallId("x"), {CallId("w"), ChainId("w")}});
    EXPECT_EQ(s.call().state, CallState::Active);
    EXPECT_EQ(std::get<Yield>(s.to_chains.at(0).message).to.call, CallId("x"));
}

TEST(ChainOwner, GLR5AndA18TheWinnerIsAnsweredWithWhatBothAskedFor) {
    Story s;
    s.calls_b();
    s.say(MergeAccept{CallId("x"), CallId("w"), UserId("B"), {ConnectionId("c3"), true}, {true, false}});
    EXPECT_EQ(s.all<CallInit>("c3").back().replaces, CallId("w"));
    EXPECT_EQ(s.all<CallAccepted>("c1").at(0).media, (MediaKinds{true, false}));
    EXPECT_EQ(s.call().state, CallState::Active);
    // The one who asked for video, too, sends voice until it says so again.
    EXPECT_EQ(s.all<CallUpdated>("c3").at(0).media, (MediaKinds{true, false}));
    EXPECT_EQ(s.call().initiator().media, (MediaKinds{true, false}));
}

TEST(ChainOwner, A19ADeviceThatComesInTimeRings) {
    Story s;
    s.calls({"b"});
    s.say(s.offered("b", {}));
    s.pass(5s);
    s.connection("c3", ConnectionEvent::New);
    const auto inits = s.all<CallInit>("c3");
    ASSERT_EQ(inits.size(), 1u);
    EXPECT_FALSE(inits[0].silent);
    EXPECT_EQ(s.does("c3", Verb::Ringing), std::nullopt);
}

TEST(ChainOwner, A20NobodyThereIsUnreachable) {
    Story s;
    s.calls({"b"});
    s.say(s.offered("b", {}));
    s.pass(9'999ms);
    EXPECT_EQ(s.call().state, CallState::Init);
    s.pass(1ms);
    EXPECT_EQ(s.count("c1", Notice::InitTimeout), 1u);
    EXPECT_EQ(s.end_heard("c1"), EndReason::Unreachable);
    EXPECT_TRUE(s.missed_by("B"));
}

TEST(ChainOwner, A21ADeviceThatNeverAnswersStopsCountingAndMayStillRing) {
    Story s;
    s.calls_b();
    s.does("c3", Verb::Ringing);
    const size_t told = s.heard["c1"].size();
    s.pass(10s);
    EXPECT_EQ(s.heard["c1"].size(), told);
    EXPECT_EQ(s.state("b"), State::Ringing);
    s.pass(2s);
    EXPECT_EQ(s.does("c4", Verb::Ringing), std::nullopt);
    EXPECT_EQ(s.count("c1", Notice::Ringing), 2u);
}

TEST(ChainOwner, A22AWakeableReceiverIsWokenOnceAndWaitedForLonger) {
    Story s;
    s.calls({"b"});
    OfferAnswer answer = s.offered("b", {});
    answer.wakeable = true;
    s.say(answer);
    EXPECT_EQ(s.wakes.size(), 1u);
    s.pass(20s);
    s.connection("c3", ConnectionEvent::New);
    EXPECT_EQ(s.does("c3", Verb::Ringing), std::nullopt);
    EXPECT_EQ(s.wakes.size(), 1u);
}

TEST(ChainOwner, A23RingingEndsAndIsMissed) {
    Story s;
    s.calls_b();
    s.does("c3", Verb::Ringing);
    s.does("c4", Verb::Ringing);
    s.pass(45s);
    EXPECT_EQ(s.count("c1", Notice::RingingTimeout), 1u);
    EXPECT_EQ(s.end_heard("c3"), EndReason::NoAnswer);
    EXPECT_TRUE(s.missed_by("B"));
    EXPECT_EQ(s.does(s.command("c3", Verb::Accept))->end_reason, EndReason::NoAnswer);  // A25
}

TEST(ChainOwner, A26OfTwoDevicesThatTakeOverOneSucceeds) {
    Story s;
    s.talks_to_b();
    EXPECT_EQ(s.activates("c4", "c3"), std::nullopt);
    const auto refused = [&] {
        CallCommand late = s.command("c3", Verb::Activate);
        late.named = ConnectionId("c3");
        return s.does(late);
    }();
    EXPECT_EQ(refused->why, Refusal::Conflict);
    EXPECT_EQ(refused->connection, ConnectionId("c4"));
}

TEST(ChainOwner, A27IgnoringIsPrivate) {
    Story s;
    s.calls_b();
    s.does("c3", Verb::Ringing);
    const size_t told = s.heard["c1"].size();
    EXPECT_EQ(s.does("c3", Verb::Ignore), std::nullopt);
    EXPECT_EQ(s.heard["c1"].size(), told);
    EXPECT_EQ(s.count("c4", Notice::Ignore), 1u);
    EXPECT_EQ(s.role_of("c4"), Role::PassiveReceiver);
    EXPECT_EQ(s.does("c4", Verb::Ringing), Refusal::WrongState);
    Story later = s;
    s.pass(45s);
    EXPECT_EQ(s.end_heard("c1"), EndReason::NoAnswer);
    EXPECT_FALSE(s.missed_by("B"));
    EXPECT_TRUE(s.record_of("B")->participants.at(1).ignored);
    EXPECT_FALSE(s.record_of("A")->participants.at(1).ignored);
    EXPECT_EQ(later.does("c4", Verb::Accept), std::nullopt);
}

// Others' traffic, without the times that the story itself chose.
std::vector<std::pair<int64_t, CallNews>> heard_by_a(Story& s) {
    std::vector<std::pair<int64_t, CallNews>> out;
    for (const CallMessage& m : s.heard["c1"]) out.emplace_back(m.ts.unix_milliseconds, m.news);
    return out;
}

TEST(ChainOwner, A28AndA29DoNotDisturbAndBlockedLookOffline) {
    for (const bool wakeable : {false, true}) {
        Story offline, dnd, blocked;
        OfferAnswer answer;
        offline.calls({"b"});
        offline.pass(2ms);  // to read who that is takes longer
        answer = offline.offered("b", {});
        answer.wakeable = wakeable;
        offline.say(answer);
        dnd.calls({"b"});
        answer.connections = {{ConnectionId("c3"), true}, {ConnectionId("c4"), true}};
        answer.dnd = true;
        dnd.say(answer);
        blocked.calls({"b"});
        answer.blocked = true;
        blocked.say(answer);
        EXPECT_TRUE(dnd.all<CallInit>("c3").at(0).silent);
        EXPECT_EQ(dnd.does("c3", Verb::Ringing), Refusal::WrongState);
        for (Story* s : {&offline, &dnd, &blocked}) s->pass(60s);
        EXPECT_EQ(heard_by_a(offline), heard_by_a(dnd));
        EXPECT_EQ(heard_by_a(offline), heard_by_a(blocked));
        EXPECT_TRUE(dnd.wakes.empty());
        EXPECT_TRUE(dnd.missed_by("B"));
        EXPECT_TRUE(blocked.heard["c3"].empty());
        EXPECT_FALSE(blocked.record_of("B"));
    }
}

TEST(ChainOwner, A30ABusyReceiverIsToldQuietly) {
    Story s;
    s.calls({"b"});
    OfferAnswer answer = s.offered("b", {"c3"});
    answer.busy = true;
    s.say(answer);
    EXPECT_TRUE(s.all<CallInit>("c3").at(0).silent);
    EXPECT_EQ(s.count("c1", Notice::Busy), 1u);
    EXPECT_EQ(s.end_heard("c1"), EndReason::Busy);
    EXPECT_TRUE(s.missed_by("B"));
}

TEST(ChainOwner, A32ADeviceThatCannotLeavesItToTheOthers) {
    Story s;
    s.calls_b();
    const size_t told = s.heard["c1"].size();
    EXPECT_EQ(s.does("c3", Verb::Unavailable), std::nullopt);
    EXPECT_EQ(s.heard["c1"].size(), told);
    EXPECT_EQ(s.does("c4", Verb::Ringing), std::nullopt);
    CallCommand accept = s.command("c3", Verb::Accept);
    accept.media = {};
    EXPECT_EQ(s.does(accept), std::nullopt);
    EXPECT_EQ(s.all<CallMedia>("c3").at(0).publish, MediaKinds{});
}

TEST(ChainOwner, A33ADroppedTransportThatComesBackKeepsEverything) {
    Story s;
    s.talks_to_b();
    s.connection("c3", ConnectionEvent::Lost);
    EXPECT_EQ(s.count("c1", Notice::Reconnecting), 1u);
    s.pass(29s);
    s.connection("c3", ConnectionEvent::Resumed);
    EXPECT_EQ(s.count("c1", Notice::Reconnected), 1u);
    s.pass(60s);
    EXPECT_EQ(s.call().state, CallState::Active);
    EXPECT_EQ(s.all<CallMedia>("c3").size(), 1u);
}

TEST(ChainOwner, A34WhoDoesNotComeBackIsLost) {
    Story s;
    s.talks_to_b();
    s.media_at_once = false;
    s.connection("c3", ConnectionEvent::Lost);
    s.say(SeatReport{CallId("x"), ProfileId("b"), 1, MediaState::Reconnecting});
    s.pass(30s);
    EXPECT_EQ(s.count("c1", Notice::Drop), 1u);
    EXPECT_EQ(s.end_heard("c1"), EndReason::Lost);
}

TEST(ChainOwner, A36AnInitiatorWhoIsGoneForGoodEndsTheRinging) {
    Story s;
    s.calls_b();
    s.does("c3", Verb::Ringing);
    s.connection("c1", ConnectionEvent::Lost);
    Story answered = s;
    s.pass(30s);
    EXPECT_EQ(s.end_heard("c3"), EndReason::InitiatorLost);
    answered.does("c3", Verb::Accept);
    EXPECT_EQ(answered.call().state, CallState::Active);
    EXPECT_EQ(answered.state("a"), State::Reconnecting);
}

TEST(ChainOwner, A39AndA54TakingOverMovesRoleAndMedia) {
    Story s;
    s.talks_to_b();
    s.connection("c1", ConnectionEvent::Lost);
    EXPECT_EQ(s.activates("c2", "c1"), std::nullopt);
    EXPECT_EQ(s.role_of("c1"), Role::PassiveInitiator);
    EXPECT_EQ(s.role_of("c2"), Role::ActiveInitiator);
    EXPECT_EQ(s.state("a"), State::Active);
    EXPECT_EQ(s.all<CallMedia>("c2").at(0).epoch, 2u);
    EXPECT_THAT(s.to_media,
                testing::Contains(MediaMessage(RemoveSeat{{CallId("x"), ChainId("x")}, ProfileId("a"), 1})));
    EXPECT_EQ(s.all<CallActivated>("c3").at(0).from, ConnectionId("c1"));
    s.connection("c1", ConnectionEvent::Resumed);
    EXPECT_EQ(s.role_of("c1"), Role::PassiveInitiator);
    EXPECT_EQ(s.count("c3", Notice::HangUp), 0u);
}

TEST(ChainOwner, A40AKeptHangUpCountsAsFromTheConnectionItNames) {
    Story s;
    s.talks_to_b();
    s.connection("c3", ConnectionEvent::Lost);
    CallCommand kept = s.command("c4", Verb::HangUp);
    kept.named = ConnectionId("c3");
    EXPECT_EQ(s.does(kept), std::nullopt);
    EXPECT_EQ(s.end(), EndReason::HangUp);
    EXPECT_EQ(s.does(kept), std::nullopt);
}

TEST(ChainOwner, A41OpeningTwiceIsOneCall) {
    Story s;
    s.calls({"b"});
    s.calls({"b"});
    EXPECT_EQ(s.owner.state().calls.size(), 1u);
    EXPECT_EQ(s.all<CallInit>("c1").size(), 1u);
    EXPECT_EQ(s.replies["c1"].size(), 2u);
}

TEST(ChainOwner, A50StrangersFindNothing) {
    Story s;
    s.talks_to_b();
    for (int verb = 0; verb < static_cast<int>(Verb::kCount); ++verb)
        EXPECT_EQ(s.does("c5", static_cast<Verb>(verb)), Refusal::NotFound);
    CallCommand wrong = s.command("c1", Verb::HangUp);
    wrong.call = CallId("nowhere");
    EXPECT_EQ(s.does(wrong)->why, Refusal::NotFound);
}

TEST(ChainOwner, A61RevocationIsAtOnceAndByeIsAHangUp) {
    Story revoked;
    revoked.talks_to_b();
    revoked.connection("c3", ConnectionEvent::Revoked);
    EXPECT_EQ(revoked.count("c1", Notice::Drop), 1u);
    EXPECT_EQ(revoked.end(), EndReason::Lost);
    Story left;
    left.talks_to_b();
    left.connection("c3", ConnectionEvent::Left);
    EXPECT_EQ(left.end(), EndReason::HangUp);
}

TEST(ChainOwner, ATombstoneAnswersForAWhileAndGoes) {
    Story s;
    s.talks_to_b();
    s.does("c1", Verb::HangUp);
    EXPECT_EQ(s.does("c4", Verb::Sync), std::nullopt);
    EXPECT_EQ(s.all<CallStateIs>("c4").back().call.end_reason, EndReason::HangUp);
    s.pass(s.settings.tombstone);
    EXPECT_TRUE(s.owner.idle());
}

}  // namespace
}  // namespace crosspoint::chains
