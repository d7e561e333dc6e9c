#include <gtest/gtest.h>

#include "chains/people_story.h"

// jsapi 5, 6. A is on c1 and c2, B on c3, C on c5.
namespace crosspoint::chains {
namespace {

struct Chat : People {
    Client& c1 = connects("A", "c1");
    Client& c2 = connects("A", "c2");
    Client& c3 = connects("B", "c3");
    Client& c5 = connects("C", "c5");
    TextStored writes(Client& from, const std::string& profile, const std::vector<std::string>& to,
                      const std::string& words, std::optional<ChainId> chain = std::nullopt) {
        AddText add = text(profile, to, words);
        add.chain = std::move(chain);
        return from.gets<TextStored>(add);
    }
    HistoryPage history(Client& from, const std::string& profile, const ChainId& chain) {
        return from.gets<HistoryPage>(ReadHistory{ProfileId(profile), chain});
    }
};

TEST(Texts, ReachEveryConnectionOfSenderAndReceivers) {  // 5
    Chat world;
    const AddText add = world.text("a", {"b"}, "hello");
    const TextStored stored = world.c1.gets<TextStored>(add);
    EXPECT_EQ(stored.chain, ChainId(stored.id.value));  // ID-3
    for (Client* client : {&world.c1, &world.c2, &world.c3}) {
        const auto texts = client->logged<TextAdded>();
        ASSERT_EQ(texts.size(), 1u);
        const TextView& view = texts[0].view;
        const bool own = client != &world.c3;
        EXPECT_EQ(view.text.text, "hello");
        EXPECT_EQ(view.text.local_id, own ? add.local_id : "");
        EXPECT_EQ(view.receiver, ProfileId(own ? "a" : "b"));
        EXPECT_EQ(view.text.connection, ConnectionId("c1"));
    }
    EXPECT_TRUE(world.c5.logged<TextAdded>().empty());
    // SEQ-6: the reply follows the fan-out.
    EXPECT_TRUE(std::holds_alternative<ReplyTo>(world.c1.messages.back()));
}

TEST(Texts, AreChecked) {  // 5, 13, PST-5
    Chat world;
    const std::vector<std::pair<std::function<void(AddText&)>, Refusal>> wrong{
        {[](AddText& t) { t.sender = ProfileId("b"); }, Refusal::ForbiddenProfile},
        {[](AddText& t) { t.receivers.clear(); }, Refusal::BadArgument},
        {[](AddText& t) { t.local_id.clear(); }, Refusal::BadArgument},
        {[](AddText& t) { t.receivers = {ProfileId("nobody")}; }, Refusal::NotFound},
        {[](AddText& t) { t.receivers = {ProfileId("tel:+15551230100")}; }, Refusal::Unsupported},
        {[](AddText& t) { t.receivers.assign(257, ProfileId("b")); }, Refusal::TooMany},
        {[](AddText& t) { t.text.assign(16 * 1024 + 1, 'x'); }, Refusal::TooLarge},
        {[](AddText& t) { t.chain = ChainId("unknown"); }, Refusal::NotFound},  // CHN-3
    };
    for (const auto& [change, why] : wrong) {
        AddText add = world.text("a", {"b"}, "x");
        change(add);
        EXPECT_EQ(world.c1.refused(add).why, why);
    }
    EXPECT_TRUE(world.user(UserId("A")).state().texts.empty());
    EXPECT_TRUE(world.c3.logged<TextAdded>().empty());
}

TEST(Texts, AreLimitedInRate) {  // 13
    Chat world;
    for (int i = 0; i < 120; ++i) world.writes(world.c1, "a", {"b"}, "x");
    EXPECT_EQ(world.c1.refused(world.text("a", {"b"}, "x")).why, Refusal::RateLimited);
    world.pass(500ms);
    world.writes(world.c1, "a", {"b"}, "x");
}

TEST(Texts, AreEditedNoFasterThanTheyAreWritten) {  // 13
    Chat world;
    const TextStored text = world.writes(world.c1, "a", {"b"}, "0");
    for (int i = 1; i < 120; ++i) world.c1.gets<TextStored>(EditText{text.id, std::to_string(i)});
    for (Client* client : {&world.c1, &world.c2}) {
        const Refused refused = client->refused(EditText{text.id, "x"});
        EXPECT_EQ(refused.why, Refusal::RateLimited);
        EXPECT_EQ(refused.retry_after, 500ms);
    }
    EXPECT_EQ(world.c1.refused(world.text("a", {"b"}, "x")).why, Refusal::RateLimited);
    EXPECT_EQ(world.c1.gets<TextStored>(RemoveText{text.id}).version, 121u) << "once for each text at most";
}

TEST(Texts, AreCreatedOnce) {  // SEQ-7
    Chat world;
    AddText add = world.text("a", {"b"}, "once");
    const TextStored first = world.c1.gets<TextStored>(add);
    add.fresh_id = world.fresh_id();
    EXPECT_EQ(world.c2.gets<TextStored>(add), first);
    world.restarts();
    EXPECT_EQ(world.connects("A", "c7").gets<TextStored>(add), first);
    add.text = "another";
    EXPECT_EQ(world.client("c7").refused(add).why, Refusal::Conflict);
    EXPECT_EQ(world.c3.logged<TextAdded>().size(), 1u);
    world.move_to(world.now.mono + 25h);  // after `idempotencyMs` it is another message
    add.fresh_id = world.fresh_id();
    EXPECT_NE(world.connects("A", "c8").gets<TextStored>(add).id, first.id);
}

TEST(Texts, ChainIsOpenToThoseWhoWereNamed) {  // CHN-3, TXT-2
    Chat world;
    const TextStored first = world.writes(world.c1, "a", {"b"}, "to b");
    EXPECT_EQ(world.writes(world.c3, "b", {"a"}, "back", first.chain).chain, first.chain);
    AddText stranger = world.text("c", {"a"}, "me too");
    stranger.chain = first.chain;
    EXPECT_EQ(world.c5.refused(stranger).why, Refusal::NotFound);
    world.writes(world.c1, "a", {"b", "c"}, "c joins", first.chain);
    EXPECT_EQ(world.writes(world.c5, "c", {"a"}, "thanks", first.chain).chain, first.chain);
}

TEST(Texts, AreEditedAndRemovedByTheirSenderOnly) {  // A58, TXT-3
    Chat world;
    const TextStored text = world.writes(world.c1, "a", {"b"}, "helo");
    EXPECT_EQ(world.c3.refused(EditText{text.id, "x"}).why, Refusal::NotFound);
    EXPECT_EQ(world.c3.refused(RemoveText{text.id}).why, Refusal::NotFound);
    EXPECT_EQ(world.c1.refused(EditText{MessageId("unknown"), "x"}).why, Refusal::NotFound);
    EXPECT_EQ(world.c2.gets<TextStored>(EditText{text.id, "hello"}).version, 2u);
    EXPECT_EQ(world.c2.gets<TextStored>(EditText{text.id, "hello"}).version, 2u);  // to the same
    for (Client* client : {&world.c1, &world.c2, &world.c3}) {
        ASSERT_EQ(client->logged<TextEdited>().size(), 1u);
        EXPECT_EQ(client->logged<TextEdited>()[0].view.text.text, "hello");
    }
    EXPECT_EQ(world.c1.gets<TextStored>(RemoveText{text.id}).version, 3u);
    EXPECT_EQ(world.c1.gets<TextStored>(RemoveText{text.id}).version, 3u);  // twice
    EXPECT_EQ(world.c1.refused(EditText{text.id, "again"}).why, Refusal::NotFound);
    ASSERT_EQ(world.c3.logged<TextRemoved>().size(), 1u);
    // The words are nowhere any more, the place in the chain is.
    const HistoryPage page = world.history(world.c3, "b", text.chain);
    ASSERT_EQ(page.messages.size(), 1u);
    EXPECT_TRUE(std::get<TextView>(page.messages[0]).text.removed);
    EXPECT_EQ(std::get<TextView>(page.messages[0]).text.text, "");
    Client& c4 = world.connects("B", "c4");
    EXPECT_TRUE(c4.logged<TextAdded>().empty());
    EXPECT_TRUE(c4.logged<TextEdited>().empty());
    EXPECT_EQ(c4.logged<TextRemoved>().size(), 1u);
}

TEST(Texts, ChangeForWhomTheyAreStillToReach) {
    Chat world;
    world.hold_mail(UserId("B"));
    const TextStored kept = world.writes(world.c1, "a", {"b"}, "helo");
    world.c1.gets<TextStored>(EditText{kept.id, "hello"});
    const TextStored gone = world.writes(world.c1, "a", {"b"}, "a secret");
    world.c1.gets<TextStored>(EditText{gone.id, "another secret"});
    world.c1.gets<TextStored>(RemoveText{gone.id});
    world.let_mail_go();
    ASSERT_EQ(world.c3.logged<TextEdited>().size(), 2u);
    EXPECT_EQ(world.c3.logged<TextEdited>()[0].view.text.text, "hello");
    ASSERT_EQ(world.c3.logged<TextRemoved>().size(), 1u);
    // The words are in no log, although they came to this one after they had been removed.
    Client& c4 = world.connects("B", "c4");
    ASSERT_EQ(c4.logged<TextAdded>().size(), 1u);
    EXPECT_EQ(c4.logged<TextAdded>()[0].view.text.id, kept.id);
    EXPECT_EQ(c4.logged<TextEdited>().size(), 1u);
    EXPECT_EQ(c4.logged<TextRemoved>().size(), 1u);
}

TEST(Texts, ChangeForNobodyWhoRefusedThem) {  // TXT-1
    Chat world;
    world.tell(UserId("B"), SetRelation{ProfileId("a"), Relation::Blocked});
    world.hold_mail(UserId("B"));
    const TextStored text = world.writes(world.c1, "a", {"b"}, "helo");
    world.c1.gets<TextStored>(EditText{text.id, "hello"});
    world.let_mail_go();
    world.c1.gets<TextStored>(RemoveText{text.id});
    EXPECT_TRUE(world.c3.all<LogNews>().empty());
}

TEST(Texts, DoNotReachWhoBlockedTheSender) {  // TXT-1
    Chat world;
    world.tell(UserId("B"), SetRelation{ProfileId("a"), Relation::Blocked});
    const TextStored text = world.writes(world.c1, "a", {"b", "c"}, "hello");
    world.c1.gets<TextStored>(EditText{text.id, "hello all"});
    EXPECT_TRUE(world.c3.logged<TextAdded>().empty());
    EXPECT_TRUE(world.c3.logged<TextEdited>().empty());
    EXPECT_EQ(world.c5.logged<TextEdited>().size(), 1u);
    EXPECT_EQ(world.c3.refused(ReadHistory{ProfileId("b"), text.chain}).why, Refusal::NotFound);
    EXPECT_TRUE(world.c3.gets<ChainPage>(ListChains{ProfileId("b")}).chains.empty());
    world.c1.gets<std::monostate>(SendCustom{ProfileId("a"), {ProfileId("b")}, "typing"});
    EXPECT_TRUE(world.c3.all<CustomNews>().empty());
}

TEST(Texts, CustomMessagesReachWhoIsAttached) {  // 5
    Chat world;
    Client& c4 = world.connects("B", "c4");
    c4.loses_transport();
    EXPECT_EQ(world.c1.refused(SendCustom{ProfileId("a"), {ProfileId("b")}, std::string(256, 'x')}).why,
              Refusal::TooLarge);
    EXPECT_EQ(world.c1.refused(SendCustom{ProfileId("b"), {ProfileId("c")}, "x"}).why, Refusal::ForbiddenProfile);
    world.c1.gets<std::monostate>(SendCustom{ProfileId("a"), {ProfileId("b")}, "typing"});
    ASSERT_EQ(world.c3.all<CustomNews>().size(), 1u);
    EXPECT_EQ(world.c3.all<CustomNews>()[0].content, "typing");
    c4.resumes();
    EXPECT_TRUE(c4.all<CustomNews>().empty());
    EXPECT_TRUE(world.connects("B", "c6").all<CustomNews>().empty());
}

TEST(History, GivesTextsAndCallsInOrder) {  // A58, 6.1, 6.2, CHN-4
    Chat world;
    const TextStored first = world.writes(world.c1, "a", {"b"}, "one");
    OpenRequest open = world.opening("a", {"b"});
    open.chain = first.chain;
    const CallId call = world.c1.gets<Opened>(open).ref.call;
    CallRequest accept{.call = call, .verb = Verb::Accept};
    accept.media = {true, false};
    world.c3.gets<std::monostate>(accept);
    world.writes(world.c3, "b", {"a", "c"}, "two", first.chain);
    HistoryPage page = world.history(world.c1, "a", first.chain);
    ASSERT_EQ(page.messages.size(), 3u);
    EXPECT_EQ(std::get<TextView>(page.messages[0]).text.text, "two");
    EXPECT_TRUE(std::get<CallInHistory>(page.messages[1]).live);
    EXPECT_EQ(std::get<TextView>(page.messages[2]).text.text, "one");
    EXPECT_FALSE(page.more);
    world.c1.gets<std::monostate>(CallRequest{.call = call, .verb = Verb::HangUp});
    page = world.history(world.c3, "b", first.chain);
    const CallRecord& record = std::get<CallInHistory>(page.messages.at(1)).record;
    EXPECT_EQ(record.reason, EndReason::HangUp);
    EXPECT_EQ(record.from, ProfileId("a"));
    EXPECT_EQ(record.to, std::vector{ProfileId("b")});
    EXPECT_TRUE(record.participants.at(1).answered);
    // C was named in the second text alone.
    page = world.history(world.c5, "c", first.chain);
    ASSERT_EQ(page.messages.size(), 1u);
    EXPECT_EQ(std::get<TextView>(page.messages[0]).text.text, "two");
}

TEST(Texts, ChangeOnlyByATokenThatAllowsTheirSender) {  // SEC-1
    Chat world;
    world.add_profile(UserId("A"), {.id = ProfileId("a2")});
    const TextStored text = world.writes(world.c1, "a", {"b"}, "mine");
    Grant other = world.grant(UserId("A"));
    other.profiles = {ProfileId("a2")};
    Client& c4 = world.connects("A", "c4", std::nullopt, other);
    EXPECT_EQ(c4.refused(EditText{text.id, "yours"}).why, Refusal::NotFound);
    EXPECT_EQ(c4.refused(RemoveText{text.id}).why, Refusal::NotFound);
    EXPECT_TRUE(world.c3.logged<TextEdited>().empty() && world.c3.logged<TextRemoved>().empty());
    EXPECT_EQ(world.c1.gets<TextStored>(EditText{text.id, "still mine"}).version, 2u);
    world.c1.gets<TextStored>(RemoveText{text.id});
    EXPECT_EQ(world.c3.logged<TextRemoved>().size(), 1u);
    EXPECT_TRUE(c4.all<LogNews>().empty());
}

TEST(Texts, AreForgottenInTimeThoughTheirUserStaysConnected) {  // 6.3, SEQ-7
    Chat world;
    world.settings.log_kept = std::chrono::hours(24);
    Grant long_lived = world.grant(UserId("A"));
    long_lived.expires = world.now.wall + 100h;
    Client& c4 = world.connects("A", "c4", std::nullopt, long_lived);
    world.writes(c4, "a", {"b"}, "old");
    world.pass(72h);
    ASSERT_FALSE(c4.closed);
    world.writes(c4, "a", {"b"}, "new");
    const UserState& state = world.user(UserId("A")).state();
    EXPECT_EQ(state.local_ids.size(), 1u);
    EXPECT_EQ(state.log_floor, 1u);
    EXPECT_EQ(world.database().query(select_log(UserId("A"), 0, 10)).size(), 1u);
}

TEST(History, IsReadInPages) {  // 6.2
    Chat world;
    const TextStored first = world.writes(world.c1, "a", {"b"}, "0");
    for (int i = 1; i < 5; ++i) world.writes(world.c1, "a", {"b"}, std::to_string(i), first.chain);
    ReadHistory read{ProfileId("b"), first.chain};
    read.limit = 2;
    std::string seen;
    for (bool more = true; more;) {
        const HistoryPage page = world.c3.gets<HistoryPage>(read);
        for (const auto& message : page.messages) {
            const Text& text = std::get<TextView>(message).text;
            seen += text.text;
            read.before = text.pos;
        }
        more = page.more;
    }
    EXPECT_EQ(seen, "43210");
    for (size_t limit : {size_t{0}, size_t{101}}) {
        read.limit = limit;
        EXPECT_EQ(world.c3.refused(read).why, Refusal::BadArgument);
    }
    EXPECT_EQ(world.c3.refused(ReadHistory{ProfileId("a"), first.chain}).why, Refusal::ForbiddenProfile);
    EXPECT_EQ(world.c5.refused(ReadHistory{ProfileId("c"), first.chain}).why, Refusal::NotFound);
}

TEST(History, NoPageFillsTheQueueOfWhoReadsIt) {  // 6.2, RES-1
    Chat world;
    const std::string words(world.settings.text_bytes, 'x');
    const TextStored first = world.writes(world.c1, "a", {"b"}, words);
    for (int i = 1; i < 100; ++i) world.writes(world.c1, "a", {"b"}, words, first.chain);
    world.c3.acknowledges = false;
    ReadHistory read{ProfileId("b"), first.chain};
    read.limit = 100;
    size_t seen = 0;
    for (bool more = true; more && !world.c3.closed;) {
        const HistoryPage page = world.c3.gets<HistoryPage>(read);
        ASSERT_FALSE(page.messages.empty());
        seen += page.messages.size();
        read.before = std::get<TextView>(page.messages.back()).text.pos;
        more = page.more;
    }
    EXPECT_FALSE(world.c3.closed);
    EXPECT_EQ(seen, 100u);
}

TEST(History, IsNotHeldBackWithoutEndForWhoDoesNotRead) {  // RES-1
    Chat world;
    const std::string words(world.settings.text_bytes, 'x');
    const TextStored first = world.writes(world.c1, "a", {"b"}, words);
    for (int i = 1; i < 100; ++i) world.writes(world.c1, "a", {"b"}, words, first.chain);
    Client& c3 = world.c3;
    c3.acknowledges = false;
    c3.loses_transport();
    c3.resumes(std::nullopt);  // with a log that is longer than its queue
    ASSERT_FALSE(c3.closed);
    for (uint64_t seq = 1; seq <= 20 && !c3.closed; ++seq)
        world.with(c3, [&](Connection& c, ConnectionEffects& out) {
            c.hear(c3.socket, ClientSays{seq, ReadHistory{ProfileId("b"), first.chain}}, std::nullopt, world.now, out);
        });
    EXPECT_TRUE(c3.closed);
}

TEST(History, ListsChainsLatestFirst) {  // 6.2
    Chat world;
    std::vector<ChainId> chains;
    for (int i = 0; i < 3; ++i) {
        chains.push_back(world.writes(world.c1, "a", {"b"}, "x").chain);
        world.pass(1s);
    }
    world.writes(world.c1, "a", {"b"}, "y", chains[0]);
    world.pass(1s);
    const CallId call = world.c1.gets<Opened>(world.opening("a", {"b"})).ref.call;
    ListChains list{ProfileId("b")};
    list.limit = 2;
    std::vector<ChainId> seen;
    for (bool more = true; more;) {
        const ChainPage page = world.c3.gets<ChainPage>(list);
        for (const ChainInList& chain : page.chains) seen.push_back(chain.chain);
        list.before = page.next;
        more = page.next.has_value();
    }
    EXPECT_EQ(seen, (std::vector{ChainId(call.value), chains[0], chains[2], chains[1]}));
    list.before = "nonsense";
    EXPECT_EQ(world.c3.refused(list).why, Refusal::BadArgument);
}

TEST(Texts, AreReadFromTheLogPageByPage) {  // CON-3
    Chat world;
    world.c3.bye();
    for (int i = 0; i < 100; ++i) world.writes(world.c1, "a", {"b"}, std::to_string(i));
    Client& c4 = world.connects("B", "c4");
    const auto texts = c4.logged<TextAdded>();
    ASSERT_EQ(texts.size(), 100u);
    for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(texts[i].view.text.text, std::to_string(i));
    EXPECT_TRUE(std::holds_alternative<SyncDone>(*(c4.messages.end() - 2)));
    EXPECT_EQ(c4.all<SyncDone>().back().useq, 100u);
}

}  // namespace
}  // namespace crosspoint::chains
