#include <benchmark/benchmark.h>

#include <filesystem>

#include "store/database.h"

// What it costs to be durable: statements a second, alone or several in one transaction.
namespace crosspoint {
namespace {

const std::vector<Migration> kSchema{{1, {"CREATE TABLE things (id BIGINT PRIMARY KEY, note TEXT NOT NULL)"}}};

void commit(benchmark::State& state) {
    const auto path = std::filesystem::temp_directory_path() / "crosspoint-bench.db";
    for (const std::string end : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path.string() + end);
    store::Database database(path.string(), kSchema);
    const auto group = static_cast<size_t>(state.range(0));
    int64_t id = 0;
    for ([[maybe_unused]] auto turn : state) {
        std::vector<Statement> statements;
        for (size_t i = 0; i < group; ++i)
            statements.push_back({"INSERT INTO things (id, note) VALUES (:id, :note)", {++id, std::string(300, 'x')}});
        database.apply(statements);
    }
    state.SetItemsProcessed(id);
}
BENCHMARK(commit)->Arg(1)->Arg(10)->Arg(100)->UseRealTime();

}  // namespace
}  // namespace crosspoint
