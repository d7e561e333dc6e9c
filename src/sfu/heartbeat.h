#pragma once
#include "rtc/link/link.h"
#include "rtc/sctp/association.h"
#include "sfu/counters.h"

namespace crosspoint::sfu {

/// The pre-negotiated data channels of one link: `__heartbeat__` is stream 0, `__diagnostics__` stream 1. Says PING
/// from time to time; that PONG comes back is only a hint, since not every client answers.
class Heartbeat {
public:
    static constexpr Duration kInterval = 15s;

    Heartbeat(Random& random, Counters& counters);

    /// DTLS is up.
    void start(Timestamp now, rtc::link::Link& link, rtc::link::Output& out);
    void handle_data(Timestamp now, Bytes packet, rtc::link::Link& link, rtc::link::Output& out);
    void handle_timeout(Timestamp now, rtc::link::Link& link, rtc::link::Output& out);
    Timestamp next_timeout() const { return std::min(ping_, association_.next_timeout()); }

private:
    static constexpr uint16_t kHeartbeatStream = 0;

    void flush(rtc::link::Link& link, rtc::link::Output& out);

    rtc::sctp::Association association_;
    rtc::sctp::Output sctp_out_;  // reused
    Counters& counters_;
    Timestamp ping_ = kNever;
};

}  // namespace crosspoint::sfu
