#pragma once
#include <span>
#include <variant>
#include <vector>

#include "base/net_address.h"
#include "base/send_batch.h"
#include "base/time.h"
#include "crypto/cipher.h"
#include "rtc/media.h"

namespace crosspoint::rtc::ice {

/// What is sent goes to this address from now on.
struct Selected {
    NetAddress remote;
    bool operator==(const Selected&) const = default;
};
/// The lite side: a check proved that the peer is at this address. Packets from there are this peer's. Comes with every
/// check, since what was proved long ago may be somebody else's by now.
struct Learned {
    NetAddress remote;
    bool operator==(const Learned&) const = default;
};
/// The lite side: an address that had been learned is believed no longer, since there were too many.
struct Forgotten {
    NetAddress remote;
    bool operator==(const Forgotten&) const = default;
};
/// No valid check from where media goes nor from elsewhere, or no answer to ours, for `kConsent`: sending has stopped,
/// listening goes on.
struct Silent {
    bool operator==(const Silent&) const = default;
};
/// Heard again after Silent.
struct Heard {
    bool operator==(const Heard&) const = default;
};
/// No candidate of this description answered. Only another description helps.
struct Failed {
    bool operator==(const Failed&) const = default;
};
using Event = std::variant<Selected, Learned, Forgotten, Silent, Heard, Failed>;

struct Outbox {
    SendBatch& batch;
    std::vector<Event>& events;
};

/// Messages that led to nothing, since the agent began.
struct Counters {
    uint64_t malformed = 0;
    uint64_t unexpected = 0;     // not what this role is sent, or an answer nobody waits for
    uint64_t bad_username = 0;   // a check for somebody else
    uint64_t bad_integrity = 0;  // wrong password, or none
    uint64_t unknown_attribute = 0;
    uint64_t role_conflict = 0;
    uint64_t unanswered = 0;  // over the rate at which we answer
};

/// RFC 7675 5.1: consent to send lasts 30 s.
inline constexpr Duration kConsent = 30s;

/// How many addresses of a peer are believed at a time, and how many candidates are tried.
inline constexpr size_t kMaxPairs = 16;

/// How many passwords a lite agent answers to: the peer may be slow to learn that there is a new one.
inline constexpr size_t kMaxCredentials = 4;

/// Where the peer says it can be reached.
struct Candidate {
    NetAddress address;
    uint32_t priority = 0;  // as in a=candidate; higher is tried first
};

/// A password with the key that it makes.
struct Credentials {
    explicit Credentials(IceCredentials from) : text(std::move(from)), key(as_bytes(text.password)) {}
    IceCredentials text;
    crypto::HmacSha1 key;
};

/// One end of ICE for one component: everything goes over one pair (BUNDLE, rtcp-mux).
class Agent {
public:
    virtual ~Agent() = default;

    virtual void handle_message(Timestamp now, const NetAddress& from, Bytes datagram, Outbox& out) = 0;
    virtual void handle_timeout(Timestamp now, Outbox& out) = 0;
    virtual Timestamp next_timeout() const = 0;

    /// What the peer's description said. The asking side begins its checks at the next timeout, which is now; the same
    /// credentials again change nothing. The lite side never asks, so it has no use for this.
    virtual void set_remote(Timestamp now, const IceCredentials& remote, std::span<const Candidate> candidates) = 0;

    /// ICE restart (RFC 8445 2.4): new local credentials. What was selected carries media until a check between the
    /// new credentials succeeds. On the asking side this takes effect with the next `set_remote`.
    virtual void restart(IceCredentials local) = 0;
    /// Ours that checks may be addressed to, the newest last.
    virtual std::vector<std::string> local_ufrags() const = 0;

    /// Where to send; null before a check succeeded and while the peer is silent.
    virtual const NetAddress* selected() const = 0;
    /// Whether a check proved that the peer is at this address.
    virtual bool validated(const NetAddress& from) const = 0;
    virtual const Counters& counters() const = 0;
};

}  // namespace crosspoint::rtc::ice
