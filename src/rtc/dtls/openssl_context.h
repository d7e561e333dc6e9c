#pragma once
#include <openssl/ssl.h>

#include <memory>
#include <vector>

#include "crypto/certificate.h"
#include "rtc/media.h"

namespace crosspoint::rtc::dtls {

struct SslFree {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslPointer = std::unique_ptr<SSL, SslFree>;
using SslContextPointer = std::unique_ptr<SSL_CTX, SslFree>;

/// What the transports with one certificate and one list of profiles have in common.
SslContextPointer make_ssl_context(const crypto::Certificate& certificate, const std::vector<SrtpProfile>& profiles);

/// True when one of `fingerprints` is that of `certificate`. Only SHA-256, SHA-384 and SHA-512 are believed.
bool any_matches(const std::vector<Fingerprint>& fingerprints, const X509* certificate);

}  // namespace crosspoint::rtc::dtls
