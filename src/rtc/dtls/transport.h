#pragma once
#include <memory>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/certificate.h"
#include "rtc/media.h"

// DTLS-SRTP of one link (RFC 6347, RFC 5764) as a machine. There are two kinds: OpenSSL's, and in simulation a stand-in
// with the same flights whose keys come from the seed.
namespace crosspoint::rtc::dtls {

/// Application data that one `send` takes: what a datagram of 1200 bytes has left after record header, nonce and tag.
inline constexpr size_t kMaxApplicationData = 1163;

/// Master keys and salts in the sizes of the profile (RFC 5764 4.2). `local` protects what we send.
struct SrtpKeys {
    SrtpProfile profile = SrtpProfile::AeadAes128Gcm;
    Buffer local_key;
    Buffer local_salt;
    Buffer remote_key;
    Buffer remote_salt;
};

enum class State : uint8_t {
    New,          // waits for `start`
    Handshaking,  // or done with that, but the remote fingerprint is not known yet
    Connected,    // handshake done, fingerprint matched, SRTP profile agreed
    Failed,
    Closed,  // by either side
};

enum class Failure : uint8_t {
    FingerprintMismatch,
    NoSrtpProfile,  // the peer speaks DTLS but took none of our profiles
    DtlsError,      // a fatal alert, a broken message, or no end of the handshake within kHandshakeLimit
};

struct Connected {
    SrtpKeys keys;
};
struct Failed {
    Failure why;
};
/// By the peer.
struct Closed {};
struct ApplicationData {
    Buffer data;
};
using Event = std::variant<Connected, Failed, Closed, ApplicationData>;

/// What a turn produced. The caller owns it, drains it, reuses it.
struct Outbox {
    std::vector<Buffer> datagrams;  // to the peer, in order
    std::vector<Event> events;
};

struct Config {
    DtlsRole role = DtlsRole::Server;
    std::shared_ptr<const crypto::Certificate> certificate;
    std::vector<SrtpProfile> srtp_profiles;  // in our order of preference; not empty
    size_t mtu = 1200;                       // largest datagram of the handshake; at least 256
};

class Transport {
public:
    virtual ~Transport() = default;

    /// The path is there: a client sends its ClientHello, a server begins to listen. Before that datagrams are dropped.
    virtual void start(Timestamp now, Outbox& out) = 0;
    /// The peer's description; one match is enough (RFC 8122 5). May come after the peer's certificate did. Does
    /// nothing once connected: a new fingerprint there means a new association (RFC 8842 4), and with it a new
    /// transport.
    virtual void set_remote_fingerprints(std::vector<Fingerprint> fingerprints, Outbox& out) = 0;
    /// A datagram whose first byte is 20 to 63 (RFC 7983 7), from the address that ICE validated.
    virtual void handle_datagram(Timestamp now, Bytes datagram, Outbox& out) = 0;
    virtual void handle_timeout(Timestamp now, Outbox& out) = 0;
    virtual Timestamp next_timeout() const = 0;

    /// False when not connected or `data` is empty or longer than kMaxApplicationData. Nobody resends it.
    virtual bool send(Bytes data, Outbox& out) = 0;
    /// Says goodbye to a peer with which the handshake was done; no event follows.
    virtual void close(Outbox& out) = 0;

    virtual State state() const = 0;
};

class TransportFactory {
public:
    virtual ~TransportFactory() = default;
    virtual std::unique_ptr<Transport> make(const Config& config) = 0;
};

}  // namespace crosspoint::rtc::dtls
