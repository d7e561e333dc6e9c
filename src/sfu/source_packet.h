#pragma once
#include "base/time.h"
#include "rtc/rtp/packet.h"

namespace crosspoint::sfu {

/// One packet of a publication on its way to the subscriptions: what was retransmitted looks as it was sent first.
struct SourcePacket {
    rtc::rtp::Packet rtp;    // views into the datagram or the cache
    int64_t sequence = 0;    // of the source, unwrapped
    uint8_t codec = 0;       // index into the publication's codecs
    bool key_frame = false;  // the first packet of a key frame
    bool restart = false;    // the source's numbers jumped: this packet continues nothing
    Timestamp arrival;
    // Header extensions that every subscription hands on, found once; empty where absent.
    Bytes audio_level;
    Bytes video_orientation;
    Bytes dependency_descriptor;
};

}  // namespace crosspoint::sfu
