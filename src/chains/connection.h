#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chains/connection_state.h"
#include "chains/profile_book.h"
#include "chains/server_messages.h"
#include "chains/settings.h"

namespace crosspoint::chains {

/// One connection of a user: its two sequences, what is kept of them while there is no transport, and the rule that it
/// is in one call at a time (jsapi 2.2, 3, SLOT-1). A machine: decoded frames and messages from actors in, frames
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
    std::string canonical(Now now, Counters counters) const;
    bool operator==(const Connection& other) const { return state_ == other.state_; }

private:
    void start(const Hello& hello, bool media_anew, Now now, ConnectionEffects& out);
    void replay(const Hello& hello, Now now, ConnectionEffects& out);
    /// Both say whether the client has to begin anew: it was told of calls that its token does not allow any more, or
    /// what waits for the log may be of them.
    bool take_transport(const Hello& hello, Now now, ConnectionEffects& out);
    bool take_grant(const Grant& grant, Now now);
    void store(ConnectionEffects& out) const;
    void detach(Now now, ConnectionEffects& out);
    void close(CloseCode code, Now now, ConnectionEffects& out);
    void end(ConnectionFate fate, CloseCode code, ConnectionEffects& out);
    void drop_queue(Now now, ConnectionEffects& out);
    void forget_queue();
    void end_if_over(ConnectionEffects& out);
    void tell_user(UserMessage message, ConnectionEffects& out) const;

    // sequences
    void acknowledge(uint64_t ack);
    void say(ServerMessage message, Now now, ConnectionEffects& out);
    /// … after the user log, when that is still being read.
    void say_in_turn(ServerMessage message, Now now, ConnectionEffects& out);
    void send(ServerFrame frame, ConnectionEffects& out) const;
    void send_welcome(bool resumed, bool fresh, Now now, ConnectionEffects& out);
    void synchronise(Now now, ConnectionEffects& out);
    void say_log(const LogNews& news, Now now, ConnectionEffects& out);

    // requests
    void hear(const ClientSays& says, Now now, ConnectionEffects& out);
    void hear(const ClientPing&, Now now, ConnectionEffects& out);
    void hear(const ClientPong&, Now, ConnectionEffects&) {}
    void hear(const ClientAck&, Now, ConnectionEffects&) {}
    void hear(const ClientBye&, Now now, ConnectionEffects& out);
    void hear(const ClientGarbage&, Now now, ConnectionEffects& out);
    void answer_lightly(ServerFrame frame, Now now, ConnectionEffects& out);
    std::optional<Refused> why_not(const ClientMessage& message, Now now);
    using Outcome = std::optional<ReplyResult>;  // nothing: an actor will answer
    Outcome ask(uint64_t seq, const OpenRequest& open, Now now, ConnectionEffects& out);
    Outcome ask(uint64_t seq, const CallRequest& request, Now now, ConnectionEffects& out);
    Outcome ask(uint64_t seq, const RefreshGrant& refresh, Now now, ConnectionEffects& out);
    Outcome ask(uint64_t seq, const Unreadable& unreadable, Now now, ConnectionEffects& out);
    template <class Command>
    Outcome ask(uint64_t seq, const Command& command, Now now, ConnectionEffects& out);
    uint64_t new_request(uint64_t seq, PendingRequest::Claim claim, const CallRef& call);
    UserRequest user_request(uint64_t request, UserCommand command) const;
    std::optional<Refused> resolve(const CallRequest& request, std::vector<Party>& parties) const;

    // SLOT-1
    struct Occupied {
        bool by_new_call = false;
        std::vector<CallRef> calls;
        explicit operator bool() const { return by_new_call || !calls.empty(); }
    };
    /// What the connection is in, or about to be in, except calls that `counts_not` names.
    template <class CountsNot>
    Occupied occupied(CountsNot counts_not) const;
    void put_on_hold(const std::vector<CallRef>& calls, ConnectionEffects& out);
    CallSlot* slot(const CallId& call);
    const CallSlot* slot(const CallId& call) const;
    bool active() const;
    /// Mirrors what the message says; false when the client cannot make sense of it.
    bool observe(const CallMessage& message);

    void on(const CallMessage& message, Now now, ConnectionEffects& out);
    void on(const Reply& reply, Now now, ConnectionEffects& out);
    void on(const SnapshotTaken& taken, Now now, ConnectionEffects& out);
    void on(const Welcomed& welcomed, Now now, ConnectionEffects& out);
    void on(const NotWelcome& refused, Now now, ConnectionEffects& out);
    void on(const LogNews& news, Now now, ConnectionEffects& out);
    void on(const ProfileChanged& changed, Now now, ConnectionEffects& out);
    void on(const ConnectionCount& count, Now now, ConnectionEffects& out);
    void on(const CustomNews& news, Now now, ConnectionEffects& out);
    void on(const Revoked& revoked, Now now, ConnectionEffects& out);
    void on(const MakeRoom&, Now now, ConnectionEffects& out);
    void on(const RowsRead& read, Now now, ConnectionEffects& out);

    const Settings* settings_;
    const ProfileBook* profiles_;
    ConnectionState state_;
};

}  // namespace crosspoint::chains
