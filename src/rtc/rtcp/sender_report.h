#pragma once
#include "rtc/rtcp/report_block.h"

namespace crosspoint::rtc::rtcp {

/// RFC 3550 6.4.1.
struct SenderReport {
    Ssrc sender;
    uint64_t ntp_time = 0;  // seconds since 1900 (32) and their fraction (32)
    uint32_t rtp_timestamp = 0;
    uint32_t packets = 0;
    uint32_t octets = 0;              // of payload
    std::vector<ReportBlock> blocks;  // at most 31

    static std::optional<SenderReport> parse(uint8_t count, Bytes body);
    void write(ByteWriter& out) const;
    /// What a receiver puts into `last_sender_report`.
    uint32_t middle_ntp() const { return static_cast<uint32_t>(ntp_time >> 16); }
    bool operator==(const SenderReport&) const = default;
};

}  // namespace crosspoint::rtc::rtcp
