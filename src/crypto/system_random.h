#pragma once
#include "base/random.h"

namespace crosspoint::crypto {

/// The operating system's randomness through OpenSSL's generator; fit for keys and tokens.
class SystemRandom final : public Random {
public:
    void fill(MutableBytes out) override;
};

}  // namespace crosspoint::crypto
