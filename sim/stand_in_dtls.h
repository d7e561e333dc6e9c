#pragma once
#include "base/random.h"
#include "crypto/certificate.h"
#include "rtc/dtls/transport.h"

namespace crosspoint::sim {

/// A certificate that is nothing but its fingerprint.
std::shared_ptr<const crypto::Certificate> make_stand_in_certificate(Random& random);

/// DTLS without cryptography: four flights as DTLS 1.2 has them, lost and sent again like those, fingerprints and SRTP
/// profiles checked, keys from the seed. Quick and repeatable, and of no use against anybody who reads along.
class StandInTransportFactory final : public rtc::dtls::TransportFactory {
public:
    /// `random` must outlive the factory and what it makes.
    explicit StandInTransportFactory(Random& random) : random_(random) {}
    std::unique_ptr<rtc::dtls::Transport> make(const rtc::dtls::Config& config) override;

private:
    Random& random_;
};

}  // namespace crosspoint::sim
