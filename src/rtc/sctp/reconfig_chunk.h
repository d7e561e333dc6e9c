#pragma once
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace crosspoint::rtc::sctp {

/// Outgoing SSN Reset Request, RFC 6525 4.1: the sender starts these streams of its own again from 0.
struct OutgoingReset {
    uint32_t request = 0;
    uint32_t response = 0;          // the request of ours that this one answers, if any
    uint32_t last_tsn = 0;          // everything up to it belongs to the time before
    std::vector<uint16_t> streams;  // empty: all
};
/// A request that we do not carry out: resetting our streams, all TSNs, or adding streams (RFC
/// 6525 4.2, 4.3, 4.5, 4.6).
struct OtherRequest {
    uint32_t request = 0;
};

/// RFC 6525 4.4.
enum class ResetResult : uint32_t { NothingToDo = 0, Performed = 1, Denied = 2, BadSequenceNumber = 5, InProgress = 6 };

/// Re-configuration Response, RFC 6525 4.4.
struct ResetResponse {
    uint32_t request = 0;
    ResetResult result = ResetResult::NothingToDo;
};

/// RE-CONFIG, RFC 6525 3.1: one or two of these.
struct ReConfigChunk {
    using Item = std::variant<OutgoingReset, OtherRequest, ResetResponse>;
    std::vector<Item> items;

    static std::optional<ReConfigChunk> parse(Bytes body);
    size_t size() const;
    void write(ByteWriter& out) const;
};

}  // namespace crosspoint::rtc::sctp
