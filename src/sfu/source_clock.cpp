#include "sfu/source_clock.h"

#include <cstdlib>

#include "sfu/ntp.h"

namespace crosspoint::sfu {

void PublisherClock::observe(Timestamp now, uint64_t ntp) {
    const int64_t ahead = now.time_since_epoch().count() - ntp_microseconds(ntp);
    if (known_ && std::abs(ahead - ahead_) < kStep.count()) return;
    ahead_ = ahead;
    known_ = true;
}

void SourceClock::handle_report(Timestamp now, const rtc::rtcp::SenderReport& report) {
    known_ = true;
    ntp_ = report.ntp_time;
    rtp_ = report.rtp_timestamp;
    received_ = now;
}

std::optional<uint32_t> SourceClock::rtp_at(int64_t publisher_time, uint32_t clock_rate) const {
    if (!known_) return std::nullopt;
    return rtp_ + rtp_ticks(publisher_time - ntp_microseconds(ntp_), clock_rate);
}

void SourceClock::acknowledge(Timestamp now, rtc::rtcp::ReportBlock& block) const {
    if (!known_) return;
    block.last_sender_report = middle_of_ntp(ntp_);
    block.delay_since_sender_report = to_ntp_units(now - received_);
}

}  // namespace crosspoint::sfu
