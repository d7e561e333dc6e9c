#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/statement.h"
#include "io/checkpoint_thread.h"

namespace crosspoint::store {
class Database;
}

namespace crosspoint::io {

/// The thread that makes writes durable. A commit that fails is the end of the process: what was decided cannot be
/// taken back, and going on would acknowledge what is not there (docs/decisions.md).
class StoreThread {
public:
    using OnRows = std::function<void(uint64_t, std::vector<std::vector<Row>>)>;

    /// `on_durable(n)`, `on_failure(why)` and `on_rows(n, rows of each select)` are called on this object's thread.
    StoreThread(std::unique_ptr<store::Database> database, std::function<void(uint64_t)> on_durable,
                std::function<void(std::string)> on_failure, OnRows on_rows = {});
    ~StoreThread();
    StoreThread(const StoreThread&) = delete;
    StoreThread& operator=(const StoreThread&) = delete;

    /// Applies the statements as one transaction, then reports `number`. In order of the calls; from any thread.
    void commit(uint64_t number, std::vector<Statement> statements);
    /// Reads what every commit handed over before has written, and maybe later ones, then reports `number`.
    void read(uint64_t number, std::vector<Statement> selects);
    /// Writes what was handed over and ends the thread; false when a commit has failed. The destructor does the same.
    bool finish();

private:
    struct Commit {
        uint64_t number;
        std::vector<Statement> statements;
    };
    void run();
    void write(const std::vector<Commit>& commits);

    std::unique_ptr<store::Database> database_;
    std::unique_ptr<CheckpointThread> checkpoints_;  // none for a database in memory
    size_t written_ = 0;                             // statements since the last checkpoint was asked for
    std::function<void(uint64_t)> on_durable_;
    std::function<void(std::string)> on_failure_;
    OnRows on_rows_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Commit> waiting_;
    std::vector<Commit> reads_;  // their statements are selects
    bool stopping_ = false;
    bool failed_ = false;
    std::thread thread_;
};

}  // namespace crosspoint::io
