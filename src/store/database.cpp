#include "store/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "store/file_lock.h"

namespace crosspoint::store {
namespace {

constexpr std::string_view kInMemory = ":memory:";
// Passive: what somebody still reads or writes is left for the next time, and nobody waits.
constexpr const char* kCheckpoint = "PRAGMA wal_checkpoint(PASSIVE)";

/// A value where SOCI can point to it while a statement runs.
struct Bound {
    long long number = 0;
    std::string text;
    soci::indicator indicator = soci::i_ok;
};

SqlValue to_value(const soci::row& columns, size_t i) {
    if (columns.get_indicator(i) == soci::i_null) return nullptr;
    switch (columns.get_properties(i).get_data_type()) {
        case soci::dt_string:
        case soci::dt_xml: return columns.get<std::string>(i);
        case soci::dt_integer: return int64_t{columns.get<int>(i)};
        case soci::dt_long_long: return int64_t{columns.get<long long>(i)};
        case soci::dt_unsigned_long_long:
        case soci::dt_double:
        case soci::dt_date:
        case soci::dt_blob: break;
    }
    throw Error(fmt::format("column {} is neither BIGINT nor TEXT", columns.get_properties(i).get_name()));
}

Row to_row(const soci::row& columns) {
    Row row;
    for (size_t i = 0; i < columns.size(); ++i) row.columns.push_back(to_value(columns, i));
    return row;
}

/// Parsed once; a write runs often, with other values.
class PreparedStatement {
public:
    PreparedStatement(soci::session& session, std::string_view sql) : statement_(session) {
        statement_.alloc();
        statement_.prepare(std::string(sql));
    }

    void execute(const std::vector<SqlValue>& values) {
        bind(values);
        statement_.define_and_bind();
        statement_.execute(true);
        statement_.bind_clean_up();
    }

    /// Only once: SOCI describes the columns of a statement's answer a single time.
    std::vector<Row> query(const std::vector<SqlValue>& values) {
        soci::row columns;
        bind(values);
        statement_.exchange(soci::into(columns));
        statement_.define_and_bind();
        std::vector<Row> rows;
        for (bool more = statement_.execute(true); more; more = statement_.fetch()) rows.push_back(to_row(columns));
        return rows;
    }

private:
    void bind(const std::vector<SqlValue>& values) {
        bound_.resize(values.size());
        for (size_t i = 0; i < values.size(); ++i) bind(bound_[i], values[i]);
    }
    void bind(Bound& to, const SqlValue& value) {
        to.indicator = std::holds_alternative<std::nullptr_t>(value) ? soci::i_null : soci::i_ok;
        if (const auto* number = std::get_if<int64_t>(&value)) {
            to.number = *number;
            statement_.exchange(soci::use(to.number, to.indicator));
            return;
        }
        if (const auto* text = std::get_if<std::string>(&value)) to.text = *text;
        statement_.exchange(soci::use(to.text, to.indicator));
    }

    soci::statement statement_;
    std::vector<Bound> bound_;
};

/// It holds the keys of tokens. SQLite gives its other files the permissions of this one.
void make_private_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) throw Error(std::strerror(errno));
    ::close(file);
}

std::string connect_string(const std::string& path) { return fmt::format("db=\"{}\" timeout=5", path); }

/// What `work` gives; what SOCI throws becomes ours.
template <class Work>
auto guarded(const Work& work) {
    try {
        return work();
    } catch (const soci::soci_error& failure) {
        throw Error(failure.what());
    }
}

}  // namespace

class Checkpointer::Impl {
public:
    explicit Impl(const std::string& path) { session_.open(soci::sqlite3, connect_string(path)); }
    void run() { session_ << kCheckpoint; }

private:
    soci::session session_;
};

Checkpointer::Checkpointer(const std::string& path) : impl_(guarded([&] { return std::make_unique<Impl>(path); })) {}
Checkpointer::~Checkpointer() = default;

void Checkpointer::run() {
    guarded([&] { impl_->run(); });
}

class Database::Impl {
public:
    Impl(const std::string& path, std::span<const Migration> migrations) : path_(path), lock_(lock(path)) {
        if (path != kInMemory) make_private_file(path);
        session_.open(soci::sqlite3, connect_string(path));
        // A commit is on the disk when it returns, also when the machine loses its power.
        session_ << "PRAGMA journal_mode = WAL";
        session_ << "PRAGMA synchronous = FULL";
        session_ << "PRAGMA wal_autocheckpoint = 32768";  // pages of 4 KiB, for when no Checkpointer keeps up
        migrate(migrations);
    }
    /// For reading alone.
    Impl(std::span<const Migration> migrations, const std::string& path) {
        session_.open(soci::sqlite3, connect_string(path) + " readonly=true");
        if (const long long have = version(); have != newest(migrations))
            throw Error(fmt::format("it was written by another version (schema {}, this one knows {})", have,
                                    newest(migrations)));
    }

    void apply(std::span<const Statement> statements) {
        if (statements.empty()) return;
        session_.begin();
        try {
            for (const auto& statement : statements) prepared(statement.sql).execute(statement.values);
            session_.commit();
        } catch (...) {
            undo();
            throw;
        }
    }

    std::unique_ptr<Checkpointer> checkpointer() const {
        if (path_ == kInMemory) return nullptr;
        return std::make_unique<Checkpointer>(path_);
    }
    void checkpoint() { session_ << kCheckpoint; }

    std::vector<Row> query(const Statement& statement) {
        return PreparedStatement(session_, statement.sql).query(statement.values);
    }

private:
    static FileLock lock(const std::string& path) { return path == kInMemory ? FileLock() : FileLock(path + ".lock"); }
    PreparedStatement& prepared(std::string_view sql) {
        auto& statement = prepared_[sql.data()];
        if (!statement) statement = std::make_unique<PreparedStatement>(session_, sql);
        return *statement;
    }

    void undo() {
        prepared_.clear();  // one of them is half-way through
        try {
            session_.rollback();
        } catch (const soci::soci_error&) {  // NOLINT(bugprone-empty-catch)
            // The transaction is gone already; what the caller has to hear is why.
        }
    }

    long long version() {
        long long have = 0;
        session_ << "SELECT COALESCE(MAX(version), 0) FROM schema_version", soci::into(have);
        return have;
    }
    static long long newest(std::span<const Migration> migrations) {
        long long version = 0;
        for (const Migration& step : migrations) version = std::max<long long>(version, step.version);
        return version;
    }

    void migrate(std::span<const Migration> migrations) {
        session_ << "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)";
        const long long have = version();
        std::vector<Migration> steps(migrations.begin(), migrations.end());
        std::ranges::sort(steps, {}, &Migration::version);
        if (have > newest(migrations))
            throw Error(fmt::format("it was written by a newer version (schema {}, this one knows {})", have,
                                    newest(migrations)));
        for (const auto& step : steps)
            if (step.version > have) take(step);
    }

    void take(const Migration& step) {
        soci::transaction transaction(session_);
        for (const auto statement : step.statements) session_ << statement;
        session_ << "DELETE FROM schema_version";
        session_ << "INSERT INTO schema_version (version) VALUES (:version)", soci::use(step.version);
        transaction.commit();
    }

    std::string path_;
    FileLock lock_;  // held until the session is closed
    soci::session session_;
    std::unordered_map<const char*, std::unique_ptr<PreparedStatement>> prepared_;
};

namespace {

/// What `open` makes, or the reason with the file's name.
template <class Open>
auto opened(const std::string& path, const Open& open) {
    try {
        return open();
    } catch (const std::exception& failure) {
        throw Error(fmt::format("cannot use database {}: {}", path, failure.what()));
    }
}

}  // namespace

Database::Database(const std::string& path, std::span<const Migration> migrations)
    : impl_(opened(path, [&] { return std::make_unique<Impl>(path, migrations); })) {}

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

std::unique_ptr<Database> Database::for_reading(const std::string& path, std::span<const Migration> migrations) {
    auto impl = opened(path, [&] { return std::make_unique<Impl>(migrations, path); });
    return std::unique_ptr<Database>(new Database(std::move(impl)));
}

Database::~Database() = default;

void Database::apply(std::span<const Statement> statements) {
    guarded([&] { impl_->apply(statements); });
}

std::vector<Row> Database::query(const Statement& statement) {
    return guarded([&] { return impl_->query(statement); });
}

std::unique_ptr<Checkpointer> Database::checkpointer() const { return impl_->checkpointer(); }

void Database::checkpoint() {
    guarded([&] { impl_->checkpoint(); });
}

}  // namespace crosspoint::store
