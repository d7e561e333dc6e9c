#include "crypto/certificate.h"

#include <openssl/ec.h>

#include <array>

#include "base/verify.h"
#include "crypto/openssl_certificate.h"
#include "crypto/system_random.h"

namespace crosspoint::crypto {
namespace {

constexpr int64_t kDay = 24 * 60 * 60;

KeyPointer make_p256_key() {
    const std::unique_ptr<EVP_PKEY_CTX, OpensslFree> context(EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nullptr));
    EVP_PKEY* key = nullptr;
    VERIFY(context && EVP_PKEY_keygen_init(context.get()) == 1);
    VERIFY(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context.get(), NID_X9_62_prime256v1) == 1);
    VERIFY(EVP_PKEY_keygen(context.get(), &key) == 1);
    return KeyPointer(key);
}

// RFC 5280 4.1.2.2: positive, at most 20 bytes. 64 random bits are enough for certificates that nobody revokes.
void set_random_serial(X509* x509) {
    SystemRandom random;
    VERIFY(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), random.u64() >> 1 | 1) == 1);
}

void set_names(X509* x509) {
    X509_NAME* name = X509_get_subject_name(x509);
    const Bytes common_name = as_bytes("crosspoint");
    VERIFY(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name.data(),
                                      static_cast<int>(common_name.size()), -1, 0) == 1);
    VERIFY(X509_set_issuer_name(x509, name) == 1);
}

void set_validity(X509* x509, WallTime now) {
    VERIFY(ASN1_TIME_set(X509_getm_notBefore(x509), now.unix_seconds() - kDay) != nullptr);
    VERIFY(ASN1_TIME_set(X509_getm_notAfter(x509), now.unix_seconds() + 30 * kDay) != nullptr);
}

}  // namespace

std::string fingerprint_text(const X509* x509, const EVP_MD* hash) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::array<uint8_t, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    VERIFY(X509_digest(x509, hash, digest.data(), &size) == 1);
    std::string text;
    text.reserve(size * 3);
    for (uint8_t byte : Bytes(digest).first(size)) {
        if (!text.empty()) text += ':';
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

OpensslCertificate::OpensslCertificate(X509Pointer x509, KeyPointer key)
    : x509_(std::move(x509)), key_(std::move(key)), sha256_fingerprint_(fingerprint_text(x509_.get(), EVP_sha256())) {}

std::shared_ptr<const Certificate> make_certificate(WallTime now) {
    KeyPointer key = make_p256_key();
    X509Pointer x509(X509_new());
    VERIFY(x509 != nullptr);
    VERIFY(X509_set_version(x509.get(), X509_VERSION_3) == 1);
    set_random_serial(x509.get());
    set_names(x509.get());
    set_validity(x509.get(), now);
    VERIFY(X509_set_pubkey(x509.get(), key.get()) == 1);
    VERIFY(X509_sign(x509.get(), key.get(), EVP_sha256()) > 0);
    return std::make_shared<OpensslCertificate>(std::move(x509), std::move(key));
}

}  // namespace crosspoint::crypto
