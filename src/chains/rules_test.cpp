#include "chains/rules.h"

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "chains/call_story.h"

// The tables of jsapi 9.1 and 9.2, row by row, through the owner: what a reader of that page would try.
namespace crosspoint::chains {
namespace {

using State = ParticipantState;
using Do = std::function<void(Story&)>;

// ---- 9.2: every row ----

using Legs = std::map<std::string, std::optional<LegState>>;

struct EventRow {
    std::string_view row;
    Do given;
    Do when;
    std::string profile;
    State then;
    Legs legs{};                   // nothing: there is none
    std::optional<Notice> told{};  // c1 hears this once more
};

void b_invited(Story& s) { s.calls_b(); }
void b_rings(Story& s) {
    s.calls_b();
    s.does("c3", Verb::Ringing);
}
void a_talks_to_b(Story& s) { s.talks_to_b(); }
void b_ignored(Story& s) {
    b_rings(s);
    s.does("c3", Verb::Ignore);
}
void b_silenced(Story& s) {
    s.calls({"b"});
    OfferAnswer dnd = s.offered("b", {"c3", "c4"});
    dnd.dnd = true;
    s.say(dnd);
}
/// c rings, so that the call goes on without b.
void b_unreachable(Story& s) {
    s.calls_b_and_c({});
    s.does("c5", Verb::Ringing);
    s.pass(10s);
}
void b_reconnecting(Story& s) {
    s.talks_to_b();
    s.media_at_once = false;
    s.say(SeatReport{CallId("x"), ProfileId("b"), 1, MediaState::Failed});
    s.connection("c3", ConnectionEvent::Lost);
}
Do does(const char* connection, Verb verb) {
    return [=](Story& s) { s.does(connection, verb); };
}
Do connection(const char* id, ConnectionEvent event) {
    return [=](Story& s) { s.connection(id, event); };
}
Do pass(std::chrono::milliseconds time) {
    return [=](Story& s) { s.pass(time); };
}
Do rejects_as_busy() {
    return [](Story& s) {
        CallCommand reject = s.command("c3", Verb::Reject);
        reject.busy = true;
        s.does(reject);
    };
}
Do activates(const char* connection) {
    return [=](Story& s) { s.activates(connection, "c3"); };
}

std::vector<EventRow> event_rows() {
    using enum LegState;
    using Event = ConnectionEvent;
    const auto none = std::nullopt;
    return {
        {"call created: the initiator",
         b_invited,
         [](Story&) {},
         "a",
         State::Active,
         {{"c1", Active}, {"c2", Invited}}},
        {"call created: a receiver", b_invited, [](Story&) {}, "b", State::Inviting, {{"c3", Invited}}},
        {"call created: silenced", b_silenced, [](Story&) {}, "b", State::Inviting, {{"c3", Passive}, {"c4", Passive}}},
        {"call.pending", b_invited, does("c2", Verb::Pending), "a", State::Active, {{"c2", Pending}}, Notice::Pending},
        {"call.ringing",
         b_invited,
         does("c3", Verb::Ringing),
         "b",
         State::Ringing,
         {{"c3", Ringing}, {"c4", Invited}},
         Notice::Ringing},
        {"call.ringing: unreachable, inside its window",
         [](Story& s) {
             b_unreachable(s);
             s.connection("c3", Event::New);
             s.does("c3", Verb::Unavailable);
         },
         does("c3", Verb::Ringing),
         "b",
         State::Ringing,
         {{"c3", Ringing}},
         Notice::Ringing},
        {"init timer", b_rings, pass(10s), "b", State::Ringing, {{"c3", Ringing}, {"c4", Passive}}},
        {"init timer: the last candidate", b_invited, pass(10s), "b", State::Unreachable, {}, Notice::InitTimeout},
        {"call.unavailable",
         b_invited,
         does("c3", Verb::Unavailable),
         "b",
         State::Inviting,
         {{"c3", Passive}, {"c4", Invited}}},
        {"call.unavailable: the last candidate",
         [](Story& s) {
             b_invited(s);
             s.does("c4", Verb::Unavailable);
         },
         does("c3", Verb::Unavailable),
         "b",
         State::Unreachable,
         {},
         Notice::InitTimeout},
        {"reach timer: silenced", b_silenced, pass(10s), "b", State::Unreachable, {}, Notice::InitTimeout},
        {"ring timer", b_rings, pass(45s), "b", State::Timeout, {}, Notice::RingingTimeout},
        {"ring timer: ignored too", b_ignored, pass(45s), "b", State::Timeout, {}, Notice::RingingTimeout},
        {"call.accept: undecided",
         b_rings,
         does("c3", Verb::Accept),
         "b",
         State::Active,
         {{"c3", Active}, {"c4", Passive}}},
        {"call.accept: from an invited leg",
         b_rings,
         does("c4", Verb::Accept),
         "b",
         State::Active,
         {{"c3", Passive}, {"c4", Active}}},
        {"call.accept: ignored", b_ignored, does("c4", Verb::Accept), "b", State::Active, {{"c4", Active}}},
        {"call.accept: out",
         b_unreachable,
         [](Story& s) {
             s.connection("c3", Event::New);
             s.does("c3", Verb::Reject);
             s.does("c3", Verb::Accept);
         },
         "b",
         State::Active,
         {{"c3", Active}}},
        {"call.accept: detached by now",
         b_rings,
         [](Story& s) {
             s.connection("c3", Event::Lost);
             s.does("c3", Verb::Accept);
         },
         "b",
         State::Reconnecting,
         {{"c3", Reconnecting}},
         Notice::Reconnecting},
        {"call.reject", b_rings, does("c4", Verb::Reject), "b", State::Rejected, {}, Notice::Reject},
        {"call.reject: busy", b_rings, rejects_as_busy(), "b", State::Busy, {}, Notice::Busy},
        {"call.reject: ignored too", b_ignored, does("c4", Verb::Reject), "b", State::Rejected, {}, Notice::Reject},
        {"call.ignore", b_rings, does("c4", Verb::Ignore), "b", State::Ringing, {{"c3", Passive}, {"c4", Passive}}},
        {"call.hangup", a_talks_to_b, does("c3", Verb::HangUp), "b", State::Left, {}, Notice::HangUp},
        {"call.activate", a_talks_to_b, activates("c4"), "b", State::Active, {{"c3", Passive}, {"c4", Active}}},
        {"call.activate: the grace timer stops",
         b_reconnecting,
         [](Story& s) {
             s.activates("c4", "c3");
             s.pass(31s);
         },
         "b",
         State::Active,
         {{"c3", Passive}, {"c4", Active}}},
        {"transport lost: active leg",
         a_talks_to_b,
         connection("c3", Event::Lost),
         "b",
         State::Reconnecting,
         {{"c3", Reconnecting}},
         Notice::Reconnecting},
        {"transport lost: other leg",
         a_talks_to_b,
         connection("c4", Event::Lost),
         "b",
         State::Active,
         {{"c3", Active}, {"c4", Passive}}},
        {"resumed",
         b_reconnecting,
         connection("c3", Event::Resumed),
         "b",
         State::Active,
         {{"c3", Active}},
         Notice::Reconnected},
        {"grace timer", b_reconnecting, pass(30s), "b", State::Lost, {}, Notice::Drop},
        {"connection gone: active leg, after bye",
         a_talks_to_b,
         connection("c3", Event::Left),
         "b",
         State::Left,
         {},
         Notice::HangUp},
        {"connection gone: active leg, revoked",
         a_talks_to_b,
         connection("c3", Event::Revoked),
         "b",
         State::Lost,
         {},
         Notice::Drop},
        {"connection gone: candidate leg",
         b_invited,
         connection("c3", Event::Gone),
         "b",
         State::Inviting,
         {{"c3", none}, {"c4", Invited}}},
        {"connection gone: the last candidate",
         [](Story& s) {
             b_invited(s);
             s.connection("c3", Event::Gone);
         },
         connection("c4", Event::Gone),
         "b",
         State::Unreachable,
         {},
         Notice::InitTimeout},
        {"connection gone: other leg",
         a_talks_to_b,
         connection("c4", Event::Gone),
         "b",
         State::Active,
         {{"c3", Active}, {"c4", none}}},
        {"new connection: initiator",
         [](Story& s) {
             b_invited(s);
             s.connection("c2", Event::Gone);
         },
         connection("c2", Event::New),
         "a",
         State::Active,
         {{"c2", Invited}}},
        {"new connection: undecided receiver",
         [](Story& s) {
             s.calls({"b"});
             s.say(s.offered("b", {"c3"}));
         },
         connection("c4", Event::New),
         "b",
         State::Inviting,
         {{"c3", Invited}, {"c4", Invited}}},
        {"new connection: unreachable inside its window",
         b_unreachable,
         connection("c3", Event::New),
         "b",
         State::Inviting,
         {{"c3", Invited}}},
        {"new connection: unreachable after its window",
         [](Story& s) {
             b_unreachable(s);
             s.does("c5", Verb::Accept);
             s.pass(35s);
         },
         connection("c3", Event::New),
         "b",
         State::Unreachable,
         {{"c3", Passive}}},
        {"new connection: silenced",
         [](Story& s) {
             b_silenced(s);
             s.connection("c4", Event::Gone);
         },
         connection("c4", Event::New),
         "b",
         State::Inviting,
         {{"c4", Passive}}},
        {"new connection: ignored",
         [](Story& s) {
             b_ignored(s);
             s.connection("c4", Event::Gone);
         },
         connection("c4", Event::New),
         "b",
         State::Ringing,
         {{"c4", Passive}}},
    };
}

TEST(ParticipantTable, EveryRow) {  // 9.2
    for (const EventRow& row : event_rows()) {
        SCOPED_TRACE(row.row);
        Story s;
        row.given(s);
        const size_t told = row.told ? s.count("c1", *row.told) : 0;
        row.when(s);
        const Participant* p = s.call().participant(ProfileId(row.profile));
        EXPECT_EQ(p->state, row.then);
        for (const auto& [connection, state] : row.legs) {
            const Leg* leg = p->leg(ConnectionId(connection));
            ASSERT_EQ(leg != nullptr, state.has_value()) << connection;
            if (leg) {
                EXPECT_EQ(leg->state, *state) << connection;
            }
        }
        if (row.told) {
            EXPECT_EQ(s.count("c1", *row.told), told + 1);
        }
    }
}

TEST(ParticipantTable, OfAWakeableReceiverTheReachTimerDecides) {  // 9.2, last candidate
    Story s;
    s.calls({"b"});
    OfferAnswer answer = s.offered("b", {"c3"});
    answer.wakeable = true;
    s.say(answer);
    s.pass(10s);
    EXPECT_EQ(s.state("b"), State::Inviting);
    s.pass(20s);
    EXPECT_EQ(s.state("b"), State::Unreachable);
}

TEST(ParticipantTable, IgnoringStartsAReachTimerThatHadFired) {  // 9.2, call.ignore
    Story s;
    s.calls({"b"});
    s.pass(1s);
    s.say(s.offered("b", {"c3"}));  // its init timer ends a second after the reach timer
    s.pass(9s);
    s.does("c3", Verb::Ignore);
    s.pass(10s - 1ms);
    EXPECT_EQ(s.state("b"), State::Inviting);
    s.pass(1ms);
    EXPECT_EQ(s.state("b"), State::Unreachable);
}

// ---- 9.1 ----

TEST(CallTable, EveryRow) {  // 9.1
    struct Case {
        std::string_view row;
        Do given;
        Do when;
        CallState state;
        std::optional<EndReason> reason;
    };
    const auto tells = [](const ChainMessage& message) { return Do([=](Story& s) { s.say(message); }); };
    const std::vector<Case> cases{
        {"first ringing", b_invited, does("c3", Verb::Ringing), CallState::Ringing, {}},
        {"a receiver accepts", b_invited, does("c3", Verb::Accept), CallState::Active, {}},
        {"initiator hangs up", b_rings, does("c1", Verb::HangUp), CallState::Ended, EndReason::Cancelled},
        {"initiator lost", b_rings, connection("c1", ConnectionEvent::Revoked), CallState::Ended,
         EndReason::InitiatorLost},
        {"all rejected", b_rings, does("c3", Verb::Reject), CallState::Ended, EndReason::Rejected},
        {"all busy", b_rings, rejects_as_busy(), CallState::Ended, EndReason::Busy},
        {"all unreachable", b_invited, pass(10s), CallState::Ended, EndReason::Unreachable},
        {"nobody answered", b_rings, pass(45s), CallState::Ended, EndReason::NoAnswer},
        {"one is in and nobody undecided", a_talks_to_b, does("c3", Verb::HangUp), CallState::Ended, EndReason::HangUp},
        {"… after a drop", b_reconnecting, pass(30s), CallState::Ended, EndReason::Lost},
        {"… after a removal", a_talks_to_b, [](Story& s) { s.about("c1", Verb::Remove, "b"); }, CallState::Ended,
         EndReason::Removed},
        {"loses a crossing", b_rings, tells(Crossed{CallId("x"), {CallId("w"), ChainId("w")}}), CallState::Ended,
         EndReason::Glare},
        {"an answered call loses none",
         a_talks_to_b,
         tells(Crossed{CallId("x"), {CallId("w"), ChainId("w")}}),
         CallState::Active,
         {}},
        {"yields", b_rings, tells(Yield{CallId("x"), {CallId("w"), ChainId("w")}}), CallState::Ended, EndReason::Glare},
        {"an answered call does not yield",
         a_talks_to_b,
         tells(Yield{CallId("x"), {CallId("w"), ChainId("w")}}),
         CallState::Active,
         {}},
        {"administrator", a_talks_to_b, tells(Terminate{CallId("x")}), CallState::Ended, EndReason::Terminated},
        {"ended: nothing more",
         [](Story& s) {
             s.talks_to_b();
             s.does("c1", Verb::HangUp);
         },
         tells(Terminate{CallId("x")}), CallState::Ended, EndReason::HangUp},
    };
    for (const Case& one : cases) {
        SCOPED_TRACE(one.row);
        Story s;
        one.given(s);
        one.when(s);
        EXPECT_EQ(s.call().state, one.state);
        EXPECT_EQ(s.end(), one.reason);
    }
}

}  // namespace
}  // namespace crosspoint::chains
