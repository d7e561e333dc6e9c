#include "store/database.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <limits>

namespace crosspoint::store {
namespace {

const std::vector<Migration> kSchema{
    {1, {"CREATE TABLE things (id TEXT PRIMARY KEY, size BIGINT, note TEXT)"}},
    {2, {"ALTER TABLE things ADD COLUMN color TEXT", "UPDATE things SET color = 'grey'"}},
};

Statement insert(std::string id, SqlValue size, SqlValue note) {
    return {"INSERT INTO things (id, size, note) VALUES (:id, :size, :note)",
            {std::move(id), std::move(size), std::move(note)}};
}

Statement select_all() { return {"SELECT id, size, note FROM things ORDER BY id", {}}; }

/// A folder of its own for each test, gone afterwards.
class DatabaseTest : public testing::Test {
protected:
    DatabaseTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "crosspoint-store-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~DatabaseTest() override { std::filesystem::remove_all(folder_); }
    std::string path() const { return (folder_ / "store.db").string(); }

private:
    std::filesystem::path folder_;
};

TEST_F(DatabaseTest, GivesBackTextNumbersAndNulls) {
    Database database(":memory:", kSchema);
    const int64_t huge = std::numeric_limits<int64_t>::max();
    const std::string odd = "it's \"quoted\" :name ü\n";
    database.apply(std::vector{insert("a", huge, odd), insert("b", int64_t{-1}, nullptr), insert("c", nullptr, "")});

    const auto rows = database.query(select_all());
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[0].columns, (std::vector<SqlValue>{"a", huge, odd}));
    EXPECT_EQ(rows[1].columns, (std::vector<SqlValue>{"b", int64_t{-1}, nullptr}));
    EXPECT_EQ(rows[2].columns, (std::vector<SqlValue>{"c", nullptr, ""}));
}

TEST_F(DatabaseTest, OneStatementRunsWithValuesOfAnyKind) {
    Database database(":memory:", kSchema);
    for (int turn = 0; turn < 3; ++turn) {
        const std::string id = std::to_string(turn);
        const SqlValue size = turn == 1 ? SqlValue(nullptr) : SqlValue(int64_t{turn});
        database.apply(std::vector{insert(id, size, nullptr)});
        const Statement select{"SELECT size FROM things WHERE id = :id", {id}};
        const auto rows = database.query(select);
        ASSERT_EQ(rows.size(), 1u);
        EXPECT_EQ(rows[0].columns[0], size);
    }
    EXPECT_TRUE(database.query({"SELECT size FROM things WHERE id = :id", {"none"}}).empty());
}

TEST_F(DatabaseTest, KeepsItsFilesToItsOwner) {
    const Database database(path(), kSchema);
    for (const std::string end : {"", "-wal", ".lock"}) {
        const auto others = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
        EXPECT_EQ(std::filesystem::status(path() + end).permissions() & others, std::filesystem::perms::none) << end;
    }
}

TEST_F(DatabaseTest, WhatWasAppliedIsThereAfterReopening) {
    { Database(path(), kSchema).apply(std::vector{insert("a", int64_t{1}, nullptr)}); }
    EXPECT_EQ(Database(path(), kSchema).query(select_all()).size(), 1u);
}

TEST_F(DatabaseTest, WhatWasAppliedSurvivesTheProcessDyingAtOnce) {
    const pid_t child = ::fork();
    if (child == 0) {
        Database database(path(), kSchema);
        database.apply(std::vector{insert("a", int64_t{1}, nullptr)});
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(Database(path(), kSchema).query(select_all()).size(), 1u);
}

TEST_F(DatabaseTest, AFailedTransactionAppliesNothingAndTheNextOneWorks) {
    Database database(path(), kSchema);
    database.apply(std::vector{insert("a", nullptr, nullptr)});
    EXPECT_THROW(database.apply(std::vector{insert("b", nullptr, nullptr), insert("a", nullptr, nullptr)}), Error);
    EXPECT_EQ(database.query(select_all()).size(), 1u);
    database.apply(std::vector{insert("b", nullptr, nullptr)});
    EXPECT_EQ(database.query(select_all()).size(), 2u);
}

TEST_F(DatabaseTest, BadSqlIsAnError) {
    Database database(":memory:", kSchema);
    EXPECT_THROW(database.query({"SELECT nothing FROM nowhere", {}}), Error);
    EXPECT_THROW(database.apply(std::vector{Statement{"not SQL", {}}}), Error);
}

TEST_F(DatabaseTest, TakesOnlyTheStepsThatAreMissing) {
    { Database(path(), std::span(kSchema).first(1)).apply(std::vector{insert("a", nullptr, nullptr)}); }
    Database database(path(), kSchema);
    EXPECT_EQ(database.query({"SELECT color FROM things", {}})[0].text(0), "grey");
}

TEST_F(DatabaseTest, RefusesASchemaOfANewerVersion) {
    { const Database newer(path(), kSchema); }
    try {
        const Database older(path(), std::span(kSchema).first(1));
        FAIL() << "opened";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("newer version (schema 2, this one knows 1)"), std::string::npos);
    }
}

TEST_F(DatabaseTest, AFailedStepLeavesTheSchemaAsItWas) {
    const std::vector<Migration> broken{kSchema[0], {2, {"ALTER TABLE things ADD COLUMN color TEXT", "nonsense"}}};
    EXPECT_THROW(Database(path(), broken), Error);
    EXPECT_NO_THROW(Database(path(), kSchema));
}

TEST_F(DatabaseTest, RefusesToShareTheFile) {
    Database first(path(), kSchema);
    try {
        Database second(path(), kSchema);
        FAIL() << "opened twice";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("another process is using it"), std::string::npos);
    }
}

TEST_F(DatabaseTest, CanBeReadWhileAnotherProcessWritesIt) {
    EXPECT_THROW(Database::for_reading(path(), kSchema), Error);
    Database writer(path(), kSchema);
    writer.apply(std::vector{insert("a", 1, "one")});
    const auto reader = Database::for_reading(path(), kSchema);
    EXPECT_EQ(reader->query(select_all()).size(), 1u);
    writer.apply(std::vector{insert("b", 2, "two")});
    EXPECT_EQ(reader->query(select_all()).size(), 2u);
    EXPECT_THROW(reader->apply(std::vector{insert("c", 3, "three")}), Error);
    EXPECT_THROW(Database::for_reading(path(), std::span(kSchema).first(1)), Error);
}

TEST_F(DatabaseTest, ACheckpointMovesWhatWasCommittedWhileOthersCommit) {
    Database database(path(), kSchema);
    const auto checkpointer = database.checkpointer();
    ASSERT_TRUE(checkpointer);
    database.apply(std::vector{insert("a", nullptr, "")});
    checkpointer->run();
    database.apply(std::vector{insert("b", nullptr, "")});
    // The main file without the log beside it.
    const std::string copy = path() + ".copy";
    std::filesystem::copy_file(path(), copy);
    EXPECT_EQ(Database::for_reading(copy, kSchema)->query(select_all()).size(), 1u);
    EXPECT_EQ(database.query(select_all()).size(), 2u);
}

TEST_F(DatabaseTest, TheLogBeginsAnewAfterACheckpoint) {
    Database database(path(), kSchema);
    const auto checkpointer = database.checkpointer();
    const auto log_size = [&] { return std::filesystem::file_size(path() + "-wal"); };
    const std::string note(2000, 'x');
    const auto write = [&](const std::string& id) { database.apply(std::vector{insert(id, nullptr, note)}); };
    for (int i = 0; i < 50; ++i) write("a" + std::to_string(i));
    const auto once = log_size();
    for (int turn = 0; turn < 5; ++turn) {
        checkpointer->run();
        write("between" + std::to_string(turn));
        database.checkpoint();
        for (int i = 0; i < 40; ++i) write(std::to_string(turn) + "." + std::to_string(i));
    }
    EXPECT_LE(log_size(), 2 * once);
}

TEST_F(DatabaseTest, ThereIsNothingToMoveInMemory) { EXPECT_FALSE(Database(":memory:", kSchema).checkpointer()); }

TEST_F(DatabaseTest, SaysWhichFileCannotBeOpened) {
    try {
        const Database unusable("/nonexistent/store.db", kSchema);
        FAIL() << "opened";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("/nonexistent/store.db"), std::string::npos);
    }
}

}  // namespace
}  // namespace crosspoint::store
