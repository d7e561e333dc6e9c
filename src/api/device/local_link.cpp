#include "api/device/local_link.h"

namespace crosspoint::api::device {
namespace {

// RFC 8839 5.4 wants at least 4 and 22 characters. The worker finds a link by its ufrag, so it is long enough to be
// unique.
rtc::IceCredentials new_credentials(Random& random) { return {random.ice_chars(12), random.ice_chars(24)}; }

}  // namespace

LocalLink LocalLink::open(Context& context, sfu::LinkPurpose purpose, std::vector<rtc::SrtpProfile> profiles,
                          bool data_channel) {
    LocalLink link;
    link.id_ = context.numbers.link();
    link.ice_ = new_credentials(context.random);
    link.certificate_ = context.settings.make_certificate(context.now.wall);
    const bool publishing = purpose == sfu::LinkPurpose::Publishing;
    context.command(sfu::OpenLink{link.id_, purpose, link.ice_,
                                  // Spec 2.6 and 2.7: the client's SDK decides who opens DTLS on which connection.
                                  publishing ? rtc::DtlsRole::Server : rtc::DtlsRole::Client, link.certificate_,
                                  std::move(profiles), data_channel});
    return link;
}

rtc::sdp::LocalTransport LocalLink::transport(const Settings& settings) const {
    return {ice_, certificate_->sha256_fingerprint(), settings.candidates};
}

void LocalLink::restart_ice(Context& context) {
    ice_ = new_credentials(context.random);
    context.command(sfu::RestartIce{id_, ice_});
}

void LocalLink::set_remote(Context& context, const rtc::IceCredentials& ice,
                           const std::vector<rtc::Fingerprint>& fingerprints) {
    if (ice == remote_ice_ && fingerprints == remote_fingerprints_) return;
    remote_ice_ = ice;
    remote_fingerprints_ = fingerprints;
    context.command(sfu::SetRemote{id_, remote_ice_, remote_fingerprints_});
}

void LocalLink::close(Context& context) { context.command(sfu::CloseLink{id_}); }

bool follow_link(LocalLink& link, const sfu::Event& event) {
    const LinkId about = std::visit([](const auto& one) { return one.link; }, event);
    if (about != link.id()) return false;
    // A peer whose DTLS has failed may go on with its checks; only a new link helps it.
    if (link.health() == LocalLink::Health::Failed) return true;
    if (std::holds_alternative<sfu::LinkFailed>(event))
        link.set_health(LocalLink::Health::Failed);
    else if (std::holds_alternative<sfu::LinkSilent>(event))
        link.set_health(LocalLink::Health::Silent);
    else
        link.set_health(LocalLink::Health::Connected);
    return true;
}

}  // namespace crosspoint::api::device
