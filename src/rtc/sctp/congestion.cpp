#include "rtc/sctp/congestion.h"

#include <algorithm>
#include <limits>

namespace crosspoint::rtc::sctp {
namespace {

constexpr size_t kMaxBurst = 4;  // packets, RFC 9260 16

}  // namespace

Congestion::Congestion(size_t mtu)
    : mtu_(mtu),
      window_(std::min(4 * mtu, std::max<size_t>(2 * mtu, 4404))),
      threshold_(std::numeric_limits<size_t>::max()) {}

void Congestion::acknowledged(size_t bytes, bool cumulative_advanced, bool fully_used, bool all_arrived) {
    if (window_ <= threshold_) {
        if (cumulative_advanced && fully_used) window_ += std::min(bytes, mtu_);
    } else {
        partly_acknowledged_ += bytes;
        if (partly_acknowledged_ >= window_ && fully_used) {
            partly_acknowledged_ -= window_;
            window_ += mtu_;
        }
        partly_acknowledged_ = std::min(partly_acknowledged_, window_);
    }
    if (all_arrived) partly_acknowledged_ = 0;
}

void Congestion::halve_threshold() {
    threshold_ = std::max(window_ / 2, 4 * mtu_);
    partly_acknowledged_ = 0;
}

void Congestion::fast_retransmit() {
    halve_threshold();
    window_ = threshold_;
}

void Congestion::timed_out() {
    halve_threshold();
    window_ = mtu_;
}

void Congestion::limit_burst(size_t in_flight) { window_ = std::min(window_, in_flight + kMaxBurst * mtu_); }

}  // namespace crosspoint::rtc::sctp
