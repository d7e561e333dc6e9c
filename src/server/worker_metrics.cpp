#include "server/worker_metrics.h"

#include "base/verify.h"

namespace crosspoint::server {
namespace {

template <class Counters>
struct CounterField {
    const char* name;
    const char* help;
    uint64_t Counters::* field;
    const char* label = nullptr;  // value of the label "reason"
};

using C = sfu::Counters;
using L = rtc::link::Counters;
constexpr const char* kDropped = "crosspoint_media_dropped_total";
constexpr const char* kDroppedHelp = "Packets and datagrams that were dropped, by reason";

constexpr CounterField<C> kCounters[] = {
    {"crosspoint_media_datagrams_received_total", "UDP datagrams received", &C::datagrams_received},
    {"crosspoint_media_rtp_received_total", "RTP packets received and opened", &C::rtp_received},
    {"crosspoint_media_rtp_forwarded_total", "RTP packets sent to subscribers", &C::rtp_forwarded},
    {"crosspoint_media_rtp_recovered_total", "Lost RTP packets that a retransmission brought", &C::rtp_recovered},
    {"crosspoint_media_rtp_resent_total", "RTP packets sent again to subscribers", &C::rtp_resent},
    {"crosspoint_media_rtcp_received_total", "RTCP packets received and opened", &C::rtcp_received},
    {"crosspoint_media_nacks_sent_total", "Packets that publishers were asked for again", &C::nacks_sent},
    {"crosspoint_media_key_frame_requests_received_total", "Key-frame requests of subscribers",
     &C::key_frame_requests_received},
    {"crosspoint_media_key_frame_requests_sent_total", "Key-frame requests to publishers", &C::key_frame_requests_sent},
    {"crosspoint_media_transport_feedback_sent_total", "Transport-wide feedback packets sent",
     &C::transport_feedback_sent},
    {"crosspoint_media_transport_feedback_received_total", "Transport-wide feedback packets received",
     &C::transport_feedback_received},
    {kDropped, kDroppedHelp, &C::datagrams_unknown, "unknown_sender"},
    {kDropped, kDroppedHelp, &C::stun_unknown, "stun_unknown"},
    {kDropped, kDroppedHelp, &C::addresses_contested, "address_contested"},
    {kDropped, kDroppedHelp, &C::rtp_damaged, "rtp_damaged"},
    {kDropped, kDroppedHelp, &C::rtp_unknown_source, "rtp_unknown_source"},
    {kDropped, kDroppedHelp, &C::rtp_unknown_payload_type, "rtp_unknown_payload_type"},
    {kDropped, kDroppedHelp, &C::rtp_repeated, "rtp_repeated"},
    {kDropped, kDroppedHelp, &C::rtp_outside, "rtp_outside_window"},
    {kDropped, kDroppedHelp, &C::rtp_unexpected, "rtp_unexpected"},
    {kDropped, kDroppedHelp, &C::rtp_not_taken, "codec_not_taken"},
    {kDropped, kDroppedHelp, &C::resends_refused, "resend_refused"},
    {kDropped, kDroppedHelp, &C::rtcp_damaged, "rtcp_damaged"},
};

constexpr CounterField<L> kLinkCounters[] = {
    {kDropped, kDroppedHelp, &L::unknown, "unknown_protocol"},
    {kDropped, kDroppedHelp, &L::dtls_unvalidated, "dtls_unvalidated"},
    {kDropped, kDroppedHelp, &L::media_unvalidated, "media_unvalidated"},
    {kDropped, kDroppedHelp, &L::media_too_early, "media_too_early"},
    {kDropped, kDroppedHelp, &L::bad_rtp, "rtp_unauthentic"},
    {kDropped, kDroppedHelp, &L::bad_rtcp, "rtcp_unauthentic"},
    {kDropped, kDroppedHelp, &L::unsent, "no_path"},
};

constexpr CounterField<io::UdpLosses> kLosses[] = {
    {kDropped, kDroppedHelp, &io::UdpLosses::unsent, "not_sent_by_kernel"},
    {kDropped, kDroppedHelp, &io::UdpLosses::too_long, "too_long"},
};

template <class Fields, class Counters>
void update_counters(app::Metrics& metrics, const Fields& fields, const Counters& counters) {
    for (const auto& one : fields) {
        const app::MetricLabels labels = one.label ? app::MetricLabels{{"reason", one.label}} : app::MetricLabels{};
        metrics.counter(one.name, one.help, labels).raise_to(counters.*one.field);
    }
}

}  // namespace

void WorkerMetrics::update(const io::WorkerReport& report) {
    update_counters(metrics_, kCounters, report.counters);
    update_counters(metrics_, kLinkCounters, report.links);
    update_counters(metrics_, kLosses, report.losses);
    const auto gauge = [&](const char* name, const char* help, size_t value) {
        metrics_.gauge(name, help).set(static_cast<double>(value));
    };
    gauge("crosspoint_media_links", "Media connections open", report.load.links);
    gauge("crosspoint_media_publications", "Tracks published", report.load.publications);
    gauge("crosspoint_media_subscriptions", "Tracks being forwarded, one for each receiver", report.load.subscriptions);
}

void WorkerMetrics::update(const app::ControlPlaneCounts& counts, size_t http_connections) {
    const auto gauge = [&](const char* name, const char* help, size_t value) {
        metrics_.gauge(name, help).set(static_cast<double>(value));
    };
    gauge("crosspoint_sessions", "Sessions", counts.sessions);
    gauge("crosspoint_participants", "Participants", counts.participants);
    gauge("crosspoint_devices_connected", "Devices with an open socket", counts.devices);
    metrics_.counter("crosspoint_sockets_refused_total", "Device sockets opened without a valid token, and closed")
        .raise_to(counts.sockets_refused);
    metrics_.counter("crosspoint_sockets_turned_away_total", "Device sockets not opened: too many of that address")
        .raise_to(counts.sockets_turned_away);
    gauge("crosspoint_people_sockets", "Open sockets of JSAPI", counts.people.sockets);
    gauge("crosspoint_people_sockets_waiting", "Of those, the ones that have not said hello", counts.people.waiting);
    gauge("crosspoint_people_connections", "Connections of people, also those that may still be resumed",
          counts.people.connections);
    gauge("crosspoint_people_users", "Users in memory", counts.people.users);
    gauge("crosspoint_people_chains", "Chains in memory: those with a live call, or used just now",
          counts.people.chains);
    gauge("crosspoint_people_seats", "Participants of calls that have media", counts.people.seats);
    metrics_.counter("crosspoint_people_sockets_refused_total", "Sockets of JSAPI closed before they were welcome")
        .raise_to(counts.people.sockets_refused);
    metrics_.counter("crosspoint_people_sockets_turned_away_total", "Sockets of JSAPI not opened: too many waited")
        .raise_to(counts.people.sockets_turned_away);
    gauge("crosspoint_http_connections", "TCP connections open to the HTTP port", http_connections);
    gauge("crosspoint_callbacks_waiting", "Callbacks not delivered yet", counts.callbacks_waiting);
    metrics_.counter("crosspoint_callbacks_delivered_total", "Callbacks that a receiver has taken")
        .raise_to(counts.callbacks_delivered);
    metrics_.counter("crosspoint_callbacks_dropped_total", "Callbacks that were given up")
        .raise_to(counts.callbacks_dropped);
    metrics_.counter("crosspoint_subscriptions_untaken_total", "Tracks that a subscriber had no codec for")
        .raise_to(counts.untaken_codecs);
    metrics_.counter("crosspoint_subscriptions_unplaced_total", "Tracks that a subscriber had no line left for")
        .raise_to(counts.unplaced_tracks);
    metrics_.counter("crosspoint_should_failures_total", "Internal checks that failed; any is a bug to report")
        .raise_to(should_failures());
}

}  // namespace crosspoint::server
