#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/random.h"
#include "chains/chain_owner.h"
#include "chains/connection.h"
#include "chains/records.h"
#include "chains/server_id.h"
#include "chains/user_owner.h"
#include "store/database.h"

// A whole node of connections, users and chains with a store, for tests: what actors say to each other goes through one
// queue, and media comes at once. User A has profile a, B has b, C has c.
namespace crosspoint::chains {

class People;

/// A device: what its socket was told, and how it answers by itself.
struct Client {
    People* world = nullptr;
    ConnectionId id{};
    UserId user{};
    SocketId socket{};
    std::string token{};
    uint64_t said = 0;
    uint64_t heard = 0;
    bool acknowledges = true;
    bool answers_pings = true;
    std::vector<ServerFrame> frames{};
    std::vector<ServerMessage> messages{};
    std::optional<CloseCode> closed{};

    uint64_t says(ClientMessage message);
    /// … and what was answered, if it was at once.
    std::optional<ReplyResult> asks(ClientMessage message);
    std::optional<ReplyResult> reply_to(uint64_t seq) const {
        for (const auto& reply : all<ReplyTo>())
            if (reply.re == seq) return reply.result;
        return std::nullopt;
    }
    Refused refused(ClientMessage message) {
        const auto reply = asks(std::move(message));
        const auto* why = reply ? std::get_if<Refused>(&*reply) : nullptr;
        EXPECT_TRUE(why) << "not refused";
        return why ? *why : Refused{};
    }
    template <class Result>
    Result gets(ClientMessage message) {
        const auto reply = asks(std::move(message));
        const auto* result = reply ? std::get_if<Result>(&*reply) : nullptr;
        if (const auto* why = reply ? std::get_if<Refused>(&*reply) : nullptr)
            ADD_FAILURE() << "refused: " << static_cast<int>(why->why);
        EXPECT_TRUE(result);
        return result ? *result : Result{};
    }
    template <class Message>
    std::vector<Message> all() const {
        std::vector<Message> found;
        for (const ServerMessage& m : messages)
            if (const auto* one = std::get_if<Message>(&m)) found.push_back(*one);
        return found;
    }
    template <class Item>
    std::vector<Item> logged() const {
        std::vector<Item> found;
        for (const LogNews& news : all<LogNews>())
            if (const auto* item = std::get_if<Item>(&news.item)) found.push_back(*item);
        return found;
    }
    template <class News>
    std::vector<News> of_calls() const {
        std::vector<News> found;
        for (const CallMessage& m : all<CallMessage>())
            if (const auto* news = std::get_if<News>(&m.news)) found.push_back(*news);
        return found;
    }
    Welcome welcome() const {
        for (auto f = frames.rbegin(); f != frames.rend(); ++f)
            if (const auto* w = std::get_if<Welcome>(&*f)) return *w;
        ADD_FAILURE() << "no welcome";
        return {};
    }
    bool welcomed() const {
        return std::ranges::any_of(frames, [](const auto& f) { return std::holds_alternative<Welcome>(f); });
    }
    void loses_transport();
    /// Its `resume.recv` is what it has.
    void resumes() { resumes(heard); }
    void resumes(std::optional<uint64_t> recv, std::optional<Grant> with = std::nullopt);
    void bye();
};

class People {
public:
    Settings settings{};
    ProfileBook book{};
    Now now{Timestamp(1h), WallTime{1'700'000'000'000}};
    std::vector<Wake> wakes{};
    bool media_at_once = true;

    People() {
        std::vector<Migration> schema;
        for (const auto& part : {migrations(), people_migrations()})
            schema.insert(schema.end(), part.begin(), part.end());
        database_ = std::make_unique<store::Database>(":memory:", schema);
        for (const char* name : {"a", "b", "c"}) add_user(name);
    }

    void add_user(const std::string& name) {
        const UserId user(user_name(name));
        database_->apply(std::vector{insert_user(AccountId("app"), user)});
        add_profile(user, Profile{.id = ProfileId(name)});
    }
    void add_profile(const UserId& user, const Profile& profile) {
        book.add(profile.id, user);
        tell(user, PutProfile{profile});
    }
    void set(const std::string& name, const std::function<void(Profile&)>& change) {
        const UserId id(user_name(name));
        Profile profile = user(id).state().profiles.front();
        change(profile);
        tell(id, PutProfile{profile});
    }
    static std::string user_name(const std::string& profile) {
        return std::string(1, static_cast<char>(profile[0] - 'a' + 'A'));
    }

    Grant grant(const UserId& user) const {
        Grant grant;
        grant.user = user;
        grant.expires = now.wall + 1h;
        grant.token_id = "jwt-" + user.value;
        return grant;
    }
    /// A new connection of the user, by its name.
    Client& connects(const std::string& name, const std::string& connection,
                     std::optional<uint64_t> since = std::nullopt, std::optional<Grant> with = std::nullopt) {
        Client& client = clients_[connection];
        client = {.world = this, .id = ConnectionId(connection), .user = UserId(name)};
        Hello hello = hello_for(client, since);
        if (with) hello.grant = *with;
        const auto place =
            connections_.insert_or_assign(client.id, Connection(client.id, client.user, settings, book)).first;
        ConnectionEffects out;
        place->second.begin(hello, now, out);
        take(out);
        return client;
    }
    Client& client(const std::string& connection) { return clients_.at(connection); }
    Hello hello_for(Client& client, std::optional<uint64_t> since = std::nullopt) {
        client.socket = SocketId(++last_socket_);
        sockets_[client.socket] = client.id.value;
        client.closed.reset();
        Hello hello;
        hello.socket = client.socket;
        hello.grant = grant(client.user);
        hello.device = {"device", "web"};
        const std::string token = "token-" + std::to_string(last_socket_);
        hello.next = {token, "hash of " + token};
        hello.since = since;
        return hello;
    }
    static std::string hash_of(const std::string& token) { return "hash of " + token; }

    std::string fresh_id() { return new_server_id(now.wall, random_); }
    OpenRequest opening(const std::string& from, const std::vector<std::string>& to) {
        OpenRequest open;
        open.fresh_id = fresh_id();
        open.local_id = "local-" + open.fresh_id;
        open.from = ProfileId(from);
        for (const auto& profile : to) open.to.emplace_back(profile);
        return open;
    }
    AddText text(const std::string& from, const std::vector<std::string>& to, const std::string& words) {
        AddText add;
        add.fresh_id = fresh_id();
        add.local_id = "local-" + add.fresh_id;
        add.sender = ProfileId(from);
        for (const auto& profile : to) add.receivers.emplace_back(profile);
        add.text = words;
        return add;
    }

    void pass(std::chrono::milliseconds time) {
        const Timestamp end = now.mono + time;
        for (Timestamp next = next_timeout(); next <= end; next = next_timeout()) {
            move_to(std::max(now.mono, next));
            time_out();
        }
        move_to(end);
    }
    void move_to(Timestamp time) {
        now.wall = now.wall + std::chrono::duration_cast<std::chrono::milliseconds>(time - now.mono);
        now.mono = time;
    }

    /// The process ends, whatever is on its way, and another begins: sockets are gone.
    void restarts() {
        queue_.clear();
        users_.clear();
        chains_.clear();
        connections_.clear();
        now.mono += 12h;  // another clock
        for (auto& [id, client] : clients_) client.socket = {};
        sockets_.clear();
        for (const Row& row : database_->query(select_busy_chains())) chain(ChainId(row.text(0)));
        for (const Row& row : database_->query(select_connections())) {
            auto connection = Connection::restored(row, settings, book, now);
            const ConnectionId id = connection.state().id;
            connections_.insert_or_assign(id, std::move(connection));
        }
        for (const Row& row : database_->query(select_busy_users())) user(UserId(row.text(0)));
        drain();
    }

    UserOwner& user(const UserId& id) {
        if (const auto known = users_.find(id); known != users_.end()) return known->second;
        StoredUser stored{database_->query(select_user(id)), database_->query(select_profiles(id)),
                          database_->query(select_relations(id)), database_->query(select_connections_of(id)),
                          database_->query(select_local_ids(
                              id, WallTime{now.wall.unix_milliseconds - settings.idempotency.count()}))};
        UserOwner& owner = users_.emplace(id, UserOwner(id, settings, book)).first->second;
        Effects out;
        EXPECT_TRUE(owner.restore(stored, now, out));
        take(out, false);
        return owner;
    }
    ChainOwner& chain(const ChainId& id) {
        if (const auto known = chains_.find(id); known != chains_.end()) return known->second;
        const StoredChain stored{database_->query(select_chain(id)), database_->query(select_members(id)),
                                 database_->query(select_calls(id))};
        ChainOwner& owner = chains_.emplace(id, ChainOwner(id, settings)).first->second;
        Effects out;
        EXPECT_TRUE(owner.restore(stored, now, out));
        take(out, false);
        return owner;
    }
    Connection& connection(const std::string& id) { return connections_.at(ConnectionId(id)); }
    bool has_connection(const std::string& id) const { return connections_.contains(ConnectionId(id)); }
    const std::map<ChainId, ChainOwner>& chains() const { return chains_; }
    store::Database& database() { return *database_; }

    void tell(const UserId& id, const UserMessage& message) {
        Effects out;
        user(id).handle(message, now, out);
        take(out);
    }
    /// Mail to this user waits, as if its owner were being loaded …
    void hold_mail(const UserId& id) { held_ = id; }
    /// … and arrives.
    void let_mail_go() {
        held_ = {};
        for (const ToUser& mail : std::exchange(held_mail_, {})) deliver(mail);
    }
    void with(Client& client, const std::function<void(Connection&, ConnectionEffects&)>& run) {
        const auto found = connections_.find(client.id);
        if (found == connections_.end()) return;
        ConnectionEffects out;
        run(found->second, out);
        if (found->second.gone()) connections_.erase(found);
        take(out);
    }

private:
    using Item = std::variant<ToConnection, ToUser, ToChain>;

    void take(const Effects& out, bool at_once = true) {
        database_->apply(out.statements);
        for (const Send& send : out.sends) std::visit([&](const auto& s) { keep(s); }, send);
        if (at_once) drain();
    }
    void take(const ConnectionEffects& out) {
        database_->apply(out.statements);
        for (const ConnectionSend& send : out.sends) std::visit([&](const auto& s) { keep(s); }, send);
        drain();
    }
    void keep(const ToConnection& send) { queue_.emplace_back(send); }
    void keep(const ToUser& send) { queue_.emplace_back(send); }
    void keep(const ToChain& send) { queue_.emplace_back(send); }
    void keep(const Wake& wake) { wakes.push_back(wake); }
    void keep(const ToMedia& send) {
        if (!media_at_once) return;
        if (const auto* m = std::get_if<MakeSession>(&send.message))
            queue_.emplace_back(ToChain{m->ref.chain, SessionMade{m->ref.call, SessionId("s")}});
        if (const auto* m = std::get_if<MakeSeat>(&send.message)) {
            queue_.emplace_back(ToChain{
                m->ref.chain, SeatMade{m->ref.call, m->profile, m->epoch, ParticipantId("p"), "device token", "url"}});
            queue_.emplace_back(
                ToChain{m->ref.chain, SeatReport{m->ref.call, m->profile, m->epoch, MediaState::Connected}});
        }
    }
    void keep(const ReadRows& read) {
        RowsRead answer{read.query, {}};
        for (const Statement& select : read.selects) answer.rows.push_back(database_->query(select));
        if (const auto* id = std::get_if<ConnectionId>(&read.reader)) queue_.emplace_back(ToConnection{*id, answer});
        if (const auto* id = std::get_if<UserId>(&read.reader)) queue_.emplace_back(ToUser{*id, answer});
        if (const auto* id = std::get_if<ChainId>(&read.reader)) queue_.emplace_back(ToChain{*id, answer});
    }
    void keep(const CloseTransport& close) {
        const auto socket = sockets_.find(close.socket);
        if (socket == sockets_.end()) return;
        Client& client = clients_.at(socket->second);
        if (client.socket == close.socket) client.closed = close.code;
        sockets_.erase(socket);
    }
    void keep(const ToSocket& send) {
        const auto socket = sockets_.find(send.to);
        if (socket == sockets_.end()) return;
        Client& client = clients_.at(socket->second);
        client.frames.push_back(send.frame);
        if (const auto* welcome = std::get_if<Welcome>(&send.frame)) {
            client.token = welcome->resume_token;
            if (!welcome->resumed || welcome->fresh) client.said = client.heard = 0;
        }
        const auto* says = std::get_if<ServerSays>(&send.frame);
        if (!says || says->seq <= client.heard) return;
        EXPECT_EQ(says->seq, client.heard + 1) << "a gap on " << client.id.value;  // SEQ-2
        client.heard = says->seq;
        client.messages.push_back(says->message);
        if (client.acknowledges) acknowledgements_.insert(client.id.value);
    }

    void drain() {
        if (std::exchange(draining_, true)) return;
        while (!queue_.empty() || !acknowledgements_.empty()) {
            if (queue_.empty()) {
                Client& client = clients_.at(*acknowledgements_.begin());
                acknowledgements_.erase(acknowledgements_.begin());
                with(client, [&](Connection& c, ConnectionEffects& out) {
                    c.hear(client.socket, ClientAck{}, client.heard, now, out);
                });
                continue;
            }
            const Item item = std::move(queue_.front());
            queue_.pop_front();
            std::visit([&](const auto& i) { deliver(i); }, item);
        }
        draining_ = false;
    }
    void deliver(const ToConnection& send) {
        const auto found = connections_.find(send.to);
        if (found == connections_.end()) return;
        ConnectionEffects out;
        found->second.handle(send.message, now, out);
        if (found->second.gone()) connections_.erase(found);
        take(out);
    }
    void deliver(const ToUser& send) {
        if (send.to == held_)
            held_mail_.push_back(send);
        else
            tell(send.to, send.message);
    }
    void deliver(const ToChain& send) {
        Effects out;
        chain(send.to).handle(send.message, now, out);
        take(out);
    }

    Timestamp next_timeout() const {
        Timestamp next = kNever;
        for (const auto& [id, owner] : users_) next = std::min(next, owner.next_timeout());
        for (const auto& [id, owner] : chains_) next = std::min(next, owner.next_timeout());
        for (const auto& [id, machine] : connections_) next = std::min(next, machine.next_timeout());
        return next;
    }
    void time_out() {
        for (auto& [id, owner] : users_) {
            Effects out;
            owner.handle_timeout(now, out);
            take(out);
        }
        for (auto& [id, owner] : chains_) {
            Effects out;
            owner.handle_timeout(now, out);
            take(out, false);
        }
        drain();
        std::vector<ConnectionId> ids;
        for (const auto& [id, machine] : connections_) ids.push_back(id);
        for (const ConnectionId& id : ids) time_out(id);
        std::erase_if(connections_, [](const auto& c) { return c.second.gone(); });
    }
    void time_out(const ConnectionId& id) {
        const auto found = connections_.find(id);
        if (found == connections_.end()) return;
        ConnectionEffects out;
        found->second.handle_timeout(now, out);
        const Client& client = clients_.at(id.value);
        if (found->second.attached() && client.answers_pings)
            found->second.hear(client.socket, ClientPong{}, std::nullopt, now, out);
        take(out);
    }

    SeededRandom random_{1};
    std::unique_ptr<store::Database> database_;
    std::map<UserId, UserOwner> users_;
    std::map<ChainId, ChainOwner> chains_;
    std::map<ConnectionId, Connection> connections_;
    std::map<std::string, Client> clients_;
    std::map<SocketId, std::string> sockets_;
    std::set<std::string> acknowledgements_;
    std::deque<Item> queue_;
    uint64_t last_socket_ = 0;
    UserId held_;
    std::vector<ToUser> held_mail_;
    bool draining_ = false;
};

inline uint64_t Client::says(ClientMessage message) {
    const uint64_t seq = ++said;
    world->with(*this, [&](Connection& c, ConnectionEffects& out) {
        c.hear(socket, ClientSays{seq, std::move(message)}, heard, world->now, out);
    });
    return seq;
}
inline std::optional<ReplyResult> Client::asks(ClientMessage message) { return reply_to(says(std::move(message))); }
inline void Client::loses_transport() {
    world->with(*this, [&](Connection& c, ConnectionEffects& out) { c.transport_lost(socket, world->now, out); });
    socket = {};
}
inline void Client::resumes(std::optional<uint64_t> recv, std::optional<Grant> with) {
    const std::string hash = People::hash_of(token);
    Hello hello = world->hello_for(*this);
    if (with) hello.grant = *std::move(with);
    hello.recv = recv;
    hello.resumed_with = hash;
    world->with(*this, [&](Connection& c, ConnectionEffects& out) {
        ASSERT_TRUE(c.may_resume(user, hash));
        c.resume(hello, world->now, out);
    });
}
inline void Client::bye() {
    world->with(*this,
                [&](Connection& c, ConnectionEffects& out) { c.hear(socket, ClientBye{}, {}, world->now, out); });
}

/// A request about a call, with both kinds of media.
inline CallRequest about(const CallId& call, Verb verb) {
    CallRequest request;
    request.call = call;
    request.verb = verb;
    request.media = {true, true};
    return request;
}

/// A is on c1, B on c3.
struct TwoPeople : People {
    Client& c1 = connects("A", "c1");
    Client& c3 = connects("B", "c3");
    CallId calls(Client& from, const std::string& profile, const std::string& to) {
        return from.gets<Opened>(opening(profile, {to})).ref.call;
    }
    CallId talk() {
        const CallId call = calls(c1, "a", "b");
        c3.gets<std::monostate>(about(call, Verb::Accept));
        return call;
    }
    const Call* call(const CallId& id) { return chain(chain_of(id.value)).find(id); }
};

}  // namespace crosspoint::chains
