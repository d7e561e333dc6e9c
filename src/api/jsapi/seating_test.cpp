#include "api/jsapi/seating.h"

#include <gtest/gtest.h>

namespace crosspoint::api::jsapi {
namespace {

using chains::MediaKinds;
using chains::MediaState;
using chains::ProfileId;
using Health = device::MediaChanged::Health;

const AccountId kAccount("dev");
const chains::CallRef kCall{chains::CallId("m7"), chains::ChainId("m1")};
const ProfileId kAnn("a");
const ProfileId kBob("b");
constexpr MediaKinds kBoth{true, true};

// The media of a call over a real directory (jsapi 11).
struct SeatingTest : testing::Test {
    SeededRandom random{7};
    sessions::Directory directory{random};
    Seating seating{directory};
    Now now{Timestamp(1h), {1'700'000'000'000}};
    sessions::Effects changes;
    std::vector<chains::ToChain> answers;

    SeatingTest() { directory.add_account(kAccount, changes); }

    Seating::Turn turn() { return {now, changes, answers}; }
    void ask(const chains::MediaMessage& message) { seating.handle(message, kAccount, turn()); }
    template <class Message>
    const Message& last() const {
        return std::get<Message>(answers.back().message);
    }
    SessionId make_session() {
        ask(chains::MakeSession{kCall});
        return last<chains::SessionMade>().session;
    }
    ParticipantId make_seat(const SessionId& session, const ProfileId& profile, uint64_t epoch = 1,
                            MediaKinds publish = kBoth) {
        ask(chains::MakeSeat{kCall, session, profile, epoch, publish});
        return last<chains::SeatMade>().participant;
    }
    size_t members(const SessionId& session) const { return directory.members(kAccount, session)->size(); }
    MediaState reported(const ParticipantId& participant, Health health) {
        answers.clear();
        seating.media_changed({participant, health}, turn());
        return last<chains::SeatReport>().state;
    }
};

TEST_F(SeatingTest, ACallHasOneSessionAndASeatIsAParticipantInIt) {  // MED-1, MED-2
    const SessionId session = make_session();
    EXPECT_EQ(make_session(), session) << "asked again, for the answer was lost";
    const ParticipantId ann = make_seat(session, kAnn);
    EXPECT_EQ(answers.back().to, kCall.chain);
    EXPECT_EQ(directory.verify_token(last<chains::SeatMade>().device_token, now.wall)->id, ann);
    EXPECT_EQ(make_seat(session, kAnn), ann) << "the same epoch is the same seat";
    make_seat(session, kBob);
    EXPECT_EQ(members(session), 2U);

    ask(chains::DeleteSession{kCall});  // MED-5
    EXPECT_EQ(directory.session_count() + directory.participant_count() + seating.seats(), 0U);
    answers.clear();
    ask(chains::MakeSeat{kCall, session, kAnn, 2, kBoth});
    EXPECT_EQ(last<chains::SessionFailed>().session, session);
}

TEST_F(SeatingTest, ALaterEpochTakesTheSeatOver) {  // MED-4
    const SessionId session = make_session();
    const ParticipantId first = make_seat(session, kAnn, 1);
    const ParticipantId second = make_seat(session, kAnn, 2);
    EXPECT_NE(first, second);
    EXPECT_EQ(directory.find(first), nullptr);
    EXPECT_EQ(members(session), 1U);
    answers.clear();
    ask(chains::MakeSeat{kCall, session, kAnn, 1, kBoth});  // came late
    ask(chains::RemoveSeat{kCall, kAnn, 1});
    EXPECT_TRUE(answers.empty());
    EXPECT_NE(directory.find(second), nullptr);
    ask(chains::RemoveSeat{kCall, kAnn, 2});
    EXPECT_EQ(directory.participant_count(), 0U);
}

TEST_F(SeatingTest, PermissionsFollowTheCall) {  // MED-6
    const SessionId session = make_session();
    const ParticipantId ann = make_seat(session, kAnn, 1, {true, false});
    const auto may = [&] { return directory.find(ann)->permissions; };
    EXPECT_EQ(may(), (sessions::Permissions{true, false}));
    ask(chains::ChangeSeat{kCall, kAnn, 1, kBoth});
    EXPECT_EQ(may(), (sessions::Permissions{true, true}));
    ask(chains::ChangeSeat{kCall, kAnn, 2, {false, false}});  // of an epoch that is not there yet
    EXPECT_EQ(may(), (sessions::Permissions{true, true}));
}

TEST_F(SeatingTest, WhoHoldsIsInNoSession) {  // HOLD-1
    const SessionId session = make_session();
    const ParticipantId ann = make_seat(session, kAnn);
    ask(chains::ChangeSeat{kCall, kAnn, 1, kBoth, true});
    EXPECT_EQ(members(session), 0U);
    EXPECT_NE(directory.find(ann), nullptr);
    ask(chains::ChangeSeat{kCall, kAnn, 1, kBoth, false});
    EXPECT_EQ(members(session), 1U);
    ask(chains::MakeSeat{kCall, session, kAnn, 2, kBoth, true});  // held when it was handed over
    EXPECT_EQ(members(session), 0U);
}

TEST_F(SeatingTest, TheCallIsToldHowItsMediaIsDoing) {  // MED-7
    const ParticipantId ann = make_seat(make_session(), kAnn, 3);
    EXPECT_EQ(reported(ann, Health::Connecting), MediaState::Connecting);
    EXPECT_EQ(reported(ann, Health::Connected), MediaState::Connected);
    EXPECT_EQ(reported(ann, Health::Silent), MediaState::Reconnecting);
    EXPECT_EQ(reported(ann, Health::Failed), MediaState::Failed);
    EXPECT_EQ(last<chains::SeatReport>().epoch, 3U);
    EXPECT_EQ(last<chains::SeatReport>().profile, kAnn);
    answers.clear();
    seating.media_changed({ParticipantId("of no call"), Health::Failed}, turn());
    EXPECT_TRUE(answers.empty());
}

TEST_F(SeatingTest, AParticipantThatEndsIsASeatThatFailed) {
    const SessionId session = make_session();
    const ParticipantId ann = make_seat(session, kAnn);
    ASSERT_TRUE(directory.delete_participant(kAccount, ann, changes).ok());
    seating.participant_ended(ann, turn());
    EXPECT_EQ(last<chains::SeatReport>().state, MediaState::Failed);
    EXPECT_FALSE(seating.has(ann));
    EXPECT_NE(make_seat(session, kAnn, 2), ann);
}

TEST_F(SeatingTest, AfterARestartSeatsStandAndWhatIsLostIsTold) {  // MED-10
    const SessionId session = make_session();
    const ParticipantId ann = make_seat(session, kAnn, 2);
    Seating again(directory);
    const auto row = [](std::vector<SqlValue> columns) { return Row{std::move(columns)}; };
    const std::vector<Row> rooms{row({"m7", "m1", "dev", session.value}), row({"m8", "m8", "dev", "gone"})};
    again.restore(rooms, {row({ann.value, "m7", "a", int64_t{2}})});
    EXPECT_TRUE(again.has(ann));
    answers.clear();
    again.tell_what_is_lost(turn());
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(std::get<chains::SessionFailed>(answers[0].message).call, chains::CallId("m8"));
    EXPECT_EQ(last<chains::SeatReport>().state, MediaState::Reconnecting);
    EXPECT_EQ(last<chains::SeatReport>().epoch, 2U);
}

}  // namespace
}  // namespace crosspoint::api::jsapi
