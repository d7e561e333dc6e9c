#pragma once
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "crypto/certificate.h"

// The inside of a certificate, for the one outsider that speaks OpenSSL: rtc/dtls.
namespace crosspoint::crypto {

struct OpensslFree {
    void operator()(X509* x509) const { X509_free(x509); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using X509Pointer = std::unique_ptr<X509, OpensslFree>;
using KeyPointer = std::unique_ptr<EVP_PKEY, OpensslFree>;

class OpensslCertificate final : public Certificate {
public:
    OpensslCertificate(X509Pointer x509, KeyPointer key);

    const std::string& sha256_fingerprint() const override { return sha256_fingerprint_; }
    X509* x509() const { return x509_.get(); }
    EVP_PKEY* key() const { return key_.get(); }

private:
    X509Pointer x509_;
    KeyPointer key_;
    std::string sha256_fingerprint_;
};

/// "AB:CD:…" over the DER form of `x509` (RFC 8122 5).
std::string fingerprint_text(const X509* x509, const EVP_MD* hash);

}  // namespace crosspoint::crypto
