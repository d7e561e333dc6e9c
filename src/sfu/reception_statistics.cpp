#include "sfu/reception_statistics.h"

#include <algorithm>
#include <cstdlib>

#include "sfu/ntp.h"

namespace crosspoint::sfu {

void ReceptionStatistics::received(Timestamp now, int64_t sequence, uint32_t timestamp, uint32_t clock_rate) {
    if (!started_) {
        restart(sequence);
        started_ = true;
    }
    ++received_;
    ++received_since_base_;
    highest_ = std::max(highest_, sequence);
    measure_jitter(now, timestamp, clock_rate);
}

void ReceptionStatistics::restart(int64_t sequence) {
    base_ = sequence;
    highest_ = sequence;
    received_since_base_ = 0;
    expected_before_ = 0;
    received_before_ = 0;
    transit_known_ = false;
}

// The difference of two transit times needs no common zero, so both clocks may wrap.
void ReceptionStatistics::measure_jitter(Timestamp now, uint32_t timestamp, uint32_t clock_rate) {
    const uint32_t transit = rtp_ticks(now.time_since_epoch().count(), clock_rate) - timestamp;
    if (transit_known_) {
        const auto step = static_cast<int32_t>(transit - transit_);
        jitter_x16_ += std::abs(int64_t{step}) - ((jitter_x16_ + 8) >> 4);
    }
    transit_ = transit;
    transit_known_ = true;
}

rtc::rtcp::ReportBlock ReceptionStatistics::report() {
    const int64_t expected = highest_ - base_ + 1;
    const int64_t expected_now = expected - expected_before_;
    const auto received_now = static_cast<int64_t>(received_since_base_ - received_before_);
    const int64_t lost_now = expected_now - received_now;
    expected_before_ = expected;
    received_before_ = received_since_base_;

    rtc::rtcp::ReportBlock block;
    if (expected_now > 0 && lost_now > 0)
        block.fraction_lost = static_cast<uint8_t>(std::min<int64_t>(lost_now * 256 / expected_now, 255));
    block.lost = static_cast<int32_t>(std::clamp<int64_t>(lost(), -0x800000, 0x7fffff));
    // Numbers begin one wrap above zero here, cycles at none on the wire.
    block.highest_sequence = static_cast<uint32_t>(highest_ - 65536);
    block.jitter = static_cast<uint32_t>(jitter_x16_ >> 4);
    return block;
}

}  // namespace crosspoint::sfu
