#pragma once
#include <chrono>
#include <cstdint>

// Time as machines see it. Nobody below `io/` and `sim/` can ask for the time: it is an argument.
namespace crosspoint {

struct Mono {  // a clock with no now()
    using duration = std::chrono::microseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<Mono>;
    static constexpr bool is_steady = true;
};

using Duration = Mono::duration;
using Timestamp = std::chrono::time_point<Mono>;

/// What `next_timeout()` says when there is nothing to wait for.
inline constexpr Timestamp kNever = Timestamp::max();

/// Civil time in milliseconds since 1970-01-01 UTC: for tokens, records and callbacks, never for timers.
struct WallTime {
    int64_t unix_milliseconds = 0;
    int64_t unix_seconds() const { return unix_milliseconds / 1000; }
    auto operator<=>(const WallTime&) const = default;
    WallTime operator+(std::chrono::milliseconds d) const { return {unix_milliseconds + d.count()}; }
};

/// Both times, read together once per turn of a loop.
struct Now {
    Timestamp mono;
    WallTime wall;
};

using namespace std::chrono_literals;

}  // namespace crosspoint
