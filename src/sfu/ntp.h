#pragma once
#include <cstdint>

#include "base/time.h"

// NTP time stamps (RFC 3550 4): seconds (32) and their fraction (32).
namespace crosspoint::sfu {

/// Ours count from the epoch of the monotonic clock, which RFC 3550 4 allows to who knows no civil time; moved far from
/// zero, which means "none" in reports.
inline uint64_t to_ntp(Timestamp when) {
    constexpr uint64_t kSeconds1900To1970 = 2'208'988'800;
    const auto us = static_cast<uint64_t>(when.time_since_epoch().count());
    return (us / 1'000'000 + kSeconds1900To1970) << 32 | ((us % 1'000'000) << 32) / 1'000'000;
}

inline int64_t ntp_microseconds(uint64_t ntp) {
    return static_cast<int64_t>((ntp >> 32) * 1'000'000 + (((ntp & 0xffffffff) * 1'000'000) >> 32));
}

/// The middle 32 bits, as reports carry them, in units of 1/65536 s.
inline uint32_t middle_of_ntp(uint64_t ntp) { return static_cast<uint32_t>(ntp >> 16); }

inline Duration from_ntp_units(uint32_t units) { return Duration{int64_t{units} * 1'000'000 / 65536}; }
inline uint32_t to_ntp_units(Duration duration) { return static_cast<uint32_t>(duration.count() * 65536 / 1'000'000); }

/// How far a clock of `rate` Hz runs in that time, modulo 2^32 as RTP timestamps are (RFC 3550 5.1). In two parts,
/// since both numbers may be a peer's and their product leave 64 bits.
inline uint32_t rtp_ticks(int64_t microseconds, uint32_t rate) {
    constexpr int64_t kSecond = 1'000'000;
    const int64_t part = (microseconds % kSecond + kSecond) % kSecond;
    const int64_t seconds = (microseconds - part) / kSecond;
    return static_cast<uint32_t>(seconds) * rate + static_cast<uint32_t>(part * int64_t{rate} / kSecond);
}

}  // namespace crosspoint::sfu
