#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <span>
#include <string_view>
#include <vector>

#include "explore/call_world.h"
#include "explore/explorer.h"
#include "explore/people_explorations.h"
#include "explore/planted_bugs.h"

// explore [--large]: prints every exploration's states and transitions; status 1 if a rule is broken or a planted bug
// is not found. `--calls`, `--people`: half of them each. Other arguments: only the explorations of these names.
namespace {

using namespace crosspoint;
using namespace crosspoint::explore;

constexpr size_t kMostStates = 20'000'000;

// Everything that may happen does in some world, and what concerns each other in one; all of it in one of them would be
// too many states.
std::vector<CallWorldBounds> call_worlds(bool large) {
    std::vector<CallWorldBounds> worlds{
        {.name = "two people, two devices each", .devices = {2, 2}},
        {.name = "hold, update, handoff", .devices = {2, 1}, .policies = false, .hold_and_update = true},
        {.name = "media", .devices = {2, 1}, .policies = false, .media = true, .other_calls = false},
        {.name = "three people", .devices = {1, 1, 1}, .drops = false, .other_calls = false},
        {.name = "one more person",
         .devices = {1, 1, 1},
         .one_to_invite = true,
         .policies = false,
         .drops = false,
         .to_invite_and_remove = {2},
         .other_calls = false},
        {.name = "restarts", .devices = {2, 1}, .restarts = true},
        {.name = "restarts, media",
         .devices = {1, 1},
         .policies = false,
         .media = true,
         .other_calls = false,
         .restarts = true},
        {.name = "messages twice", .devices = {1, 1}, .repetitions = true},
    };
    if (large) {
        worlds.push_back({.name = "three people, networks", .devices = {1, 1, 1}});
        worlds.push_back({.name = "two people, all", .devices = {2, 2}, .hold_and_update = true, .media = true});
        worlds.push_back({.name = "invitations of all",
                          .devices = {1, 1, 1},
                          .policies = false,
                          .drops = false,
                          .to_invite_and_remove = {0, 1, 2},
                          .other_calls = false});
        worlds.push_back({.name = "messages twice, media",
                          .devices = {1, 1},
                          .policies = false,
                          .media = true,
                          .other_calls = false,
                          .repetitions = true});
    }
    return worlds;
}

bool print(std::string_view name, const Findings& findings, double seconds) {
    fmt::print("{:<32} {:>9} states {:>10} transitions {:>6.1f} s\n", name, findings.states, findings.transitions,
               seconds);
    if (findings.broken) fmt::print("  BROKEN {}\n", *findings.broken);
    for (const auto& step : findings.path) fmt::print("    {}\n", step);
    if (!findings.broken && !findings.complete) fmt::print("  NOT COMPLETE\n");
    std::fflush(stdout);
    return findings.complete;
}

bool explore_calls_of(const CallWorldBounds& bounds) {
    const std::clock_t start = std::clock();  // of the processor: a busy machine is not a slow exploration
    chains::Settings settings;
    if (bounds.to_invite_and_remove.empty()) settings.invite_again = 0ms;  // a timer less
    const CallWorld world(bounds, settings, chains::specified_rules());
    const Findings findings = Explorer<CallWorld>(kMostStates).explore(world);
    return print(bounds.name, findings, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
}

bool explore_calls(std::span<const std::string_view> names, bool large, size_t& explored) {
    bool good = true;
    for (const auto& bounds : call_worlds(large)) {
        if (!names.empty() && std::ranges::find(names, bounds.name) == names.end()) continue;
        ++explored;
        good = explore_calls_of(bounds) && good;
    }
    return good;
}

bool find_planted_bugs() {
    size_t found = 0;
    const auto bugs = planted_bugs();
    for (const PlantedBug& bug : bugs) {
        const Findings findings = find(bug);
        fmt::print("{:<6} {:<46} after {:>6} states, {:>2} steps: {}\n", findings.broken ? "found" : "MISSED", bug.name,
                   findings.states, findings.path.size(), findings.broken.value_or("nothing broken"));
        std::fflush(stdout);
        found += findings.broken ? 1 : 0;
    }
    fmt::print("{} of {} planted bugs found\n", found, bugs.size());
    return found == bugs.size();
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    const auto asked = [&](std::string_view option) { return arguments == std::vector<std::string_view>{option}; };
    const bool large = asked("--large");
    const bool all = large || arguments.empty();
    const bool calls = all || asked("--calls"), people = all || asked("--people");
    size_t explored = 0;
    bool good = true;
    if (calls) good = explore_calls({}, large, explored) && find_planted_bugs();
    if (people) good = explore_people({}, large, explored) && find_planted_bugs_of_people() && good;
    if (!calls && !people) {
        good = explore_calls(arguments, true, explored) && explore_people(arguments, true, explored);
        if (explored < arguments.size()) fmt::print(stderr, "explore: there is no world of that name\n");
        good = good && explored == arguments.size();
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
