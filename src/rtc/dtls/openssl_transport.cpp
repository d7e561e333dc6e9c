#include "rtc/dtls/openssl_transport.h"

#include <openssl/err.h>

#include "base/verify.h"
#include "rtc/srtp/keys.h"

namespace crosspoint::rtc::dtls {
namespace {

// OpenSSL's own retransmission reads the wall clock. An hour keeps it out of the way.
unsigned library_timeout(SSL*, unsigned) { return 3'600'000'000; }

// Between the peer's ChangeCipherSpec and its Finished.
bool reads_protected(const SSL* ssl) {
    const OSSL_HANDSHAKE_STATE state = SSL_get_state(ssl);
    return state == TLS_ST_SR_CHANGE || state == TLS_ST_CR_CHANGE;
}

}  // namespace

OpensslTransport::OpensslTransport(SSL_CTX* context, const Config& config)
    : role_(config.role), ssl_(SSL_new(context)) {
    VERIFY(ssl_ != nullptr);
    BIO* bio = make_datagram_bio(wire_);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_app_data(ssl_.get(), this);
    DTLS_set_timer_cb(ssl_.get(), library_timeout);
    VERIFY(SSL_set_mtu(ssl_.get(), static_cast<long>(config.mtu)) > 0);
    if (role_ == DtlsRole::Client)
        SSL_set_connect_state(ssl_.get());
    else
        SSL_set_accept_state(ssl_.get());
}

OpensslTransport::~OpensslTransport() = default;

void OpensslTransport::start(Timestamp now, Outbox& out) {
    if (state_ != State::New) return;
    state_ = State::Handshaking;
    if (role_ == DtlsRole::Client) advance_handshake(now, {}, out);
}

void OpensslTransport::set_remote_fingerprints(std::vector<Fingerprint> fingerprints, Outbox& out) {
    if (ended() || state_ == State::Connected) return;
    fingerprints_ = std::move(fingerprints);
    if (SSL_is_init_finished(ssl_.get())) connect_if_trusted(out);
}

bool OpensslTransport::accepts(const X509* certificate) {
    mismatch_ = !fingerprints_.empty() && !any_matches(fingerprints_, certificate);
    return !mismatch_;
}

void OpensslTransport::handle_datagram(Timestamp now, Bytes datagram, Outbox& out) {
    if (state_ == State::New) return;
    while (!ended()) {
        const auto record = take_record(datagram);
        if (!record) return;
        handle_record(now, *record, out);
    }
}

void OpensslTransport::handle_record(Timestamp now, const Record& record, Outbox& out) {
    if (!SSL_is_init_finished(ssl_.get())) {
        if (belongs_to_handshake(record)) advance_handshake(now, record.bytes, out);
        return;
    }
    // Whatever else comes unprotected or renegotiates has no say any more.
    if (record.epoch != 1) return;
    switch (record.type) {
        case ContentType::Handshake: return repeat_last_flight(now, out);
        case ContentType::Alert:
        case ContentType::ApplicationData: return read_application_data(record.bytes, out);
        case ContentType::ChangeCipherSpec: return;
    }
}

// OpenSSL would keep up to a hundred early records, in buffers of 17 KB each, for whoever sends them. They are dropped
// instead: the flight that they belong to is sent again.
bool OpensslTransport::belongs_to_handshake(const Record& record) const {
    if (record.type == ContentType::ApplicationData) return false;
    return record.epoch == 0 || (record.epoch == 1 && reads_protected(ssl_.get()));
}

void OpensslTransport::advance_handshake(Timestamp now, Bytes record, Outbox& out) {
    if (!timers_.armed(Timer::GiveUp)) timers_.set(Timer::GiveUp, now + kHandshakeLimit);
    wire_.incoming = record;
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    const bool going_on = result == 1 || SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ;
    wire_.incoming = {};
    if (!going_on) {
        take_sent(out);
        return fail(mismatch_ ? Failure::FingerprintMismatch : Failure::DtlsError, out);
    }
    if (!wire_.sent.empty()) {
        flight_ = wire_.sent;
        flight_timeout_ = kFirstFlightTimeout;
        timers_.set(Timer::Flight, now + flight_timeout_);
        take_sent(out);
    }
    if (result == 1) finish_handshake(out);
}

void OpensslTransport::finish_handshake(Outbox& out) {
    timers_ = {};
    // The server spoke last, and only it can be asked for its flight again (RFC 6347 4.2.4).
    if (role_ == DtlsRole::Client) flight_.clear();
    if (!SSL_get_selected_srtp_profile(ssl_.get())) {
        say_goodbye(out);
        return fail(Failure::NoSrtpProfile, out);
    }
    connect_if_trusted(out);
}

void OpensslTransport::connect_if_trusted(Outbox& out) {
    if (fingerprints_.empty()) return;
    if (!accepts(SSL_get0_peer_certificate(ssl_.get()))) {
        say_goodbye(out);
        return fail(Failure::FingerprintMismatch, out);
    }
    state_ = State::Connected;
    out.events.push_back(Connected{export_keys()});
}

// RFC 5764 4.2: client key, server key, client salt, server salt.
SrtpKeys OpensslTransport::export_keys() const {
    static constexpr std::string_view kLabel = "EXTRACTOR-dtls_srtp";
    SrtpKeys keys;
    keys.profile = static_cast<SrtpProfile>(SSL_get_selected_srtp_profile(ssl_.get())->id);
    const srtp::ProfileSizes sizes = srtp::sizes_of(keys.profile);
    Buffer material(2 * (sizes.key + sizes.salt));
    VERIFY(SSL_export_keying_material(ssl_.get(), material.data(), material.size(), kLabel.data(), kLabel.size(),
                                      nullptr, 0, 0) == 1);
    ByteReader in(material);
    keys.local_key = to_buffer(in.bytes(sizes.key));
    keys.remote_key = to_buffer(in.bytes(sizes.key));
    keys.local_salt = to_buffer(in.bytes(sizes.salt));
    keys.remote_salt = to_buffer(in.bytes(sizes.salt));
    if (role_ == DtlsRole::Server) {
        std::swap(keys.local_key, keys.remote_key);
        std::swap(keys.local_salt, keys.remote_salt);
    }
    return keys;
}

void OpensslTransport::handle_timeout(Timestamp now, Outbox& out) {
    if (timers_.fired(Timer::GiveUp, now)) return fail(Failure::DtlsError, out);
    if (!timers_.fired(Timer::Flight, now)) return;
    flight_timeout_ = std::min(flight_timeout_ * 2, kMaxFlightTimeout);
    timers_.set(Timer::Flight, now + flight_timeout_);
    resend(out);
}

// A server that is done hears us only through the replay window of its record layer, so the same datagrams again would
// be lost on it: the repetition needs new record numbers, and only OpenSSL can give them. It does when it finds its own
// timer expired, so we move that timer's end into the past. Where it is out of reach, the old datagrams are still good
// for every loss but that of the server's last flight.
void OpensslTransport::resend(Outbox& out) {
    timeval* deadline = wire_.library_deadline;
    if (deadline && (deadline->tv_sec != 0 || deadline->tv_usec != 0)) {
        *deadline = {.tv_sec = 1, .tv_usec = 0};
        ERR_clear_error();
        if (DTLSv1_handle_timeout(ssl_.get()) > 0) return take_sent(out);
        wire_.sent.clear();
    }
    out.datagrams.insert(out.datagrams.end(), flight_.begin(), flight_.end());
}

void OpensslTransport::repeat_last_flight(Timestamp now, Outbox& out) {
    if (now < last_flight_repeated_ + kLastFlightInterval) return;
    last_flight_repeated_ = now;
    out.datagrams.insert(out.datagrams.end(), flight_.begin(), flight_.end());
}

void OpensslTransport::read_application_data(Bytes record, Outbox& out) {
    std::array<uint8_t, Record::kMaxFragment> plain;
    wire_.incoming = record;
    ERR_clear_error();
    int result = 0;
    while ((result = SSL_read(ssl_.get(), plain.data(), static_cast<int>(plain.size()))) > 0) {
        // Until the fingerprint is known this is from nobody.
        if (state_ != State::Connected) continue;
        out.events.push_back(ApplicationData{to_buffer(Bytes(plain).first(static_cast<size_t>(result)))});
    }
    wire_.incoming = {};
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_WANT_READ) return;
    if (error != SSL_ERROR_ZERO_RETURN) return fail(Failure::DtlsError, out);
    say_goodbye(out);
    end(State::Closed);
    out.events.push_back(Closed{});
}

bool OpensslTransport::send(Bytes data, Outbox& out) {
    if (state_ != State::Connected || data.empty() || data.size() > kMaxApplicationData) return false;
    ERR_clear_error();
    const int written = SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size()));
    take_sent(out);
    return written == static_cast<int>(data.size());
}

void OpensslTransport::close(Outbox& out) {
    if (ended()) return;
    if (SSL_is_init_finished(ssl_.get())) say_goodbye(out);
    end(State::Closed);
}

void OpensslTransport::take_sent(Outbox& out) {
    out.datagrams.insert(out.datagrams.end(), std::make_move_iterator(wire_.sent.begin()),
                         std::make_move_iterator(wire_.sent.end()));
    wire_.sent.clear();
}

void OpensslTransport::say_goodbye(Outbox& out) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    take_sent(out);
}

void OpensslTransport::fail(Failure why, Outbox& out) {
    end(State::Failed);
    out.events.push_back(Failed{why});
}

void OpensslTransport::end(State state) {
    state_ = state;
    timers_ = {};
    flight_.clear();
}

std::unique_ptr<Transport> OpensslTransportFactory::make(const Config& config) {
    VERIFY(config.certificate && !config.srtp_profiles.empty());
    const auto known = std::find_if(known_.begin(), known_.end(), [&config](const Known& k) {
        return k.certificate == config.certificate && k.profiles == config.srtp_profiles;
    });
    if (known != known_.end()) return std::make_unique<OpensslTransport>(known->context.get(), config);
    if (known_.size() == kMaxContexts) known_.pop_back();
    known_.push_front(
        {config.certificate, config.srtp_profiles, make_ssl_context(*config.certificate, config.srtp_profiles)});
    return std::make_unique<OpensslTransport>(known_.front().context.get(), config);
}

}  // namespace crosspoint::rtc::dtls
