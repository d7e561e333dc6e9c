#include "io/store_thread.h"

#include "store/database.h"

namespace crosspoint::io {

StoreThread::StoreThread(std::unique_ptr<store::Database> database, std::function<void(uint64_t)> on_durable,
                         std::function<void(std::string)> on_failure)
    : database_(std::move(database)),
      on_durable_(std::move(on_durable)),
      on_failure_(std::move(on_failure)),
      thread_([this] { run(); }) {}

StoreThread::~StoreThread() { finish(); }

bool StoreThread::finish() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    database_.reset();
    return !failed_;  // only the thread writes it, and that has ended
}

void StoreThread::commit(uint64_t number, std::vector<Statement> statements) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back({number, std::move(statements)});
    }
    wake_.notify_one();
}

void StoreThread::run() {
    std::vector<Commit> batch;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            if (waiting_.empty()) return;  // stopping, and everything that was handed over is written
            batch.clear();
            batch.swap(waiting_);
        }
        // What arrived together becomes durable together: one transaction, one fsync.
        std::vector<Statement> statements;
        for (auto& commit : batch)
            statements.insert(statements.end(), std::make_move_iterator(commit.statements.begin()),
                              std::make_move_iterator(commit.statements.end()));
        try {
            database_->apply(statements);
        } catch (const std::exception& failed) {
            failed_ = true;
            on_failure_(failed.what());
            return;
        }
        on_durable_(batch.back().number);
    }
}

}  // namespace crosspoint::io
