#include "base/verify.h"

#include <cstdio>
#include <cstdlib>

namespace crosspoint {
namespace {
std::atomic<uint64_t> failures{0};
std::atomic<bool> aborts{false};
}  // namespace

void verify_failed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: VERIFY(%s) failed\n", file, line, expression);
    std::abort();
}

void should_failed(const char* expression, const char* file, int line) {
    if (aborts.load(std::memory_order_relaxed)) verify_failed(expression, file, line);
    if (failures.fetch_add(1, std::memory_order_relaxed) == 0)
        std::fprintf(stderr, "%s:%d: SHOULD(%s) failed (said once, counted always)\n", file, line, expression);
}

uint64_t should_failures() { return failures.load(std::memory_order_relaxed); }
void abort_on_should() { aborts.store(true, std::memory_order_relaxed); }

}  // namespace crosspoint
