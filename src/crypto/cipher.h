#pragma once
#include <array>
#include <memory>

#include "base/bytes.h"

struct evp_cipher_ctx_st;

// The ciphers of SRTP. An object is made once per key, keeps its key schedule and allocates nothing afterwards; all
// work is in place on memory of the caller. Nothing here names the library behind it, so that a back end which takes
// several packets at a time can stand beside this one.
namespace crosspoint::crypto {

struct CipherContextDeleter {
    void operator()(evp_cipher_ctx_st* context) const;
};
using CipherContext = std::unique_ptr<evp_cipher_ctx_st, CipherContextDeleter>;

/// AES in Galois/counter mode (NIST SP 800-38D) with a 12-byte IV and a 16-byte tag. One key, one direction.
class AesGcm {
public:
    static constexpr size_t kIvSize = 12;
    static constexpr size_t kTagSize = 16;
    enum class Use : uint8_t { Seal, Open };

    /// `key` has 16 or 32 bytes.
    AesGcm(Bytes key, Use use);

    /// Encrypts `data` in place and writes the tag over `associated` and it. `tag` has kTagSize bytes.
    void seal(Bytes iv, Bytes associated, MutableBytes data, MutableBytes tag);
    /// Decrypts `data` in place. False when the tag does not fit: `data` is then garbage that must be dropped.
    [[nodiscard]] bool open(Bytes iv, Bytes associated, MutableBytes data, Bytes tag);

private:
    CipherContext context_;
};

/// AES in counter mode: the key stream of AES-CM (RFC 3711 4.1.1) and of SRTP's key derivation.
class AesCounter {
public:
    static constexpr size_t kIvSize = 16;

    /// `key` has 16 or 32 bytes.
    explicit AesCounter(Bytes key);
    /// Encrypts or decrypts `data` in place, starting at the counter block `iv`.
    void apply(Bytes iv, MutableBytes data);

private:
    CipherContext context_;
};

/// HMAC-SHA1 with its key already mixed in.
class HmacSha1 {
public:
    static constexpr size_t kSize = 20;
    using Digest = std::array<uint8_t, kSize>;

    /// A key of any length.
    explicit HmacSha1(Bytes key);
    /// Over `message` followed by `tail`.
    Digest digest(Bytes message, Bytes tail = {}) const;

private:
    // The hash state after the padded key, inner and outer: hashing a packet starts from a copy of it.
    struct State {
        alignas(8) std::array<uint8_t, 96> sha1;
    };
    State inner_;
    State outer_;
};

}  // namespace crosspoint::crypto
