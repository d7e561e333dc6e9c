#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chains/chain_owner.h"

// A chain owner and those round it, for tests: user A (profile a) with connections c1 and c2, B with c3 and c4, C with
// c5, as in the scenarios of jsapi 19. Media comes at once unless a test wants it otherwise.
namespace crosspoint::chains {

inline Party person(const std::string& profile) {
    std::string user = profile;
    user[0] = static_cast<char>(user[0] - 'a' + 'A');
    return {ProfileId(profile), UserId(user.substr(0, 1)), ProfileKind::User};
}
inline UserId user_of(const std::string& connection) {
    if (connection < "c3") return UserId("A");
    return UserId(connection < "c5" ? "B" : "C");
}

struct Story {
    Settings settings;
    ChainOwner owner{ChainId("x"), settings};
    Now now{Timestamp(1h), WallTime{1'700'000'000'000}};
    std::map<std::string, std::vector<CallMessage>> heard;  // by connection
    std::map<std::string, std::vector<Reply>> replies;
    std::vector<std::pair<std::string, UserMessage>> to_users;
    std::vector<ToChain> to_chains;
    std::vector<MediaMessage> to_media;
    std::vector<Wake> wakes;
    std::vector<Statement> statements;
    bool media_at_once = true;

    void take(const Effects& out) {
        statements.insert(statements.end(), out.statements.begin(), out.statements.end());
        for (const Send& send : out.sends) std::visit([&](const auto& s) { keep(s); }, send);
    }
    void keep(const ToConnection& s) {
        if (const auto* message = std::get_if<CallMessage>(&s.message)) heard[s.to.value].push_back(*message);
        if (const auto* reply = std::get_if<Reply>(&s.message)) replies[s.to.value].push_back(*reply);
    }
    void keep(const ToUser& s) { to_users.emplace_back(s.to.value, s.message); }
    void keep(const ToChain& s) { to_chains.push_back(s); }
    void keep(const Wake& wake) { wakes.push_back(wake); }
    void keep(const ReadRows&) {}
    void keep(const ToMedia& s) {
        to_media.push_back(s.message);
        if (!media_at_once) return;
        if (const auto* m = std::get_if<MakeSession>(&s.message)) say(SessionMade{m->ref.call, SessionId("s")});
        if (const auto* m = std::get_if<MakeSeat>(&s.message)) {
            seat_made(*m);
            say(SeatReport{m->ref.call, m->profile, m->epoch, MediaState::Connected});
        }
    }
    void seat_made(const MakeSeat& m) {
        say(SeatMade{m.ref.call, m.profile, m.epoch, ParticipantId("p-" + m.profile.value), "token", "wss://media"});
    }
    void say(const ChainMessage& message) {
        Effects out;
        owner.handle(message, now, out);
        take(out);
    }
    void pass(std::chrono::milliseconds time) {
        const Timestamp end = now.mono + time;
        while (owner.next_timeout() <= end) {
            move_to(std::max(now.mono, owner.next_timeout()));
            Effects out;
            owner.handle_timeout(now, out);
            take(out);
        }
        move_to(end);
    }
    void move_to(Timestamp time) {
        now.wall = now.wall + std::chrono::duration_cast<std::chrono::milliseconds>(time - now.mono);
        now.mono = time;
    }

    OpenCall opening(const std::string& id, const std::string& connection, const std::vector<std::string>& to) const {
        OpenCall open{.call = CallId(id), .connection = ConnectionId(connection), .local_id = "local-" + id};
        open.from = {ProfileId(user_of(connection) == UserId("A")   ? "a"
                               : user_of(connection) == UserId("B") ? "b"
                                                                    : "c"),
                     user_of(connection), ProfileKind::User};
        for (const char* c : {"c1", "c2", "c3", "c4", "c5"})
            if (user_of(c) == open.from.user) open.connections.push_back({ConnectionId(c), true});
        for (const auto& profile : to) open.to.push_back(person(profile));
        open.options = {true, true};
        open.in_chain = id != "x";
        return open;
    }
    /// c1 calls; the call's id is x, as the chain's.
    void calls(const std::vector<std::string>& to) { say(opening("x", "c1", to)); }
    OfferAnswer offered(const std::string& profile, const std::vector<std::string>& connections) const {
        const Participant* p = call().participant(ProfileId(profile));
        OfferAnswer answer{.call = call().id, .profile = p->who.profile, .invitation = p->invitation};
        for (const auto& c : connections) answer.connections.push_back({ConnectionId(c), true});
        return answer;
    }
    /// c1 calls b, whose devices are c3 and c4.
    void calls_b() {
        calls({"b"});
        say(offered("b", {"c3", "c4"}));
    }
    /// c1 calls b and c, who has c5.
    void calls_b_and_c(const std::vector<std::string>& of_b) {
        calls({"b", "c"});
        say(offered("b", of_b));
        say(offered("c", {"c5"}));
    }
    /// c1 calls b, and c3 answers.
    void talks_to_b() {
        calls_b();
        EXPECT_EQ(does("c3", Verb::Accept), std::nullopt);
    }
    CallCommand command(const std::string& connection, Verb verb) const {
        CallCommand out{.call = owner.state().last_call, .user = user_of(connection), .verb = verb};
        out.connection = ConnectionId(connection);
        out.media = {true, true};
        return out;
    }
    std::optional<Refused> does(const CallCommand& command) {
        say(command);
        const auto& reply = replies[command.connection.value].back();
        const auto* refused = std::get_if<Refused>(&reply.result);
        return refused ? std::optional(*refused) : std::nullopt;
    }
    std::optional<Refusal> does(const std::string& connection, Verb verb) {
        const auto refused = does(command(connection, verb));
        return refused ? std::optional(refused->why) : std::nullopt;
    }
    std::optional<Refusal> activates(const std::string& connection, const std::string& expect) {
        CallCommand activate = command(connection, Verb::Activate);
        activate.named = ConnectionId(expect);
        const auto refused = does(activate);
        return refused ? std::optional(refused->why) : std::nullopt;
    }
    std::optional<Refusal> about(const std::string& connection, Verb verb, const std::string& profile) {
        CallCommand about = command(connection, verb);
        about.parties = {person(profile)};
        const auto refused = does(about);
        return refused ? std::optional(refused->why) : std::nullopt;
    }
    void connection(const std::string& id, ConnectionEvent event) {
        say(ConnectionChanged{call().id, user_of(id), ConnectionId(id), event});
    }

    const Call& call() const { return *owner.find(owner.state().last_call); }
    ParticipantState state(const std::string& profile) const { return call().participant(ProfileId(profile))->state; }
    Role role_of(const std::string& connection) const {
        for (const Participant& p : call().participants)
            if (const Leg* leg = p.leg(ConnectionId(connection))) return role(p, *leg);
        ADD_FAILURE() << connection << " has no leg";
        return Role::Receiver;
    }
    template <class News>
    std::vector<News> all(const std::string& connection) {
        std::vector<News> found;
        for (const CallMessage& m : heard[connection])
            if (const auto* news = std::get_if<News>(&m.news)) found.push_back(*news);
        return found;
    }
    size_t count(const std::string& connection, Notice what) {
        const auto notices = all<CallNotice>(connection);
        return static_cast<size_t>(std::ranges::count(notices, what, &CallNotice::what));
    }
    std::optional<EndReason> end_heard(const std::string& connection) {
        const auto ends = all<CallEnded>(connection);
        return ends.empty() ? std::nullopt : std::optional(ends.back().reason);
    }
    std::optional<EndReason> end() const { return call().end_reason; }
    /// What the user's log got when the call ended.
    std::optional<CallRecord> record_of(const std::string& user) const {
        std::optional<CallRecord> found;
        for (const auto& [to, message] : to_users)
            if (const auto* record = std::get_if<CallRecord>(&message); record && to == user) found = *record;
        return found;
    }
    bool missed_by(const std::string& user) const {
        const auto record = record_of(user);
        return record && record->missed;
    }
};

}  // namespace crosspoint::chains
