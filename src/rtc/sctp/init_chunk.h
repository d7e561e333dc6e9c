#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace crosspoint::rtc::sctp {

/// INIT and INIT ACK, RFC 9260 3.3.2 and 3.3.3.
struct InitChunk {
    uint32_t tag = 0;  // what every packet to the sender of this chunk must carry; never 0
    uint32_t window = 0;
    uint16_t outbound_streams = 0;
    uint16_t inbound_streams = 0;
    uint32_t initial_tsn = 0;
    bool forward_tsn = false;     // RFC 3758 3.1
    bool reconfig = false;        // RFC 6525, in the list of RFC 5061 4.2.7
    Buffer cookie;                // INIT ACK only
    std::vector<Buffer> unknown;  // whole parameters that the sender wants to hear about

    /// Nothing on garbage. Values that are well-formed but forbidden (tag 0, no streams) are the caller's to judge.
    static std::optional<InitChunk> parse(Bytes body);
    size_t size() const;
    /// `unknown` is written as Unrecognized Parameter parameters, which only an INIT ACK carries.
    void write(ByteWriter& out) const;
};

}  // namespace crosspoint::rtc::sctp
