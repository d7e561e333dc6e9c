#pragma once
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/random.h"
#include "base/send_batch.h"
#include "rtc/dtls/transport.h"
#include "rtc/ice/agent.h"
#include "rtc/srtp/session.h"

namespace crosspoint::rtc::link {

enum class IceRole : uint8_t {
    Lite,         // the server: answers checks
    Controlling,  // simulated browsers, load and relays: asks
};

struct Config {
    LinkId id;
    IceRole ice_role = IceRole::Lite;
    IceCredentials local_ice;
    DtlsRole dtls_role = DtlsRole::Server;
    std::shared_ptr<const crypto::Certificate> certificate;
    std::vector<SrtpProfile> srtp_profiles;  // in our order of preference
};

/// DTLS is done, the fingerprint matched, media may flow. Comes once.
struct Connected {
    SrtpProfile profile;
};
/// RFC 7675 5.1: the peer was not heard for 30 s. Sending has stopped, listening goes on.
struct Silent {};
/// The peer is heard again after Silent.
struct Heard {};
/// What is sent goes there from now on.
struct AddressSelected {
    NetAddress remote;
};
/// The peer proved that it is at this address: what comes from there belongs to this link. Comes with every proof.
struct AddressLearned {
    NetAddress remote;
};
/// That address is no longer believed.
struct AddressForgotten {
    NetAddress remote;
};

enum class Failure : uint8_t { FingerprintMismatch, NoSrtpProfile, DtlsError, NoPath };

/// The link will not recover; only a new one helps. NoPath comes to the asking side alone, and there another
/// description does help.
struct Failed {
    Failure why;
};
/// The peer said goodbye.
struct Closed {};
/// DTLS application data, which is SCTP (RFC 8261).
struct DataReceived {
    Buffer data;
};
using Event = std::variant<Connected, Silent, Heard, AddressSelected, AddressLearned, AddressForgotten, Failed, Closed,
                           DataReceived>;

enum class PacketKind : uint8_t { Rtp, Rtcp };

/// One packet in plain text, a view into the datagram that brought it.
struct Received {
    PacketKind kind;
    Bytes plain;
};

/// What a turn produced. The caller owns it, drains it, reuses it.
struct Output {
    SendBatch& batch;
    std::vector<Event> events;
    std::vector<Received> packets;
};

/// Datagrams that led to nothing, since the link began. None of them leaves anything behind.
struct Counters {
    uint64_t unknown = 0;           // no protocol of ours
    uint64_t dtls_unvalidated = 0;  // DTLS from an address that no check proved
    uint64_t media_unvalidated = 0;
    uint64_t media_too_early = 0;  // before the handshake was done
    uint64_t bad_rtp = 0;          // damaged, forged or replayed
    uint64_t bad_rtcp = 0;
    uint64_t unsent = 0;  // ours, without a path to send them on
};

/// One remote end on the wire: ICE, DTLS and SRTP over one pair of addresses. DTLS begins when a check has validated a
/// pair and the peer's fingerprints are known.
class Link {
public:
    /// Plain packets of up to this size can be sent.
    static constexpr size_t kMaxPacket = 1440;

    /// `random` must outlive the link; only the controlling role uses it.
    Link(const Config& config, dtls::TransportFactory& transports, Random& random);

    LinkId id() const { return id_; }

    /// One datagram for this link; `out.packets` points into it afterwards.
    void handle_datagram(Timestamp now, const NetAddress& from, MutableBytes datagram, Output& out);
    void handle_timeout(Timestamp now, Output& out);
    Timestamp next_timeout() const;

    /// What the peer's description said; again when that changes. Candidates are for the controlling role.
    void set_remote(Timestamp now, const IceCredentials& ice, const std::vector<Fingerprint>& fingerprints, Output& out,
                    std::span<const ice::Candidate> candidates = {});
    /// ICE restart (RFC 8445 2.4): the old pair carries media until a check between the new credentials succeeds.
    void restart_ice(const IceCredentials& local) { ice_->restart(local); }
    /// Ours that checks may be addressed to, the newest last.
    std::vector<std::string> local_ufrags() const { return ice_->local_ufrags(); }

    /// Room for one plain packet at the end of `batch`; empty, and counted, when there is no path to send it on. Write
    /// up to `kMaxPacket` bytes and say how many to `finish_rtp` or `finish_rtcp`, with nothing done to the batch in
    /// between.
    MutableBytes begin_packet(SendBatch& batch);
    /// Protects what was written where it stands and sends it. False when it is no RTP packet.
    bool finish_rtp(SendBatch& batch, size_t plain_size);
    bool finish_rtcp(SendBatch& batch, size_t plain_size);
    /// The same for a packet that stands elsewhere.
    bool send_rtp(SendBatch& batch, Bytes plain);
    bool send_rtcp(SendBatch& batch, Bytes plain);
    /// At most dtls::kMaxApplicationData bytes. False when that is exceeded or there is no path; nobody resends it.
    bool send_data(Bytes data, Output& out);

    /// Says goodbye; nothing is received or sent afterwards.
    void close(Output& out);

    /// Whether a packet would be sent now.
    bool can_send() const { return sender_ && ice_->selected(); }
    /// Whether a check proved that the peer is at this address.
    bool validated(const NetAddress& from) const { return ice_->validated(from); }
    const NetAddress* remote_address() const { return ice_->selected(); }
    const Counters& counters() const { return counters_; }
    const ice::Counters& ice_counters() const { return ice_->counters(); }

private:
    void handle_media(const NetAddress& from, PacketKind kind, MutableBytes datagram, Output& out);
    void start_dtls(Timestamp now, Output& out);
    void take_ice_events(Timestamp now, Output& out);
    void flush_dtls(Output& out);
    void take(dtls::Connected& event, Output& out);
    void take(dtls::Failed& event, Output& out);
    void take(dtls::Closed& event, Output& out);
    void take(dtls::ApplicationData& event, Output& out);
    bool commit(SendBatch& batch, std::optional<size_t> size);

    LinkId id_;
    std::unique_ptr<ice::Agent> ice_;
    std::unique_ptr<dtls::Transport> dtls_;
    std::optional<srtp::Sender> sender_;
    std::optional<srtp::Receiver> receiver_;
    bool fingerprints_known_ = false;
    bool closed_ = false;
    std::vector<ice::Event> ice_events_;  // reused from turn to turn
    dtls::Outbox dtls_out_;
    Counters counters_;
};

}  // namespace crosspoint::rtc::link
