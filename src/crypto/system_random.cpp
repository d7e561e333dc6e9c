#include "crypto/system_random.h"

#include <openssl/rand.h>

#include <climits>

#include "base/verify.h"

namespace crosspoint::crypto {

void SystemRandom::fill(MutableBytes out) {
    VERIFY(out.size() <= INT_MAX);
    VERIFY(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

}  // namespace crosspoint::crypto
