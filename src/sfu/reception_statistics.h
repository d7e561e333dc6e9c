#pragma once
#include <cstdint>

#include "base/time.h"
#include "rtc/rtcp/report_block.h"

namespace crosspoint::sfu {

/// What a receiver report says about one source: losses (RFC 3550 A.3) and interarrival jitter (A.8).
class ReceptionStatistics {
public:
    /// A packet that came by itself; what came by retransmission was lost all the same. `clock_rate` in Hz.
    void received(Timestamp now, int64_t sequence, uint32_t timestamp, uint32_t clock_rate);
    /// The numbers jumped: count from here.
    void restart(int64_t sequence);

    bool started() const { return started_; }
    uint64_t packets() const { return received_; }
    int64_t lost() const { return highest_ - base_ + 1 - static_cast<int64_t>(received_since_base_); }
    /// The source and the sender report fields are the caller's. Begins the interval of the next report.
    rtc::rtcp::ReportBlock report();

private:
    void measure_jitter(Timestamp now, uint32_t timestamp, uint32_t clock_rate);

    bool started_ = false;
    int64_t base_ = 0;
    int64_t highest_ = 0;
    uint64_t received_ = 0;
    uint64_t received_since_base_ = 0;
    int64_t expected_before_ = 0;
    uint64_t received_before_ = 0;
    int64_t jitter_x16_ = 0;
    uint32_t transit_ = 0;
    bool transit_known_ = false;
};

}  // namespace crosspoint::sfu
