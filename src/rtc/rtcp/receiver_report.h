#pragma once
#include "rtc/rtcp/report_block.h"

namespace crosspoint::rtc::rtcp {

/// RFC 3550 6.4.2.
struct ReceiverReport {
    Ssrc sender;
    std::vector<ReportBlock> blocks;  // at most 31

    static std::optional<ReceiverReport> parse(uint8_t count, Bytes body);
    void write(ByteWriter& out) const;
    bool operator==(const ReceiverReport&) const = default;
};

}  // namespace crosspoint::rtc::rtcp
