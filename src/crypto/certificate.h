#pragma once
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/time.h"

namespace crosspoint::crypto {

/// A self-signed ECDSA P-256 certificate with its key, for DTLS (RFC 8827 6.5). Immutable once made, so threads may
/// share it.
class Certificate {
public:
    virtual ~Certificate() = default;
    /// "AB:CD:…", 32 bytes of SHA-256 over the DER form, upper case, as `a=fingerprint:sha-256` wants it (RFC 8122 5).
    virtual const std::string& sha256_fingerprint() const = 0;
};

/// A fresh key and certificate, valid from a day before `now` for thirty days.
std::shared_ptr<const Certificate> make_certificate(WallTime now);

}  // namespace crosspoint::crypto
