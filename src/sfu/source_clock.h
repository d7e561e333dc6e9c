#pragma once
#include <optional>

#include "base/time.h"
#include "rtc/rtcp/sender_report.h"

namespace crosspoint::sfu {

/// How far a publisher's clock is from ours. One for all its tracks: each is moved by the same amount, so that what was
/// in sync stays in sync, whatever the reports' ways through the network took.
class PublisherClock {
public:
    void observe(Timestamp now, uint64_t ntp);
    bool known() const { return known_; }
    /// What the publisher's clock shows at `now`, in microseconds of its NTP time.
    int64_t at(Timestamp now) const { return now.time_since_epoch().count() - ahead_; }

private:
    static constexpr Duration kStep = 500ms;  // more than the network does: the publisher set its clock

    int64_t ahead_ = 0;  // our clock minus the publisher's, in microseconds
    bool known_ = false;
};

/// The last sender report of one publication: which RTP timestamp belongs to which time.
class SourceClock {
public:
    void handle_report(Timestamp now, const rtc::rtcp::SenderReport& report);
    /// The source's RTP timestamp when the publisher's clock shows `publisher_time`; nothing before the first report.
    std::optional<uint32_t> rtp_at(int64_t publisher_time, uint32_t clock_rate) const;
    /// Fills in the fields of the last sender report, from which the publisher computes its round trip.
    void acknowledge(Timestamp now, rtc::rtcp::ReportBlock& block) const;
    void restart() { known_ = false; }

private:
    bool known_ = false;
    uint64_t ntp_ = 0;
    uint32_t rtp_ = 0;
    Timestamp received_;
};

}  // namespace crosspoint::sfu
