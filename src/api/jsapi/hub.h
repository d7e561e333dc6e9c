#pragma once
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "api/effects.h"
#include "api/jsapi/decode.h"
#include "api/jsapi/doorway.h"
#include "api/jsapi/seating.h"
#include "base/deadline_queue.h"
#include "chains/chain_owner.h"
#include "chains/connection.h"
#include "chains/user_owner.h"

namespace crosspoint::api::jsapi {

inline constexpr std::string_view kSocketPath = "/jsapi/v1";
inline constexpr std::string_view kSubprotocol = "jsapi.v1";

/// Calls and texts between people, as they were when the process ended.
struct StoredPeople {
    std::vector<std::pair<chains::UserId, AccountId>> users;  // all there are
    std::vector<Row> profiles;                                // id, owner
    std::vector<Row> connections;
    std::vector<std::pair<chains::ChainId, chains::StoredChain>> chains;  // the busy ones
    std::vector<std::pair<chains::UserId, chains::StoredUser>> busy_users;
    std::vector<Row> waiting_news;
    std::vector<Row> call_sessions;
    std::vector<Row> call_seats;
};

struct HubCounts {
    size_t sockets = 0;
    size_t connections = 0;
    size_t users = 0;   // whose owners are in memory and have something to do
    size_t chains = 0;  // likewise
    size_t seats = 0;
    size_t waiting = 0;                // sockets that have not said `hello`
    uint64_t sockets_refused = 0;      // closed before they were welcome
    uint64_t sockets_turned_away = 0;  // not even opened, or closed at once: too many wait
};

/// A device of somebody shall be woken (PRO-2).
struct WakeUp {
    AccountId account;
    chains::Wake wake;
};

/// A call that lives, as the administration sees it.
struct LiveCall {
    AccountId account;
    chains::ChainId chain;
    const chains::Call* call = nullptr;
};

/// All people of this node: it owns the connections, the user owners and the chain owners (jsapi 16), loads and
/// unloads them, and carries what they say to each other from queue to queue: none ever calls another. All writes of
/// one turn are one commit, and what leaves the node waits for it, so whatever follows from a message in the same turn
/// is stored together with it.
class Hub {
public:
    Hub(sessions::Directory& directory, chains::Settings settings, DoorwayLimits doorway,
        const std::vector<AccountId>& apps, Random& random);
    Hub(const Hub&) = delete;  // its actors point into it
    Hub& operator=(const Hub&) = delete;

    struct Turn {
        Now now;
        Effects& out;
        sessions::Effects& changes;
    };

    /// Once, before any input and after the directory was restored.
    void restore(const Turn& turn, const StoredPeople& stored);

    static bool serves(std::string_view target);
    bool owns(SocketId socket) const { return sockets_.contains(socket); }
    /// Asked before a socket is opened: too many wait, of its network or altogether.
    bool turns_away(const NetAddress& peer);
    void socket_opened(const Turn& turn, SocketId socket, const NetAddress& peer);
    void socket_text(const Turn& turn, SocketId socket, std::string_view text);
    void socket_closed(const Turn& turn, SocketId socket);
    void rows_ready(const Turn& turn, const RowsReady& ready);
    void media_changed(const Turn& turn, const device::MediaChanged& change);
    void participant_ended(const Turn& turn, const ParticipantId& participant);
    void session_ended(const Turn& turn, const SessionId& session);
    /// Asks every client to connect again, here or elsewhere.
    void stopping(const Turn& turn);
    void handle_timeout(const Turn& turn);
    Timestamp next_timeout() const;
    /// Since it was asked last.
    std::vector<WakeUp> take_wake_ups() { return std::exchange(wake_ups_, {}); }

    // ---- administration ----

    /// False when there is such a user already, in whatever app.
    bool add_user(const Turn& turn, const AccountId& app, const chains::UserId& user);
    /// The app whose user it is.
    std::optional<AccountId> app_of(const chains::UserId& user) const;
    std::vector<chains::UserId> users(const AccountId& app) const;
    const chains::ProfileBook& profiles(const AccountId& app) const { return apps_.at(app); }
    /// Whose it is, in whatever app.
    std::optional<chains::UserId> owner_of(const chains::ProfileId& profile) const;
    /// The profile is added to the user, or changed, whole.
    void put_profile(const Turn& turn, const chains::UserId& user, const chains::Profile& profile);
    void tell_user(const Turn& turn, const chains::UserId& user, chains::UserMessage message);
    /// Runs `read` with the user's owner, in this turn or once it is loaded.
    using ReadUser = std::function<void(const chains::UserState&, Effects&)>;
    void read_user(const Turn& turn, const chains::UserId& user, ReadUser read);
    std::vector<const chains::ConnectionState*> connections(const AccountId& app) const;
    std::vector<LiveCall> live_calls(const AccountId& app) const;
    void terminate(const Turn& turn, const chains::ChainId& chain, const chains::CallId& call);

    HubCounts counts() const;
    /// Owners of chains that are in memory, in no order.
    std::vector<const chains::ChainOwner*> chain_owners() const;
    /// What all user owners and chain owners with something to do hold, in a form that can be compared; without what
    /// they know only to drop repetitions.
    std::string canonical(Now now) const;

private:
    /// An actor that is being loaded keeps what comes for it.
    struct UserSlot {
        std::optional<chains::UserOwner> owner;
        std::deque<std::variant<chains::UserMessage, ReadUser>> waiting;
        bool news_wait = false;  // some of them are in the store, as nobody would send them again
    };
    struct ChainSlot {
        std::optional<chains::ChainOwner> owner;
        std::deque<chains::ChainMessage> waiting;
    };
    /// Of all actors of one kind.
    template <class Id>
    struct Watch {
        DeadlineQueue<Id> deadlines;
        std::vector<Id> touched;  // in this turn: what is over or idle goes at its end
    };
    struct LoadUser {
        chains::UserId user;
    };
    struct LoadChain {
        chains::ChainId chain;
    };
    struct Reading {
        chains::Reader reader;
        uint64_t query = 0;
    };
    using Query = std::variant<LoadUser, LoadChain, Reading>;
    using Mail = std::variant<chains::ToConnection, chains::ToUser, chains::ToChain, chains::ToMedia, chains::Wake,
                              chains::ReadRows>;
    struct Socket {
        std::optional<chains::ConnectionId> connection;  // nothing: `hello` has not come yet
    };

    // sockets
    void greet(const Turn& turn, SocketId socket, const HelloRequest& hello);
    void attach(const Turn& turn, chains::Hello hello, const AccountId& app,
                const std::optional<ResumeRequest>& resume);
    void say(const Turn& turn, const chains::ToSocket& text);
    void transport_lost(const Turn& turn, SocketId socket);
    /// Before it was welcome.
    void refuse(const Turn& turn, SocketId socket, chains::CloseCode code);
    Result<chains::Grant, chains::Refusal> verify(const AccountId& app, std::string_view token, WallTime now) const;
    void close(const Turn& turn, SocketId socket, chains::CloseCode code);
    /// It has said `hello`, or never will.
    void waits_no_more(SocketId socket);
    chains::ClientFrame completed(Frame frame, const AccountId& app, Now now);

    /// One turn of an actor: what it puts out is taken, its next wake-up is set.
    template <class Actor, class Work>
    void run(const Turn& turn, Actor& actor, Work work);
    Watch<chains::ConnectionId>& watch(const chains::Connection&) { return connection_watch_; }
    Watch<chains::UserId>& watch(const chains::UserOwner&) { return user_watch_; }
    Watch<chains::ChainId>& watch(const chains::ChainOwner&) { return chain_watch_; }
    void collect(const Turn& turn, chains::ConnectionEffects& effects);
    void collect(const Turn& turn, chains::Effects& effects);
    void drain(const Turn& turn);
    void deliver(const Turn& turn, chains::ToConnection& mail);
    void deliver(const Turn& turn, chains::ToUser& mail);
    void deliver(const Turn& turn, chains::ToChain& mail);
    void deliver(const Turn& turn, chains::ToMedia& mail);
    void deliver(const Turn& turn, chains::Wake& mail);
    void deliver(const Turn& turn, chains::ReadRows& mail);
    void answer_for_phone(const chains::ToUser& mail);
    void unload_idle(Now now);
    void unload_user(const chains::UserId& user);
    void unload_chain(const chains::ChainId& chain);

    // loading
    void query(const Turn& turn, Query what, std::vector<Statement> selects);
    UserSlot& user_slot(const Turn& turn, const chains::UserId& user);
    void user_loaded(const Turn& turn, const chains::UserId& user, const chains::StoredUser& stored);
    void deliver_waiting(const Turn& turn, const Row& row);
    void chain_loaded(const Turn& turn, const chains::ChainId& chain, const chains::StoredChain& stored);

    template <class Work>
    void seat(const Turn& turn, Work work);
    std::optional<AccountId> app_of(const chains::CallRef& call) const;

    sessions::Directory& directory_;
    chains::Settings settings_;
    Random& random_;
    std::map<AccountId, chains::ProfileBook> apps_;
    std::unordered_map<chains::UserId, AccountId> users_;  // all there are
    Seating seating_;

    std::unordered_map<SocketId, Socket> sockets_;
    std::unordered_map<chains::ConnectionId, chains::Connection> connections_;
    std::unordered_map<chains::UserId, UserSlot> user_slots_;
    std::unordered_map<chains::ChainId, ChainSlot> chain_slots_;
    std::deque<Mail> mail_;
    std::vector<WakeUp> wake_ups_;
    Doorway doorway_;
    DeadlineQueue<SocketId> hello_deadlines_;
    Watch<chains::ConnectionId> connection_watch_;
    Watch<chains::UserId> user_watch_;
    Watch<chains::ChainId> chain_watch_;
    DeadlineQueue<chains::UserId> idle_users_;  // those in memory that nothing happens to
    DeadlineQueue<chains::ChainId> idle_chains_;
    std::unordered_map<QueryId, Query> queries_;
    uint64_t last_query_ = 0;
    uint64_t sockets_refused_ = 0;
    uint64_t sockets_turned_away_ = 0;
};

template <class Actor, class Work>
void Hub::run(const Turn& turn, Actor& actor, Work work) {
    constexpr bool connection = std::is_same_v<Actor, chains::Connection>;
    std::conditional_t<connection, chains::ConnectionEffects, chains::Effects> effects;
    work(effects);
    collect(turn, effects);
    watch(actor).deadlines.set(actor.state().id, actor.next_timeout());
    watch(actor).touched.push_back(actor.state().id);
}

}  // namespace crosspoint::api::jsapi
