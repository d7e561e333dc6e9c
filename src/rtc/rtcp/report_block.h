#pragma once
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"

namespace crosspoint::rtc::rtcp {

/// What a receiver says about one source, RFC 3550 6.4.1.
struct ReportBlock {
    Ssrc source;
    uint8_t fraction_lost = 0;               // of 256, since the last report
    int32_t lost = 0;                        // in all; negative when duplicates outnumber losses, 24 bits
    uint32_t highest_sequence = 0;           // cycles (16) and sequence number (16)
    uint32_t jitter = 0;                     // in units of the RTP timestamp
    uint32_t last_sender_report = 0;         // middle 32 bits of its NTP time; 0 when there was none
    uint32_t delay_since_sender_report = 0;  // in 1/65536 s

    static ReportBlock read(ByteReader& in);
    void write(ByteWriter& out) const;
    bool operator==(const ReportBlock&) const = default;
};

/// RFC 3550 6.4: the count has five bits.
inline constexpr size_t kMaxReportBlocks = 31;

std::vector<ReportBlock> read_report_blocks(ByteReader& in, uint8_t count);
void write_report_blocks(ByteWriter& out, const std::vector<ReportBlock>& blocks);

}  // namespace crosspoint::rtc::rtcp
