#include "stand_in_dtls.h"

#include <algorithm>
#include <array>

#include "base/verify.h"
#include "rtc/dtls/record.h"
#include "rtc/srtp/keys.h"

namespace crosspoint::sim {

namespace dtls = rtc::dtls;
using rtc::DtlsRole;
using rtc::SrtpProfile;

namespace {

constexpr Duration kFirstResend = 50ms;
constexpr Duration kLongestResend = 60s;
constexpr Duration kHandshakeLimit = 60s;
constexpr size_t kTagSize = 16;  // as long as AES-GCM's

class StandInCertificate final : public crypto::Certificate {
public:
    explicit StandInCertificate(std::string fingerprint) : fingerprint_(std::move(fingerprint)) {}
    const std::string& sha256_fingerprint() const override { return fingerprint_; }

private:
    std::string fingerprint_;
};

/// What each flight says, and how large it is with real certificates.
enum class Flight : uint8_t { ClientHello = 1, ServerHello, ClientFinished, ServerFinished };
constexpr size_t size_of(Flight flight) {
    switch (flight) {
        case Flight::ClientHello: return 250;
        case Flight::ServerHello: return 800;
        case Flight::ClientFinished: return 600;
        case Flight::ServerFinished: return 120;
    }
    return 0;
}

struct Hello {
    Flight flight = Flight::ClientHello;
    uint64_t nonce = 0;
    std::string fingerprint;
    std::vector<SrtpProfile> profiles;  // offered by the client, at most one from the server
};

Buffer record(dtls::ContentType type, Bytes fragment) {
    Buffer bytes(dtls::Record::kHeaderSize + fragment.size());
    ByteWriter out(bytes);
    out.u8(static_cast<uint8_t>(type));
    out.u16(0xfefd);
    out.u64(0);  // epoch and sequence number
    out.u16(static_cast<uint16_t>(fragment.size()));
    out.bytes(fragment);
    return bytes;
}

Buffer write(const Hello& hello) {
    Buffer fragment(size_of(hello.flight));
    ByteWriter out(fragment);
    out.u8(static_cast<uint8_t>(hello.flight));
    out.u64(hello.nonce);
    out.u8(static_cast<uint8_t>(hello.fingerprint.size()));
    out.bytes(as_bytes(hello.fingerprint));
    out.u8(static_cast<uint8_t>(hello.profiles.size()));
    for (const SrtpProfile profile : hello.profiles) out.u16(static_cast<uint16_t>(profile));
    VERIFY(out.done());
    return record(dtls::ContentType::Handshake, fragment);
}

std::optional<Hello> read_hello(Bytes fragment) {
    ByteReader in(fragment);
    Hello hello;
    const uint8_t flight = in.u8();
    hello.nonce = in.u64();
    hello.fingerprint = as_text(in.bytes(in.u8()));
    for (size_t left = in.u8(); left > 0 && in.done(); --left) hello.profiles.push_back(SrtpProfile{in.u16()});
    if (!in.done() || flight < 1 || flight > 4) return std::nullopt;
    hello.flight = Flight{flight};
    return hello;
}

class StandInTransport final : public dtls::Transport {
public:
    StandInTransport(const dtls::Config& config, uint64_t nonce) : config_(config), nonce_(nonce) {}

    void start(Timestamp now, dtls::Outbox& out) override {
        if (state_ != dtls::State::New) return;
        state_ = dtls::State::Handshaking;
        give_up_ = now + kHandshakeLimit;
        if (client()) send(now, Flight::ClientHello, config_.srtp_profiles, true, out);
    }
    void set_remote_fingerprints(std::vector<rtc::Fingerprint> fingerprints, dtls::Outbox& out) override {
        if (state_ == dtls::State::New || state_ == dtls::State::Handshaking) expected_ = std::move(fingerprints);
        finish_if_possible(out);
    }
    void handle_datagram(Timestamp now, Bytes datagram, dtls::Outbox& out) override;
    void handle_timeout(Timestamp now, dtls::Outbox& out) override;
    Timestamp next_timeout() const override {
        return state_ == dtls::State::Handshaking ? std::min(resend_, give_up_) : kNever;
    }
    bool send(Bytes data, dtls::Outbox& out) override {
        if (state_ != dtls::State::Connected || data.empty() || data.size() > dtls::kMaxApplicationData) return false;
        out.datagrams.push_back(sealed(dtls::ContentType::ApplicationData, data));
        return true;
    }
    void close(dtls::Outbox& out) override {
        if (state_ == dtls::State::Connected) out.datagrams.push_back(sealed(dtls::ContentType::Alert, {}));
        state_ = dtls::State::Closed;
    }
    dtls::State state() const override { return state_; }

private:
    bool client() const { return config_.role == DtlsRole::Client; }
    void send(Timestamp now, Flight flight, std::vector<SrtpProfile> profiles, bool again, dtls::Outbox& out);
    void handle(Timestamp now, const Hello& hello, dtls::Outbox& out);
    void handle_as_client(Timestamp now, const Hello& hello, dtls::Outbox& out);
    void handle_as_server(Timestamp now, const Hello& hello, dtls::Outbox& out);
    void finish_if_possible(dtls::Outbox& out);
    void fail(dtls::Failure why, dtls::Outbox& out) {
        state_ = dtls::State::Failed;
        out.events.emplace_back(dtls::Failed{why});
    }
    Buffer sealed(dtls::ContentType type, Bytes data) const;
    std::optional<Bytes> opened(Bytes fragment) const;
    dtls::SrtpKeys keys() const;

    dtls::Config config_;
    uint64_t nonce_;
    uint64_t secret_ = 0;  // of both nonces
    dtls::State state_ = dtls::State::New;
    std::vector<rtc::Fingerprint> expected_;
    std::optional<std::string> presented_;
    std::optional<SrtpProfile> profile_;
    bool handshake_done_ = false;
    Buffer last_flight_;
    Timestamp resend_ = kNever;
    Duration interval_ = kFirstResend;
    Timestamp give_up_ = kNever;
};

void StandInTransport::send(Timestamp now, Flight flight, std::vector<SrtpProfile> profiles, bool again,
                            dtls::Outbox& out) {
    last_flight_ = write({flight, nonce_, config_.certificate->sha256_fingerprint(), std::move(profiles)});
    out.datagrams.push_back(last_flight_);
    interval_ = kFirstResend;
    resend_ = again ? now + interval_ : kNever;
}

void StandInTransport::handle_timeout(Timestamp now, dtls::Outbox& out) {
    if (state_ != dtls::State::Handshaking) return;
    if (now >= give_up_) return fail(dtls::Failure::DtlsError, out);
    if (now < resend_) return;
    out.datagrams.push_back(last_flight_);
    interval_ = std::min<Duration>(interval_ * 2, kLongestResend);
    resend_ = now + interval_;
}

void StandInTransport::handle_datagram(Timestamp now, Bytes datagram, dtls::Outbox& out) {
    if (state_ == dtls::State::New || state_ == dtls::State::Failed || state_ == dtls::State::Closed) return;
    const auto record = dtls::take_record(datagram);
    if (!record) return;
    const Bytes fragment = record->bytes.subspan(dtls::Record::kHeaderSize);
    if (record->type == dtls::ContentType::Handshake) {
        if (const auto hello = read_hello(fragment)) handle(now, *hello, out);
        return;
    }
    const auto plain = opened(fragment);
    if (state_ != dtls::State::Connected || !plain) return;
    if (record->type == dtls::ContentType::ApplicationData) {
        out.events.emplace_back(dtls::ApplicationData{to_buffer(*plain)});
    } else if (record->type == dtls::ContentType::Alert) {
        state_ = dtls::State::Closed;
        out.events.emplace_back(dtls::Closed{});
    }
}

void StandInTransport::handle(Timestamp now, const Hello& hello, dtls::Outbox& out) {
    if (client())
        handle_as_client(now, hello, out);
    else
        handle_as_server(now, hello, out);
}

void StandInTransport::handle_as_client(Timestamp now, const Hello& hello, dtls::Outbox& out) {
    if (handshake_done_) return;
    if (hello.flight == Flight::ServerHello && !presented_) {
        presented_ = hello.fingerprint;
        if (hello.profiles.empty()) return fail(dtls::Failure::NoSrtpProfile, out);
        profile_ = hello.profiles.front();
        secret_ = nonce_ * 31 + hello.nonce;
        return send(now, Flight::ClientFinished, {}, true, out);
    }
    if (hello.flight != Flight::ServerFinished || !presented_) return;
    handshake_done_ = true;
    resend_ = kNever;
    finish_if_possible(out);
}

void StandInTransport::handle_as_server(Timestamp now, const Hello& hello, dtls::Outbox& out) {
    if (hello.flight == Flight::ClientHello && !presented_) {
        for (const SrtpProfile ours : config_.srtp_profiles)
            if (!profile_ && std::ranges::count(hello.profiles, ours) > 0) profile_ = ours;
        secret_ = hello.nonce * 31 + nonce_;
        std::vector<SrtpProfile> chosen;
        if (profile_) chosen.push_back(*profile_);
        send(now, Flight::ServerHello, std::move(chosen), profile_.has_value(), out);
        if (!profile_) fail(dtls::Failure::NoSrtpProfile, out);
        return;
    }
    if (hello.flight != Flight::ClientFinished || !profile_) return;
    if (handshake_done_) {  // ours was lost
        out.datagrams.push_back(last_flight_);
        return;
    }
    presented_ = hello.fingerprint;
    handshake_done_ = true;
    send(now, Flight::ServerFinished, {}, false, out);
    finish_if_possible(out);
}

void StandInTransport::finish_if_possible(dtls::Outbox& out) {
    if (state_ != dtls::State::Handshaking || !handshake_done_ || expected_.empty()) return;
    const auto matches = [&](const rtc::Fingerprint& f) { return f.algorithm == "sha-256" && f.value == *presented_; };
    if (std::ranges::none_of(expected_, matches)) return fail(dtls::Failure::FingerprintMismatch, out);
    state_ = dtls::State::Connected;
    out.events.emplace_back(dtls::Connected{keys()});
}

dtls::SrtpKeys StandInTransport::keys() const {
    SeededRandom random(secret_);
    const auto sizes = rtc::srtp::sizes_of(*profile_);
    const auto draw = [&](size_t size) {
        Buffer bytes(size);
        random.fill(bytes);
        return bytes;
    };
    const Buffer client_key = draw(sizes.key), client_salt = draw(sizes.salt);
    const Buffer server_key = draw(sizes.key), server_salt = draw(sizes.salt);
    if (client()) return {*profile_, client_key, client_salt, server_key, server_salt};
    return {*profile_, server_key, server_salt, client_key, client_salt};
}

// The tag tells records of one association from those of another; it protects nothing.
Buffer StandInTransport::sealed(dtls::ContentType type, Bytes data) const {
    Buffer fragment(8 + data.size() + kTagSize);
    ByteWriter out(fragment);
    out.u64(0);
    out.bytes(data);
    out.u64(secret_);
    return record(type, fragment);
}

std::optional<Bytes> StandInTransport::opened(Bytes fragment) const {
    if (fragment.size() < 8 + kTagSize) return std::nullopt;
    const size_t size = fragment.size() - 8 - kTagSize;
    if (ByteReader(fragment.subspan(8 + size)).u64() != secret_) return std::nullopt;
    return fragment.subspan(8, size);
}

}  // namespace

std::shared_ptr<const crypto::Certificate> make_stand_in_certificate(Random& random) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::array<uint8_t, 32> digest;
    random.fill(digest);
    std::string text;
    for (const uint8_t byte : digest) {
        if (!text.empty()) text += ':';
        text += {kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return std::make_shared<StandInCertificate>(std::move(text));
}

std::unique_ptr<dtls::Transport> StandInTransportFactory::make(const dtls::Config& config) {
    return std::make_unique<StandInTransport>(config, random_.u64());
}

}  // namespace crosspoint::sim
