#pragma once
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/statement.h"

// What survives a restart. One SQL dialect for SQLite now and PostgreSQL later: `:name` placeholders, BIGINT and TEXT
// columns, no vendor's functions.
namespace crosspoint::store {

/// Opening, migrating, writing or reading failed. After a failed write the process has to end: what the machines have
/// decided is no longer what is stored (there is no rollback of a machine).
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Moves what was committed from SQLite's write-ahead log into the main file, on another thread than the one that
/// commits: the move waits for the disk much longer than a commit, and whoever commits meanwhile does not wait for it.
class Checkpointer {
public:
    explicit Checkpointer(const std::string& path);
    ~Checkpointer();
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;

    /// Everything that was committed before the call. Blocks until it is done. Throws Error.
    void run();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// One database, used by one thread at a time and written by one process at a time. Every call blocks until it is done.
class Database {
public:
    /// Opens or creates the file at `path` (":memory:" for none) and brings its schema up to the newest of
    /// `migrations`. Throws Error when another process has it, when it was written by a newer version, or when it
    /// cannot be used.
    Database(const std::string& path, std::span<const Migration> migrations);
    /// Opens the file at `path` for `query` alone, also while a server has it. Throws Error when it is not there, or
    /// when its schema is not the newest of `migrations`.
    static std::unique_ptr<Database> for_reading(const std::string& path, std::span<const Migration> migrations);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// All of them in one transaction, durable on return; on Error nothing of them is stored.
    void apply(std::span<const Statement> statements);
    /// The rows of a SELECT of plain columns: before its first row SOCI does not know the type of an expression.
    std::vector<Row> query(const Statement& statement);
    /// Nothing for a database in memory.
    std::unique_ptr<Checkpointer> checkpointer() const;
    /// Moves what a Checkpointer has left, so that the log begins anew. Without one, the log is moved only when it has
    /// 128 MiB.
    void checkpoint();

private:
    class Impl;
    explicit Database(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

}  // namespace crosspoint::store
