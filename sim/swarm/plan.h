#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "chains/settings.h"

namespace crosspoint::sim::swarm {

/// What kinds of things happen in a world. How often each, a seed decides.
enum class Kind : uint8_t {
    Calls,     // opened, answered, declined, ended
    Crossing,  // two who call each other, three who do everything at once
    Control,   // hold, handoff, update, invite, remove
    Texts,
    Network,  // of those who call and write
    Server,   // killed, started, slow
    App,      // what an administrator does
    Hostile,  // frames that no client sends, floods, other people's ids
    Rooms,    // REST: sessions, participants, subscriptions
    Streams,  // published and not
    Paths,    // the network of those in rooms
    kCount,
};

/// One world's make-up, all of it from its seed.
struct Plan {
    explicit Plan(uint64_t seed);

    std::string flavour;  // what there is more of
    std::array<uint64_t, static_cast<size_t>(Kind::kCount)> weights{};
    size_t rooms = 0;
    size_t guests = 0;
    size_t people = 0;
    size_t devices_each = 0;  // at most
    Duration pause{};         // between two things that happen, on average
    std::chrono::milliseconds commit_delay{1};
    chains::Settings timers;

    uint64_t weight(Kind kind) const { return weights[static_cast<size_t>(kind)]; }
};

}  // namespace crosspoint::sim::swarm
