#pragma once
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/timers.h"
#include "rtc/rtcp/compound.h"
#include "sfu/subscription.h"

namespace crosspoint::sfu {

/// What one subscribing link says about its network; for congestion control and metrics.
struct Reception {
    Duration round_trip = 100ms;
    double loss = 0;                // share of packets, smoothed, from transport feedback or receiver reports
    uint64_t bits_per_second = 0;   // last REMB; 0 when there was none
    uint64_t feedback_packets = 0;  // transport-cc feedback heard
};

/// The media of one subscribing link: its subscriptions, the reports it gets and the feedback it gives.
class Subscriber {
public:
    Subscriber(Switchboard& switchboard, LinkId link, Outlet& outlet);

    void set_tracks(Timestamp now, const std::vector<SubscribedTrack>& tracks);
    /// The link is connected, or heard again: everything may start.
    void start(Timestamp now);
    void handle_rtcp(Timestamp now, const rtc::rtcp::Compound& compound, SendBatch& batch);
    void handle_timeout(Timestamp now, SendBatch& batch);
    Timestamp next_timeout() const;

    const Reception& reception() const { return reception_; }
    size_t subscriptions() const { return subscriptions_.size(); }

private:
    static constexpr Duration kReportInterval = 1s;

    void handle(Timestamp now, const std::vector<rtc::rtcp::ReportBlock>& blocks);
    void handle(Timestamp now, const rtc::rtcp::Fir& fir);
    void handle(const rtc::rtcp::TransportFeedback& feedback);
    void smooth_loss(double loss);
    Subscription* find(Ssrc ssrc) const;
    OutgoingStream& stream(Ssrc ssrc);

    Switchboard& switchboard_;
    LinkId link_;
    Departure departure_;
    Reception reception_;
    std::unordered_map<Ssrc, OutgoingStream> streams_;  // of the whole life of the link
    std::vector<std::unique_ptr<Subscription>> subscriptions_;
    Timestamp report_due_ = kNever;
};

}  // namespace crosspoint::sfu
