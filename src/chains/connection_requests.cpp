#include <algorithm>

#include "chains/connection.h"
#include "chains/people_records.h"
#include "chains/server_id.h"

// What comes in: every sequenced message is taken once, in order, and answered once (jsapi 3), and SLOT-1.
namespace crosspoint::chains {
namespace {

using Claim = PendingRequest::Claim;

bool takes_part(Verb verb) { return verb == Verb::Accept || verb == Verb::Activate || verb == Verb::Resume; }

}  // namespace

void Connection::hear(SocketId socket, const ClientFrame& frame, std::optional<uint64_t> ack, Now now,
                      ConnectionEffects& out) {
    if (gone() || state_.socket != socket) return;
    state_.timers.set(ConnectionTimer::Silence, now.mono + settings_->ping + settings_->pong_timeout);
    if (ack) {
        if (*ack > state_.sent) return close(CloseCode::Protocol, now, out);
        acknowledge(*ack);
        // It has read its welcome (CON-7).
        if (state_.phase == ConnectionPhase::Open) state_.previous_hash.clear();
    }
    std::visit([&](const auto& f) { hear(f, now, out); }, frame);
    if (state_.phase == ConnectionPhase::Open) synchronise(now, out);
}

void Connection::hear(const ClientPing&, Now now, ConnectionEffects& out) { answer_lightly(ServerPong{}, now, out); }
void Connection::hear(const ClientBye&, Now, ConnectionEffects& out) {
    end(ConnectionFate::Left, CloseCode::Normal, out);
}
void Connection::hear(const ClientGarbage&, Now now, ConnectionEffects& out) { close(CloseCode::Protocol, now, out); }

void Connection::hear(const ClientSays& says, Now now, ConnectionEffects& out) {
    if (state_.phase != ConnectionPhase::Open) return close(CloseCode::Protocol, now, out);
    if (says.seq != 0 && says.seq <= state_.received) return answer_lightly(ServerAck{}, now, out);  // SEQ-1
    if (says.seq != state_.received + 1) return close(CloseCode::Protocol, now, out);                // SEQ-2
    const auto refused = why_not(says.message, now);
    // Not taken, as it gets no reply: the client says it again.
    if (refused && refused->why == Refusal::RateLimited && !state_.patience.take(now.mono))
        return close(CloseCode::Rate, now, out);
    state_.received = says.seq;
    state_.previous_hash.clear();
    if (refused) return say_in_turn(ReplyTo{says.seq, *refused}, now, out);
    auto outcome = std::visit([&](const auto& message) { return ask(says.seq, message, now, out); }, says.message);
    if (outcome) say_in_turn(ReplyTo{says.seq, std::move(*outcome)}, now, out);
}

// What costs next to nothing has no rate, but an end.
void Connection::answer_lightly(ServerFrame frame, Now now, ConnectionEffects& out) {
    if (!state_.patience.take(now.mono)) return close(CloseCode::Rate, now, out);
    send(std::move(frame), out);
}

// 8.1: scope, then rate. `call.init` and what is written have a rate of their own, at the user owner.
std::optional<Refused> Connection::why_not(const ClientMessage& message, Now now) {
    const bool calls = std::holds_alternative<OpenRequest>(message) || std::holds_alternative<CallRequest>(message);
    const bool texts = std::holds_alternative<AddText>(message) || std::holds_alternative<EditText>(message) ||
                       std::holds_alternative<RemoveText>(message) || std::holds_alternative<SendCustom>(message);
    if ((calls && !state_.grant.call) || (texts && !state_.grant.text)) return Refused{.why = Refusal::Forbidden};
    const bool has_its_own = std::holds_alternative<OpenRequest>(message) || std::holds_alternative<AddText>(message) ||
                             std::holds_alternative<EditText>(message);
    TokenBucket& bucket = has_its_own ? state_.patience : state_.rate;
    if (bucket.take(now.mono)) return std::nullopt;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(bucket.next() - now.mono);
    return Refused{.why = Refusal::RateLimited, .retry_after = wait};
}

uint64_t Connection::new_request(uint64_t seq, Claim claim, const CallRef& call) {
    // Unlike those of an earlier incarnation: an answer that comes late answers nothing.
    const uint64_t request = (state_.incarnation << 32) + ++state_.last_request;
    state_.requests.push_back({request, seq, claim, call});
    return request;
}

UserRequest Connection::user_request(uint64_t request, UserCommand command) const {
    UserRequest out;
    out.connection = state_.id;
    out.request = request;
    out.profiles = state_.grant.profiles;
    out.pstn = state_.grant.pstn;
    out.command = std::move(command);
    return out;
}

Connection::Outcome Connection::ask(uint64_t seq, const OpenRequest& open, Now, ConnectionEffects& out) {
    // A call that `replace` would end does not count.
    const Occupied in =
        occupied([&](const CallRef& call) { return open.replace && open.chain && call.chain == *open.chain; });
    UserRequest request = user_request(new_request(seq, Claim::NewCall, {}), open);
    // The user owner knows whether this is the first time that it is asked, and only then is anything refused or held.
    if (in.by_new_call) {
        request.busy_in = CallId();
    } else if (in && open.hold_others) {
        request.hold = in.calls;
    } else if (in) {
        request.busy_in = in.calls.front().call;
    }
    tell_user(std::move(request), out);
    return std::nullopt;
}

Connection::Outcome Connection::ask(uint64_t seq, const CallRequest& request, Now, ConnectionEffects& out) {
    const CallRef ref{request.call, chain_of(request.call.value)};
    std::vector<Party> parties;
    if (const auto refused = resolve(request, parties)) return *refused;
    Claim claim = Claim::Nothing;
    if (takes_part(request.verb)) {
        const Occupied in = occupied([&](const CallRef& call) { return call.call == ref.call; });
        if (in && (in.by_new_call || !request.hold_others)) {
            Refused busy{.why = Refusal::ConnectionBusy};
            if (!in.calls.empty()) busy.call = in.calls.front().call;
            return busy;
        }
        put_on_hold(in.calls, out);
        claim = Claim::Call;
    }
    // A hold of its own active leg cannot fail, so what follows may count on it.
    if (CallSlot* call = slot(ref.call); call && call->active && request.verb == Verb::Hold) call->held = true;
    const uint64_t number = new_request(seq, claim, ref);
    out.sends.push_back(ToChain{ref.chain, CallCommand{.call = ref.call,
                                                       .user = state_.user,
                                                       .connection = state_.id,
                                                       .request = number,
                                                       .verb = request.verb,
                                                       .media = request.media,
                                                       .busy = request.busy,
                                                       .named = request.named,
                                                       .parties = std::move(parties),
                                                       .profiles = state_.grant.profiles}});
    return std::nullopt;
}

std::optional<Refused> Connection::resolve(const CallRequest& request, std::vector<Party>& parties) const {
    for (const ProfileId& profile : request.profiles) {
        const auto party = profiles_->find(profile);
        if (!party) return Refused{.why = Refusal::NotFound};
        const bool invites_phone = request.verb == Verb::Invite && party->kind == ProfileKind::Phone;
        if (invites_phone && !state_.grant.pstn) return Refused{.why = Refusal::PstnForbidden};
        parties.push_back(*party);
    }
    return std::nullopt;
}

Connection::Outcome Connection::ask(uint64_t seq, const RefreshGrant& refresh, Now now, ConnectionEffects& out) {
    if (!refresh.grant) return Refused{.why = refresh.why};
    if (refresh.grant->user != state_.user) return Refused{.why = Refusal::Unauthenticated};
    const bool begins_anew = take_grant(*refresh.grant, now);
    store(out);  // what is revoked later is this one
    tell_user(TokenRefreshed{state_.id, state_.grant}, out);
    if (!begins_anew) return ReplyResult{};
    // It may show calls of which it will hear no more: a snapshot without them is what ends them there.
    say(ReplyTo{seq, ReplyResult{}}, now, out);
    forget_queue();
    close(CloseCode::Restart, now, out);
    return std::nullopt;
}

Connection::Outcome Connection::ask(uint64_t, const Unreadable& unreadable, Now, ConnectionEffects&) {
    return unreadable.why;
}

template <class Command>
Connection::Outcome Connection::ask(uint64_t seq, const Command& command, Now, ConnectionEffects& out) {
    tell_user(user_request(new_request(seq, Claim::Nothing, {}), command), out);
    return std::nullopt;
}

void Connection::on(const Reply& reply, Now now, ConnectionEffects& out) {
    const auto asked = std::ranges::find(state_.requests, reply.request, &PendingRequest::request);
    if (asked == state_.requests.end()) return;
    const uint64_t seq = asked->seq;
    state_.requests.erase(asked);
    say_in_turn(ReplyTo{seq, reply.result}, now, out);
}

// ---- SLOT-1 ----

template <class CountsNot>
Connection::Occupied Connection::occupied(CountsNot counts_not) const {
    Occupied in;
    for (const CallSlot& call : state_.calls)
        if (call.active && !call.held && !counts_not(call.ref)) in.calls.push_back(call.ref);
    for (const PendingRequest& request : state_.requests) {
        if (request.claim == Claim::NewCall) in.by_new_call = true;
        const bool other = request.claim == Claim::Call && !counts_not(request.call);
        if (other && std::ranges::find(in.calls, request.call) == in.calls.end()) in.calls.push_back(request.call);
    }
    return in;
}

void Connection::put_on_hold(const std::vector<CallRef>& calls, ConnectionEffects& out) {
    for (const CallRef& call : calls) {
        out.sends.push_back(ToChain{
            call.chain,
            CallCommand{
                .call = call.call, .user = state_.user, .connection = state_.id, .request = 0, .verb = Verb::Hold}});
        if (CallSlot* known = slot(call.call)) known->held = true;
    }
}

const CallSlot* Connection::slot(const CallId& call) const {
    const auto found = std::ranges::find(state_.calls, call, [](const CallSlot& c) { return c.ref.call; });
    return found == state_.calls.end() ? nullptr : &*found;
}
CallSlot* Connection::slot(const CallId& call) { return const_cast<CallSlot*>(std::as_const(*this).slot(call)); }

bool Connection::active() const { return std::ranges::any_of(state_.calls, &CallSlot::active); }

namespace {

bool is_active(Role role) { return role == Role::ActiveInitiator || role == Role::ActiveReceiver; }

/// The viewer's own participant: nobody else's connections are shown (SEC-3).
const ParticipantView* own_participant(const CallView& call, const ProfileId& own) {
    for (const ParticipantView& p : call.participants)
        if (p.id == own || (own.empty() && !p.connections.empty())) return &p;
    return nullptr;
}

CallSlot slot_from(const CallView& call, const ProfileId& receiver, Role role) {
    const ParticipantView* own = own_participant(call, receiver);
    CallSlot slot{.ref = call.ref, .own = receiver, .told = true, .active = is_active(role)};
    if (own) {
        slot.own = own->id;
        slot.held = own->held;
    }
    return slot;
}

/// What the news say of this connection's part in the call.
struct Mirror {
    CallSlot& slot;
    const ConnectionId& self;

    void operator()(const CallNotice& notice) const {
        if (notice.profile != slot.own) return;
        switch (notice.what) {
            case Notice::HangUp:
            case Notice::Drop:
            case Notice::Remove: slot.active = false; break;
            case Notice::Hold: slot.held = true; break;
            case Notice::Resume: slot.held = false; break;
            case Notice::Pending:
            case Notice::Ringing:
            case Notice::InitTimeout:
            case Notice::RingingTimeout:
            case Notice::Reject:
            case Notice::Busy:
            case Notice::Ignore:
            case Notice::Reconnecting:
            case Notice::Reconnected: break;
        }
    }
    void operator()(const CallAccepted& accepted) const {
        if (accepted.profile == slot.own) slot.active = accepted.connection == self;
    }
    void operator()(const CallActivated& activated) const {
        if (activated.profile == slot.own) slot.active = activated.connection == self;
    }
    void operator()(const auto&) const {}
};

bool is_last(const CallMessage& message, const ProfileId& own) {
    const auto* notice = std::get_if<CallNotice>(&message.news);
    return std::holds_alternative<CallEnded>(message.news) ||
           (notice && notice->what == Notice::Remove && notice->profile == own);
}

}  // namespace

bool Connection::observe(const CallMessage& message) {
    std::optional<CallSlot> whole;
    bool live = true;
    if (const auto* init = std::get_if<CallInit>(&message.news)) {
        whole = slot_from(init->call, init->receiver, init->role);
    } else if (const auto* state = std::get_if<CallStateIs>(&message.news)) {
        whole = slot_from(state->call, {}, state->role);
        live = state->call.state != CallState::Ended;
    }
    CallSlot* known = slot(message.ref.call);
    if (whole) {
        const bool allowed = whole->own.empty() || state_.grant.takes_part(whole->own);
        if (!allowed) return false;  // said before the token was exchanged
        if (known) {
            *known = *whole;
        } else if (live) {
            state_.calls.push_back(*whole);
        }
        if (!live) std::erase_if(state_.calls, [&](const CallSlot& c) { return c.ref.call == message.ref.call; });
        return true;
    }
    if (!known) return false;
    std::visit(Mirror{*known, state_.id}, message.news);
    const bool told = known->told;
    if (is_last(message, known->own))
        std::erase_if(state_.calls, [&](const CallSlot& c) { return c.ref.call == message.ref.call; });
    return told;
}

void Connection::on(const CallMessage& message, Now now, ConnectionEffects& out) {
    const bool told = observe(message);
    if (state_.fresh_only) {
        // What the client is not told of now comes whole when it is back.
        if (CallSlot* call = slot(message.ref.call)) call->told = false;
        return end_if_over(out);
    }
    if (told) say_in_turn(message, now, out);
}

}  // namespace crosspoint::chains
