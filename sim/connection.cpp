#include "connection.h"

#include <fmt/format.h>

#include "rtc/link/demux.h"

namespace crosspoint::sim {
namespace {

constexpr Duration kIceFailed = 15s;  // Chromium calls a path without answers failed after that
constexpr Duration kStragglers = 1s;  // packets that were sent before the server heard of a change
constexpr Duration kReportInterval = 1s;

rtc::IceCredentials new_credentials(Random& random) { return {random.ice_chars(4), random.ice_chars(24)}; }

}  // namespace

Connection::Connection(Surroundings& around, const NetAddress& address, Wire& wire, Purpose purpose)
    : around_(around),
      address_(address),
      wire_(wire),
      purpose_(purpose),
      certificate_(around.make_certificate()),
      ice_(new_credentials(around.random)),
      origin_{around.random.u64() >> 2, 0},
      own_ssrc_(around.random.u32() | 1),
      alarm_(around.schedule, [this] { handle_timeout(); }) {
    attach();
}

void Connection::attach() {
    around_.network.attach(
        address_, [this](const NetAddress& from, MutableBytes datagram) { handle_datagram(from, datagram); }, &wire_);
}

void Connection::move_to(const NetAddress& address) {
    around_.network.detach(address_);
    address_ = address;
    attach();
}

Connection::~Connection() { around_.network.detach(address_); }

void Connection::restart_ice() { ice_ = new_credentials(around_.random); }

void Connection::open_link() {
    rtc::link::Config config;
    config.ice_role = rtc::link::IceRole::Controlling;
    config.local_ice = ice_;
    // Spec 2.6 and 2.7: the server answers passive, and our own answers are.
    config.dtls_role = purpose_ == Purpose::Publishing ? rtc::DtlsRole::Client : rtc::DtlsRole::Server;
    config.certificate = certificate_;
    config.srtp_profiles = {rtc::SrtpProfile::Aes128CmSha1_80, rtc::SrtpProfile::AeadAes128Gcm};
    link_ = std::make_unique<rtc::link::Link>(config, around_.transports, around_.random);
    dtls_failed_ = false;
    association_.emplace(rtc::sctp::Options{}, around_.random);
    for (const auto& track : heard_) track->expect_restart();
}

void Connection::apply(const rtc::sdp::ServerSide& server) {
    const Timestamp now = around_.schedule.time();
    // RFC 8842 4: another fingerprint begins another DTLS association.
    const bool fresh = !link_ || server.fingerprints != server_fingerprints_;
    if (fresh)
        open_link();
    else if (server.ice != server_ice_)
        link_->restart_ice(ice_);
    if (fresh || server.ice != server_ice_) {
        state_ = State::Checking;
        fails_at_ = now + kIceFailed;
    }
    server_ice_ = server.ice;
    server_fingerprints_ = server.fingerprints;
    std::vector<rtc::ice::Candidate> candidates;
    for (const NetAddress& address : server.candidates) candidates.push_back({address, 1});
    turn([&](rtc::link::Output& out) { link_->set_remote(now, server.ice, server.fingerprints, out, candidates); });
}

void Connection::close() {
    if (link_) turn([&](rtc::link::Output& out) { link_->close(out); });
    around_.network.detach(address_);
    alarm_.set(kNever);
}

SentTrack& Connection::add(std::unique_ptr<SentTrack> track) { return *sent_.emplace_back(std::move(track)); }

void Connection::remove(const SentTrack& track) {
    std::erase_if(sent_, [&](const auto& one) { return one.get() == &track; });
}

void Connection::wake() {
    turn([](rtc::link::Output&) {});
}

void Connection::set_heard(const std::vector<rtc::sdp::OfferedTrack>& tracks) {
    std::vector<std::unique_ptr<HeardTrack>> now_heard;
    for (const rtc::sdp::OfferedTrack& track : tracks) {
        const auto known = std::ranges::find_if(
            heard_, [&](const auto& one) { return one && one->offered().parameters.ssrc == track.parameters.ssrc; });
        now_heard.push_back(known == heard_.end() ? std::make_unique<HeardTrack>(track, own_ssrc_) : std::move(*known));
    }
    for (const auto& gone : heard_) {
        if (!gone) continue;
        retired_[*gone->offered().parameters.ssrc] = around_.schedule.time();
        if (const auto rtx = gone->offered().parameters.rtx_ssrc) retired_[*rtx] = around_.schedule.time();
    }
    heard_ = std::move(now_heard);
    wake();
}

/// One turn of the link: what it says is handled, what it sends goes out, its next wake-up is set.
void Connection::turn(const std::function<void(rtc::link::Output&)>& work) {
    rtc::link::Output out{batch_, {}, {}};
    work(out);
    for (const rtc::link::Received& packet : out.packets) take(packet);
    for (size_t i = 0; i < out.events.size(); ++i) take(out.events[i]);
    around_.network.send(address_, batch_);
    alarm_.set(next_timeout());
}

void Connection::handle_datagram(const NetAddress& from, MutableBytes datagram) {
    if (!link_) return;
    const bool stun = rtc::link::classify(datagram) == rtc::link::DatagramKind::Stun;
    turn([&](rtc::link::Output& out) { link_->handle_datagram(around_.schedule.time(), from, datagram, out); });
    if (stun && link_->remote_address()) heard_from_server();
}

void Connection::heard_from_server() {
    state_ = State::Connected;
    fails_at_ = around_.schedule.time() + kIceFailed;
    alarm_.set(next_timeout());
}

void Connection::handle_timeout() {
    const Timestamp now = around_.schedule.time();
    turn([&](rtc::link::Output& out) {
        if (link_ && link_->next_timeout() <= now) link_->handle_timeout(now, out);
        if (association_ && association_->next_timeout() <= now) {
            rtc::sctp::Output sctp;
            association_->handle_timeout(now, sctp);
            flush_sctp(sctp);
        }
        for (const auto& track : sent_) track->handle_timeout(now, *this);
        for (const auto& track : heard_) track->handle_timeout(now, *this);
        if (feedback_.next_timeout() <= now)
            for (const auto& message : feedback_.collect(now, own_ssrc_, own_ssrc_)) send_rtcp(message);
        if (next_report_ <= now) send_reports();
    });
    if (fails_at_ > now) return;
    fails_at_ = kNever;
    state_ = State::Failed;
    alarm_.set(next_timeout());
    if (on_failed) on_failed();
}

Timestamp Connection::next_timeout() const {
    Timestamp next = std::min(fails_at_, feedback_.next_timeout());
    if (link_) next = std::min({next, link_->next_timeout(), association_->next_timeout(), next_report_});
    for (const auto& track : sent_) next = std::min(next, track->next_timeout());
    for (const auto& track : heard_) next = std::min(next, track->next_timeout());
    return next;
}

void Connection::take(const rtc::link::Received& packet) {
    if (packet.kind == rtc::link::PacketKind::Rtp)
        take_rtp(packet.plain);
    else
        take_rtcp(packet.plain);
}

void Connection::take_rtp(Bytes plain) {
    const Timestamp now = around_.schedule.time();
    const auto packet = rtc::rtp::Packet::parse(plain);
    if (!packet) return complain("a damaged RTP packet");
    if (!heard_.empty()) {
        const Bytes wide = packet->extension(heard_.front()->offered().parameters.extensions.transport_sequence);
        if (wide.size() == 2) feedback_.received(now, ByteReader(wide).u16());
    }
    for (const auto& track : heard_) {
        if (!track->owns(packet->ssrc)) continue;
        track->handle_rtp(now, *packet);
        if (!track->complaint.empty()) complain(std::exchange(track->complaint, {}));
        return;
    }
    const auto retired = retired_.find(packet->ssrc);
    if (retired == retired_.end() || now - retired->second > kStragglers)
        complain(fmt::format("a packet without a subscription, SSRC {}", packet->ssrc.value));
}

void Connection::take_rtcp(Bytes plain) {
    const auto compound = rtc::rtcp::Compound::parse(plain);
    if (!compound) return complain("a damaged RTCP packet");
    for (const rtc::rtcp::Message& message : compound->messages) {
        for (const auto& track : sent_) track->handle_rtcp(message, *this);
        for (const auto& track : heard_) track->handle_rtcp(around_.schedule.time(), message);
        if (const auto* feedback = std::get_if<rtc::rtcp::TransportFeedback>(&message))
            feedback_arrivals_ += feedback->arrivals.size();
    }
}

void Connection::take(const rtc::link::Event& event) {
    if (const auto* data = std::get_if<rtc::link::DataReceived>(&event)) take_data(data->data);
    if (std::holds_alternative<rtc::link::Connected>(event)) {
        next_report_ = around_.schedule.time() + kReportInterval;
        around_.trace.note(around_.schedule.time(), address_.text(), "is connected");
    }
    const auto* failed = std::get_if<rtc::link::Failed>(&event);
    if (!failed || failed->why == rtc::link::Failure::NoPath) return;
    // Browsers give up, too, when a handshake does not get through; only another fingerprint of the server helps.
    dtls_failed_ = true;
    if (failed->why != rtc::link::Failure::DtlsError)
        complain(fmt::format("DTLS failed ({})", static_cast<int>(failed->why)));
    if (on_failed) on_failed();
}

void Connection::take_data(Bytes packet) {
    const Timestamp now = around_.schedule.time();
    rtc::sctp::Output out;
    association_->handle_packet(now, packet, out);
    for (size_t i = 0; i < out.events.size(); ++i) {
        const auto* message = std::get_if<rtc::sctp::Message>(&out.events[i]);
        if (!message || message->stream != 0 || as_text(message->bytes) != "PING") continue;
        ++pings_;
        association_->send(now, 0, rtc::sctp::ppid::kString, as_bytes("PONG"), out);
    }
    flush_sctp(out);
}

void Connection::flush_sctp(rtc::sctp::Output& out) {
    rtc::link::Output link_out{batch_, {}, {}};
    for (const Buffer& packet : out.packets) link_->send_data(packet, link_out);
}

void Connection::send_rtp(Bytes packet) { link_->send_rtp(batch_, packet); }

void Connection::send_rtcp(const rtc::rtcp::Message& message) {
    std::array<uint8_t, 1200> room;
    ByteWriter out(room);
    rtc::rtcp::write(out, message);
    link_->send_rtcp(batch_, out.written());
}

void Connection::send_reports() {
    next_report_ = around_.schedule.time() + kReportInterval;
    rtc::rtcp::ReceiverReport report{.sender = own_ssrc_, .blocks = {}};
    for (const auto& track : heard_)
        if (const auto block = track->report(around_.schedule.time())) report.blocks.push_back(*block);
    if (!report.blocks.empty() && can_send()) send_rtcp(report);
}

}  // namespace crosspoint::sim
