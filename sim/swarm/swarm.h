#pragma once
#include <cstdint>
#include <set>

#include "swarm/crowd.h"

namespace crosspoint::sim::swarm {

struct Options {
    std::chrono::seconds length = 60s;  // in which things happen
    bool print_trace = false;
    bool print_deeds = false;
    std::set<size_t> without{};  // numbers of things that shall not happen this time
};

struct Told {
    uint64_t trace = 0;  // one number for all that has happened (`Trace`)
    size_t deeds = 0;    // how many things happened, or would have
};

/// One random world, all of it from its seed: things happen for a while, the network and the server work again,
/// everybody leaves, and nothing may be left. Whatever is not as it must be is a failure of the test that runs.
Told tell(uint64_t seed, const Options& options);

}  // namespace crosspoint::sim::swarm
