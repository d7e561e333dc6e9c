#include "swarm/command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <set>

#include "base/verify.h"

namespace crosspoint::sim::swarm {
namespace {

constexpr uint64_t kToldTwice = 3;  // seeds whose traces are compared

/// In a process of its own, as a world may end it.
bool fails(uint64_t seed, Options options) {
    options.print_deeds = options.print_trace = false;
    std::fflush(nullptr);
    const pid_t child = fork();
    VERIFY(child >= 0);
    if (child == 0) {
        if (!std::freopen("/dev/null", "w", stdout) || !std::freopen("/dev/null", "w", stderr)) _exit(0);
        tell(seed, options);
        _exit(testing::Test::HasFailure() ? 1 : 0);
    }
    int status = 0;
    VERIFY(waitpid(child, &status, 0) == child);
    return status != 0;
}

/// The seed's options without all that does not have to happen for it to fail.
Options shrunk(uint64_t seed, Options options, size_t deeds) {
    for (size_t size = deeds / 2 + 1; size > 0; size /= 2) {
        for (size_t from = 0; from < deeds; from += size) {
            Options fewer = options;
            for (size_t i = from; i < std::min(deeds, from + size); ++i) fewer.without.insert(i);
            if (fewer.without.size() > options.without.size() && fails(seed, fewer)) options = std::move(fewer);
        }
    }
    return options;
}

class SwarmTest final : public testing::Test {
public:
    explicit SwarmTest(Command command) : command_(std::move(command)) {}

    void TestBody() override {
        if (command_.shrink) return shrink();
        const auto start = std::chrono::steady_clock::now();
        std::set<uint64_t> traces;
        for (uint64_t seed = command_.first; seed < command_.first + command_.count; ++seed) {
            SCOPED_TRACE(replay(seed));
            const uint64_t trace = tell(seed, command_.options).trace;
            if (command_.count > 1 && seed < command_.first + kToldTwice && !HasFailure()) {
                EXPECT_EQ(tell(seed, command_.options).trace, trace) << "one seed must give one trace";
            }
            if (HasFailure()) {
                fmt::print("seed {} failed; replay with: {}\n", seed, replay(seed));
                return;
            }
            EXPECT_TRUE(traces.insert(trace).second) << "different seeds must differ";
        }
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        fmt::print("swarm: seeds {} to {} are clean, {:.1f} seeds/s\n", command_.first,
                   command_.first + command_.count - 1, static_cast<double>(command_.count) / took.count());
    }

private:
    static std::string replay(uint64_t seed) { return fmt::format("sim --swarm --seed {} --deeds", seed); }

    void shrink() {
        ASSERT_TRUE(fails(command_.first, command_.options)) << "it does not fail";
        constexpr size_t kMostDeeds = 400;
        const Options few = shrunk(command_.first, command_.options, kMostDeeds);
        fmt::print("fails too: {} --without {}\n", replay(command_.first), fmt::join(few.without, ","));
        std::fflush(nullptr);
        Options shown = few;
        shown.print_deeds = true;
        tell(command_.first, shown);
    }

    Command command_;
};

}  // namespace

void register_test(const Command& command) {
    testing::RegisterTest("Swarm", fmt::format("from {}", command.first).c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [command]() -> testing::Test* { return new SwarmTest(command); });
}

}  // namespace crosspoint::sim::swarm
