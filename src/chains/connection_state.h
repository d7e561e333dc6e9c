#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/timers.h"
#include "base/token_bucket.h"
#include "chains/canonical.h"
#include "chains/server_messages.h"

// A connection's state as a plain value (jsapi 2.2, 3, 10.3).
namespace crosspoint::chains {

enum class ConnectionTimer : uint8_t {
    Ping,      // CON-5
    Silence,   // nothing received: the transport is dead (CON-5)
    Window,    // detached: the queue is kept until then (RES-1)
    Expiring,  // the client is told that its token ends soon (CON-8)
    Expiry,    // … and it ends
    kCount,
};

enum class ConnectionPhase : uint8_t {
    Opening,  // the user owner has not answered yet
    Open,
    Gone,
};

/// A call as this connection has been told of it: what SLOT-1 and RES-1 are decided by.
struct CallSlot {
    CallRef ref;
    ProfileId own;        // the profile by which its user takes part
    bool told = false;    // its whole state, since the sequence began
    bool active = false;  // on this connection
    bool held = false;    // by this user
    bool operator==(const CallSlot&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.ref.call, self.ref.chain, self.own, self.told, self.active, self.held);
    }
};

/// A client's message that has no reply yet.
struct PendingRequest {
    /// What it may make of the connection (SLOT-1): with `Call` it would be in this call, with `NewCall` in one that
    /// has no id yet.
    enum class Claim : uint8_t { Nothing, NewCall, Call };
    uint64_t request = 0;
    uint64_t seq = 0;
    Claim claim = Claim::Nothing;
    CallRef call{};
    bool operator==(const PendingRequest&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(Counter{self.request}, self.seq, self.claim, self.call.call, self.call.chain);
    }
};

/// Sent, or to be sent when there is a transport again, and not acknowledged (SEQ-1).
struct KeptMessage {
    uint64_t seq = 0;
    ServerMessage message;
    size_t bytes = 0;
    Timestamp since;
    bool operator==(const KeptMessage&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.seq, self.message.index(), self.bytes); }
};

/// What a new or fresh connection is still to be told before `sync.done` (CON-3).
struct Synchronisation {
    bool running = false;
    bool log_read = false;  // all of it, so that what is not of the log may follow
    uint64_t query = 0;     // of the page that is being read; 0: none
    bool truncated = false;
    std::vector<CallId> calls{};        // whose snapshots are to come, one entry for each
    std::vector<LogNews> news{};        // came while the last page was being read
    std::vector<ServerMessage> held{};  // came before the log was read
    size_t held_bytes = 0;
    bool operator==(const Synchronisation&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.running, self.log_read, self.query != 0, self.truncated, self.calls, self.news.size(),
                self.held.size());
    }
};

struct ConnectionState {
    ConnectionId id;
    UserId user;
    ConnectionPhase phase = ConnectionPhase::Opening;
    std::optional<SocketId> socket;  // nothing: detached
    Grant grant;
    Device device;
    std::string token_hash;
    std::string previous_hash;     // good as well until the client shows that it has the newer token
    std::string token;             // until it has gone out in `welcome`
    uint64_t incarnation = 0;      // counts how often the sequences began (CON-6)
    uint64_t last_request = 0;     // of this incarnation
    uint64_t last_query = 0;       // of this incarnation
    uint64_t received = 0;         // the client's last `seq`
    uint64_t sent = 0;             // our last
    std::deque<KeptMessage> kept;  // oldest first, without gaps up to `sent`
    size_t kept_bytes = 0;
    uint64_t told_more = 0;       // our last that was said when the token allowed to tell more
    bool renumbered = false;      // by the last welcome: `previous_hash` belongs to other numbers
    bool fresh_only = false;      // the queue was dropped, or never outlived the process
    bool over_when_idle = false;  // … and gone as soon as it is active in no call (RES-1)
    std::vector<PendingRequest> requests;
    std::vector<CallSlot> calls;
    Synchronisation sync;
    std::vector<Profile> profiles;  // of its user, also those that the token does not allow
    size_t connections = 0;
    uint64_t useq = 0;  // of the last entry of the user log that was sent
    Timers<ConnectionTimer> timers;
    TokenBucket rate{1, 1s};      // of requests
    TokenBucket patience{1, 1s};  // of requests above the rate, before the transport is closed

    bool operator==(const ConnectionState&) const = default;
    using HasFields = void;
    /// Kept messages by their kind, place and size only, and without the rates.
    static void fields(auto& self, auto& archive) {
        archive(self.id, self.user, self.phase, self.socket.has_value(), self.token_hash, self.previous_hash,
                self.token, Counter{self.incarnation}, self.received, self.sent, self.kept.size());
        for (const KeptMessage& kept : self.kept) archive(kept);
        archive(self.told_more, self.renumbered, self.fresh_only, self.over_when_idle, self.requests, self.calls,
                self.sync, self.profiles, self.connections, self.useq, self.timers);
    }
};

}  // namespace crosspoint::chains
