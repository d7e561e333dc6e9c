#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace crosspoint::rtc::sctp {

/// FORWARD TSN, RFC 3758 3.2: the sender has given up on everything up to `new_cumulative_tsn`.
struct ForwardTsnChunk {
    struct Skipped {
        uint16_t stream = 0;
        uint16_t ssn = 0;  // the last one given up
        bool operator==(const Skipped&) const = default;
    };

    uint32_t new_cumulative_tsn = 0;
    std::vector<Skipped> skipped;  // ordered messages only

    static std::optional<ForwardTsnChunk> parse(Bytes body);
    size_t size() const { return 4 + 4 * skipped.size(); }
    void write(ByteWriter& out) const;
};

}  // namespace crosspoint::rtc::sctp
