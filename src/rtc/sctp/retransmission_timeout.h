#pragma once
#include "base/time.h"

namespace crosspoint::rtc::sctp {

/// How long to wait for an acknowledgement, RFC 9260 6.3.1. Its least is that of libwebrtc: a second, as the RFC
/// recommends, would be felt as a pause; its most is shorter than the RFC's minute, so that messages flow again soon
/// after an interrupted network comes back.
class RetransmissionTimeout {
public:
    Duration value() const { return timeout_; }
    void measured(Duration round_trip);
    /// RFC 9260 6.3.3 E2: nothing came back in time.
    void back_off();

private:
    static constexpr Duration kInitial = 1s;
    static constexpr Duration kLeast = 400ms;
    static constexpr Duration kMost = 10s;

    bool started_ = false;
    Duration smoothed_{};
    Duration variation_{};
    Duration timeout_ = kInitial;
};

}  // namespace crosspoint::rtc::sctp
