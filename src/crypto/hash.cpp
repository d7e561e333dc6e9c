#include "crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <climits>

#include "base/verify.h"
#include "crypto/cipher.h"

namespace crosspoint::crypto {

std::array<uint8_t, 32> sha256(Bytes message) {
    std::array<uint8_t, 32> digest;
    VERIFY(SHA256(message.data(), message.size(), digest.data()) != nullptr);
    return digest;
}

std::array<uint8_t, 20> hmac_sha1(Bytes key, Bytes message) { return HmacSha1(key).digest(message); }

std::array<uint8_t, 32> hmac_sha256(Bytes key, Bytes message) {
    VERIFY(key.size() <= INT_MAX);
    // OpenSSL takes a null key for "the one of before".
    static constexpr uint8_t kNoKey = 0;
    std::array<uint8_t, 32> digest;
    VERIFY(HMAC(EVP_sha256(), key.empty() ? &kNoKey : key.data(), static_cast<int>(key.size()), message.data(),
                message.size(), digest.data(), nullptr) != nullptr);
    return digest;
}

bool constant_time_equal(Bytes a, Bytes b) {
    return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace crosspoint::crypto
