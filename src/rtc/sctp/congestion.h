#pragma once
#include <cstddef>

namespace crosspoint::rtc::sctp {

/// How many bytes may be on their way, RFC 9260 7.2.
class Congestion {
public:
    explicit Congestion(size_t mtu);

    size_t window() const { return window_; }
    /// The peer's window is the most that slow start need reach, RFC 9260 7.2.1.
    void set_threshold(size_t threshold) { threshold_ = threshold; }

    /// RFC 9260 7.2.1 and 7.2.2. `fully_used` says whether as much was on its way as the window allowed.
    void acknowledged(size_t bytes, bool cumulative_advanced, bool fully_used, bool all_arrived);
    /// RFC 9260 7.2.4: a gap was reported three times.
    void fast_retransmit();
    /// RFC 9260 7.2.3: T3-rtx ran out.
    void timed_out();
    /// RFC 9260 6.1 D: no more than four packets at once after a pause.
    void limit_burst(size_t in_flight);

private:
    void halve_threshold();

    size_t mtu_;
    size_t window_;
    size_t threshold_;
    size_t partly_acknowledged_ = 0;
};

}  // namespace crosspoint::rtc::sctp
