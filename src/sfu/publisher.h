#pragma once
#include <memory>
#include <vector>

#include "base/timers.h"
#include "sfu/outlet.h"
#include "sfu/publication.h"
#include "sfu/transport_feedback.h"

namespace crosspoint::sfu {

/// The media of one publishing link: finds each packet's publication and tells the publisher how its packets fared.
class Publisher {
public:
    Publisher(Switchboard& switchboard, LinkId link);

    void set_tracks(const std::vector<PublishedTrack>& tracks);
    /// One opened RTP packet. Whatever the subscriptions send goes into `batch`.
    void handle_rtp(Timestamp now, Bytes datagram, SendBatch& batch);
    void handle_rtcp(Timestamp now, const rtc::rtcp::Compound& compound);
    void handle_timeout(Timestamp now, Outlet& outlet, SendBatch& batch);
    Timestamp next_timeout() const;

    size_t publications() const { return publications_.size(); }

private:
    enum class Timer : uint8_t {
        Report,  // next receiver report
        kCount,
    };
    static constexpr Duration kReportInterval = 1s;

    struct Source {
        uint32_t ssrc;
        Publication* publication;
    };

    Publication* find(Ssrc ssrc) const;
    Publication* latch(Timestamp now, const rtc::rtp::Packet& packet);
    void index_sources();
    void add_reports(Timestamp now, std::vector<rtc::rtcp::Message>& out);
    void add_transport_feedback(Timestamp now, std::vector<rtc::rtcp::Message>& out);

    Switchboard& switchboard_;
    LinkId link_;
    Ssrc ssrc_;  // of our reports and feedback
    PublisherClock clock_;
    std::vector<std::unique_ptr<Publication>> publications_;
    std::vector<Source> sources_;  // by SSRC
    TransportFeedbackGenerator transport_feedback_;
    uint8_t transport_sequence_id_ = 0;
    uint8_t mid_id_ = 0;
    Timers<Timer> timers_;
};

}  // namespace crosspoint::sfu
