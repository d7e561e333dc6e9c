#pragma once
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"

namespace crosspoint::rtc::rtcp {

/// Generic NACK, RFC 4585 6.2.1.
struct Nack {
    static constexpr uint8_t kFormat = 1;

    Ssrc sender;
    Ssrc media;
    std::vector<uint16_t> lost;  // ascending, in the order of the wire

    static std::optional<Nack> parse(Bytes body);
    /// Numbers within 17 of one another share an entry, so `lost` should be ascending (modulo 2^16).
    void write(ByteWriter& out) const;
    bool operator==(const Nack&) const = default;

private:
    void append(uint16_t first, uint16_t following);
};

}  // namespace crosspoint::rtc::rtcp
