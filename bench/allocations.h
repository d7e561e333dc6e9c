#pragma once
#include <cstdint>

namespace crosspoint::bench {

/// How often this program has called operator new.
uint64_t allocations();

}  // namespace crosspoint::bench
