#include "sessions/directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crosspoint::sessions {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const AccountId kAcme("9900000");
const AccountId kOther("9900001");
constexpr Now kStart{Timestamp(1000s), WallTime{1'700'000'000'000}};

Now after(std::chrono::milliseconds time) { return {kStart.mono + time, kStart.wall + time}; }

PublishedStream stream(std::string_view id, std::optional<std::string> alias = std::nullopt) {
    return {StreamId(id), std::move(alias), {{TrackId(1), rtc::MediaKind::Audio}}};
}

Subscription from(const ParticipantId& participant, std::vector<std::string> aliases = {}) {
    return ChosenParticipants{{{participant, std::move(aliases)}}};
}

class DirectoryTest : public testing::Test {
protected:
    DirectoryTest() {
        directory_.add_account(kAcme, out_);
        directory_.add_account(kOther, out_);
        out_ = {};
    }

    SessionId new_session(const AccountId& account = kAcme) {
        return directory_.create_session(account, std::nullopt, kStart, out_)->id;
    }
    ParticipantId new_participant(const AccountId& account = kAcme) {
        return directory_.create_participant(account, {{}, {true, true}, {}}, kStart, out_)->id;
    }
    ParticipantId member(const SessionId& session, Subscription subscription) {
        const auto id = new_participant();
        EXPECT_TRUE(directory_.add_member(kAcme, session, id, std::move(subscription), out_).ok());
        return id;
    }
    void publish(const ParticipantId& id, std::vector<PublishedStream> streams) {
        directory_.set_published(id, std::move(streams), out_);
    }
    /// "participant: stream stream" for each change since the last call, with the ids' names.
    std::vector<std::string> changes(const std::vector<std::pair<ParticipantId, std::string>>& names) {
        std::vector<std::string> told;
        for (const auto& message : out_.messages) {
            const auto name = [&](const ParticipantId& id) {
                return std::ranges::find(names, id, &std::pair<ParticipantId, std::string>::first)->second;
            };
            if (const auto* changed = std::get_if<IncomingChanged>(&message)) {
                told.push_back(name(changed->participant) + ":");
                for (const auto& incoming : changed->streams) told.back() += " " + incoming.stream.id.value;
            } else if (const auto* ended = std::get_if<ParticipantEnded>(&message)) {
                told.push_back(name(ended->participant) + " ended");
            } else if (std::holds_alternative<SessionEnded>(message)) {
                told.emplace_back("session ended");
            }
        }
        out_ = {};
        return told;
    }

    SeededRandom random_{7};
    Directory directory_{random_};
    Effects out_;
};

TEST_F(DirectoryTest, WhoeverHoldsTheWholeSessionHearsEverybodyButItself) {
    const auto session = new_session();
    const auto a = member(session, WholeSession{});
    const auto b = member(session, WholeSession{});
    out_ = {};
    publish(a, {stream("a1")});
    EXPECT_THAT(changes({{a, "A"}, {b, "B"}}), ElementsAre("B: a1"));
    publish(b, {stream("b1")});
    EXPECT_THAT(changes({{a, "A"}, {b, "B"}}), ElementsAre("A: b1"));

    const auto c = member(session, WholeSession{});
    EXPECT_THAT(changes({{a, "A"}, {b, "B"}, {c, "C"}}), ElementsAre("C: a1 b1"));
    publish(c, {stream("c1"), stream("c2")});
    EXPECT_THAT(changes({{a, "A"}, {b, "B"}, {c, "C"}}), ElementsAre("A: b1 c1 c2", "B: a1 c1 c2"));
}

TEST_F(DirectoryTest, JoiningWithTheWholeSessionSubscribesNobodyElse) {
    const auto session = new_session();
    const auto quiet = member(session, NoStreams{});
    const auto newcomer = member(session, WholeSession{});
    publish(newcomer, {stream("n")});
    EXPECT_THAT(changes({{quiet, "quiet"}, {newcomer, "newcomer"}}), IsEmpty());
}

TEST_F(DirectoryTest, APublisherNeedNotExistYetWhenItIsChosen) {
    const auto session = new_session();
    const auto publisher = new_participant();
    const auto listener = member(session, from(publisher));
    publish(publisher, {stream("p")});
    EXPECT_THAT(changes({{listener, "L"}, {publisher, "P"}}), IsEmpty());
    ASSERT_TRUE(directory_.add_member(kAcme, session, publisher, NoStreams{}, out_).ok());
    EXPECT_THAT(changes({{listener, "L"}, {publisher, "P"}}), ElementsAre("L: p"));
}

TEST_F(DirectoryTest, AnAliasSelectsStreamsNowAndLater) {
    const auto session = new_session();
    const auto publisher = member(session, NoStreams{});
    const auto listener = member(session, from(publisher, {"screen"}));
    publish(publisher, {stream("camera", "cam"), stream("plain")});
    EXPECT_THAT(changes({{listener, "L"}, {publisher, "P"}}), IsEmpty());
    publish(publisher, {stream("camera", "cam"), stream("plain"), stream("desk", "screen")});
    EXPECT_THAT(changes({{listener, "L"}, {publisher, "P"}}), ElementsAre("L: desk"));
    publish(publisher, {stream("camera", "cam")});
    EXPECT_THAT(changes({{listener, "L"}, {publisher, "P"}}), ElementsAre("L:"));
}

TEST_F(DirectoryTest, AStreamKeepsItsPlaceWhenOthersComeAndGo) {
    const auto session = new_session();
    const auto a = member(session, NoStreams{});
    const auto b = member(session, NoStreams{});
    const auto listener = member(session, WholeSession{});
    publish(b, {stream("b1")});
    publish(a, {stream("a1")});
    publish(b, {stream("b0"), stream("b1")});
    const std::vector<std::pair<ParticipantId, std::string>> names{{a, "A"}, {b, "B"}, {listener, "L"}};
    EXPECT_THAT(changes(names), ElementsAre("L: b1", "L: b1 a1", "L: b1 a1 b0"));
    publish(b, {stream("b0")});
    EXPECT_THAT(changes(names), ElementsAre("L: a1 b0"));
    EXPECT_THAT(directory_.incoming(listener),
                ElementsAre(IncomingStream{a, stream("a1")}, IncomingStream{b, stream("b0")}));
}

TEST_F(DirectoryTest, WhatChangesNothingSaysAndStoresNothing) {
    const auto session = new_session();
    const auto a = member(session, WholeSession{});
    const auto b = member(session, WholeSession{});
    publish(a, {stream("a1")});
    out_ = {};
    publish(a, {stream("a1")});
    ASSERT_TRUE(directory_.subscribe(kAcme, session, b, WholeSession{}, out_).ok());
    EXPECT_THAT(out_.messages, IsEmpty());
    EXPECT_THAT(out_.statements, IsEmpty());
    // Another subscription that selects the same streams is stored, but the device has nothing to do.
    ASSERT_TRUE(directory_.subscribe(kAcme, session, b, from(a), out_).ok());
    EXPECT_THAT(out_.messages, IsEmpty());
    EXPECT_EQ(out_.statements.size(), 1u);
}

TEST_F(DirectoryTest, ANewTrackOfAStreamIsAChange) {
    const auto session = new_session();
    const auto a = member(session, NoStreams{});
    const auto b = member(session, WholeSession{});
    auto published = stream("a1");
    publish(a, {published});
    published.tracks.push_back({TrackId(2), rtc::MediaKind::Video});
    publish(a, {published});
    EXPECT_THAT(changes({{a, "A"}, {b, "B"}}), ElementsAre("B: a1", "B: a1"));
}

TEST_F(DirectoryTest, WhatAParticipantMayNotPublishAnyMoreFlowsToNobody) {
    const auto session = new_session();
    const auto a = member(session, NoStreams{});
    const auto b = member(session, WholeSession{});
    auto published = stream("a1");
    published.tracks.push_back({TrackId(2), rtc::MediaKind::Video});
    publish(a, {published});
    out_ = {};
    ASSERT_TRUE(directory_.set_permissions(kAcme, a, {true, false}, out_).ok());
    EXPECT_THAT(directory_.incoming(b), ElementsAre(IncomingStream{a, stream("a1")}));
    ASSERT_TRUE(directory_.set_permissions(kAcme, a, {false, false}, out_).ok());
    EXPECT_THAT(directory_.incoming(b), IsEmpty());
    EXPECT_EQ(out_.statements.size(), 2u) << "permissions outlive the process";

    out_ = {};
    ASSERT_TRUE(directory_.set_permissions(kAcme, a, {false, false}, out_).ok());
    EXPECT_TRUE(out_.messages.empty() && out_.statements.empty()) << "nothing new";
    ASSERT_TRUE(directory_.set_permissions(kAcme, a, {true, true}, out_).ok());
    EXPECT_THAT(directory_.incoming(b), ElementsAre(IncomingStream{a, published})) << "it never stopped publishing";
    EXPECT_EQ(directory_.set_permissions(kOther, a, {true, true}, out_).error(), Refusal::ParticipantNotFound);
}

TEST_F(DirectoryTest, SubscribingReplacesAndNeverMerges) {
    const auto session = new_session();
    const auto a = member(session, NoStreams{});
    const auto b = member(session, NoStreams{});
    const auto listener = member(session, from(a));
    publish(a, {stream("a1")});
    publish(b, {stream("b1")});
    out_ = {};
    ASSERT_TRUE(directory_.subscribe(kAcme, session, listener, from(b), out_).ok());
    EXPECT_THAT(changes({{listener, "L"}}), ElementsAre("L: b1"));
    ASSERT_TRUE(directory_.subscribe(kAcme, session, listener, NoStreams{}, out_).ok());
    EXPECT_THAT(changes({{listener, "L"}}), ElementsAre("L:"));
}

TEST_F(DirectoryTest, AddingAMemberAgainReplacesItsSubscription) {
    const auto session = new_session();
    const auto a = member(session, NoStreams{});
    const auto b = member(session, NoStreams{});
    publish(a, {stream("a1")});
    out_ = {};
    ASSERT_TRUE(directory_.add_member(kAcme, session, b, WholeSession{}, out_).ok());
    EXPECT_THAT(changes({{a, "A"}, {b, "B"}}), ElementsAre("B: a1"));
    EXPECT_EQ(directory_.members(kAcme, session)->size(), 2u);
}

TEST_F(DirectoryTest, ARemovedMemberHearsNobodyAndNobodyHearsIt) {
    const auto session = new_session();
    const auto a = member(session, WholeSession{});
    const auto b = member(session, WholeSession{});
    publish(a, {stream("a1")});
    publish(b, {stream("b1")});
    out_ = {};
    ASSERT_TRUE(directory_.remove_member(kAcme, session, a, out_).ok());
    EXPECT_THAT(changes({{a, "A"}, {b, "B"}}), ElementsAre("A:", "B:"));
    EXPECT_EQ(directory_.remove_member(kAcme, session, a, out_).error(), Refusal::NotAMember);

    // Its publications still run: they are delivered at once wherever it joins next.
    const auto next = new_session();
    const auto c = member(next, WholeSession{});
    ASSERT_TRUE(directory_.add_member(kAcme, next, a, NoStreams{}, out_).ok());
    EXPECT_THAT(changes({{a, "A"}, {b, "B"}, {c, "C"}}), ElementsAre("C: a1"));
}

TEST_F(DirectoryTest, DeletingASessionKeepsItsParticipants) {
    const auto session = new_session();
    const auto a = member(session, WholeSession{});
    const auto b = member(session, WholeSession{});
    publish(a, {stream("a1")});
    out_ = {};
    ASSERT_TRUE(directory_.delete_session(kAcme, session, out_).ok());
    EXPECT_THAT(changes({{a, "A"}, {b, "B"}}), ElementsAre("B:", "session ended"));
    EXPECT_EQ(directory_.delete_session(kAcme, session, out_).error(), Refusal::SessionNotFound);
    const auto left = directory_.participant(kAcme, b);
    EXPECT_EQ(left->session, std::nullopt);
    EXPECT_EQ(left->subscription, Subscription(NoStreams{}));
}

TEST_F(DirectoryTest, ADeletedParticipantIsGoneForItsDeviceAndForTheOthers) {
    const auto session = new_session();
    const auto a = member(session, WholeSession{});
    const auto b = member(session, WholeSession{});
    publish(a, {stream("a1")});
    const auto token = directory_.issue_token(*directory_.find(a));
    ASSERT_EQ(directory_.verify_token(token, kStart.wall), directory_.find(a));
    out_ = {};
    ASSERT_TRUE(directory_.delete_participant(kAcme, a, out_).ok());
    EXPECT_THAT(changes({{a, "A"}, {b, "B"}}), ElementsAre("A ended", "B:"));
    EXPECT_EQ(directory_.delete_participant(kAcme, a, out_).error(), Refusal::ParticipantNotFound);
    EXPECT_EQ(directory_.verify_token(token, kStart.wall), nullptr);
    EXPECT_EQ(directory_.find(a), nullptr);
    publish(a, {stream("late")});
    EXPECT_THAT(out_.messages, IsEmpty());
}

TEST_F(DirectoryTest, RefusesWhatBelongsToAnotherAccount) {
    const auto session = new_session();
    const auto participant = new_participant();
    const auto mine = new_session(kOther);
    out_ = {};
    EXPECT_EQ(directory_.session(kOther, session).error(), Refusal::SessionNotFound);
    EXPECT_EQ(directory_.delete_session(kOther, session, out_).error(), Refusal::SessionNotFound);
    EXPECT_EQ(directory_.members(kOther, session).error(), Refusal::SessionNotFound);
    EXPECT_EQ(directory_.participant(kOther, participant).error(), Refusal::ParticipantNotFound);
    EXPECT_EQ(directory_.delete_participant(kOther, participant, out_).error(), Refusal::ParticipantNotFound);
    EXPECT_EQ(directory_.add_member(kOther, mine, participant, NoStreams{}, out_).error(),
              Refusal::ParticipantNotFound);
    EXPECT_EQ(directory_.add_member(kOther, session, participant, NoStreams{}, out_).error(), Refusal::SessionNotFound);
    EXPECT_THAT(out_.statements, IsEmpty());
}

TEST_F(DirectoryTest, RefusesTheTwentyFirstMemberAndASecondSession) {
    const auto session = new_session();
    std::vector<ParticipantId> members;
    for (int i = 0; i < 20; ++i) members.push_back(member(session, NoStreams{}));
    const auto late = new_participant();
    EXPECT_EQ(directory_.add_member(kAcme, session, late, NoStreams{}, out_).error(), Refusal::SessionFull);
    const auto other = new_session();
    EXPECT_EQ(directory_.add_member(kAcme, other, members[0], NoStreams{}, out_).error(), Refusal::InAnotherSession);
    ASSERT_TRUE(directory_.remove_member(kAcme, session, members[0], out_).ok());
    EXPECT_TRUE(directory_.add_member(kAcme, session, late, NoStreams{}, out_).ok());
}

TEST_F(DirectoryTest, AnAccountHasLimits) {
    Directory small(random_, {.sessions_per_account = 1, .participants_per_account = 1});
    small.add_account(kAcme, out_);
    const auto session = small.create_session(kAcme, std::nullopt, kStart, out_);
    EXPECT_EQ(small.create_session(kAcme, std::nullopt, kStart, out_).error(), Refusal::TooManySessions);
    const auto participant = small.create_participant(kAcme, {}, kStart, out_);
    EXPECT_EQ(small.create_participant(kAcme, {}, kStart, out_).error(), Refusal::TooManyParticipants);
    ASSERT_TRUE(small.delete_session(kAcme, session->id, out_).ok());
    ASSERT_TRUE(small.delete_participant(kAcme, participant->id, out_).ok());
    EXPECT_TRUE(small.create_session(kAcme, std::nullopt, kStart, out_).ok());
    EXPECT_TRUE(small.create_participant(kAcme, {}, kStart, out_).ok());
}

TEST_F(DirectoryTest, SessionsAndParticipantsLiveNineHours) {
    EXPECT_EQ(directory_.next_timeout(), kNever);
    const auto session = new_session();
    const auto early = member(session, WholeSession{});
    const auto late = directory_.create_participant(kAcme, {}, after(1h), out_)->id;
    publish(early, {stream("e")});
    out_ = {};
    EXPECT_EQ(directory_.next_timeout(), kStart.mono + 9h);

    directory_.handle_timeout(after(9h - 1ms), out_);
    EXPECT_THAT(out_.statements, IsEmpty());
    directory_.handle_timeout(after(9h), out_);
    EXPECT_THAT(changes({{early, "E"}, {late, "L"}}), ElementsAre("session ended", "E ended"));
    EXPECT_FALSE(directory_.session(kAcme, session).ok());
    EXPECT_EQ(directory_.next_timeout(), kStart.mono + 10h);
    directory_.handle_timeout(after(10h), out_);
    EXPECT_EQ(directory_.next_timeout(), kNever);
    EXPECT_EQ(directory_.participant_count(), 0u);
}

TEST_F(DirectoryTest, ATokenEndsWithItsParticipantsLife) {
    const auto participant = directory_.create_participant(kAcme, {}, kStart, out_);
    const auto token = directory_.issue_token(*participant);
    EXPECT_NE(directory_.verify_token(token, after(9h - 1s).wall), nullptr);
    EXPECT_EQ(directory_.verify_token(token, after(9h).wall), nullptr);
}

}  // namespace
}  // namespace crosspoint::sessions
