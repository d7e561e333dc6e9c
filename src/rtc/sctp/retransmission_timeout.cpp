#include "rtc/sctp/retransmission_timeout.h"

#include <algorithm>

namespace crosspoint::rtc::sctp {

void RetransmissionTimeout::measured(Duration round_trip) {
    if (!started_) {
        smoothed_ = round_trip;
        variation_ = round_trip / 2;
        started_ = true;
    } else {
        variation_ = (3 * variation_ + std::chrono::abs(smoothed_ - round_trip)) / 4;
        smoothed_ = (7 * smoothed_ + round_trip) / 8;
    }
    timeout_ = std::clamp(smoothed_ + 4 * variation_, kLeast, kMost);
}

void RetransmissionTimeout::back_off() { timeout_ = std::min(2 * timeout_, kMost); }

}  // namespace crosspoint::rtc::sctp
