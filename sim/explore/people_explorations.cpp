#include "explore/people_explorations.h"

#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "explore/call_world.h"
#include "explore/connection_world.h"
#include "explore/crossing_world.h"
#include "explore/explorer.h"

namespace crosspoint::explore {
namespace {

using namespace chains;

constexpr size_t kMostStates = 10'000'000;

ProfileBook two_people() {
    ProfileBook book;
    for (size_t person : {size_t{0}, size_t{1}}) book.add(party(person).profile, party(person).user);
    return book;
}

Findings explore(const CrossingBounds& bounds, const Damage* damage = nullptr) {
    Settings settings;
    settings.invite_again = 0ms;
    const ProfileBook book = two_people();
    return Explorer<CrossingWorld>(kMostStates).explore(CrossingWorld(bounds, settings, book, damage));
}

Findings explore(const ConnectionBounds& bounds, const Tampering* tampering = nullptr) {
    Settings settings;
    settings.kept_messages = bounds.kept;
    settings.messages_per_second = 1'000;  // rates are another matter
    const ProfileBook book = two_people();
    return Explorer<ConnectionWorld>(kMostStates).explore(ConnectionWorld(bounds, settings, book, tampering));
}

std::vector<CrossingBounds> crossings(bool large) {
    std::vector<CrossingBounds> all{
        {.name = "crossing calls"},
        {.name = "crossing calls, drops", .drops = true},
        {.name = "crossing calls, timers", .timers = true},
        {.name = "crossing calls, decisions", .decides = true},
        {.name = "crossing calls, two devices", .devices = 2},
    };
    if (large) {
        all.push_back({.name = "crossing calls, two devices, decisions", .devices = 2, .decides = true});
        all.push_back({.name = "crossing calls, all", .decides = true, .drops = true, .timers = true, .deeds = 3});
    }
    return all;
}

std::vector<ConnectionBounds> connections(bool large) {
    std::vector<ConnectionBounds> all{
        {.name = "a connection that breaks"},
        {.name = "a connection, reloaded", .commands = 2, .news = 1, .breaks = 1, .reloads = 1},
        {.name = "a connection, server restarted", .commands = 1, .news = 2, .breaks = 1, .restarts = 1},
        {.name = "a connection, short queue", .commands = 1, .news = 3, .breaks = 2, .kept = 2},
    };
    if (large) all.push_back({.name = "a connection that breaks often", .commands = 3, .news = 2, .breaks = 3});
    return all;
}

template <class Bounds>
bool explore_and_print(const Bounds& bounds) {
    const std::clock_t start = std::clock();
    const Findings findings = explore(bounds);
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    fmt::print("{:<32} {:>9} states {:>10} transitions {:>6.1f} s\n", bounds.name, findings.states,
               findings.transitions, seconds);
    if (findings.broken) fmt::print("  BROKEN {}\n", *findings.broken);
    for (const auto& step : findings.path) fmt::print("    {}\n", step);
    if (!findings.broken && !findings.complete) fmt::print("  NOT COMPLETE\n");
    std::fflush(stdout);
    return findings.complete;
}

// ---- planted bugs ----

template <class Bug>
struct Planted {
    std::string name;
    Bug bug;
};

template <class Message>
Message* to_chain(Send& send) {
    auto* to = std::get_if<ToChain>(&send);
    return to ? std::get_if<Message>(&to->message) : nullptr;
}
template <class Message>
Message* to_user(Send& send) {
    auto* to = std::get_if<ToUser>(&send);
    return to ? std::get_if<Message>(&to->message) : nullptr;
}

void exchange_winner(Send& send) {
    const auto* crossed = to_chain<Crossed>(send);
    if (!crossed) return;
    const Crossed said = *crossed;
    send = ToChain{said.winner.chain, Crossed{said.winner.call, {said.loser, ChainId(said.loser.value)}}};
}

std::vector<Planted<Damage>> damages() {
    return {
        {"nobody says that calls cross",
         [](const std::string&, Send& send) { return to_chain<Crossed>(send) != nullptr; }},
        {"the higher id wins",
         [](const std::string&, Send& send) {
             exchange_winner(send);
             return false;
         }},
        {"A and B see different winners",
         [](const std::string& from, Send& send) {
             if (from == party(0).user.value) exchange_winner(send);
             return false;
         }},
        {"the winner is not answered for the loser",
         [](const std::string&, Send& send) { return to_chain<MergeAccept>(send) != nullptr; }},
        {"a call that came too late to answer is lost",
         [](const std::string&, Send& send) { return to_user<NotMerged>(send) != nullptr; }},
        {"an answer by opening is not confirmed",
         [](const std::string&, Send& send) { return to_user<OpenMerged>(send) != nullptr; }},
        {"a user does not hear that its call is over",
         [](const std::string&, Send& send) {
             const auto* standing = to_user<CallStanding>(send);
             return to_user<CallRecord>(send) || (standing && standing->state == CallState::Ended);
         }},
        {"calls that cross are missed",
         [](const std::string&, Send& send) {
             auto* record = to_user<CallRecord>(send);
             if (record) record->missed = true;
             return false;
         }},
        {"the opener is not told",
         [](const std::string&, Send& send) {
             const auto* to = std::get_if<ToConnection>(&send);
             return to && std::holds_alternative<Reply>(to->message);
         }},
    };
}

bool detached(const ConnectionState& before, const ConnectionState& state) { return before.socket && !state.socket; }

std::vector<Planted<Tampering>> tamperings() {
    using S = ConnectionState;
    return {
        {"nothing is kept without a transport",
         [](const S& before, S& state) {
             if (detached(before, state)) state.sent -= std::exchange(state.kept, {}).size();
         }},
        {"an acknowledgement takes the newest with it",
         [](const S& before, S& state) {
             if (state.kept.size() >= before.kept.size() || state.kept.empty()) return;
             state.kept.pop_back();
             --state.sent;
         }},
        {"a command that comes twice is taken twice",
         [](const S& before, S& state) {
             if (!detached(before, state) && before.socket != state.socket && state.received > 0) --state.received;
         }},
        {"numbers start again on every transport",
         [](const S& before, S& state) {
             if (before.socket != state.socket && state.socket && before.sent > 0) state.sent = state.kept.size();
         }},
        {"commands are forgotten with their transport",
         [](const S& before, S& state) {
             if (detached(before, state)) state.requests.clear();
         }},
        {"a command is taken before it has come",
         [](const S& before, S& state) {
             if (state.received > before.received) ++state.received;
         }},
        {"a fresh start keeps the old numbers",
         [](const S& before, S& state) {
             if (state.incarnation > before.incarnation && before.incarnation > 0) state.received = before.received;
         }},
        {"an old count goes on after a restart", [](const S&, S& state) { state.renumbered = false; }},
        {"an old token is worth nothing at once", [](const S&, S& state) { state.previous_hash.clear(); }},
        {"late answers answer other commands",
         [](const S& before, S& state) {
             if (state.incarnation > before.incarnation && before.incarnation > 0)
                 state.incarnation = before.incarnation;
         }},
        {"what is too much to keep is forgotten alone",
         [](const S& before, S& state) {
             if (before.socket || before.kept.size() < 2 || state.phase != ConnectionPhase::Gone) return;
             state = before;
             state.kept.pop_front();
         }},
    };
}

template <class Bug, class Worlds>
size_t find_bugs(const std::vector<Planted<Bug>>& bugs, const Worlds& worlds) {
    size_t found = 0;
    for (const auto& planted : bugs) {
        Findings findings;
        for (const auto& bounds : worlds)
            if (!findings.broken) findings = explore(bounds, &planted.bug);
        fmt::print("{:<6} {:<46} after {:>6} states, {:>2} steps: {}\n", findings.broken ? "found" : "MISSED",
                   planted.name, findings.states, findings.path.size(), findings.broken.value_or("nothing broken"));
        std::fflush(stdout);
        found += findings.broken ? 1 : 0;
    }
    fmt::print("{} of {} planted bugs found\n", found, bugs.size());
    return bugs.size() - found;
}

}  // namespace

bool explore_people(std::span<const std::string_view> names, bool large, size_t& explored) {
    bool good = true;
    const auto explore_named = [&](const auto& bounds) {
        if (!names.empty() && std::ranges::find(names, bounds.name) == names.end()) return;
        ++explored;
        good = explore_and_print(bounds) && good;
    };
    std::ranges::for_each(crossings(large), explore_named);
    std::ranges::for_each(connections(large), explore_named);
    return good;
}

bool find_planted_bugs_of_people() {
    const size_t missed = find_bugs(damages(), crossings(false)) + find_bugs(tamperings(), connections(false));
    return missed == 0;
}

}  // namespace crosspoint::explore
