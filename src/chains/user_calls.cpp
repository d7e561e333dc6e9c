#include <algorithm>

#include "chains/local_ids.h"
#include "chains/server_id.h"
#include "chains/user_owner.h"

// What a user owner has to do with calls (jsapi 10.5, 10.6, OWN-2, OWN-3).
namespace crosspoint::chains {
namespace {

constexpr std::chrono::milliseconds kShortestRing = 10s;
constexpr std::chrono::milliseconds kLongestRing = 120s;

bool two_people(const Party& from, const std::vector<Party>& to) {
    return to.size() == 1 && from.kind == ProfileKind::User && to[0].kind == ProfileKind::User;
}

}  // namespace

void UserOwner::run(const UserRequest& request, const OpenRequest& open, Now now, Effects& out) {
    const auto pending =
        std::ranges::find(state_.outgoing, open.local_id, [](const OutgoingCall& call) { return call.open.local_id; });
    const Waiter waiter{request.connection, request.request};
    if (pending != state_.outgoing.end()) {
        if (pending->digest != digest_of(open)) return answer(waiter, Refused{.why = Refusal::Conflict}, out);
        pending->waiters.push_back(waiter);
        return;
    }
    if (is_used(open.local_id)) return read(request, {select_key(state_.id, open.local_id)}, out);
    open_call(request, open, now, out);
}

void UserOwner::take_rows(const UserRequest& request, const OpenRequest& open, const RowsRead& rows, Now now,
                          Effects& out) {
    if (!answer_from_key(request, digest_of(open), rows.rows.at(0), out)) open_call(request, open, now, out);
}

void UserOwner::open_call(const UserRequest& request, const OpenRequest& open, Now now, Effects& out) {
    const Waiter waiter{request.connection, request.request};
    if (const auto refused = why_not_open(request, open, now)) return answer(waiter, *refused, out);
    std::vector<Party> to;
    if (const auto refused = resolve(open.to, to)) return answer(waiter, *refused, out);
    const bool phone = std::ranges::any_of(to, [](const Party& p) { return p.kind == ProfileKind::Phone; });
    if (phone && !request.pstn) return answer(waiter, Refused{.why = Refusal::PstnForbidden}, out);
    if (const auto refused = why_not_call(open, to)) return answer(waiter, *refused, out);
    if (request.busy_in) {  // SLOT-1
        Refused busy{.why = Refusal::ConnectionBusy};
        if (!request.busy_in->empty()) busy.call = request.busy_in;
        return answer(waiter, busy, out);
    }
    for (const CallRef& other : request.hold)
        out.sends.push_back(ToChain{other.chain, CallCommand{.call = other.call,
                                                             .user = state_.id,
                                                             .connection = request.connection,
                                                             .request = 0,
                                                             .verb = Verb::Hold}});
    OutgoingCall& outgoing = state_.outgoing.emplace_back();
    outgoing.chain = open.chain.value_or(ChainId(open.fresh_id));  // CHN-1
    outgoing.digest = digest_of(open);
    outgoing.open = {.call = CallId(open.chain ? message_id_in(*open.chain, open.fresh_id) : open.fresh_id),
                     .from = {open.from, state_.id, ProfileKind::User},
                     .connection = request.connection,
                     .request = request.request,
                     .local_id = open.local_id,
                     .to = std::move(to),
                     .options = open.options,
                     .in_chain = open.chain.has_value(),
                     .replace = open.replace,
                     .ring_timeout = open.ring_timeout};
    if (two_people(outgoing.open.from, outgoing.open.to))  // GLR-1
        for (const KnownCall& call : state_.calls)
            if (!call.outgoing && call.unanswered() && call.own == open.from &&
                call.peer == outgoing.open.to[0].profile)
                outgoing.into = call.ref;
    send_open(outgoing, out);
    changed_ = true;
}

std::optional<Refused> UserOwner::why_not_open(const UserRequest& request, const OpenRequest& open, Now now) {
    const auto bad = [](const char* field) { return Refused{.why = Refusal::BadArgument, .field = field}; };
    if (!calls_rate_.take(now.mono)) {
        const auto wait = std::chrono::ceil<std::chrono::milliseconds>(calls_rate_.next() - now.mono);
        return Refused{.why = Refusal::RateLimited, .retry_after = wait};
    }
    if (open.local_id.empty()) return bad("localId");
    if (open.to.empty()) return bad("to");                                  // OPEN-3
    if (!open.options.audio && !open.options.video) return bad("options");  // OPEN-5
    const bool rings_well =
        !open.ring_timeout || (*open.ring_timeout >= kShortestRing && *open.ring_timeout <= kLongestRing);
    if (!rings_well) return bad("ringTimeoutMs");
    if (!may_use(request, open.from)) return Refused{.why = Refusal::ForbiddenProfile};  // OPEN-2
    return std::nullopt;
}

std::optional<Refused> UserOwner::why_not_call(const OpenRequest& open, const std::vector<Party>& to) const {
    for (const Party& party : to)
        if (party.user == state_.id) return Refused{.why = Refusal::SelfCall};  // OPEN-3
    const Party from{open.from, state_.id, ProfileKind::User};
    if (two_people(from, to) && !open.replace)
        if (const auto refused = why_not_again(open, to[0].profile)) return refused;
    const auto live = std::ranges::count_if(state_.calls, &KnownCall::live);
    const auto unanswered =
        std::ranges::count_if(state_.calls, [](const KnownCall& c) { return c.outgoing && c.unanswered(); });
    const size_t coming = state_.outgoing.size();
    const size_t going = open.replace ? 1 : 0;
    if (static_cast<size_t>(live) + coming >= settings_->live_calls_per_user + going ||
        static_cast<size_t>(unanswered) + coming >= settings_->unanswered_outgoing_per_user + going)
        return Refused{.why = Refusal::TooMany};
    return std::nullopt;
}

// GLR-7. In the same chain the chain's owner refuses, as it does for whoever it is (LAST-1, A5).
std::optional<Refused> UserOwner::why_not_again(const OpenRequest& open, const ProfileId& to) const {
    const ProfileId& from = open.from;
    for (const OutgoingCall& call : state_.outgoing)
        if (two_people(call.open.from, call.open.to) && call.open.from.profile == from &&
            call.open.to[0].profile == to && open.chain != call.chain)
            return Refused{.why = Refusal::AlreadyCalling, .call = call.open.call};
    for (const KnownCall& call : state_.calls) {
        if (call.own != from || call.peer != to || open.chain == call.ref.chain) continue;
        if (call.outgoing && call.unanswered()) return Refused{.why = Refusal::AlreadyCalling, .call = call.ref.call};
        if (call.state == CallState::Active) return Refused{.why = Refusal::AlreadyInCall, .call = call.ref.call};
    }
    return std::nullopt;
}

void UserOwner::send_open(OutgoingCall& call, Effects& out) const {
    call.open.connections = facts(call.open.from.profile);
    if (call.into) {
        out.sends.push_back(ToChain{call.into->chain, AnswerByOpening{call.into->call, call.open}});
    } else {
        out.sends.push_back(ToChain{call.chain, call.open});
    }
}

OutgoingCall* UserOwner::outgoing(const CallId& id) {
    const auto found = std::ranges::find(state_.outgoing, id, [](const OutgoingCall& call) { return call.open.call; });
    return found == state_.outgoing.end() ? nullptr : &*found;
}

KnownCall* UserOwner::known(const CallId& id) {
    const auto found = std::ranges::find(state_.calls, id, [](const KnownCall& call) { return call.ref.call; });
    return found == state_.calls.end() ? nullptr : &*found;
}

// ---- what came of an own `call.init` ----

void UserOwner::on(const CallStanding& standing, Now now, Effects& out) {
    if (outgoing(standing.ref.call)) confirm(standing, now, out);
    KnownCall* call = known(standing.ref.call);
    if (!call || !call->live() || standing.revision < call->revision) return;
    call->revision = standing.revision;
    call->state = standing.state;
    call->in = std::ranges::find(standing.in, call->own) != standing.in.end();
    changed_ = true;
    if (!call->live()) forget(*call, now);
}

void UserOwner::confirm(const CallStanding& standing, Now now, Effects& out) {
    const OutgoingCall opened = *outgoing(standing.ref.call);
    std::erase_if(state_.outgoing, [&](const OutgoingCall& c) { return c.open.call == standing.ref.call; });
    changed_ = true;
    const Opened result{standing.ref};
    for (const Waiter& waiter : opened.waiters) answer(waiter, result, out);
    keep_key(opened.open.local_id, {opened.digest, result}, now, out);
    out.statements.push_back(touch_chain_list(opened.open.from.profile, opened.chain, now.wall));
    KnownCall call{.ref = standing.ref, .own = opened.open.from.profile, .outgoing = true, .state = standing.state};
    if (two_people(opened.open.from, opened.open.to)) call.peer = opened.open.to[0].profile;
    state_.calls.push_back(call);
    find_crossings(call, out);
}

void UserOwner::on(const OpenRefused& refused, Now, Effects& out) {
    const OutgoingCall* call = outgoing(refused.call);
    if (!call) return;
    for (const Waiter& waiter : call->waiters) answer(waiter, refused.why, out);
    std::erase_if(state_.outgoing, [&](const OutgoingCall& c) { return c.open.call == refused.call; });
    changed_ = true;
}

void UserOwner::on(const OpenMerged& merged, Now now, Effects& out) {
    const OutgoingCall* call = outgoing(merged.call);
    if (!call) return;
    const Opened result{merged.into, true};
    for (const Waiter& waiter : call->waiters) answer(waiter, result, out);
    keep_key(call->open.local_id, {call->digest, result}, now, out);
    std::erase_if(state_.outgoing, [&](const OutgoingCall& c) { return c.open.call == merged.call; });
    changed_ = true;
}

// GLR-1: "If B's call is over by then, A's call is created normally."
void UserOwner::on(const NotMerged& not_merged, Now, Effects& out) {
    OutgoingCall* call = outgoing(not_merged.call);
    if (!call || !call->into) return;
    call->into.reset();
    send_open(*call, out);
    changed_ = true;
}

void UserOwner::on(const CallRecord& record, Now now, Effects& out) {
    KnownCall* call = known(record.ref.call);
    if (!call || call->recorded) return;
    call->recorded = true;
    if (call->live()) forget(*call, now);
    changed_ = true;
    if (record.reason == EndReason::Glare) return;  // GLR-8
    if (record.missed) {
        log(CallMissed{record}, now, out);
    } else {
        log(CallOver{record}, now, out);
    }
}

void UserOwner::forget(KnownCall& call, Now now) {
    call.state = CallState::Ended;
    call.in = false;
    call.forget_at = now.mono + settings_->tombstone;
}

// ---- offers (10.6) ----

void UserOwner::on(const Offer& offer, Now now, Effects& out) {
    OfferAnswer answer{.call = offer.ref.call, .profile = offer.to.profile, .invitation = offer.invitation};
    const Profile* own = profile(offer.to.profile);
    answer.wakeable = own && own->wakeable;  // also for whoever is refused: it waits as long as for one who is offline
    answer.blocked = !own || refuses(offer.from.profile, *own);
    if (offer.second && own) answer.dnd = own->dnd;
    if (offer.second || (answer.blocked && !(own && offer.told))) {
        out.sends.push_back(ToChain{offer.ref.chain, std::move(answer)});
        return;
    }
    answer.connections = facts(offer.to.profile);
    answer.dnd = own->dnd;
    answer.busy = !answer.blocked && !own->dnd && is_busy(offer);
    out.sends.push_back(ToChain{offer.ref.chain, std::move(answer)});
    if (known(offer.ref.call)) return;
    KnownCall call{.ref = offer.ref, .own = offer.to.profile};
    if (offer.only_receiver && two_people(offer.from, {offer.to})) call.peer = offer.from.profile;
    state_.calls.push_back(call);
    changed_ = true;
    out.statements.push_back(touch_chain_list(offer.to.profile, offer.ref.chain, now.wall));
    find_crossings(call, out);
}

// PRO-3, TXT-1
bool UserOwner::refuses(const ProfileId& other, const Profile& own) const {
    if (state_.revoked || std::ranges::binary_search(state_.blocked, other)) return true;
    switch (own.call_policy) {
        case CallPolicy::Anyone: return false;
        case CallPolicy::Contacts: return !std::ranges::binary_search(state_.contacts, other);
        case CallPolicy::Nobody: return true;
    }
    return true;
}

// BUSY-1; whoever is in as many calls as one can be is busy whatever its policy.
bool UserOwner::is_busy(const Offer& offer) const {
    size_t live = 0;
    bool in_another = false;
    for (const KnownCall& call : state_.calls) {
        if (!call.live() || call.ref == offer.ref) continue;
        ++live;
        const bool crosses = call.outgoing && call.unanswered() && call.own == offer.to.profile &&
                             offer.only_receiver && call.peer == offer.from.profile;
        if (call.in && !crosses) in_another = true;
    }
    if (live >= settings_->live_calls_per_user) return true;
    return in_another && profile(offer.to.profile)->busy_policy == BusyPolicy::Reject;
}

// ---- crossing calls (10.5) ----

// GLR-2: an own call that its owner has not confirmed yet is not known yet, and is compared when it is.
void UserOwner::find_crossings(const KnownCall& call, Effects& out) const {
    for (const KnownCall& other : state_.calls)
        if (other.outgoing != call.outgoing && other.own == call.own && call.peer && other.peer == call.peer &&
            other.live())
            cross(call, other, out);
}

// GLR-3; an answered call stands, and the other yields as in GLR-4 (GLR-7).
void UserOwner::cross(const KnownCall& a, const KnownCall& b, Effects& out) const {
    if (!a.unanswered() && !b.unanswered()) return;
    const bool a_wins = a.unanswered() == b.unanswered() ? a.ref.call < b.ref.call : !a.unanswered();
    const KnownCall& winner = a_wins ? a : b;
    const KnownCall& loser = a_wins ? b : a;
    out.sends.push_back(ToChain{loser.ref.chain, Crossed{loser.ref.call, winner.ref}});
}

}  // namespace crosspoint::chains
