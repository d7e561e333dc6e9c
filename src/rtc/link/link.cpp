#include "rtc/link/link.h"

#include "rtc/ice/controlling_agent.h"
#include "rtc/ice/lite_agent.h"
#include "rtc/link/demux.h"

namespace crosspoint::rtc::link {
namespace {

std::unique_ptr<ice::Agent> make_agent(const Config& config, Random& random) {
    switch (config.ice_role) {
        case IceRole::Lite: return std::make_unique<ice::LiteAgent>(config.local_ice);
        case IceRole::Controlling: return std::make_unique<ice::ControllingAgent>(config.local_ice, random);
    }
    return nullptr;
}

Failure failure_of(dtls::Failure why) {
    switch (why) {
        case dtls::Failure::FingerprintMismatch: return Failure::FingerprintMismatch;
        case dtls::Failure::NoSrtpProfile: return Failure::NoSrtpProfile;
        case dtls::Failure::DtlsError: return Failure::DtlsError;
    }
    return Failure::DtlsError;
}

Event event_of(const ice::Event& event) {
    struct Translate {
        Event operator()(const ice::Learned& e) const { return AddressLearned{e.remote}; }
        Event operator()(const ice::Forgotten& e) const { return AddressForgotten{e.remote}; }
        Event operator()(const ice::Selected& e) const { return AddressSelected{e.remote}; }
        Event operator()(const ice::Silent&) const { return Silent{}; }
        Event operator()(const ice::Heard&) const { return Heard{}; }
        Event operator()(const ice::Failed&) const { return Failed{Failure::NoPath}; }
    };
    return std::visit(Translate{}, event);
}

}  // namespace

Link::Link(const Config& config, dtls::TransportFactory& transports, Random& random)
    : id_(config.id),
      ice_(make_agent(config, random)),
      dtls_(transports.make(
          {.role = config.dtls_role, .certificate = config.certificate, .srtp_profiles = config.srtp_profiles})) {}

void Link::handle_datagram(Timestamp now, const NetAddress& from, MutableBytes datagram, Output& out) {
    if (closed_) return;
    switch (classify(datagram)) {
        case DatagramKind::Rtp: return handle_media(from, PacketKind::Rtp, datagram, out);
        case DatagramKind::Rtcp: return handle_media(from, PacketKind::Rtcp, datagram, out);
        case DatagramKind::Stun: {
            ice::Outbox ice_out{out.batch, ice_events_};
            ice_->handle_message(now, from, datagram, ice_out);
            return take_ice_events(now, out);
        }
        case DatagramKind::Dtls:
            if (!ice_->validated(from)) {
                ++counters_.dtls_unvalidated;
                return;
            }
            dtls_->handle_datagram(now, datagram, dtls_out_);
            return flush_dtls(out);
        case DatagramKind::Unknown: ++counters_.unknown; return;
    }
}

void Link::handle_media(const NetAddress& from, PacketKind kind, MutableBytes datagram, Output& out) {
    if (!receiver_) {
        ++counters_.media_too_early;
        return;
    }
    if (!ice_->validated(from)) {
        ++counters_.media_unvalidated;
        return;
    }
    const bool rtp = kind == PacketKind::Rtp;
    const auto size = rtp ? receiver_->unprotect_rtp(datagram) : receiver_->unprotect_rtcp(datagram);
    if (!size) {
        ++(rtp ? counters_.bad_rtp : counters_.bad_rtcp);
        return;
    }
    out.packets.push_back({kind, datagram.first(*size)});
}

void Link::handle_timeout(Timestamp now, Output& out) {
    if (closed_) return;
    ice::Outbox ice_out{out.batch, ice_events_};
    ice_->handle_timeout(now, ice_out);
    take_ice_events(now, out);
    dtls_->handle_timeout(now, dtls_out_);
    flush_dtls(out);
}

Timestamp Link::next_timeout() const {
    return closed_ ? kNever : std::min(ice_->next_timeout(), dtls_->next_timeout());
}

void Link::set_remote(Timestamp now, const IceCredentials& ice, const std::vector<Fingerprint>& fingerprints,
                      Output& out, std::span<const ice::Candidate> candidates) {
    if (closed_) return;
    ice_->set_remote(now, ice, candidates);
    fingerprints_known_ = !fingerprints.empty();
    dtls_->set_remote_fingerprints(fingerprints, dtls_out_);
    start_dtls(now, out);
}

void Link::start_dtls(Timestamp now, Output& out) {
    if (fingerprints_known_ && ice_->selected() && dtls_->state() == dtls::State::New) dtls_->start(now, dtls_out_);
    flush_dtls(out);
}

void Link::take_ice_events(Timestamp now, Output& out) {
    if (ice_events_.empty()) return;
    for (const ice::Event& event : ice_events_) out.events.push_back(event_of(event));
    ice_events_.clear();
    start_dtls(now, out);
}

void Link::flush_dtls(Output& out) {
    // Without a path they are lost, as any datagram may be; DTLS sends its flight again.
    if (const NetAddress* remote = ice_->selected())
        for (const Buffer& datagram : dtls_out_.datagrams) out.batch.add(*remote, datagram);
    dtls_out_.datagrams.clear();
    for (dtls::Event& event : dtls_out_.events) std::visit([&](auto& e) { take(e, out); }, event);
    dtls_out_.events.clear();
}

void Link::take(dtls::Connected& event, Output& out) {
    const dtls::SrtpKeys& keys = event.keys;
    sender_.emplace(keys.profile, keys.local_key, keys.local_salt);
    receiver_.emplace(keys.profile, keys.remote_key, keys.remote_salt);
    out.events.emplace_back(Connected{keys.profile});
}

void Link::take(dtls::Failed& event, Output& out) {
    sender_.reset();
    receiver_.reset();
    out.events.emplace_back(Failed{failure_of(event.why)});
}

void Link::take(dtls::Closed&, Output& out) {
    sender_.reset();
    receiver_.reset();
    out.events.emplace_back(Closed{});
}

void Link::take(dtls::ApplicationData& event, Output& out) {
    out.events.emplace_back(DataReceived{std::move(event.data)});
}

MutableBytes Link::begin_packet(SendBatch& batch) {
    if (!can_send()) {
        ++counters_.unsent;
        return {};
    }
    return batch.reserve(kMaxPacket + srtp::kMaxTrailer).first(kMaxPacket);
}

// Reserving again without a commit in between yields the same memory.
bool Link::finish_rtp(SendBatch& batch, size_t plain_size) {
    if (!can_send()) return false;
    return commit(batch, sender_->protect_rtp(batch.reserve(kMaxPacket + srtp::kMaxTrailer), plain_size));
}

bool Link::finish_rtcp(SendBatch& batch, size_t plain_size) {
    if (!can_send()) return false;
    return commit(batch, sender_->protect_rtcp(batch.reserve(kMaxPacket + srtp::kMaxTrailer), plain_size));
}

bool Link::commit(SendBatch& batch, std::optional<size_t> size) {
    if (!size) return false;
    batch.commit(*ice_->selected(), *size);
    return true;
}

bool Link::send_rtp(SendBatch& batch, Bytes plain) {
    const MutableBytes room = begin_packet(batch);
    if (room.size() < plain.size()) return false;
    std::ranges::copy(plain, room.begin());
    return finish_rtp(batch, plain.size());
}

bool Link::send_rtcp(SendBatch& batch, Bytes plain) {
    const MutableBytes room = begin_packet(batch);
    if (room.size() < plain.size()) return false;
    std::ranges::copy(plain, room.begin());
    return finish_rtcp(batch, plain.size());
}

bool Link::send_data(Bytes data, Output& out) {
    if (!can_send()) {
        ++counters_.unsent;
        return false;
    }
    const bool sent = dtls_->send(data, dtls_out_);
    flush_dtls(out);
    return sent;
}

void Link::close(Output& out) {
    if (closed_) return;
    dtls_->close(dtls_out_);
    flush_dtls(out);
    closed_ = true;
    sender_.reset();
    receiver_.reset();
}

}  // namespace crosspoint::rtc::link
