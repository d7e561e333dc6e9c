#include "sessions/records.h"

#include <gtest/gtest.h>

#include "sessions/directory.h"
#include "store/database.h"

namespace crosspoint::sessions {
namespace {

const AccountId kAcme("9900000");
constexpr Now kStart{Timestamp(1000s), WallTime{1'700'000'000'000}};

/// A directory on a store, and what a second process finds there.
class RecordsTest : public testing::Test {
protected:
    RecordsTest() { directory_.add_account(kAcme, out_); }

    std::unique_ptr<Directory> restarted(Now now) {
        store_.apply(out_.statements);
        out_ = {};
        auto again = std::make_unique<Directory>(random_);
        again->restore(
            {store_.query(select_accounts()), store_.query(select_sessions()), store_.query(select_participants())},
            now);
        again->handle_timeout(now, out_);
        again->add_account(kAcme, out_);
        return again;
    }

    SeededRandom random_{3};
    store::Database store_{":memory:", migrations()};
    Directory directory_{random_};
    Effects out_;
};

TEST_F(RecordsTest, EverythingIsThereAfterARestart) {
    const auto session = directory_.create_session(kAcme, "room \"7\"", kStart, out_)->id;
    const auto plain = directory_.create_participant(kAcme, {}, kStart, out_)->id;
    const auto full =
        directory_.create_participant(kAcme, {{true, "https://app.example/cb"}, {true, true}, "ü"}, kStart, out_)->id;
    const auto null_url = directory_.create_participant(kAcme, {{true, {}}, {false, true}, ""}, kStart, out_)->id;
    const Subscription chosen = ChosenParticipants{{{plain, {"screen", "it's"}}, {ParticipantId("later"), {}}}};
    ASSERT_TRUE(directory_.add_member(kAcme, session, full, chosen, out_).ok());
    ASSERT_TRUE(directory_.add_member(kAcme, session, plain, WholeSession{}, out_).ok());
    const auto token = directory_.issue_token(*directory_.find(full));

    const auto again = restarted({Timestamp(5s), kStart.wall + 1h});
    EXPECT_TRUE(out_.statements.empty());
    EXPECT_EQ(*again->session(kAcme, session), *directory_.session(kAcme, session));
    for (const auto& id : {plain, full, null_url})
        EXPECT_EQ(*again->participant(kAcme, id), *directory_.participant(kAcme, id));
    EXPECT_EQ(*again->members(kAcme, session), *directory_.members(kAcme, session));
    EXPECT_NE(again->verify_token(token, kStart.wall), nullptr);
    EXPECT_EQ(again->next_timeout(), Timestamp(5s) + 8h);
}

TEST_F(RecordsTest, WhatWasUndoneStaysUndone) {
    const auto kept = directory_.create_session(kAcme, std::nullopt, kStart, out_)->id;
    const auto gone = directory_.create_session(kAcme, std::nullopt, kStart, out_)->id;
    std::vector<ParticipantId> ids;
    for (int i = 0; i < 4; ++i) ids.push_back(directory_.create_participant(kAcme, {}, kStart, out_)->id);
    ASSERT_TRUE(directory_.add_member(kAcme, gone, ids[0], WholeSession{}, out_).ok());
    ASSERT_TRUE(directory_.delete_session(kAcme, gone, out_).ok());
    ASSERT_TRUE(directory_.add_member(kAcme, kept, ids[1], WholeSession{}, out_).ok());
    ASSERT_TRUE(directory_.remove_member(kAcme, kept, ids[1], out_).ok());
    ASSERT_TRUE(directory_.add_member(kAcme, kept, ids[2], WholeSession{}, out_).ok());
    ASSERT_TRUE(directory_.delete_participant(kAcme, ids[2], out_).ok());
    ASSERT_TRUE(directory_.add_member(kAcme, kept, ids[3], WholeSession{}, out_).ok());
    ASSERT_TRUE(directory_.subscribe(kAcme, kept, ids[3], NoStreams{}, out_).ok());

    const auto again = restarted(kStart);
    EXPECT_EQ(again->session_count(), 1u);
    EXPECT_EQ(again->participant_count(), 3u);
    EXPECT_EQ(again->members(kAcme, kept)->size(), 1u);
    for (const int left : {0, 1}) EXPECT_EQ(again->participant(kAcme, ids[left])->session, std::nullopt);
    EXPECT_EQ(again->subscription(kAcme, kept, ids[3]).value(), Subscription(NoStreams{}));
}

TEST_F(RecordsTest, WhatExpiredMeanwhileEndsAtTheRestart) {
    const auto session = directory_.create_session(kAcme, std::nullopt, kStart, out_)->id;
    const auto participant = directory_.create_participant(kAcme, {}, kStart, out_)->id;
    ASSERT_TRUE(directory_.add_member(kAcme, session, participant, WholeSession{}, out_).ok());

    const auto again = restarted({Timestamp(1s), kStart.wall + 9h});
    EXPECT_EQ(again->session_count() + again->participant_count(), 0u);
    EXPECT_EQ(again->next_timeout(), kNever);
    EXPECT_EQ(std::get<SessionEnded>(out_.messages.at(0)).session, session);
    EXPECT_EQ(std::get<ParticipantEnded>(out_.messages.at(1)).participant, participant);
    store_.apply(out_.statements);
    EXPECT_TRUE(store_.query(select_participants()).empty());
}

TEST_F(RecordsTest, TokensOfAnAccountThatIsNoLongerConfiguredAreRefused) {
    const auto participant = directory_.create_participant(kAcme, {}, kStart, out_);
    const auto token = directory_.issue_token(*participant);
    store_.apply(out_.statements);
    Directory again(random_);
    again.restore(
        {store_.query(select_accounts()), store_.query(select_sessions()), store_.query(select_participants())},
        kStart);
    EXPECT_EQ(again.verify_token(token, kStart.wall), nullptr);
}

}  // namespace
}  // namespace crosspoint::sessions
