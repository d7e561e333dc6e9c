// The HMAC here keeps SHA-1 states as plain values. OpenSSL 3 deprecates that in favour of contexts on the heap, whose
// copying allocates for every packet.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/cipher.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <bit>
#include <climits>

#include "base/verify.h"

namespace crosspoint::crypto {
namespace {

int length(Bytes bytes) {
    VERIFY(bytes.size() <= INT_MAX);
    return static_cast<int>(bytes.size());
}

CipherContext keyed_context(const EVP_CIPHER* cipher, Bytes key, int encrypt) {
    CipherContext context(EVP_CIPHER_CTX_new());
    VERIFY(context != nullptr);
    VERIFY(EVP_CipherInit_ex(context.get(), cipher, nullptr, key.data(), nullptr, encrypt) == 1);
    return context;
}

const EVP_CIPHER* gcm_for(Bytes key) {
    VERIFY(key.size() == 16 || key.size() == 32);
    return key.size() == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
}

const EVP_CIPHER* counter_for(Bytes key) {
    VERIFY(key.size() == 16 || key.size() == 32);
    return key.size() == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr();
}

void restart(evp_cipher_ctx_st* context, Bytes iv) {
    VERIFY(EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, iv.data(), -1) == 1);
}

void run_in_place(evp_cipher_ctx_st* context, MutableBytes data) {
    int written = 0;
    if (data.empty()) return;
    VERIFY(EVP_CipherUpdate(context, data.data(), &written, data.data(), length(data)) == 1);
}

void run_associated(evp_cipher_ctx_st* context, Bytes data) {
    int written = 0;
    if (data.empty()) return;
    VERIFY(EVP_CipherUpdate(context, nullptr, &written, data.data(), length(data)) == 1);
}

}  // namespace

void CipherContextDeleter::operator()(evp_cipher_ctx_st* context) const { EVP_CIPHER_CTX_free(context); }

AesGcm::AesGcm(Bytes key, Use use) : context_(keyed_context(gcm_for(key), key, use == Use::Seal ? 1 : 0)) {}

void AesGcm::seal(Bytes iv, Bytes associated, MutableBytes data, MutableBytes tag) {
    VERIFY(iv.size() == kIvSize && tag.size() == kTagSize);
    restart(context_.get(), iv);
    run_associated(context_.get(), associated);
    run_in_place(context_.get(), data);
    std::array<uint8_t, 16> rest;
    int written = 0;
    VERIFY(EVP_CipherFinal_ex(context_.get(), rest.data(), &written) == 1);
    VERIFY(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag.data()) == 1);
}

bool AesGcm::open(Bytes iv, Bytes associated, MutableBytes data, Bytes tag) {
    VERIFY(iv.size() == kIvSize && tag.size() == kTagSize);
    restart(context_.get(), iv);
    run_associated(context_.get(), associated);
    run_in_place(context_.get(), data);
    std::array<uint8_t, kTagSize> wanted;
    std::memcpy(wanted.data(), tag.data(), kTagSize);
    VERIFY(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, wanted.data()) == 1);
    std::array<uint8_t, 16> rest;
    int written = 0;
    return EVP_CipherFinal_ex(context_.get(), rest.data(), &written) == 1;
}

AesCounter::AesCounter(Bytes key) : context_(keyed_context(counter_for(key), key, 1)) {}

void AesCounter::apply(Bytes iv, MutableBytes data) {
    VERIFY(iv.size() == kIvSize);
    restart(context_.get(), iv);
    run_in_place(context_.get(), data);
}

// RFC 2104 2.
HmacSha1::HmacSha1(Bytes key) {
    static_assert(sizeof(State) == sizeof(SHA_CTX) && alignof(State) >= alignof(SHA_CTX));
    std::array<uint8_t, SHA_CBLOCK> block{};
    if (key.size() > block.size())
        SHA1(key.data(), key.size(), block.data());
    else if (!key.empty())
        std::memcpy(block.data(), key.data(), key.size());

    const auto state_after = [&block](uint8_t pad) {
        std::array<uint8_t, SHA_CBLOCK> padded;
        for (size_t i = 0; i < block.size(); ++i) padded[i] = block[i] ^ pad;
        SHA_CTX sha;
        SHA1_Init(&sha);
        SHA1_Update(&sha, padded.data(), padded.size());
        return std::bit_cast<State>(sha);
    };
    inner_ = state_after(0x36);
    outer_ = state_after(0x5c);
}

HmacSha1::Digest HmacSha1::digest(Bytes message, Bytes tail) const {
    Digest digest;
    auto sha = std::bit_cast<SHA_CTX>(inner_);
    SHA1_Update(&sha, message.data(), message.size());
    SHA1_Update(&sha, tail.data(), tail.size());
    SHA1_Final(digest.data(), &sha);
    sha = std::bit_cast<SHA_CTX>(outer_);
    SHA1_Update(&sha, digest.data(), digest.size());
    SHA1_Final(digest.data(), &sha);
    return digest;
}

}  // namespace crosspoint::crypto
