#pragma once
#include <cstdint>
#include <string>

#include "base/bytes.h"

// Randomness is an argument too: the system's in production (`crypto/system_random.h`), a seeded one in simulation.
namespace crosspoint {

class Random {
public:
    virtual ~Random() = default;
    virtual void fill(MutableBytes out) = 0;

    uint32_t u32();
    uint64_t u64();
    /// Uniform in [0, bound); `bound` must be positive.
    uint64_t below(uint64_t bound);
    /// A UUID of version 4 (RFC 4122 4.4), lower case.
    std::string uuid();
    /// `length` characters of [A-Za-z0-9+/]: what ICE calls ice-char (RFC 8839 5.4).
    std::string ice_chars(size_t length);
};

/// Repeatable from its seed; never for anything that must be secret.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(uint64_t seed) : state_(seed) {}
    void fill(MutableBytes out) override;

private:
    uint64_t next();
    uint64_t state_;
};

}  // namespace crosspoint
