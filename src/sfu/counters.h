#pragma once
#include <cstdint>

namespace crosspoint::sfu {

/// What a media worker has counted since it began; for metrics. Every drop has its reason here, since none is logged.
struct Counters {
    uint64_t datagrams_received = 0;
    uint64_t datagrams_unknown = 0;    // from an address that no ICE check validated, or of no known protocol
    uint64_t stun_unknown = 0;         // checks for nobody
    uint64_t addresses_contested = 0;  // checks from an address that another link proved a moment ago

    uint64_t rtp_received = 0;  // opened and well formed
    uint64_t rtp_damaged = 0;
    uint64_t rtp_unknown_source = 0;        // neither SSRC nor MID belongs to a publication
    uint64_t rtp_unknown_payload_type = 0;  // not negotiated
    uint64_t rtp_repeated = 0;
    uint64_t rtp_outside = 0;  // numbers too far from the last ones
    uint64_t rtp_padding = 0;  // padding alone: probes of the publisher's congestion control
    uint64_t rtp_recovered = 0;
    uint64_t rtp_unexpected = 0;  // from a link that publishes nothing

    uint64_t rtp_forwarded = 0;
    uint64_t rtp_not_taken = 0;  // the subscriber negotiated no such codec
    uint64_t rtp_too_long = 0;   // for a datagram, with our header extensions
    uint64_t rtp_resent = 0;
    uint64_t resends_refused = 0;  // asked for, but no longer kept or just sent

    uint64_t heartbeats_sent = 0;
    uint64_t heartbeats_answered = 0;  // only a hint: not every client answers

    uint64_t rtcp_received = 0;
    uint64_t rtcp_damaged = 0;
    uint64_t nacks_sent = 0;  // packets asked for
    uint64_t key_frame_requests_received = 0;
    uint64_t key_frame_requests_sent = 0;
    uint64_t transport_feedback_sent = 0;
    uint64_t transport_feedback_received = 0;
    bool operator==(const Counters&) const = default;
};

}  // namespace crosspoint::sfu
