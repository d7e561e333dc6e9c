#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace crosspoint::rtc::sctp {

/// SACK, RFC 9260 3.3.4.
struct SackChunk {
    /// Received beyond `cumulative_tsn`, both ends included, counted from it.
    struct Gap {
        uint16_t start = 0;
        uint16_t end = 0;
        bool operator==(const Gap&) const = default;
    };

    uint32_t cumulative_tsn = 0;
    uint32_t window = 0;
    std::vector<Gap> gaps;
    std::vector<uint32_t> duplicates;

    /// Nothing on garbage, or when a gap ends before it starts or starts at 0.
    static std::optional<SackChunk> parse(Bytes body);
    size_t size() const { return kFixedSize + 4 * (gaps.size() + duplicates.size()); }
    void write(ByteWriter& out) const;

    static constexpr size_t kFixedSize = 12;
};

}  // namespace crosspoint::rtc::sctp
