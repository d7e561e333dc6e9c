#pragma once
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/net_address.h"
#include "crypto/certificate.h"
#include "rtc/media.h"

// The one door of the SFU: what the control plane says to a media worker and hears from it. Ids, never pointers; plain
// structs, since they cross threads. Every command states the whole wanted state of what it names, so that sending one
// twice, or after a lost race, does no harm.
namespace crosspoint::sfu {

enum class LinkPurpose : uint8_t { Publishing, Subscribing };

/// One remote end begins. ICE is lite: the remote address is learnt from the first valid check. DTLS starts when a
/// check has validated a pair and the remote fingerprint is known.
struct OpenLink {
    LinkId link;
    LinkPurpose purpose = LinkPurpose::Publishing;
    rtc::IceCredentials local_ice;
    rtc::DtlsRole dtls_role = rtc::DtlsRole::Server;
    std::shared_ptr<const crypto::Certificate> certificate;
    std::vector<rtc::SrtpProfile> srtp_profiles;  // in our order of preference
    bool data_channel = false;  // an SCTP association with the pre-negotiated channels 0 (heartbeat) and 1
};

/// What the peer's description said. Comes once with its first description, and again when that changes.
struct SetRemote {
    LinkId link;
    rtc::IceCredentials remote_ice;
    std::vector<rtc::Fingerprint> fingerprints;
};

/// ICE restart (RFC 8445 2.4): checks to the new credentials count from now on; the old pair carries media until the
/// first of them succeeds.
struct RestartIce {
    LinkId link;
    rtc::IceCredentials local_ice;
};

struct CloseLink {
    LinkId link;
};

struct PublishedTrack {
    TrackId track;
    rtc::ReceiveParameters parameters;
    bool operator==(const PublishedTrack&) const = default;
};

/// All tracks that a publishing link carries from now on. What is no longer in the list is forgotten, its subscribers
/// simply get no more packets.
struct SetPublications {
    LinkId link;
    std::vector<PublishedTrack> tracks;
};

struct SubscribedTrack {
    TrackId source;
    rtc::SendParameters parameters;
    bool operator==(const SubscribedTrack&) const = default;
};

/// All tracks that a subscribing link gets from now on. A source that is not (yet) published is kept and starts by
/// itself.
struct SetSubscriptions {
    LinkId link;
    std::vector<SubscribedTrack> tracks;
};

using Command = std::variant<OpenLink, SetRemote, RestartIce, CloseLink, SetPublications, SetSubscriptions>;

/// DTLS is done, the fingerprint matched, media may flow.
struct LinkConnected {
    LinkId link;
    rtc::SrtpProfile srtp_profile;
};

/// No valid check for 30 s (RFC 7675 5.1): sending has stopped, listening goes on.
struct LinkSilent {
    LinkId link;
};

/// Checks are heard again after LinkSilent.
struct LinkHeard {
    LinkId link;
};

enum class LinkFailure : uint8_t {
    FingerprintMismatch,
    NoSrtpProfile,
    DtlsError,
    Closed,  // the peer said goodbye: nothing went wrong
};

/// The transport will not recover; only a new link helps.
struct LinkFailed {
    LinkId link;
    LinkFailure why;
};

using Event = std::variant<LinkConnected, LinkSilent, LinkHeard, LinkFailed>;

}  // namespace crosspoint::sfu
