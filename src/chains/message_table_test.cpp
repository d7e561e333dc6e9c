#include "chains/rules.h"

#include <gmock/gmock.h>

#include <array>
#include <string_view>
#include <vector>

#include "chains/call_story.h"

// The table of jsapi 9.3, cell by cell, through the owner.
namespace crosspoint::chains {
namespace {

using State = ParticipantState;

Story undecided_b() {
    Story s;
    s.calls_b();
    return s;
}
Story ignored_by_b() {
    Story s = undecided_b();
    s.does("c4", Verb::Ignore);
    return s;
}
Story answered_by_b() {
    Story s;
    s.talks_to_b();
    s.does("c3", Verb::Hold);  // so that resuming does something
    return s;
}
/// c is in, b has rejected.
Story b_is_out() {
    Story s;
    s.calls_b_and_c({"c3", "c4"});
    s.does("c5", Verb::Accept);
    s.does("c4", Verb::Reject);
    return s;
}
Story over() {
    Story s;
    s.talks_to_b();
    s.does("c1", Verb::HangUp);
    return s;
}

struct Column {
    std::string_view name;
    Story (*make)();
    const char* sender;
};
const std::array<Column, 6> kColumns{{
    {"undecided", undecided_b, "c3"},
    {"ignored", ignored_by_b, "c3"},
    {"in, this leg", answered_by_b, "c3"},
    {"in, other leg", answered_by_b, "c4"},
    {"out", b_is_out, "c3"},
    {"ended", over, "c3"},
}};

struct Row {
    Verb verb;
    std::string_view name;
    std::array<std::string_view, 6> cells;  // "done": ok, and something changes; "tells": `call.state`
};
// clang-format off
const std::array<Row, 14> kRows{{
    {Verb::Ringing, "ringing", {"done", "wrong_state", "wrong_state", "wrong_state", "wrong_state", "call_ended"}},
    {Verb::Accept, "accept", {"done", "done", "no-op", "already_accepted", "done", "call_ended"}},
    {Verb::Reject, "reject", {"done", "done", "already_accepted", "already_accepted", "no-op", "call_ended"}},
    {Verb::Ignore, "ignore", {"done", "no-op", "already_accepted", "already_accepted", "no-op", "call_ended"}},
    {Verb::Unavailable, "unavailable", {"done", "no-op", "no-op", "no-op", "no-op", "no-op"}},
    {Verb::HangUp, "hangup", {"wrong_state", "wrong_state", "done", "not_active", "no-op", "no-op"}},
    {Verb::Activate, "activate", {"wrong_state", "wrong_state", "no-op", "done", "wrong_state", "call_ended"}},
    {Verb::Hold, "hold", {"wrong_state", "wrong_state", "no-op", "not_active", "wrong_state", "call_ended"}},
    {Verb::Resume, "resume", {"wrong_state", "wrong_state", "done", "not_active", "wrong_state", "call_ended"}},
    {Verb::Update, "update", {"wrong_state", "wrong_state", "done", "not_active", "wrong_state", "call_ended"}},
    {Verb::Invite, "invite", {"wrong_state", "wrong_state", "done", "not_active", "wrong_state", "call_ended"}},
    {Verb::Remove, "remove", {"wrong_state", "wrong_state", "forbidden", "not_active", "wrong_state", "call_ended"}},
    {Verb::Pending, "pending", {"no-op", "no-op", "no-op", "no-op", "no-op", "no-op"}},
    {Verb::Sync, "sync", {"tells", "tells", "tells", "tells", "tells", "tells"}},
}};
// clang-format on

std::string_view name(Refusal why) {
    switch (why) {
        case Refusal::WrongState: return "wrong_state";
        case Refusal::AlreadyAccepted: return "already_accepted";
        case Refusal::CallEnded: return "call_ended";
        case Refusal::NotActive: return "not_active";
        case Refusal::Conflict: return "conflict";
        case Refusal::Forbidden: return "forbidden";
        case Refusal::NotFound: return "not_found";
        default: return "another refusal";
    }
}

CallCommand request(const Story& s, const char* sender, Verb verb) {
    CallCommand command = s.command(sender, verb);
    if (verb == Verb::Update) command.media = {true, false};
    if (verb == Verb::Activate) command.named = ConnectionId("c3");
    if (verb == Verb::Invite) command.parties = {person("c")};
    if (verb == Verb::Remove) command.parties = {person("a")};
    return command;
}

/// What a cell says, found by trying.
std::string_view tried(Story& s, const char* sender, Verb verb) {
    const ChainState before = s.owner.state();
    const size_t states = s.all<CallStateIs>(sender).size();
    if (const auto refused = s.does(request(s, sender, verb))) {
        EXPECT_EQ(s.owner.state(), before) << "SEQ-6: errors change nothing";
        return name(refused->why);
    }
    if (s.all<CallStateIs>(sender).size() == states + 1) return "tells";
    return s.owner.state() == before ? "no-op" : "done";
}

TEST(MessageTable, EveryMessageInEverySituation) {  // 9.3
    for (const Row& row : kRows)
        for (size_t i = 0; i < kColumns.size(); ++i) {
            Story s = kColumns[i].make();
            EXPECT_EQ(tried(s, kColumns[i].sender, row.verb), row.cells[i]) << row.name << ", " << kColumns[i].name;
        }
}

TEST(MessageTable, TheInitiatorsOwnCells) {  // 9.3, GRP-6
    Story s = undecided_b();
    EXPECT_EQ(tried(s, "c2", Verb::Pending), "done");
    EXPECT_EQ(tried(s, "c2", Verb::Pending), "no-op");
    for (Verb verb : {Verb::Ringing, Verb::Activate})
        EXPECT_EQ(tried(s, "c2", verb), verb == Verb::Ringing ? "wrong_state" : "conflict");
    for (Verb verb : {Verb::Accept, Verb::Reject, Verb::Ignore}) EXPECT_EQ(tried(s, "c2", verb), "already_accepted");
    EXPECT_EQ(tried(s, "c2", Verb::HangUp), "not_active");
    for (Verb verb : {Verb::Accept, Verb::Unavailable, Verb::Activate, Verb::Pending, Verb::Resume})
        EXPECT_EQ(tried(s, "c1", verb), "no-op");
    for (Verb verb : {Verb::Hold, Verb::Resume, Verb::Update, Verb::Invite, Verb::HangUp})
        EXPECT_EQ(tried(s, "c1", verb), "done");
}

TEST(MessageTable, RingingWhereItDependsOnTheLeg) {  // 9.3, first row
    Story rings = undecided_b();
    EXPECT_EQ(tried(rings, "c3", Verb::Ringing), "done");
    EXPECT_EQ(tried(rings, "c3", Verb::Ringing), "no-op");
    EXPECT_EQ(tried(rings, "c4", Verb::Ringing), "done");

    Story silenced;
    silenced.calls({"b"});
    OfferAnswer dnd = silenced.offered("b", {"c3"});
    dnd.dnd = true;
    silenced.say(dnd);
    EXPECT_EQ(tried(silenced, "c3", Verb::Ringing), "wrong_state");
    EXPECT_EQ(tried(silenced, "c3", Verb::Accept), "done");  // PRO-3: it may still answer

    Story unreachable = b_is_out();
    unreachable.about("c1", Verb::Invite, "b");
    unreachable.pass(11s);
    unreachable.about("c1", Verb::Invite, "b");
    unreachable.say(unreachable.offered("b", {"c3", "c4"}));
    unreachable.pass(10s);
    ASSERT_EQ(unreachable.state("b"), State::Unreachable);
    Story too_late = unreachable;
    EXPECT_EQ(tried(unreachable, "c4", Verb::Ringing), "done");
    EXPECT_EQ(unreachable.state("b"), State::Ringing);
    too_late.pass(35s);
    EXPECT_EQ(tried(too_late, "c4", Verb::Ringing), "wrong_state");
}

TEST(MessageTable, ErrorsCarryWhatTheClientNeeds) {  // 9.3
    Story talks = answered_by_b();
    EXPECT_EQ(talks.does(talks.command("c4", Verb::Accept))->connection, ConnectionId("c3"));
    CallCommand grab = talks.command("c4", Verb::Activate);
    grab.named = ConnectionId("c1");
    EXPECT_EQ(talks.does(grab)->connection, ConnectionId("c3"));
    Story ended = over();
    EXPECT_EQ(ended.does(ended.command("c3", Verb::Accept))->end_reason, EndReason::HangUp);
    Story waits = undecided_b();
    EXPECT_EQ(waits.does(waits.command("c3", Verb::HangUp))->state, State::Inviting);
}

TEST(MessageTable, StrangersFindNothingInAnySituation) {  // SEC-2
    for (const Column& column : kColumns)
        for (const Row& row : kRows) {
            Story s = column.make();
            CallCommand command = request(s, "c9", row.verb);
            command.user = UserId("Z");
            EXPECT_EQ(s.does(command)->why, Refusal::NotFound) << row.name << ", " << column.name;
        }
}

}  // namespace
}  // namespace crosspoint::chains
