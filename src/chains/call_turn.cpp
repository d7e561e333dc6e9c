#include "chains/call_turn.h"

#include <algorithm>
#include <utility>

#include "base/verify.h"

// The events of a call, and 9.1.
namespace crosspoint::chains {

void CallTurn::begin(const OpenCall& open) {
    call_.id = open.call;
    call_.opened_on = open.connection;
    call_.local_id = open.local_id;
    call_.options = open.options;
    call_.ring_timeout = open.ring_timeout.value_or(env_.settings.ring_timeout);
    call_.created = env_.now.wall;
    call_.timers.set(CallTimer::MaxDuration, in_time(env_.settings.max_call));

    Participant initiator;
    initiator.who = open.from;
    initiator.initiator = true;
    initiator.state = ParticipantState::Active;
    initiator.offer = OfferState::Answered;
    initiator.media = open.options;
    initiator.told = initiator.ever_in = true;
    initiator.joined = env_.now.wall;
    initiator.add_leg({.connection = open.connection, .state = LegState::Active});
    for (const ConnectionFact& connection : open.connections)
        if (connection.id != open.connection)
            initiator.add_leg({.connection = connection.id, .attached = connection.attached});
    call_.participants.push_back(std::move(initiator));
    for (const Party& party : open.to) {
        call_.participants.emplace_back().who = party;
        start_inviting(call_.participants.back());
    }
    for (Leg& leg : call_.initiator().legs) send_init(call_.initiator(), leg, false);
    for (Participant& p : call_.participants) offer(p);
    for (const ConnectionFact& connection : open.connections)  // it may have dropped meanwhile
        if (connection.id == open.connection && !connection.attached)
            apply(Event::TransportLost, call_.initiator(), call_.initiator().leg(connection.id));
    settle();
}

void CallTurn::offer_answered(const OfferAnswer& answer) {
    Participant* p = call_.participant(answer.profile);
    if (!p || p->offer == OfferState::Answered || p->invitation != answer.invitation) return;
    if (p->offer == OfferState::None) {
        take_wishes_of_second(*p, answer);
        return settle();
    }
    p->offer = OfferState::Answered;
    const bool longer = answer.wakeable && !std::exchange(p->wakeable, answer.wakeable);
    // Who has decided meanwhile, by opening a call to whoever called, did so whatever the policies say.
    const bool open = p->undecided() || p->state == ParticipantState::Unreachable ||
                      (p->state == ParticipantState::Cancelled && !p->ever_in);
    if (open) {
        p->blocked = answer.blocked && !p->told;  // who knows the call already cannot be kept from it
        if (answer.blocked || answer.dnd) p->silenced = true;
    }
    if (!call_.live()) {  // it was over before its receiver's owner had heard of it
        send_record(*p);
        return;
    }
    if (p->state == ParticipantState::Removed) return;
    // Whatever the answer is and whenever it comes, the reach timer is that of somebody offline: no timing tells them
    // apart (PRO-3).
    if (p->state == ParticipantState::Inviting && longer) wait_until_woken(*p);
    if (!p->blocked) take_connections(*p, answer);
    if (p->undecided() && !p->flagged() && answer.busy) {
        go_out(*p, ParticipantState::Busy, EndReason::Busy);
        tell_all(CallNotice{Notice::Busy, p->who.profile, {}});
    }
    settle();
}

void CallTurn::connection_changed(const ConnectionChanged& change) {
    Participant* p = call_.of_user(change.user);
    Leg* leg = p ? p->leg(change.connection) : nullptr;
    coming_ = {change.connection, true};
    if (p && call_.live()) {
        switch (change.event) {
            case ConnectionEvent::New:
                if (leg) {  // resumed fresh
                    apply(Event::Resumed, *p, leg);
                    snapshot(*p, *leg);
                    const bool active = p->active_leg() == leg;
                    if (active && (change.media_anew || p->seat.state != MediaState::Connected)) renew_seat(*p);
                } else if (p->offer == OfferState::Answered && !p->blocked && p->state != ParticipantState::Removed) {
                    apply(Event::NewConnection, *p, nullptr);
                }
                break;
            case ConnectionEvent::Lost:
                if (leg && leg->attached) apply(Event::TransportLost, *p, leg);
                break;
            case ConnectionEvent::Resumed:
                if (leg && !leg->attached) apply(Event::Resumed, *p, leg);
                break;
            case ConnectionEvent::Gone:
                if (leg) apply(Event::ConnectionGone, *p, leg);
                break;
            case ConnectionEvent::Left:
                if (leg) apply(Event::ConnectionLeft, *p, leg);
                break;
            case ConnectionEvent::Revoked:
                if (leg) apply(Event::ConnectionRevoked, *p, leg);
                break;
        }
    }
    if (change.event == ConnectionEvent::New)
        env_.out.sends.push_back(ToConnection{change.connection, SnapshotTaken{call_.id}});
    settle();
}

bool may_answer_by_opening(const Call& call, const OpenCall& open) {
    if (call.participants.size() != 2 || open.to.size() != 1 || !call.unanswered()) return false;
    const Participant& initiator = call.participants[0];
    const Participant& receiver = call.participants[1];
    const bool people = initiator.who.kind == ProfileKind::User && receiver.who.kind == ProfileKind::User;
    return people && receiver.who.profile == open.from.profile && receiver.undecided() && !receiver.blocked &&
           open.to[0].profile == initiator.who.profile;
}

void CallTurn::answer_by_opening(const OpenCall& open) {
    Participant& p = call_.participants.back();
    answer_on(p, {open.connection, true}, open.options, std::nullopt, open.local_id);
    call_.remember({open.call, true});
    settle();
}

void CallTurn::turn_away(const OpenCall& open) {
    if (!call_.other_opening(open.call)) call_.remember({open.call, false});
}

void CallTurn::lose_crossing(const CallRef& winner) {
    if (!call_.live()) return;
    if (!call_.unanswered()) {
        env_.out.sends.push_back(ToChain{winner.chain, Yield{winner.call, ref()}});
        return;
    }
    const Leg* leg = call_.initiator().active_leg();
    VERIFY(leg);  // INV-3
    call_.merge = Merge{winner, {leg->connection, leg->attached}};
    happen(CallEvent::LostCrossing, winner.call);
    ask_to_answer(*call_.merge);
}

void CallTurn::ask_to_answer(const Merge& merge) {
    const Participant& initiator = call_.initiator();
    env_.out.sends.push_back(ToChain{merge.into.chain, MergeAccept{merge.into.call, call_.id, initiator.who.user,
                                                                   merge.connection, initiator.media}});
}

void CallTurn::merge(const MergeAccept& merge) {
    Participant* p = call_.of_user(merge.user);
    if (!call_.unanswered() || !p || !p->undecided()) return;
    // Once its connections are known here, one that is missing has gone meanwhile.
    if (p->offer == OfferState::Answered && !p->blocked && !p->leg(merge.connection.id)) return;
    // Who calls somebody wants to talk to them, whatever its user owner has answered or is about to.
    const bool unfollowed = p->blocked || p->offer != OfferState::Answered;
    p->blocked = false;
    call_.replaces = merge.replaces;
    answer_on(*p, merge.connection, merge.media, merge.replaces, std::nullopt);
    if (unfollowed) ask_again(*p);
    settle();
}

void CallTurn::happen(CallEvent event, std::optional<CallId> replaced_by) {
    for (const CallEndRule& rule : env_.rules.call_ends)
        if (rule.event == event && (rule.from & one(call_.state))) {
            enter(CallState::Ended, rule.reason, std::move(replaced_by));
            return;
        }
}

void CallTurn::expire(CallTimer timer) {
    call_.timers.clear(timer);
    happen(timer == CallTimer::MaxDuration ? CallEvent::MaxDuration : CallEvent::NoMedia);
}

void CallTurn::expire(ParticipantTimer timer, Participant& p) {
    p.timers.clear(timer);
    switch (timer) {
        case ParticipantTimer::Reach: apply(Event::ReachTimer, p, nullptr); break;
        case ParticipantTimer::Ring: apply(Event::RingTimer, p, nullptr); break;
        case ParticipantTimer::Grace: apply(Event::GraceTimer, p, p.active_leg()); break;
        case ParticipantTimer::Media: media_times_out(p); break;
        case ParticipantTimer::RingWindow:
        case ParticipantTimer::InviteAgain:
        case ParticipantTimer::kCount: break;
    }
    settle();
}

void CallTurn::expire_init(Participant& p, Leg& leg) {
    leg.init_timer = kNever;
    apply(Event::InitTimer, p, &leg);
    settle();
}

void CallTurn::restore() {
    for (Participant& p : call_.participants) {
        for (Leg& leg : p.legs) send_state(p, leg);
        offer(p);
        if (!call_.live() && p.offer == OfferState::Answered) send_record(p);
        if (call_.live()) say_seats_again(p);
    }
    if (call_.session == SessionState::Asked) env_.out.sends.push_back(ToMedia{MakeSession{ref()}});
    if (!call_.live() && call_.answered) env_.out.sends.push_back(ToMedia{DeleteSession{ref()}});
    if (call_.merge) ask_to_answer(*call_.merge);
}

bool CallTurn::apply(Event event, Participant& p, Leg* leg) {
    for (const ParticipantRule& rule : env_.rules.participant)
        if (rule.event == event && rule.when(p, leg)) {
            (this->*rule.then)(p, leg);
            return true;
        }
    return false;
}

void CallTurn::settle() {
    bool changed = true;
    while (changed) {
        changed = false;
        for (const CallRule& rule : env_.rules.call) {
            if (!(rule.from & one(call_.state)) || !rule.when(call_)) continue;
            enter(rule.next, rule.reason ? std::optional(rule.reason(call_, cause_)) : std::nullopt, std::nullopt);
            changed = true;
            break;
        }
    }
    if (!call_.live()) return;
    keep_media();
    wake_devices();
}

void CallTurn::enter(CallState next, std::optional<EndReason> reason, std::optional<CallId> replaced_by) {
    call_.state = next;
    if (next == CallState::Active) call_.answered = env_.now.wall;
    if (next == CallState::Ended) end(*reason, std::move(replaced_by));
}

// "On `ended`" (9.1): all in one commit.
void CallTurn::end(EndReason reason, std::optional<CallId> replaced_by) {
    call_.end_reason = reason;
    call_.replaced_by = std::move(replaced_by);
    call_.ended = env_.now.wall;
    for (Participant& p : call_.participants) {
        if (p.undecided()) go_out(p, ParticipantState::Cancelled, cause_);
        if (p.in()) go_out(p, ParticipantState::Left, cause_);
        p.timers = {};
    }
    call_.timers = {};
    if (call_.session != SessionState::None) env_.out.sends.push_back(ToMedia{DeleteSession{ref()}});
    call_.session = SessionState::None;
    call_.session_id = {};
    std::optional<std::chrono::milliseconds> duration;
    if (call_.answered)
        duration = std::chrono::milliseconds(env_.now.wall.unix_milliseconds - call_.answered->unix_milliseconds);
    tell_all(CallEnded{reason, call_.replaced_by, duration});
    for (Participant& p : call_.participants) {
        p.legs.clear();
        if (p.offer == OfferState::Answered) send_record(p);
    }
    call_.forget_at = in_time(env_.settings.tombstone);
}

void CallTurn::send_record(const Participant& p) {
    if (p.blocked) return;
    env_.out.sends.push_back(ToUser{p.who.user, record(call_, env_.chain, p.who.user)});
}

// PRO-2: at once, and once for a call and profile. Of a user with several profiles here the legs are with the first.
void CallTurn::wake_devices() {
    for (Participant& p : call_.participants) {
        if (p.woken || !p.wakeable || !p.undecided() || p.flagged()) continue;
        const Participant& first = *call_.of_user(p.who.user);
        if (first.offer != OfferState::Answered || !first.undecided() || first.flagged()) continue;
        if (first.has_attached_candidate()) continue;
        p.woken = true;
        const bool rings = p.state == ParticipantState::Ringing;
        const auto wait = left(p.timers.when(rings ? ParticipantTimer::Ring : ParticipantTimer::Reach));
        env_.out.sends.push_back(Wake{call_.id, call_.initiator().who.profile, p.who.profile, call_.options, wait});
    }
}

/// From the invitation on (9.2).
void CallTurn::wait_until_woken(Participant& p) {
    const Timestamp reach = p.timers.when(ParticipantTimer::Reach);
    const auto more = env_.settings.wake_timeout - env_.settings.init_timeout;
    p.timers.set(ParticipantTimer::Reach, reach == kNever ? in_time(reach_timeout(p)) : reach + more);
}

std::chrono::milliseconds CallTurn::reach_timeout(const Participant& p) const {
    if (p.who.kind == ProfileKind::Phone) return env_.settings.phone_init_timeout;
    return p.wakeable ? env_.settings.wake_timeout : env_.settings.init_timeout;
}

std::chrono::milliseconds CallTurn::left(Timestamp deadline) const {
    if (deadline == kNever) return 0ms;
    return std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(deadline - env_.now.mono));
}

}  // namespace crosspoint::chains
