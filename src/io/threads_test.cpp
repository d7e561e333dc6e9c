#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "crypto/password.h"
#include "crypto/system_random.h"
#include "io/event_loop.h"
#include "io/password_thread.h"
#include "io/store_thread.h"
#include "io/test_wait.h"
#include "store/database.h"

namespace crosspoint::io {
namespace {

const std::vector<Migration> kMigrations{{1, {"CREATE TABLE things (name TEXT PRIMARY KEY)"}}};

Statement insert(const std::string& name) { return {"INSERT INTO things (name) VALUES (:name)", {name}}; }

class StoreThreadTest : public testing::Test {
protected:
    StoreThreadTest() : path_(testing::TempDir() + "store_thread_test.db") { remove(); }
    ~StoreThreadTest() override { remove(); }
    void remove() const {
        for (const char* end : {"", "-wal", "-shm", "-lock"}) std::remove((path_ + end).c_str());
    }
    std::unique_ptr<store::Database> open() const { return std::make_unique<store::Database>(path_, kMigrations); }
    size_t stored() const { return open()->query({"SELECT name FROM things", {}}).size(); }

    std::string path_;
};

TEST_F(StoreThreadTest, ReportsNumbersInOrderAndWritesEverything) {
    std::atomic<uint64_t> durable{0};
    std::atomic<bool> ordered{true};
    {
        StoreThread thread(
            open(),
            [&](uint64_t number) {
                if (number <= durable) ordered = false;
                durable = number;
            },
            [](const std::string& why) { FAIL() << why; });
        for (uint64_t i = 1; i <= 200; ++i) thread.commit(i, {insert(std::to_string(i))});
        EXPECT_TRUE(happens([&] { return durable == 200; }));
    }
    EXPECT_TRUE(ordered);
    EXPECT_EQ(stored(), 200u);
}

TEST_F(StoreThreadTest, AReadShowsEveryCommitBeforeIt) {
    std::promise<std::pair<uint64_t, size_t>> read;
    StoreThread thread(
        open(), [](uint64_t) {}, [](const std::string& why) { FAIL() << why; },
        [&](uint64_t number, const std::vector<std::vector<Row>>& rows) {
            read.set_value({number, rows.at(0).size()});
        });
    for (uint64_t i = 1; i <= 20; ++i) thread.commit(i, {insert(std::to_string(i))});
    thread.read(7, {{"SELECT name FROM things", {}}});
    auto answer = read.get_future();
    ASSERT_EQ(answer.wait_for(20s), std::future_status::ready);
    EXPECT_EQ(answer.get(), (std::pair<uint64_t, size_t>(7, 20)));
}

TEST_F(StoreThreadTest, FinishingWritesWhatWasHandedOver) {
    StoreThread thread(open(), [](uint64_t) {}, [](const std::string&) {});
    for (uint64_t i = 1; i <= 50; ++i) thread.commit(i, {insert(std::to_string(i))});
    EXPECT_TRUE(thread.finish());
    EXPECT_EQ(stored(), 50u);
}

TEST_F(StoreThreadTest, WhatIsWrittenGoesIntoTheMainFileMeanwhile) {
    std::atomic<uint64_t> durable{0};
    StoreThread thread(
        open(), [&](uint64_t number) { durable = number; }, [](const std::string& why) { FAIL() << why; });
    const auto size = [&] { return std::filesystem::file_size(path_); };
    const auto empty = size();
    uint64_t number = 0;
    const auto write_many = [&] {
        std::vector<Statement> statements;
        for (int i = 0; i < 6000; ++i) statements.push_back(insert(std::to_string(number) + "." + std::to_string(i)));
        thread.commit(++number, std::move(statements));
    };
    write_many();
    EXPECT_TRUE(happens([&] { return size() > empty + 100'000; }));
    for (int i = 0; i < 5; ++i) write_many();
    EXPECT_TRUE(happens([&] { return durable == number; }));
    EXPECT_TRUE(thread.finish());
    EXPECT_EQ(stored(), 36'000U);
}

TEST_F(StoreThreadTest, AFailedCommitIsReportedAndNothingIsWrittenAfterIt) {
    std::promise<std::string> failed;
    StoreThread thread(open(), [](uint64_t) {}, [&](std::string why) { failed.set_value(std::move(why)); });
    thread.commit(1, {{"INSERT INTO nothing (name) VALUES (:name)", {std::string("x")}}});
    auto why = failed.get_future();
    ASSERT_EQ(why.wait_for(20s), std::future_status::ready);
    EXPECT_NE(why.get().find("nothing"), std::string::npos);
    thread.commit(2, {insert("late")});
    EXPECT_FALSE(thread.finish());
    EXPECT_EQ(stored(), 0u);
}

TEST(PasswordThread, AnswersEachInOrder) {
    crypto::SystemRandom random;
    const std::string hash = "scrypt$4$8$1$MDEyMzQ1Njc4OWFiY2RlZg$gEeb_KeWbm5g-kBQOFr1yJbkjBxxxDOkhSmrSXFFwOg";
    std::vector<api::PasswordVerified> results;
    std::promise<void> done;
    PasswordThread thread([&](api::PasswordVerified result) {
        results.push_back(result);
        if (results.size() == 3) done.set_value();
    });
    thread.verify({api::PasswordCheckId(1), "secret", hash});
    thread.verify({api::PasswordCheckId(2), "wrong", hash});
    thread.verify({api::PasswordCheckId(3), "secret", "damaged"});
    ASSERT_EQ(done.get_future().wait_for(20s), std::future_status::ready);
    for (size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(results[i].check, api::PasswordCheckId(i + 1));
        EXPECT_EQ(results[i].right, i == 0);
    }
}

TEST(PasswordThread, EndsWithWorkLeft) {
    crypto::SystemRandom random;
    const std::string slow = crypto::hash_password("secret", random);
    PasswordThread thread([](api::PasswordVerified) {});
    for (uint64_t i = 0; i < 1000; ++i) thread.verify({api::PasswordCheckId(i), "secret", slow});
}

TEST(EventLoop, RunsWhatOtherThreadsPostInTheirOrder) {
    EventLoop loop;
    std::vector<int> done;
    std::thread other([&] {
        for (int i = 0; i < 1000; ++i) loop.post([&done, i] { done.push_back(i); });
        loop.post([&loop] { loop.stop(); });
    });
    loop.run();
    other.join();
    ASSERT_EQ(done.size(), 1000u);
    EXPECT_TRUE(std::ranges::is_sorted(done));
}

TEST(EventLoop, TheLastWakeUpReplacesTheOneBefore) {
    EventLoop loop;
    std::string order;
    const Timestamp now = read_clock().mono;
    loop.wake_at(now + 1ms, [&] { order += "never "; });
    loop.wake_at(now + 5ms, [&] {
        order += "woken ";
        loop.wake_at(kNever, [] {});
    });
    loop.call_after(20ms, [&] {
        order += "called";
        loop.stop();
    });
    loop.run();
    EXPECT_EQ(order, "woken called");
}

}  // namespace
}  // namespace crosspoint::io
