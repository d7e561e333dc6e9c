#include "chains/records.h"

#include <algorithm>

#include "chains/call_story.h"
#include "store/database.h"

namespace crosspoint::chains {
namespace {

/// What a process that is killed now would leave.
StoredChain stored(const Story& s) {
    store::Database database(":memory:", migrations());
    database.apply(s.statements);
    const ChainId chain = s.owner.state().id;
    return {database.query(select_chain(chain)), database.query(select_members(chain)),
            database.query(select_calls(chain))};
}

TEST(ChainRecords, AKilledOwnerComesBackWithEveryCallAndTimer) {
    Story s;
    s.talks_to_b();
    s.does("c3", Verb::HangUp);
    s.say(s.opening("y", "c1", {"b", "c"}));
    s.say(s.offered("b", {"c3"}));
    s.does("c3", Verb::Ringing);
    s.pass(7s);

    ChainOwner again(s.owner.state().id, s.settings);
    Effects out;
    const Now later{Timestamp(5s), s.now.wall + 2s};  // another process, another clock
    ASSERT_TRUE(again.restore(stored(s), later, out));
    ASSERT_NE(again.live_call(), nullptr);
    EXPECT_EQ(again.live_call()->state, CallState::Ringing);
    EXPECT_EQ(again.state().members, s.owner.state().members);
    EXPECT_TRUE(again.find(CallId("x")));
    // c's reach timer had 3 s left, 2 of them are over.
    EXPECT_EQ(again.next_timeout(), later.mono + 1s);

    size_t whole = 0;
    size_t offers = 0;
    for (const Send& send : out.sends) {
        if (const auto* to = std::get_if<ToConnection>(&send))
            whole += std::holds_alternative<CallStateIs>(std::get<CallMessage>(to->message).news) ? 1 : 0;
        if (const auto* to = std::get_if<ToUser>(&send)) offers += std::holds_alternative<Offer>(to->message) ? 1 : 0;
    }
    EXPECT_EQ(whole, 3u);   // c1, c2, c3 (OWN-5)
    EXPECT_EQ(offers, 1u);  // c's had not been answered
}

/// What the owner says when it comes back.
Effects said_again(const Story& s) {
    ChainOwner again(s.owner.state().id, s.settings);
    Effects out;
    EXPECT_TRUE(again.restore(stored(s), s.now, out));
    return out;
}
template <class Message>
std::vector<std::string> users_told(const Effects& out) {
    std::vector<std::string> users;
    for (const Send& send : out.sends)
        if (const auto* to = std::get_if<ToUser>(&send); to && std::holds_alternative<Message>(to->message))
            users.push_back(to->to.value);
    return users;
}
template <class Message>
size_t media_told(const Effects& out) {
    return static_cast<size_t>(std::ranges::count_if(out.sends, [](const Send& send) {
        const auto* to = std::get_if<ToMedia>(&send);
        return to && std::holds_alternative<Message>(to->message);
    }));
}

// OWN-3, OWN-5: what may have been lost on its way is said again.
TEST(ChainRecords, AnEndedCallIsReportedAgain) {
    Story s;
    s.talks_to_b();
    s.does("c1", Verb::HangUp);
    const Effects out = said_again(s);
    EXPECT_EQ(users_told<CallRecord>(out), (std::vector<std::string>{"A", "B"}));
    EXPECT_EQ(users_told<CallStanding>(out), (std::vector<std::string>{"A", "B"}));
    EXPECT_EQ(media_told<DeleteSession>(out), 1u);
}

TEST(ChainRecords, AnOfferOfAnEndedCallIsMadeAgainAndMissed) {
    Story s;
    s.calls({"b"});
    s.does("c1", Verb::HangUp);
    EXPECT_EQ(users_told<Offer>(said_again(s)), std::vector<std::string>{"B"});
    s.say(s.offered("b", {"c3"}));
    EXPECT_TRUE(s.missed_by("B"));
}

TEST(ChainRecords, TheWinnerOfACrossingIsAskedAgain) {
    Story s;
    s.calls_b();
    s.say(Crossed{CallId("x"), {CallId("w"), ChainId("w")}});
    const Effects out = said_again(s);
    const auto asked = std::ranges::find_if(out.sends, [](const Send& send) {
        const auto* to = std::get_if<ToChain>(&send);
        return to && std::holds_alternative<MergeAccept>(to->message);
    });
    ASSERT_NE(asked, out.sends.end());
    const auto& merge = std::get<MergeAccept>(std::get<ToChain>(*asked).message);
    EXPECT_EQ(merge.call, CallId("w"));
    EXPECT_EQ(merge.connection.id, ConnectionId("c1"));
}

TEST(ChainRecords, SeatsAreAskedForAgainAndOldOnesRemoved) {
    Story s;
    s.talks_to_b();
    s.activates("c4", "c3");
    const Effects out = said_again(s);
    EXPECT_EQ(media_told<ChangeSeat>(out), 2u);
    EXPECT_EQ(media_told<RemoveSeat>(out), 1u);  // b's first
}

TEST(ChainRecords, TheRecordStaysWhenTheTombstoneGoes) {
    Story s;
    s.talks_to_b();
    s.does("c1", Verb::HangUp);
    s.pass(s.settings.tombstone);
    store::Database database(":memory:", migrations());
    database.apply(s.statements);
    EXPECT_TRUE(database.query(select_busy_chains()).empty());
    const auto rows = database.query({"SELECT ended, end_reason, state FROM calls WHERE id = :id", {"x"}});
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_FALSE(rows[0].null(0));
    EXPECT_EQ(rows[0].number(1), static_cast<int64_t>(EndReason::HangUp));
    EXPECT_TRUE(rows[0].null(2));
    const auto seats = database.query({"SELECT profile, answered FROM call_participants ORDER BY place", {}});
    ASSERT_EQ(seats.size(), 2u);
    EXPECT_EQ(seats[1].text(0), "b");
    EXPECT_EQ(seats[1].number(1), 1);
}

TEST(ChainRecords, DamagedStateIsRefusedNotMisread) {
    Story s;
    s.talks_to_b();
    StoredChain rows = stored(s);
    const std::string whole = rows.calls.at(0).text(0);
    for (size_t cut = 0; cut < whole.size(); cut += 7) {
        rows.calls[0].columns[0] = whole.substr(0, cut);
        ChainOwner again(s.owner.state().id, s.settings);
        Effects out;
        EXPECT_FALSE(again.restore(rows, s.now, out));
    }
}

}  // namespace
}  // namespace crosspoint::chains
