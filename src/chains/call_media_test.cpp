#include <gmock/gmock.h>

#include "chains/call_story.h"

// Who gets media and what becomes of a call without it: jsapi 11 and the scenarios of 19 that concern it.
namespace crosspoint::chains {
namespace {

using State = ParticipantState;

TEST(CallMedia, A10ExactlyTheActiveConnectionsGetMedia) {
    Story s;
    s.talks_to_b();
    EXPECT_EQ(s.all<CallMedia>("c1").size(), 1u);
    EXPECT_EQ(s.all<CallMedia>("c3").size(), 1u);
    EXPECT_EQ(s.all<CallMedia>("c2").size() + s.all<CallMedia>("c4").size(), 0u);
    EXPECT_EQ(s.all<CallMedia>("c1").at(0).session, s.all<CallMedia>("c3").at(0).session);
    EXPECT_EQ(s.all<CallMedia>("c1").at(0).publish, (MediaKinds{true, true}));
}

TEST(CallMedia, A37WhileMediaLivesSignallingMayBeAwayForLonger) {
    Story s;
    s.talks_to_b();
    s.connection("c1", ConnectionEvent::Lost);
    s.connection("c3", ConnectionEvent::Lost);
    s.pass(40s);
    EXPECT_EQ(s.call().state, CallState::Active);
    Story media_lost = s;
    s.connection("c1", ConnectionEvent::Resumed);
    s.connection("c3", ConnectionEvent::Resumed);
    EXPECT_EQ(s.state("a"), State::Active);
    EXPECT_EQ(s.count("c1", Notice::Drop), 0u);
    media_lost.say(SeatReport{CallId("x"), ProfileId("b"), 1, MediaState::Failed});  // MED-8
    EXPECT_EQ(media_lost.end(), EndReason::Lost);
    Story never = s;
    never.connection("c3", ConnectionEvent::Lost);
    never.pass(120s);
    EXPECT_EQ(never.end(), EndReason::Lost);
}

TEST(CallMedia, A38APageLoadedAgainGetsASnapshotAndNewMedia) {
    Story s;
    s.talks_to_b();
    s.connection("c1", ConnectionEvent::Lost);
    s.say(ConnectionChanged{CallId("x"), UserId("A"), ConnectionId("c1"), ConnectionEvent::New, true});
    EXPECT_EQ(s.all<CallStateIs>("c1").back().role, Role::ActiveInitiator);
    EXPECT_EQ(s.all<CallMedia>("c1").back().epoch, 2u);
    EXPECT_EQ(s.count("c3", Notice::Reconnected), 1u);
}

TEST(CallMedia, A57MediaThatNeverComesEndsTheCall) {
    Story s;
    s.media_at_once = false;
    s.talks_to_b();
    s.say(SessionMade{CallId("x"), SessionId("s")});
    s.seat_made(MakeSeat{{CallId("x"), ChainId("x")}, {}, ProfileId("a"), 1, {}, false});
    s.say(SeatReport{CallId("x"), ProfileId("a"), 1, MediaState::Connected});
    s.pass(15s * 3 - 1ms);
    EXPECT_EQ(s.call().state, CallState::Active);
    s.pass(1ms);
    EXPECT_EQ(s.end_heard("c1"), EndReason::MediaFailed);
    EXPECT_EQ(s.state("b"), State::Lost);
}

TEST(CallMedia, MED4ASeatOfAnOlderEpochIsRemoved) {
    Story s;
    s.media_at_once = false;
    s.talks_to_b();
    s.say(SessionMade{CallId("x"), SessionId("s")});
    s.activates("c4", "c3");
    s.to_media.clear();
    s.seat_made(MakeSeat{{CallId("x"), ChainId("x")}, {}, ProfileId("b"), 1, {}, false});
    EXPECT_EQ(s.to_media.at(0), MediaMessage(RemoveSeat{{CallId("x"), ChainId("x")}, ProfileId("b"), 1}));
    EXPECT_TRUE(s.all<CallMedia>("c3").empty());
    EXPECT_TRUE(s.all<CallMedia>("c4").empty());
}

TEST(CallMedia, MED10ALostSessionIsMadeAnewForAll) {
    Story s;
    s.talks_to_b();
    s.say(SessionFailed{CallId("x"), SessionId("s")});
    EXPECT_EQ(s.all<CallMedia>("c1").back().epoch, 2u);
    EXPECT_EQ(s.all<CallMedia>("c3").back().epoch, 2u);
}

TEST(CallMedia, HOLD1AndMED6HoldAndUpdate) {
    Story s;
    s.talks_to_b();
    EXPECT_EQ(s.does("c1", Verb::Hold), std::nullopt);
    EXPECT_EQ(s.does("c1", Verb::Hold), std::nullopt);
    EXPECT_EQ(s.count("c3", Notice::Hold), 1u);
    EXPECT_EQ(s.does("c3", Verb::Resume), std::nullopt);
    EXPECT_TRUE(s.call().initiator().held);
    EXPECT_EQ(s.does("c2", Verb::Resume), Refusal::NotActive);
    CallCommand update = s.command("c3", Verb::Update);
    update.media = {true, false};
    EXPECT_EQ(s.does(update), std::nullopt);
    EXPECT_EQ(s.all<CallUpdated>("c1").back().media, (MediaKinds{true, false}));
    EXPECT_EQ(s.call().initiator().media, (MediaKinds{true, true}));
}

TEST(CallMedia, A60ACallEndsBeforeItsSessionWould) {
    Story s;
    s.talks_to_b();
    s.pass(s.settings.max_call - 1ms);
    EXPECT_EQ(s.call().state, CallState::Active);
    s.pass(1ms);
    EXPECT_EQ(s.end_heard("c3"), EndReason::MaxDuration);
}

}  // namespace
}  // namespace crosspoint::chains
