#include <gtest/gtest.h>

#include "chains/people_story.h"

// jsapi 4, 10.5, 10.6, 13, 16. A is on c1, B on c3, C on c5.
namespace crosspoint::chains {
namespace {

struct ThreePeople : People {
    Client& c1 = connects("A", "c1");
    Client& c3 = connects("B", "c3");
    Client& c5 = connects("C", "c5");
    CallId calls(Client& from, const std::string& profile, const std::vector<std::string>& to) {
        return from.gets<Opened>(opening(profile, to)).ref.call;
    }
    const Call* call(const CallId& id) { return chain(chain_of(id.value)).find(id); }
    ParticipantState state(const CallId& id, const std::string& profile) {
        return call(id)->participant(ProfileId(profile))->state;
    }
    CallId talk() {
        const CallId id = calls(c1, "a", {"b"});
        c3.gets<std::monostate>(about(id, Verb::Accept));
        return id;
    }
};

TEST(UserOwner, ChecksAnOpening) {  // OPEN-2, OPEN-3, OPEN-5, SEQ-7, A50
    ThreePeople world;
    world.add_profile(UserId("A"), {.id = ProfileId("a2")});
    const std::vector<std::pair<std::function<void(OpenRequest&)>, Refusal>> wrong{
        {[](OpenRequest& o) { o.from = ProfileId("b"); }, Refusal::ForbiddenProfile},
        {[](OpenRequest& o) { o.to.clear(); }, Refusal::BadArgument},
        {[](OpenRequest& o) { o.options = {}; }, Refusal::BadArgument},
        {[](OpenRequest& o) { o.local_id.clear(); }, Refusal::BadArgument},
        {[](OpenRequest& o) { o.ring_timeout = 9s; }, Refusal::BadArgument},
        {[](OpenRequest& o) { o.ring_timeout = 121s; }, Refusal::BadArgument},
        {[](OpenRequest& o) { o.to = {ProfileId("a")}; }, Refusal::SelfCall},
        {[](OpenRequest& o) { o.to = {ProfileId("b"), ProfileId("a2")}; }, Refusal::SelfCall},
        {[](OpenRequest& o) { o.to = {ProfileId("nobody")}; }, Refusal::NotFound},
        {[](OpenRequest& o) { o.to = {ProfileId("tel:12")}; }, Refusal::NotFound},
        {[](OpenRequest& o) { o.chain = ChainId("unknown"); }, Refusal::NotFound},  // CHN-3
    };
    for (const auto& [change, why] : wrong) {
        OpenRequest open = world.opening("a", {"b"});
        change(open);
        EXPECT_EQ(world.c1.refused(open).why, why);
    }
    EXPECT_TRUE(world.user(UserId("A")).state().outgoing.empty());
    EXPECT_TRUE(world.c3.of_calls<CallInit>().empty());
    OpenRequest twice = world.opening("a", {"b", "b"});
    EXPECT_EQ(world.call(world.c1.gets<Opened>(twice).ref.call)->participants.size(), 2u);
}

TEST(UserOwner, LetsABlockedCallerWaitAsLongAsForADeviceThatCannotBeWoken) {  // PRO-3, A29
    ThreePeople world;
    for (const char* name : {"b", "c"}) world.set(name, [](Profile& p) { p.wakeable = true; });
    world.tell(UserId("B"), SetRelation{ProfileId("a"), Relation::Blocked});
    world.c5.bye();
    const CallId blocked = world.calls(world.c1, "a", {"b"});
    Client& c2 = world.connects("A", "c2");
    const CallId offline = world.calls(c2, "a", {"c"});
    world.pass(world.settings.wake_timeout - 1ms);
    EXPECT_EQ(world.state(offline, "c"), ParticipantState::Inviting);
    EXPECT_EQ(world.state(blocked, "b"), ParticipantState::Inviting);
    world.pass(1ms);
    EXPECT_EQ(world.state(offline, "c"), ParticipantState::Unreachable);
    EXPECT_EQ(world.state(blocked, "b"), ParticipantState::Unreachable);
    EXPECT_EQ(world.wakes.size(), 1u) << "nobody is woken for a caller who is blocked";
    EXPECT_TRUE(world.c3.of_calls<CallInit>().empty());
}

TEST(UserOwner, AllowsTelephonesByScopeOnly) {  // PST-1
    ThreePeople world;
    Grant grant = world.grant(UserId("A"));
    grant.pstn = false;
    Client& c2 = world.connects("A", "c2", std::nullopt, grant);
    EXPECT_EQ(c2.refused(world.opening("a", {"tel:+15551230100"})).why, Refusal::PstnForbidden);
    const CallId call = world.calls(world.c1, "a", {"tel:+15551230100"});
    EXPECT_EQ(world.call(call)->participants[1].who.kind, ProfileKind::Phone);
}

TEST(UserOwner, LimitsCalls) {  // 13, A62
    ThreePeople world;
    world.settings.unanswered_outgoing_per_user = 2;
    for (const char* name : {"d", "e", "f"}) world.add_user(name);
    world.calls(world.c1, "a", {"b"});
    world.calls(world.connects("A", "c2"), "a", {"c"});
    Client& c9 = world.connects("A", "c9");
    EXPECT_EQ(c9.refused(world.opening("a", {"d"})).why, Refusal::TooMany);
    for (int i = 0; i < 17; ++i) c9.refused(world.opening("a", {"d"}));
    const Refused refused = c9.refused(world.opening("a", {"d"}));
    EXPECT_EQ(refused.why, Refusal::RateLimited);
    EXPECT_EQ(refused.retry_after, 3s);
}

TEST(UserOwner, LimitsConnectionsAndMakesRoom) {  // 13
    People world;
    for (int i = 0; i < 10; ++i) world.connects("A", "c" + std::to_string(i));
    Client& more = world.connects("A", "more");
    EXPECT_EQ(more.closed, CloseCode::Rate);
    ASSERT_EQ(more.frames.size(), 1u);
    EXPECT_EQ(std::get<ServerError>(more.frames[0]).why.why, Refusal::TooMany);
    world.client("c4").loses_transport();
    EXPECT_TRUE(world.connects("A", "again").welcomed());
    EXPECT_FALSE(world.has_connection("c4"));
    EXPECT_EQ(world.user(UserId("A")).state().connections.size(), 10u);
}

TEST(UserOwner, RefusesASecondCallToTheSame) {  // GLR-7
    ThreePeople world;
    const CallId first = world.calls(world.c1, "a", {"b"});
    Client& c2 = world.connects("A", "c2");
    EXPECT_EQ(c2.refused(world.opening("a", {"b"})).why, Refusal::AlreadyCalling);
    world.c3.gets<std::monostate>(about(first, Verb::Accept));
    const Refused refused = c2.refused(world.opening("a", {"b"}));
    EXPECT_EQ(refused.why, Refusal::AlreadyInCall);
    EXPECT_EQ(refused.call, first);
    EXPECT_EQ(world.connects("B", "c4").refused(world.opening("b", {"a"})).why, Refusal::AlreadyInCall);
    auto there = world.opening("a", {"b"});
    there.chain = ChainId(first.value);
    EXPECT_EQ(c2.refused(there).why, Refusal::ChainBusy);  // A5: whoever asks
}

TEST(UserOwner, AnswersByOpening) {  // GLR-1
    ThreePeople world;
    const CallId first = world.calls(world.c1, "a", {"b"});
    const OpenRequest open = world.opening("b", {"a"});
    const Opened opened = world.c3.gets<Opened>(open);
    EXPECT_TRUE(opened.merged);
    EXPECT_EQ(opened.ref.call, first);
    EXPECT_EQ(world.call(first)->state, CallState::Active);
    EXPECT_EQ(world.c1.of_calls<CallInit>().size(), 1u);
    EXPECT_EQ(world.c3.gets<Opened>(open), opened);  // SEQ-7
    ASSERT_FALSE(world.c3.of_calls<CallAccepted>().empty());
    EXPECT_EQ(world.c3.of_calls<CallAccepted>()[0].local_id, open.local_id);
}

TEST(UserOwner, AnswersByOpeningInTheSameChain) {  // A16
    ThreePeople world;
    const TextStored text = world.c1.gets<TextStored>(world.text("a", {"b"}, "hello"));
    OpenRequest open = world.opening("a", {"b"});
    open.chain = text.chain;
    const Opened first = world.c1.gets<Opened>(open);
    OpenRequest back = world.opening("b", {"a"});
    back.chain = text.chain;
    const Opened merged = world.c3.gets<Opened>(back);
    EXPECT_TRUE(merged.merged);
    EXPECT_EQ(merged.ref, first.ref);
}

TEST(UserOwner, AsksPoliciesInTheirOrder) {  // 10.6, PRO-3, A28, A29, A30
    struct Case {
        const char* what;
        std::function<void(ThreePeople&)> prepare;
        ParticipantState state;
        bool silent;
        bool told;
    };
    const auto blocks = [](ThreePeople& w) { w.tell(UserId("B"), SetRelation{ProfileId("a"), Relation::Blocked}); };
    const auto disturbs_not = [](ThreePeople& w) { w.set("b", [](Profile& p) { p.dnd = true; }); };
    const auto only_contacts = [](ThreePeople& w) {
        w.set("b", [](Profile& p) { p.call_policy = CallPolicy::Contacts; });
    };
    const auto talks = [](ThreePeople& w) {
        w.set("b", [](Profile& p) { p.busy_policy = BusyPolicy::Reject; });
        w.c3.gets<std::monostate>(about(w.calls(w.c5, "c", {"b"}), Verb::Accept));
        w.c3.messages.clear();
    };
    using S = ParticipantState;
    const std::vector<Case> cases{
        {"nothing", [](ThreePeople&) {}, S::Inviting, false, true},
        {"blocked", blocks, S::Inviting, false, false},
        {"blocked and dnd", [&](ThreePeople& w) { blocks(w), disturbs_not(w); }, S::Inviting, false, false},
        {"dnd", disturbs_not, S::Inviting, true, true},
        {"dnd and busy", [&](ThreePeople& w) { talks(w), disturbs_not(w); }, S::Inviting, true, true},
        {"not a contact", only_contacts, S::Inviting, false, false},
        {"a contact",
         [&](ThreePeople& w) {
             only_contacts(w);
             w.tell(UserId("B"), SetRelation{ProfileId("a"), Relation::Contact});
         },
         S::Inviting, false, true},
        {"nobody", [](ThreePeople& w) { w.set("b", [](Profile& p) { p.call_policy = CallPolicy::Nobody; }); },
         S::Inviting, false, false},
    };
    for (const Case& c : cases) {
        ThreePeople world;
        c.prepare(world);
        const CallId call = world.calls(world.c1, "a", {"b"});
        EXPECT_EQ(world.state(call, "b"), c.state) << c.what;
        const auto told = world.c3.of_calls<CallInit>();
        EXPECT_EQ(!told.empty(), c.told) << c.what;
        EXPECT_EQ(!told.empty() && told.back().silent, c.silent) << c.what;
    }
    ThreePeople world;
    talks(world);
    const CallId call = world.calls(world.c1, "a", {"b"});
    EXPECT_EQ(world.call(call)->end_reason, EndReason::Busy);
}

TEST(UserOwner, KeepsWhoBlockedACallerAndCallsThemInTheCall) {  // GLR-4
    ThreePeople world;
    world.tell(UserId("B"), SetRelation{ProfileId("a"), Relation::Blocked});
    const CallId call = world.calls(world.c1, "a", {"b"});
    world.pass(1ms);  // the older id wins
    world.calls(world.c3, "b", {"a"});
    EXPECT_EQ(world.state(call, "b"), ParticipantState::Active);
    world.c3.loses_transport();
    EXPECT_EQ(world.state(call, "b"), ParticipantState::Reconnecting);
}

TEST(UserOwner, LetsCallsWaitByDefault) {  // BUSY-1, A31
    ThreePeople world;
    world.talk();
    const CallId second = world.calls(world.c5, "c", {"b"});
    EXPECT_TRUE(world.call(second)->unanswered());
    EXPECT_FALSE(world.c3.of_calls<CallInit>().back().silent);
}

TEST(UserOwner, GivesASnapshotOfLiveCalls) {  // 9.4, A19, A21
    ThreePeople world;
    const CallId call = world.calls(world.c1, "a", {"b"});
    Client& c4 = world.connects("B", "c4");
    ASSERT_EQ(c4.of_calls<CallInit>().size(), 1u);
    EXPECT_EQ(c4.of_calls<CallInit>()[0].role, Role::Receiver);
    EXPECT_TRUE(std::holds_alternative<SyncDone>(*(c4.messages.end() - 2)));
    world.c3.gets<std::monostate>(about(call, Verb::Accept));
    Client& later = world.connects("B", "later");
    EXPECT_TRUE(later.of_calls<CallInit>().empty());
    EXPECT_EQ(later.of_calls<CallStateIs>().size(), 1u);
    world.c1.gets<std::monostate>(about(call, Verb::HangUp));
    EXPECT_EQ(world.connects("B", "last").of_calls<CallStateIs>().size(), 0u);
}

TEST(UserOwner, MissesACallOnEveryDeviceOnce) {  // MISS-1, A20, A23
    ThreePeople world;
    Client& c4 = world.connects("B", "c4");
    c4.bye();
    const CallId call = world.calls(world.c1, "a", {"b"});
    world.c3.gets<std::monostate>(about(call, Verb::Ringing));
    world.pass(46s);
    EXPECT_EQ(world.call(call)->end_reason, EndReason::NoAnswer);
    ASSERT_EQ(world.c3.logged<CallMissed>().size(), 1u);
    EXPECT_EQ(world.c3.logged<CallMissed>()[0].record.ref.call, call);
    EXPECT_TRUE(world.c1.logged<CallMissed>().empty());
    Client& back = world.connects("B", "back", 0);
    EXPECT_EQ(back.logged<CallMissed>().size(), 1u);
    EXPECT_TRUE(back.of_calls<CallInit>().empty());
    const uint64_t cursor = back.all<SyncDone>()[0].useq;
    EXPECT_TRUE(world.connects("B", "again", cursor).logged<CallMissed>().empty());
}

TEST(UserOwner, RecordsComeFromTheLogOnly) {  // 6.3, A24
    ThreePeople world;
    const CallId call = world.talk();
    world.c1.gets<std::monostate>(about(call, Verb::HangUp));
    EXPECT_TRUE(world.c3.logged<CallOver>().empty());
    Client& c4 = world.connects("B", "c4");
    ASSERT_EQ(c4.logged<CallOver>().size(), 1u);
    EXPECT_EQ(c4.logged<CallOver>()[0].record.reason, EndReason::HangUp);
    EXPECT_TRUE(c4.logged<CallMissed>().empty());
}

TEST(UserOwner, TruncatesTheLog) {  // 6.3
    ThreePeople world;
    world.settings.log_replay = 40;
    world.settings.texts_per_minute = 1000;
    world.tell(UserId("A"), Reinstate{});
    for (int i = 0; i < 50; ++i) {
        world.c1.says(world.text("a", {"b"}, std::to_string(i)));
        world.pass(1s);
    }
    Client& c4 = world.connects("B", "c4");
    const auto texts = c4.logged<TextAdded>();
    ASSERT_EQ(texts.size(), 40u);
    EXPECT_EQ(texts[0].view.text.text, "10");
    EXPECT_TRUE(c4.all<SyncDone>()[0].log_truncated);
    EXPECT_FALSE(world.connects("B", "c6", 20).all<SyncDone>()[0].log_truncated);
    EXPECT_EQ(world.client("c6").logged<TextAdded>().size(), 30u);
}

TEST(UserOwner, ForgetsTheLogAfterThirtyDays) {  // 6.3
    ThreePeople world;
    world.c1.gets<TextStored>(world.text("a", {"b"}, "old"));
    for (Client* c : {&world.c1, &world.c3, &world.c5}) c->bye();
    world.move_to(world.now.mono + 24h * 31);
    Client& c1 = world.connects("A", "n1");
    world.connects("B", "n3");
    c1.gets<TextStored>(world.text("a", {"b"}, "new"));
    for (const char* c : {"n1", "n3"}) world.client(c).bye();
    world.move_to(world.now.mono + 24h);
    Client& c4 = world.connects("B", "c4");
    ASSERT_EQ(c4.logged<TextAdded>().size(), 1u);
    EXPECT_EQ(c4.logged<TextAdded>()[0].view.text.text, "new");
    EXPECT_FALSE(c4.all<SyncDone>()[0].log_truncated);
    EXPECT_TRUE(world.connects("B", "c6", 0).all<SyncDone>()[0].log_truncated);
}

TEST(UserOwner, ChangesProfilesForItsOwnUserOnly) {  // 4
    ThreePeople world;
    Client& c2 = world.connects("A", "c2");
    SetProfile set{.profile = ProfileId("a")};
    set.nickname = "Anna";
    set.dnd = true;
    world.c1.gets<std::monostate>(set);
    ASSERT_EQ(c2.all<ProfileChanged>().size(), 1u);
    EXPECT_EQ(c2.all<ProfileChanged>()[0].profile.nickname, "Anna");
    EXPECT_TRUE(world.c3.all<ProfileChanged>().empty());
    EXPECT_EQ(world.c3.refused(set).why, Refusal::ForbiddenProfile);
    world.restarts();
    EXPECT_TRUE(world.connects("A", "c7").welcome().profiles[0].dnd);
}

TEST(UserOwner, WakesADeviceOnce) {  // PRO-2, A22
    ThreePeople world;
    world.set("b", [](Profile& p) { p.wakeable = true; });
    world.c3.bye();
    world.calls(world.c1, "a", {"b"});
    ASSERT_EQ(world.wakes.size(), 1u);
    world.pass(20s);
    Client& c4 = world.connects("B", "c4");
    EXPECT_FALSE(c4.of_calls<CallInit>().at(0).silent);
    EXPECT_EQ(world.wakes.size(), 1u);
}

TEST(UserOwner, LetsAnotherProfileOfItsOwnWaitAsLongAsIfItWereOffline) {  // PRO-1, PRO-4
    ThreePeople world;
    world.add_profile(UserId("B"), {.id = ProfileId("b2"), .wakeable = true});
    const CallId call = world.calls(world.c1, "a", {"b", "b2"});
    EXPECT_TRUE(world.wakes.empty()) << "a device of its user is there";
    world.c3.gets<std::monostate>(about(call, Verb::Ringing));
    world.pass(world.settings.wake_timeout - 1ms);
    EXPECT_EQ(world.state(call, "b2"), ParticipantState::Inviting);
    world.pass(1ms);
    EXPECT_EQ(world.state(call, "b2"), ParticipantState::Unreachable);
    world.c1.gets<std::monostate>(about(call, Verb::HangUp));

    world.c3.bye();
    const CallId again = world.calls(world.c1, "a", {"b", "b2"});
    ASSERT_EQ(world.wakes.size(), 1u) << "a device of its user can be woken";
    EXPECT_EQ(world.wakes[0].to, ProfileId("b2"));
    EXPECT_EQ(world.connects("B", "c4").of_calls<CallInit>().at(0).receiver, ProfileId("b"));
    world.pass(world.settings.wake_timeout);
    EXPECT_EQ(world.wakes.size(), 1u);
    EXPECT_EQ(world.state(again, "b2"), ParticipantState::Unreachable);
}

TEST(UserOwner, IsThereAgainAfterARestart) {  // OWN-4
    ThreePeople world;
    world.tell(UserId("B"), SetRelation{ProfileId("c"), Relation::Blocked});
    world.tell(UserId("A"), SetRelation{ProfileId("b"), Relation::Contact});
    world.tell(UserId("A"), Revoke{"lost", world.now.wall + 24h});
    const CallId call = world.talk();
    world.c1.gets<TextStored>(world.text("a", {"b"}, "hello"));
    std::map<std::string, std::string> before;
    for (Client* c : {&world.c1, &world.c3, &world.c5}) c->loses_transport();
    for (const char* user : {"A", "B", "C"}) {
        before[user] = world.user(UserId(user)).canonical(world.now, Counters::LeftOut);
    }
    world.restarts();
    for (const char* user : {"A", "B", "C"})
        EXPECT_EQ(world.user(UserId(user)).canonical(world.now, Counters::LeftOut), before[user]) << user;
    EXPECT_EQ(world.user(UserId("A")).state().calls.at(0).ref.call, call);
    EXPECT_EQ(world.user(UserId("A")).state().local_ids.size(), 2u);
    EXPECT_EQ(world.user(UserId("A")).state().log_head, 1u);
}

TEST(UserOwner, IsIdleWhenNothingIsLeft) {
    ThreePeople world;
    const CallId call = world.talk();
    world.c1.gets<std::monostate>(about(call, Verb::HangUp));
    for (Client* c : {&world.c1, &world.c3}) c->bye();
    EXPECT_FALSE(world.user(UserId("A")).idle(world.now.mono));
    world.pass(601s);
    EXPECT_TRUE(world.user(UserId("A")).idle(world.now.mono))
        << world.user(UserId("A")).canonical(world.now, Counters::Kept);
    EXPECT_TRUE(world.chain(chain_of(call.value)).idle());
}

TEST(ServerId, SortsByTimeAndNamesItsChain) {  // ID-1
    SeededRandom random(7);
    const std::string first = new_server_id(WallTime{1'700'000'000'000}, random);
    const std::string second = new_server_id(WallTime{1'700'000'000'001}, random);
    EXPECT_LT(first, second);
    EXPECT_EQ(first.size(), 22u);
    EXPECT_NE(first, new_server_id(WallTime{1'700'000'000'000}, random));
    const std::string reply = message_id_in(ChainId(first), second);
    EXPECT_LE(reply.size(), 64u);
    EXPECT_EQ(chain_of(reply), ChainId(first));
    EXPECT_EQ(chain_of(first), ChainId(first));
    EXPECT_LT(first, reply);
}

TEST(ProfileBook, KnowsTelephonesByTheirForm) {  // ID-5
    for (const char* good : {"tel:+15551230100", "tel:+4930123456"}) EXPECT_TRUE(is_telephone(ProfileId(good)));
    for (const char* bad : {"tel:15551230100", "tel:+0123456789", "tel:+1555123010012345", "tel:+1555x", "tel:+", "a"})
        EXPECT_FALSE(is_telephone(ProfileId(bad)));
}

}  // namespace
}  // namespace crosspoint::chains
