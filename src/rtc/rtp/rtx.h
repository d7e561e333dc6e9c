#pragma once
#include <optional>

#include "base/bytes.h"
#include "rtc/rtp/packet.h"

namespace crosspoint::rtc::rtp {

/// The payload of a retransmission, RFC 4588 4: | original sequence number (16) | original payload |.
struct Rtx {
    uint16_t original_sequence = 0;
    Bytes payload;

    /// Nothing when there is not even a sequence number: browsers probe for bandwidth with such packets.
    static std::optional<Rtx> parse(Bytes payload);
};

/// Appends the payload of a retransmission to a packet whose header already names the RTX stream.
void write_rtx_payload(PacketWriter& out, uint16_t original_sequence, Bytes payload);

}  // namespace crosspoint::rtc::rtp
