#include "api/callbacks.h"

#include <gtest/gtest.h>

#include "api/webhook_signature.h"

namespace crosspoint::api {
namespace {

const AccountId kAccount("9900000");
const ParticipantId kAlice("alice");
const ParticipantId kBob("bob");

/// A receiver under the test's control, and the store as a list of rows.
struct World {
    std::unordered_map<AccountId, Buffer> secrets;
    Callbacks callbacks{{24h, secrets}};
    Now now{Timestamp(1h), WallTime{1'000'000}};
    std::vector<PostWebhook> posted;
    std::map<int64_t, Row> stored;

    void take(Effects effects) {
        for (const Statement& statement : effects.statements) {
            if (statement.sql.starts_with("INSERT"))
                stored[std::get<int64_t>(statement.values.at(0))] = Row{statement.values};
            else
                stored.erase(std::get<int64_t>(statement.values.at(0)));
        }
        for (Effect& effect : effects.outputs) posted.push_back(std::get<PostWebhook>(effect));
    }
    void enqueue(const ParticipantId& participant, const std::string& body) {
        Effects effects;
        callbacks.enqueue({kAccount, participant, "http://example.test/cb", body}, now, effects);
        take(std::move(effects));
    }
    void answer(int status, bool refused = false) {
        Effects effects;
        callbacks.finished({posted.back().attempt, status, refused}, now, effects);
        take(std::move(effects));
    }
    std::string last_id() const {
        for (const Header& header : posted.back().headers)
            if (header.name == "webhook-id") return header.value;
        return {};
    }
    void wait_for_retry() {
        const Duration wait = callbacks.next_timeout() - now.mono;
        now.mono += wait;
        now.wall = now.wall + std::chrono::duration_cast<std::chrono::milliseconds>(wait);
        Effects effects;
        callbacks.handle_timeout(now, effects);
        take(std::move(effects));
    }
    void restart() {
        std::vector<Row> rows;
        for (const auto& [id, row] : stored) rows.push_back(row);
        callbacks = Callbacks({24h, secrets});
        posted.clear();
        Effects effects;
        callbacks.restore(rows, now, effects);
        take(std::move(effects));
    }
};

}  // namespace

TEST(Callbacks, GoOutOneAtATimeAndInOrder) {
    World world;
    world.enqueue(kAlice, "1");
    world.enqueue(kAlice, "2");
    ASSERT_EQ(world.posted.size(), 1u);
    EXPECT_EQ(world.posted[0].body, "1");
    world.answer(204);
    ASSERT_EQ(world.posted.size(), 2u);
    EXPECT_EQ(world.posted[1].body, "2");
    world.answer(200);
    EXPECT_TRUE(world.stored.empty());
    EXPECT_EQ(world.callbacks.counts().delivered, 2u);
    EXPECT_EQ(world.callbacks.waiting(), 0u);
}

TEST(Callbacks, OneDeadReceiverDoesNotHoldUpAnother) {
    World world;
    world.enqueue(kAlice, "1");
    world.enqueue(kBob, "2");
    EXPECT_EQ(world.posted.size(), 2u);
}

TEST(Callbacks, AreTriedAgainWithDoublingPausesUpToFiveMinutes) {
    World world;
    world.enqueue(kAlice, "1");
    std::vector<int64_t> pauses;
    for (int i = 0; i < 11; ++i) {
        world.answer(i % 2 ? 503 : 0);
        pauses.push_back((world.callbacks.next_timeout() - world.now.mono) / 1s);
        world.wait_for_retry();
    }
    EXPECT_EQ(pauses, (std::vector<int64_t>{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}));
    EXPECT_EQ(world.stored.size(), 1u);
    world.answer(200);
    EXPECT_TRUE(world.stored.empty());
}

TEST(Callbacks, ARefusalOfTheReceiverIsFinalButBusyIsNot) {
    for (const int status : {400, 404, 410, 499}) {
        World world;
        world.enqueue(kAlice, "1");
        world.answer(status);
        EXPECT_TRUE(world.stored.empty()) << status;
        EXPECT_EQ(world.callbacks.counts().dropped, 1u);
    }
    for (const int status : {0, 301, 408, 425, 429, 500, 502}) {
        World world;
        world.enqueue(kAlice, "1");
        world.answer(status);
        EXPECT_EQ(world.stored.size(), 1u) << status;
    }
}

TEST(Callbacks, AUrlThatMayNotBeCalledIsNotTriedForADay) {
    World world;
    world.enqueue(kAlice, "1");
    world.answer(0, true);
    EXPECT_TRUE(world.stored.empty());
    EXPECT_EQ(world.callbacks.next_timeout(), kNever);
}

TEST(Callbacks, AreGivenUpAfterADay) {
    World world;
    world.enqueue(kAlice, "1");
    world.enqueue(kAlice, "2");
    int tries = 0;
    while (world.stored.size() == 2) {
        world.answer(500);
        if (world.stored.size() == 2) world.wait_for_retry();
        ASSERT_LT(++tries, 1000);
    }
    EXPECT_GE(world.now.wall.unix_milliseconds, 1'000'000 + 24 * 3600 * 1000);
    EXPECT_EQ(world.posted.back().body, "2");
}

TEST(Callbacks, SurviveARestartInOrder) {
    World world;
    for (const char* body : {"1", "2", "3"}) world.enqueue(kAlice, body);
    world.answer(200);
    world.answer(0);
    world.restart();
    ASSERT_EQ(world.posted.size(), 1u);
    EXPECT_EQ(world.posted[0].body, "2");
    world.enqueue(kAlice, "4");
    world.answer(200);
    world.answer(200);
    world.answer(200);
    ASSERT_EQ(world.posted.size(), 3u);
    EXPECT_EQ(world.posted[2].body, "4");
    EXPECT_TRUE(world.stored.empty());
}

TEST(Callbacks, AnEventAfterARestartIsNotTakenForOneBeforeIt) {
    World world;
    world.secrets.emplace(kAccount, Buffer(32, 7));
    world.restart();
    world.enqueue(kAlice, "onConnect");
    const std::string before = world.last_id();
    world.answer(200);
    world.now.wall = world.now.wall + 5s;
    world.restart();
    world.enqueue(kAlice, "onDisconnect");
    EXPECT_NE(world.last_id(), before);
}

TEST(Callbacks, OfOneParticipantAreBounded) {
    World world;
    const auto many = static_cast<int>(Callbacks::kMaxWaiting) + 10;
    for (int i = 0; i < many; ++i) world.enqueue(kAlice, std::to_string(i));
    world.enqueue(kBob, "of another");
    EXPECT_EQ(world.callbacks.waiting(), Callbacks::kMaxWaiting + 1);
    EXPECT_EQ(world.stored.size(), Callbacks::kMaxWaiting + 1);
    EXPECT_EQ(world.callbacks.counts().dropped, 10u);
    // The one under way stays, and the newest, which say how things stand now.
    world.restart();
    EXPECT_EQ(world.posted.front().body, "0");
    EXPECT_EQ(world.stored.rbegin()->second.text(3), "of another");
    EXPECT_EQ(std::next(world.stored.rbegin())->second.text(3), std::to_string(many - 1));
}

TEST(Callbacks, OfAnAccountWithASecretAreSignedAnewForEachAttempt) {
    World world;
    const Buffer secret(32, 7);
    const auto is_signed = [&] {
        HttpRequest received;
        received.headers = world.posted.back().headers;
        received.body = world.posted.back().body;
        return is_signed_webhook(secret, received, world.now.wall);
    };
    world.enqueue(kAlice, "1");
    EXPECT_EQ(world.posted.back().headers.size(), 1u);

    world.secrets.emplace(kAccount, secret);
    world.restart();
    EXPECT_TRUE(is_signed());
    const std::string first = world.last_id();
    world.answer(500);
    world.now.wall = world.now.wall + 10min;
    world.wait_for_retry();
    EXPECT_TRUE(is_signed());
    EXPECT_EQ(world.last_id(), first);
    world.answer(200);
    world.enqueue(kAlice, "2");
    EXPECT_NE(world.last_id(), first);
}

TEST(Callbacks, WhatIsForNowIsTriedOnceWhateverWaits) {
    World world;
    world.secrets[kAccount] = Buffer(24, 7);
    world.restart();
    world.enqueue(kAlice, "1");
    world.answer(500);
    Effects effects;
    world.callbacks.post_now({kAccount, kAlice, "http://example.test/wake", "now"}, world.now, effects);
    EXPECT_TRUE(effects.statements.empty());
    world.take(std::move(effects));
    EXPECT_EQ(world.posted.back().body, "now");
    EXPECT_FALSE(world.last_id().empty()) << "it is signed";
    world.answer(500);
    EXPECT_EQ(world.callbacks.counts().dropped, 1u);
    world.wait_for_retry();
    EXPECT_EQ(world.posted.back().body, "1");
    world.answer(204);
    EXPECT_EQ(world.callbacks.next_timeout(), kNever);
}

}  // namespace crosspoint::api
