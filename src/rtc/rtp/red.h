#pragma once
#include <array>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/ids.h"

namespace crosspoint::rtc::rtp {

/// Redundant audio data, RFC 2198: older frames travel along with the newest one. Views point into the payload.
struct Red {
    struct Block {
        PayloadType payload_type;
        uint16_t timestamp_offset = 0;  // how much older than the packet, in units of its clock
        Bytes data;
    };
    static constexpr size_t kMaxRedundant = 9;  // Chromium writes one or two, at most nine

    Block primary;  // the newest frame, what a receiver without RED wants
    std::array<Block, kMaxRedundant> older;
    size_t older_count = 0;

    std::span<const Block> redundant() const { return std::span(older).first(older_count); }

    /// Nothing when the blocks do not fit the payload or are more than `kMaxRedundant` and the primary.
    static std::optional<Red> parse(Bytes payload);
};

}  // namespace crosspoint::rtc::rtp
