#include "rtc/dtls/openssl_context.h"

#include <openssl/err.h>

#include "base/verify.h"
#include "crypto/openssl_certificate.h"
#include "rtc/dtls/openssl_transport.h"

namespace crosspoint::rtc::dtls {
namespace {

// What browsers offer in DTLS 1.2. RFC 8827 6.5 demands the first; the last is for a peer with an RSA certificate.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-AES128-GCM-SHA256";
constexpr const char* kGroups = "X25519:P-256:P-384";

// Handshake messages larger than this (and OpenSSL's own floor of 17 KB) are refused before they are gathered.
constexpr long kMaxCertificateChain = 8 * 1024;

std::string profile_names(const std::vector<SrtpProfile>& profiles) {
    std::string names;
    for (SrtpProfile profile : profiles) {
        if (!names.empty()) names += ':';
        switch (profile) {
            case SrtpProfile::Aes128CmSha1_80: names += "SRTP_AES128_CM_SHA1_80"; break;
            case SrtpProfile::Aes128CmSha1_32: names += "SRTP_AES128_CM_SHA1_32"; break;
            case SrtpProfile::AeadAes128Gcm: names += "SRTP_AEAD_AES_128_GCM"; break;
            case SrtpProfile::AeadAes256Gcm: names += "SRTP_AEAD_AES_256_GCM"; break;
        }
    }
    return names;
}

const EVP_MD* hash_named(std::string_view algorithm) {
    if (algorithm == "sha-256") return EVP_sha256();
    if (algorithm == "sha-384") return EVP_sha384();
    if (algorithm == "sha-512") return EVP_sha512();
    return nullptr;
}

// Certificates are self-signed: the fingerprint in the description is all there is to verify (RFC 8827 6.5).
int verify_certificate(X509_STORE_CTX* store, void*) {
    const auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* transport = static_cast<OpensslTransport*>(SSL_get_app_data(ssl));
    if (transport->accepts(X509_STORE_CTX_get0_cert(store))) return 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
}

}  // namespace

SslContextPointer make_ssl_context(const crypto::Certificate& certificate, const std::vector<SrtpProfile>& profiles) {
    const auto* inside = dynamic_cast<const crypto::OpensslCertificate*>(&certificate);
    VERIFY(inside != nullptr);
    SslContextPointer context(SSL_CTX_new(DTLS_method()));
    VERIFY(context != nullptr);
    SSL_CTX* ctx = context.get();
    VERIFY(SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) == 1);
    VERIFY(SSL_CTX_set_max_proto_version(ctx, DTLS1_2_VERSION) == 1);
    VERIFY(SSL_CTX_set_cipher_list(ctx, kCiphers) == 1);
    VERIFY(SSL_CTX_set1_groups_list(ctx, kGroups) == 1);
    SSL_CTX_set_options(
        ctx, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(ctx, kMaxCertificateChain);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(ctx, verify_certificate, nullptr);
    VERIFY(SSL_CTX_use_certificate(ctx, inside->x509()) == 1);
    VERIFY(SSL_CTX_use_PrivateKey(ctx, inside->key()) == 1);
    VERIFY(SSL_CTX_set_tlsext_use_srtp(ctx, profile_names(profiles).c_str()) == 0);  // zero is success here
    return context;
}

bool any_matches(const std::vector<Fingerprint>& fingerprints, const X509* certificate) {
    return std::any_of(fingerprints.begin(), fingerprints.end(), [certificate](const Fingerprint& fingerprint) {
        const EVP_MD* hash = hash_named(fingerprint.algorithm);
        return hash && crypto::fingerprint_text(certificate, hash) == fingerprint.value;
    });
}

}  // namespace crosspoint::rtc::dtls
