#pragma once
#include <cstdint>

#include "swarm/swarm.h"

namespace crosspoint::sim::swarm {

struct Command {
    uint64_t first = 1;  // seed
    uint64_t count = 1;
    bool shrink = false;  // look for the few things that have to happen for the first seed to fail
    Options options{};
};

/// Makes a test of it, which RUN_ALL_TESTS runs.
void register_test(const Command& command);

}  // namespace crosspoint::sim::swarm
