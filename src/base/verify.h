#pragma once
#include <atomic>
#include <cstdint>

// Our own bugs. VERIFY stays on in release: going on would corrupt somebody's call. SHOULD aborts in tests and counts
// in release: going on is safe, but somebody must hear of it.
namespace crosspoint {

[[noreturn]] void verify_failed(const char* expression, const char* file, int line);
void should_failed(const char* expression, const char* file, int line);

/// How many SHOULD checks have failed since the process started.
uint64_t should_failures();
/// Tests and simulations call this once: from then on a failed SHOULD aborts.
void abort_on_should();

}  // namespace crosspoint

#define VERIFY(x)                                                \
    do {                                                         \
        if (!(x)) [[unlikely]]                                   \
            ::crosspoint::verify_failed(#x, __FILE__, __LINE__); \
    } while (false)

/// True when the check holds, so that callers can write `if (!SHOULD(x)) return;`.
#define SHOULD(x) ((x) ? true : (::crosspoint::should_failed(#x, __FILE__, __LINE__), false))
