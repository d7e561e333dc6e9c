#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/timers.h"
#include "base/token_bucket.h"
#include "chains/profile_book.h"
#include "chains/server_messages.h"
#include "chains/settings.h"

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
};

/// A client's message that has no reply yet.
struct OpenRequestSlot {
    enum class Claim : uint8_t { Nothing, NewCall, Call, Hold };
    uint64_t request = 0;
    uint64_t seq = 0;
    Claim claim = Claim::Nothing;  // what it may make of the connection (SLOT-1)
    CallRef call;                  // `Call`, `Hold`
    bool operator==(const OpenRequestSlot&) const = default;
};

/// Sent, or to be sent when there is a transport again, and not acknowledged (SEQ-1).
struct KeptMessage {
    uint64_t seq = 0;
    ServerMessage message;
    size_t bytes = 0;
    Timestamp since;
    bool operator==(const KeptMessage&) const = default;
};

/// What a new or fresh connection is still to be told before `sync.done` (CON-3).
struct Synchronisation {
    bool running = false;
    bool log_read = false;  // all of it, so that its news may follow
    uint64_t query = 0;     // of the page that is being read; 0: none
    bool truncated = false;
    std::vector<CallId> calls;          // whose snapshots are to come, one entry for each
    std::vector<CallMessage> of_calls;  // came while the log was being read
    std::vector<LogNews> news;          // came while the last page was being read
    bool operator==(const Synchronisation&) const = default;
};

struct ConnectionState {
    ConnectionId id;
    UserId user;
    ConnectionPhase phase = ConnectionPhase::Opening;
    std::optional<SocketId> socket;  // nothing: detached
    Grant grant;
    Device device;
    std::string token_hash;
    std::string token;          // until it has gone out in `welcome`
    uint64_t incarnation = 0;   // counts how often the sequences began (CON-6)
    uint64_t last_request = 0;  // of this incarnation
    uint64_t last_query = 0;
    uint64_t received = 0;         // the client's last `seq`
    uint64_t sent = 0;             // our last
    std::deque<KeptMessage> kept;  // oldest first, without gaps up to `sent`
    size_t kept_bytes = 0;
    bool fresh_only = false;      // the queue was dropped, or never outlived the process
    bool over_when_idle = false;  // … and the window has passed: gone as soon as it is active in no call
    bool resumed = false;         // this incarnation is not the first
    std::vector<OpenRequestSlot> requests;
    std::vector<CallSlot> calls;
    Synchronisation sync;
    std::vector<Profile> profiles;  // as told last
    size_t connections = 0;
    uint64_t useq = 0;  // of the last entry of the user log that was sent
    Timers<ConnectionTimer> timers;
    TokenBucket rate;      // of requests
    TokenBucket patience;  // of requests above the rate, before the transport is closed

    bool operator==(const ConnectionState&) const = default;
};

/// One connection of a user: its two sequences, what is kept of them while there is no transport, and the rule that it
/// is in one call at a time (jsapi spec 2.2, 3, SLOT-1). A machine: decoded frames and messages from actors in, frames
/// and messages to actors out.
class Connection {
public:
    /// `settings` and `profiles` outlive every copy.
    Connection(ConnectionId id, UserId user, const Settings& settings, const ProfileBook& profiles);
    /// As it was.
    Connection(ConnectionState state, const Settings& settings, const ProfileBook& profiles)
        : settings_(&settings), profiles_(&profiles), state_(std::move(state)) {}
    /// One that was there when the process ended, from a row of `select_connections`: detached, and to be resumed
    /// fresh.
    static Connection restored(const Row& row, const Settings& settings, const ProfileBook& profiles, Now now);

    /// A new connection's first transport. Everything of `hello` is verified, save that the user may not be here.
    void begin(const Hello& hello, Now now, ConnectionEffects& out);
    /// Its user's, not gone, and the token is the one that went out last.
    bool may_resume(const UserId& user, std::string_view token_hash) const;
    /// Takes over from whatever transport it had (CON-7).
    void resume(const Hello& hello, Now now, ConnectionEffects& out);

    /// A frame that came by `socket`, with the `ack` that rode on it. Of a transport that was replaced: ignored.
    void hear(SocketId socket, const ClientFrame& frame, std::optional<uint64_t> ack, Now now, ConnectionEffects& out);
    void transport_lost(SocketId socket, Now now, ConnectionEffects& out);
    void handle(const ConnectionMessage& message, Now now, ConnectionEffects& out);
    void handle_timeout(Now now, ConnectionEffects& out);
    Timestamp next_timeout() const { return state_.timers.next(); }
    /// Fires one timer, whatever the time.
    void expire(ConnectionTimer timer, Now now, ConnectionEffects& out);

    /// It never comes back: the machine may be dropped.
    bool gone() const { return state_.phase == ConnectionPhase::Gone; }
    bool attached() const { return state_.socket.has_value(); }
    const ConnectionState& state() const { return state_; }
    /// Kept messages by their kind, place and size only.
    std::string canonical(Now now, Counters counters) const;
    bool operator==(const Connection& other) const { return state_ == other.state_; }

private:
    const Settings* settings_;
    const ProfileBook* profiles_;
    ConnectionState state_;
};

}  // namespace crosspoint::chains
