#pragma once
#include <vector>

#include "api/device/context.h"

namespace crosspoint::api::device {

/// Our side of one link that a media worker carries: what it was opened with, what the peer said, how it is doing.
class LocalLink {
public:
    /// Opens a link with fresh credentials and a certificate of its own: only a new fingerprint makes a browser start a
    /// new DTLS association on a connection it has already.
    static LocalLink open(Context& context, sfu::LinkPurpose purpose, std::vector<rtc::SrtpProfile> profiles,
                          bool data_channel);

    LinkId id() const { return id_; }
    rtc::sdp::LocalTransport transport(const Settings& settings) const;

    void restart_ice(Context& context);
    /// Tells the worker when anything of it is new.
    void set_remote(Context& context, const rtc::IceCredentials& ice,
                    const std::vector<rtc::Fingerprint>& fingerprints);
    void close(Context& context);

    const rtc::IceCredentials& remote_ice() const { return remote_ice_; }
    const std::vector<rtc::Fingerprint>& remote_fingerprints() const { return remote_fingerprints_; }
    bool has_remote() const { return !remote_fingerprints_.empty(); }

    using Health = MediaChanged::Health;
    Health health() const { return health_; }
    void set_health(Health health) { health_ = health; }

private:
    LinkId id_;
    rtc::IceCredentials ice_;
    std::shared_ptr<const crypto::Certificate> certificate_;
    rtc::IceCredentials remote_ice_;
    std::vector<rtc::Fingerprint> remote_fingerprints_;
    Health health_ = Health::Connecting;
};

/// Takes over what a worker says of this link. True when the event was about it.
bool follow_link(LocalLink& link, const sfu::Event& event);

}  // namespace crosspoint::api::device
