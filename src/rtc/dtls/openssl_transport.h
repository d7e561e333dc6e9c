#pragma once
#include <openssl/ssl.h>

#include <deque>

#include "base/timers.h"
#include "rtc/dtls/datagram_bio.h"
#include "rtc/dtls/openssl_context.h"
#include "rtc/dtls/record.h"
#include "rtc/dtls/transport.h"

namespace crosspoint::rtc::dtls {

/// First wait for an answer to a flight. RFC 6347 4.2.4.1 says 1 s for a path nobody knows; ours has just carried ICE
/// checks, a call is waiting, and a flight sent twice costs a few packets. Browsers wait as long.
inline constexpr Duration kFirstFlightTimeout = 50ms;
inline constexpr Duration kMaxFlightTimeout = 60s;  // RFC 6347 4.2.4.1
/// From our ClientHello, or from the first message of the peer's, to the end of the handshake.
inline constexpr Duration kHandshakeLimit = 60s;
/// A peer that lost our last flight gets it again, but not more often than this: anybody can forge its asking.
inline constexpr Duration kLastFlightInterval = 20ms;

/// DTLS 1.2 by OpenSSL, without its clock and its sockets. Its randomness is its own.
class OpensslTransport final : public Transport {
public:
    OpensslTransport(SSL_CTX* context, const Config& config);
    ~OpensslTransport() override;
    OpensslTransport(const OpensslTransport&) = delete;
    OpensslTransport& operator=(const OpensslTransport&) = delete;

    void start(Timestamp now, Outbox& out) override;
    void set_remote_fingerprints(std::vector<Fingerprint> fingerprints, Outbox& out) override;
    void handle_datagram(Timestamp now, Bytes datagram, Outbox& out) override;
    void handle_timeout(Timestamp now, Outbox& out) override;
    Timestamp next_timeout() const override { return timers_.next(); }
    bool send(Bytes data, Outbox& out) override;
    void close(Outbox& out) override;
    State state() const override { return state_; }

    /// Asked by OpenSSL while the peer's certificate arrives: false is a fatal alert.
    bool accepts(const X509* certificate);

private:
    enum class Timer : uint8_t {
        Flight,  // no answer to our last flight: send it again
        GiveUp,  // the handshake did not end
        kCount,
    };

    bool ended() const { return state_ == State::Failed || state_ == State::Closed; }
    void handle_record(Timestamp now, const Record& record, Outbox& out);
    bool belongs_to_handshake(const Record& record) const;
    void advance_handshake(Timestamp now, Bytes record, Outbox& out);
    void finish_handshake(Outbox& out);
    void connect_if_trusted(Outbox& out);
    void repeat_last_flight(Timestamp now, Outbox& out);
    void resend(Outbox& out);
    void read_application_data(Bytes record, Outbox& out);
    void take_sent(Outbox& out);
    void say_goodbye(Outbox& out);
    void fail(Failure why, Outbox& out);
    void end(State state);
    SrtpKeys export_keys() const;

    DtlsRole role_;
    State state_ = State::New;
    Wire wire_;
    SslPointer ssl_;
    std::vector<Fingerprint> fingerprints_;
    bool mismatch_ = false;
    Timers<Timer> timers_;
    Duration flight_timeout_ = kFirstFlightTimeout;
    std::vector<Buffer> flight_;  // our last one, as it was sent
    Timestamp last_flight_repeated_{};
};

/// Makes transports of the kind above; one for each thread that makes them. A context costs more than a transport and
/// is the same for all links with one certificate, so the most recent ones are kept.
class OpensslTransportFactory final : public TransportFactory {
public:
    std::unique_ptr<Transport> make(const Config& config) override;

private:
    static constexpr size_t kMaxContexts = 8;
    struct Known {
        std::shared_ptr<const crypto::Certificate> certificate;
        std::vector<SrtpProfile> profiles;
        SslContextPointer context;
    };
    std::deque<Known> known_;
};

}  // namespace crosspoint::rtc::dtls
