#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "rtc/sctp/init_chunk.h"

namespace crosspoint::rtc::sctp {

/// What an INIT ACK makes the peer send back, so that answering an INIT needs no state (RFC 9260 5.1.3). It carries
/// neither a signature nor a lifetime: our packets travel inside DTLS, so whoever returns it is the peer it was given
/// to, and forging one could harm only the forger's own association.
struct StateCookie {
    uint32_t own_tag = 0;
    uint32_t own_initial_tsn = 0;
    uint32_t own_tie_tag = 0;  // RFC 9260 5.2.2: the tags of the association that existed then, 0 for none
    uint32_t peer_tie_tag = 0;
    InitChunk peer;  // what the INIT said: tag, window, streams, initial TSN

    static std::optional<StateCookie> parse(Bytes bytes);
    Buffer write() const;
};

}  // namespace crosspoint::rtc::sctp
