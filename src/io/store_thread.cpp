#include "io/store_thread.h"

#include "store/database.h"

namespace crosspoint::io {
namespace {

// Some ten megabytes of the write-ahead log.
constexpr size_t kCheckpointAfter = 5000;  // statements

}  // namespace

StoreThread::StoreThread(std::unique_ptr<store::Database> database, std::function<void(uint64_t)> on_durable,
                         std::function<void(std::string)> on_failure, OnRows on_rows)
    : database_(std::move(database)),
      on_durable_(std::move(on_durable)),
      on_failure_(std::move(on_failure)),
      on_rows_(std::move(on_rows)) {
    if (auto checkpointer = database_->checkpointer())
        checkpoints_ = std::make_unique<CheckpointThread>(std::move(checkpointer), on_failure_);
    thread_ = std::thread([this] { run(); });
}

StoreThread::~StoreThread() { finish(); }

bool StoreThread::finish() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    checkpoints_.reset();
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

void StoreThread::read(uint64_t number, std::vector<Statement> selects) {
    {
        const std::lock_guard lock(mutex_);
        reads_.push_back({number, std::move(selects)});
    }
    wake_.notify_one();
}

void StoreThread::run() {
    std::vector<Commit> commits;
    std::vector<Commit> reads;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !waiting_.empty() || !reads_.empty(); });
            if (stopping_ && waiting_.empty()) return;  // everything that was handed over is written
            commits.clear();
            reads.clear();
            commits.swap(waiting_);
            reads.swap(reads_);
        }
        try {
            if (!commits.empty()) write(commits);
            for (const Commit& read : reads) {
                std::vector<std::vector<Row>> rows;
                for (const Statement& select : read.statements) rows.push_back(database_->query(select));
                on_rows_(read.number, std::move(rows));
            }
        } catch (const std::exception& failed) {
            failed_ = true;
            on_failure_(failed.what());
            return;
        }
    }
}

/// What arrived together becomes durable together: one transaction, one fsync.
void StoreThread::write(const std::vector<Commit>& commits) {
    std::vector<Statement> statements;
    for (const Commit& commit : commits)
        statements.insert(statements.end(), commit.statements.begin(), commit.statements.end());
    // What the other thread has left is little. Without it in the log, that begins anew instead of growing.
    if (checkpoints_ && checkpoints_->take_finished()) database_->checkpoint();
    database_->apply(statements);
    on_durable_(commits.back().number);
    written_ += statements.size();
    if (checkpoints_ && written_ >= kCheckpointAfter) {
        written_ = 0;
        checkpoints_->request();
    }
}

}  // namespace crosspoint::io
