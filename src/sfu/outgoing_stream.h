#pragma once
#include "sfu/sequence_map.h"

namespace crosspoint::sfu {

/// What has been sent under one SSRC. Lives as long as its link, longer than the subscriptions that use it one after
/// the other: going back to numbers that were used would repeat an SRTP key stream.
struct OutgoingStream {
    /// A first number below 2^15 leaves the receiver no doubt about the rollover counter (RFC 3711 3.3.1).
    OutgoingStream(uint16_t first_sequence, uint32_t first_timestamp)
        : sequences(first_sequence & 0x7fff), timestamps(first_timestamp), next_rtx(first_sequence & 0x7fff) {}

    SequenceMap sequences;
    TimestampMap timestamps;
    int64_t next_rtx;  // for the stream that retransmits
    uint32_t packets = 0;
    uint32_t octets = 0;
};

}  // namespace crosspoint::sfu
