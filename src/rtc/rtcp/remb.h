#pragma once
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"

namespace crosspoint::rtc::rtcp {

/// Receiver estimated maximum bit rate, draft-alvestrand-rmcat-remb-03 2.2.
struct Remb {
    static constexpr uint8_t kFormat = 15;  // shared by all application layer feedback (RFC 4585 6.4)

    Ssrc sender;
    uint64_t bits_per_second = 0;  // written rounded down to 18 significant bits
    std::vector<Ssrc> sources;     // at most 255

    /// Whether this application layer feedback is a REMB at all.
    static bool is_in(Bytes body);
    /// Nothing also when the rate does not fit 64 bits.
    static std::optional<Remb> parse(Bytes body);
    void write(ByteWriter& out) const;
    bool operator==(const Remb&) const = default;
};

}  // namespace crosspoint::rtc::rtcp
