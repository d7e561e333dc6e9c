#pragma once
#include <vector>

#include "base/sequence.h"
#include "base/time.h"
#include "rtc/rtcp/transport_feedback.h"

namespace crosspoint::sfu {

/// Tells a publisher when each of its packets arrived, over all its tracks, so that its bit rate can rise:
/// draft-holmer-rmcat-transport-wide-cc-extensions-01.
class TransportFeedbackGenerator {
public:
    TransportFeedbackGenerator() : arrivals_(kRemembered) {}

    void received(Timestamp now, uint16_t transport_sequence);
    /// When due, what came since the last time, in as many messages as it needs. `media` is any SSRC of the publisher.
    std::vector<rtc::rtcp::TransportFeedback> collect(Timestamp now, Ssrc sender, Ssrc media);
    Timestamp next_timeout() const { return due_; }

private:
    static constexpr int64_t kRemembered = 2048;
    static constexpr Duration kInterval = 50ms;
    static constexpr size_t kMaxArrivals = 400;  // in one message, so that it fits a datagram

    struct Arrival {
        int64_t sequence = -1;
        Timestamp at;
    };
    Arrival& slot(int64_t sequence) { return arrivals_[static_cast<size_t>(sequence % kRemembered)]; }

    std::vector<Arrival> arrivals_;
    Unwrapper<uint16_t> unwrapper_;
    int64_t first_ = 0;  // of the next message
    int64_t highest_ = 0;
    bool started_ = false;
    uint8_t count_ = 0;
    Timestamp due_ = kNever;
};

}  // namespace crosspoint::sfu
