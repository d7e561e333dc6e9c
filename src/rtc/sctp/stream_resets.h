#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "rtc/sctp/reconfig_chunk.h"

namespace crosspoint::rtc::sctp {

/// Answers the peer's requests to begin its streams again (RFC 6525 5.2), each once, however often it is repeated.
class StreamResets {
public:
    /// RFC 6525 4.1: the peer counts its requests from its initial TSN.
    explicit StreamResets(uint32_t peer_initial_tsn) : next_request_(peer_initial_tsn) {}

    struct Answer {
        ResetResponse response;
        std::optional<std::vector<uint16_t>> reset;  // these streams begin again now; all when empty
    };
    /// `cumulative_tsn` is the last that arrived with all before it. Nothing for what asks for no answer.
    std::optional<Answer> handle(const ReConfigChunk::Item& item, int64_t cumulative_tsn, uint16_t inbound_streams);

private:
    uint32_t next_request_;
    ResetResult last_result_ = ResetResult::BadSequenceNumber;
};

}  // namespace crosspoint::rtc::sctp
