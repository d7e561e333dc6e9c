#include "sfu/heartbeat.h"

namespace crosspoint::sfu {

namespace {
rtc::sctp::Options options() {
    rtc::sctp::Options options;
    options.packet = rtc::dtls::kMaxApplicationData;
    options.receive_window = 128 * 1024;  // nothing but a PONG is expected
    return options;
}
}  // namespace

Heartbeat::Heartbeat(Random& random, Counters& counters) : association_(options(), random), counters_(counters) {}

void Heartbeat::start(Timestamp now, rtc::link::Link& link, rtc::link::Output& out) {
    association_.connect(now, sctp_out_);
    flush(link, out);
    ping_ = now + kInterval;
}

void Heartbeat::handle_data(Timestamp now, Bytes packet, rtc::link::Link& link, rtc::link::Output& out) {
    association_.handle_packet(now, packet, sctp_out_);
    flush(link, out);
}

void Heartbeat::handle_timeout(Timestamp now, rtc::link::Link& link, rtc::link::Output& out) {
    if (association_.next_timeout() <= now) association_.handle_timeout(now, sctp_out_);
    if (ping_ <= now) {
        ping_ = now + kInterval;
        // To a silent peer they would only pile up.
        if (link.can_send() && association_.connected() &&
            association_.send(now, kHeartbeatStream, rtc::sctp::ppid::kString, as_bytes("PING"), sctp_out_))
            ++counters_.heartbeats_sent;
    }
    flush(link, out);
}

void Heartbeat::flush(rtc::link::Link& link, rtc::link::Output& out) {
    for (const Buffer& packet : sctp_out_.packets) link.send_data(packet, out);
    for (const rtc::sctp::Event& event : sctp_out_.events) {
        const auto* message = std::get_if<rtc::sctp::Message>(&event);
        if (message && message->stream == kHeartbeatStream && as_text(message->bytes) == "PONG")
            ++counters_.heartbeats_answered;
    }
    sctp_out_.packets.clear();
    sctp_out_.events.clear();
}

}  // namespace crosspoint::sfu
