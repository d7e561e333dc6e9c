#include "chains/connection.h"

#include <algorithm>

#include "chains/people_records.h"

// The life of a connection: transports come and go (jsapi 2.2, 3.3).
namespace crosspoint::chains {

Connection::Connection(ConnectionId id, UserId user, const Settings& settings, const ProfileBook& profiles)
    : settings_(&settings), profiles_(&profiles) {
    state_.id = std::move(id);
    state_.user = std::move(user);
    const Duration interval = Duration(1s) / settings.messages_per_second;
    state_.rate = TokenBucket(settings.messages_per_second, interval);
    // Who goes on for seconds after being refused does not listen.
    state_.patience = TokenBucket(4 * settings.messages_per_second, interval);
}

Connection Connection::restored(const Row& row, const Settings& settings, const ProfileBook& profiles, Now now) {
    StoredConnection stored = connection_from(row);
    Connection connection(stored.id, stored.user, settings, profiles);
    ConnectionState& state = connection.state_;
    state.phase = ConnectionPhase::Open;
    state.token_hash = std::move(stored.token_hash);
    state.previous_hash = std::move(stored.previous_hash);
    state.incarnation = stored.incarnation;
    state.device = std::move(stored.device);
    state.grant.user = stored.user;
    state.grant.token_id = std::move(stored.token_id);
    state.fresh_only = true;
    state.timers.set(ConnectionTimer::Window, now.mono + settings.resume_window);
    return connection;
}

void Connection::begin(const Hello& hello, Now now, ConnectionEffects& out) {
    take_transport(hello, now, out);
    start(hello, false, now, out);
}

bool Connection::may_resume(const UserId& user, std::string_view token_hash) const {
    const bool known =
        token_hash == state_.token_hash || (!state_.previous_hash.empty() && token_hash == state_.previous_hash);
    return !gone() && user == state_.user && !token_hash.empty() && known;
}

void Connection::resume(const Hello& hello, Now now, ConnectionEffects& out) {
    const bool was_detached = !state_.socket;
    const bool other_token = hello.grant.token_id != state_.grant.token_id;
    // Who never saw the welcome that began to count anew speaks of other numbers.
    const bool same_numbers = hello.resumed_with == state_.token_hash || !state_.renumbered;
    const bool goes_on = !take_transport(hello, now, out);
    const bool kept = state_.phase == ConnectionPhase::Open && !state_.fresh_only && same_numbers && goes_on &&
                      hello.recv && *hello.recv <= state_.sent && *hello.recv + state_.kept.size() >= state_.sent &&
                      *hello.recv >= state_.told_more;
    if (kept) {
        if (was_detached) tell_user(ConnectionFared{state_.id, ConnectionFate::Resumed}, out);
        replay(hello, now, out);
        if (other_token) tell_user(TokenRefreshed{state_.id, state_.grant}, out);
    } else {
        start(hello, !hello.recv, now, out);
    }
}

bool Connection::take_transport(const Hello& hello, Now now, ConnectionEffects& out) {
    if (state_.socket) out.sends.push_back(CloseTransport{*state_.socket, CloseCode::Replaced});
    state_.socket = hello.socket;
    state_.device = hello.device;
    // This welcome may be lost, and with it the newer token: then the client comes with this one again.
    state_.previous_hash = hello.resumed_with;
    state_.token_hash = hello.next.hash;
    state_.token = hello.next.token;
    state_.timers.clear(ConnectionTimer::Window);
    state_.timers.set(ConnectionTimer::Ping, now.mono + settings_->ping);
    state_.timers.set(ConnectionTimer::Silence, now.mono + settings_->ping + settings_->pong_timeout);
    return take_grant(hello.grant, now);
}

bool Connection::take_grant(const Grant& grant, Now now) {
    const bool less = !grant.is_told_all_of(state_.grant);
    if (less) state_.told_more = state_.sent;
    state_.grant = grant;
    const auto taken = [&](const CallSlot& call) { return !grant.takes_part(call.own); };
    const bool shown = std::ranges::any_of(state_.calls, [&](const CallSlot& c) { return c.told && taken(c); });
    std::erase_if(state_.calls, taken);
    const auto left = std::chrono::milliseconds(state_.grant.expires.unix_milliseconds - now.wall.unix_milliseconds);
    state_.timers.set(ConnectionTimer::Expiry, now.mono + left);
    state_.timers.set(ConnectionTimer::Expiring, now.mono + std::max(left - settings_->expiring_notice, 0ms));
    return shown || (less && !state_.sync.held.empty());
}

void Connection::store(ConnectionEffects& out) const {
    const ConnectionState& s = state_;
    out.statements.push_back(
        upsert_connection({s.id, s.user, s.token_hash, s.previous_hash, s.incarnation, s.device, s.grant.token_id}));
}

void Connection::start(const Hello& hello, bool media_anew, Now, ConnectionEffects& out) {
    state_.phase = ConnectionPhase::Opening;
    ++state_.incarnation;
    state_.last_request = state_.last_query = state_.received = state_.sent = state_.told_more = 0;
    state_.kept.clear();
    state_.kept_bytes = 0;
    state_.fresh_only = state_.over_when_idle = false;
    state_.renumbered = true;
    state_.requests.clear();
    for (CallSlot& call : state_.calls) call.told = false;
    state_.sync = {.calls = std::move(state_.sync.calls)};
    store(out);
    tell_user(ConnectionAttached{state_.id, state_.incarnation, state_.grant, media_anew, hello.since}, out);
}

void Connection::replay(const Hello& hello, Now now, ConnectionEffects& out) {
    state_.renumbered = false;
    acknowledge(*hello.recv);
    store(out);
    send_welcome(true, false, now, out);
    for (KeptMessage& kept : state_.kept) {
        // SEQ-10: what is left is counted from receipt.
        if (auto* call = std::get_if<CallMessage>(&kept.message)) {
            auto* init = std::get_if<CallInit>(&call->news);
            const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now.mono - kept.since);
            if (init && init->expires_in) init->expires_in = std::max(*init->expires_in - age, 0ms);
        }
        kept.since = now.mono;
        send(ServerSays{kept.seq, kept.message}, out);
    }
    if (state_.sync.running) {
        synchronise(now, out);
    } else {
        say(SyncDone{state_.useq, false}, now, out);
    }
}

void Connection::transport_lost(SocketId socket, Now now, ConnectionEffects& out) {
    if (state_.socket == socket) detach(now, out);
}

void Connection::close(CloseCode code, Now now, ConnectionEffects& out) {
    if (!state_.socket) return;
    out.sends.push_back(CloseTransport{*state_.socket, code});
    detach(now, out);
}

void Connection::detach(Now now, ConnectionEffects& out) {
    state_.socket.reset();
    state_.timers = {};
    state_.timers.set(ConnectionTimer::Window, now.mono + settings_->resume_window);
    if (state_.phase == ConnectionPhase::Opening) state_.fresh_only = true;  // nothing to go on with
    tell_user(ConnectionFared{state_.id, ConnectionFate::Detached}, out);
}

// RES-1
void Connection::drop_queue(Now now, ConnectionEffects& out) {
    close(CloseCode::DeadTransport, now, out);
    forget_queue();
    state_.over_when_idle = true;
    end_if_over(out);
}

void Connection::forget_queue() {
    state_.kept.clear();
    state_.kept_bytes = 0;
    state_.sync = {.calls = std::move(state_.sync.calls)};
    state_.fresh_only = true;
}

void Connection::end_if_over(ConnectionEffects& out) {
    if (state_.over_when_idle && !active()) end(ConnectionFate::Gone, CloseCode::DeadTransport, out);
}

void Connection::end(ConnectionFate fate, CloseCode code, ConnectionEffects& out) {
    if (gone()) return;
    if (state_.socket) out.sends.push_back(CloseTransport{*state_.socket, code});
    state_.socket.reset();
    state_.phase = ConnectionPhase::Gone;
    state_.timers = {};
    state_.kept.clear();
    state_.requests.clear();
    state_.calls.clear();
    out.statements.push_back(erase_connection(state_.id));
    tell_user(ConnectionFared{state_.id, fate}, out);
}

void Connection::tell_user(UserMessage message, ConnectionEffects& out) const {
    out.sends.push_back(ToUser{state_.user, std::move(message)});
}

void Connection::handle_timeout(Now now, ConnectionEffects& out) {
    for (int i = 0; i < static_cast<int>(ConnectionTimer::kCount); ++i) {
        const auto timer = static_cast<ConnectionTimer>(i);
        if (state_.timers.when(timer) <= now.mono) expire(timer, now, out);
    }
}

void Connection::expire(ConnectionTimer timer, Now now, ConnectionEffects& out) {
    state_.timers.clear(timer);
    switch (timer) {
        case ConnectionTimer::Ping:
            send(ServerPing{}, out);
            state_.timers.set(ConnectionTimer::Ping, now.mono + settings_->ping);
            break;
        case ConnectionTimer::Silence: close(CloseCode::DeadTransport, now, out); break;
        case ConnectionTimer::Window:
            forget_queue();
            state_.over_when_idle = true;
            end_if_over(out);
            break;
        case ConnectionTimer::Expiring:
            say_in_turn(AuthExpiring{std::chrono::milliseconds(state_.grant.expires.unix_milliseconds -
                                                               now.wall.unix_milliseconds)},
                        now, out);
            break;
        case ConnectionTimer::Expiry: close(CloseCode::Authentication, now, out); break;
        case ConnectionTimer::kCount: break;
    }
}

void Connection::handle(const ConnectionMessage& message, Now now, ConnectionEffects& out) {
    if (!gone()) std::visit([&](const auto& m) { on(m, now, out); }, message);
}

void Connection::on(const NotWelcome& refused, Now, ConnectionEffects& out) {
    if (refused.incarnation != state_.incarnation || state_.phase != ConnectionPhase::Opening) return;
    const bool authentic = refused.why.why != Refusal::Unauthenticated;
    if (authentic) send(ServerError{refused.why}, out);  // CON-2: otherwise its close code and no message
    end(ConnectionFate::Gone, authentic ? CloseCode::Rate : CloseCode::Authentication, out);
}

void Connection::on(const Revoked& revoked, Now, ConnectionEffects& out) {
    if (!revoked.token_id || *revoked.token_id == state_.grant.token_id)
        end(ConnectionFate::Revoked, CloseCode::Authentication, out);
}

void Connection::on(const MakeRoom&, Now, ConnectionEffects& out) {
    if (!state_.socket && !active()) end(ConnectionFate::Gone, CloseCode::Normal, out);
}

std::string Connection::canonical(Now now, Counters counters) const {
    CanonicalWriter writer(now, counters);
    writer(state_);
    return writer.take();
}

}  // namespace crosspoint::chains
