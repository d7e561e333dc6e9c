#include "explore/call_checks.h"

#include <algorithm>

namespace crosspoint::explore {
namespace {

using namespace chains;

bool is_active(const Leg& leg) { return leg.state == LegState::Active || leg.state == LegState::Reconnecting; }

Broken check_legs(const Participant& p) {
    const auto active = std::ranges::count_if(p.legs, is_active);
    if (active != (p.in() ? 1 : 0)) return "INV-1: one active leg exactly when in";
    for (const Leg& leg : p.legs) {
        if (leg.state == LegState::Active && !leg.attached) return "9.2: an active leg has its transport";
        if (leg.state == LegState::Reconnecting && leg.attached) return "9.2: a leg with its transport is active";
        if (is_active(leg) && (leg.state == LegState::Active) != (p.state == ParticipantState::Active))
            return "9.2: participant and active leg agree";
        const bool rings = leg.state == LegState::Ringing;
        if (rings && !p.undecided()) return "INV-8: nothing rings for who has decided";
        if (rings && p.ignored) return "INV-9: nothing rings for who ignored";
        if (rings && p.silenced) return "PRO-3: nothing rings for who must not ring";
        if (rings && p.state != ParticipantState::Ringing) return "9.2: who has a ringing leg is ringing";
        if (leg.state == LegState::Invited && !p.as_initiator() && (!p.undecided() || p.flagged()))
            return "9.2: parked legs are not candidates";
        if (leg.state == LegState::Pending && !p.as_initiator()) return "9.2: only an initiator's leg is pending";
        if ((leg.init_timer != kNever) && !is_candidate(leg)) return "9.2: a parked leg has no init timer";
    }
    if (p.blocked && !p.legs.empty()) return "PRO-3: a blocked receiver has no leg";
    return std::nullopt;
}

bool has_a_timer_to_decide(const Participant& p) {
    const bool leg = std::ranges::any_of(p.legs, [](const Leg& l) { return l.init_timer != kNever; });
    return leg || p.timers.armed(ParticipantTimer::Reach) || p.timers.armed(ParticipantTimer::Ring);
}

Broken check_participant(const Call& call, const Participant& p) {
    if (auto broken = check_legs(p)) return broken;
    if (p.undecided() && !has_a_timer_to_decide(p)) return "INV-6: an undecided receiver has a timer";
    const bool grace = p.timers.armed(ParticipantTimer::Grace);
    if ((p.state == ParticipantState::Reconnecting) != grace) return "INV-6: who is reconnecting has a timer";
    if (p.timers.armed(ParticipantTimer::Ring) != (p.state == ParticipantState::Ringing))
        return "9.2: the ring timer runs exactly while ringing";
    const bool media = call.state == CallState::Active && p.in();
    if (p.seat.wanted != media) return "INV-7: media exactly for those in an answered call";
    if (media && p.seat.state != MediaState::Connected && !p.timers.armed(ParticipantTimer::Media))
        return "MED-7: nobody waits for media for ever";
    if (p.state == ParticipantState::Cancelled && call.live()) return "9.2: cancelled is final with the call";
    return std::nullopt;
}

Broken check_ended(const Call& call) {
    if (!call.end_reason || !call.ended) return "INV-2: an ended call has a reason";
    if (call.timers != Timers<CallTimer>{} || call.session != SessionState::None) return "INV-2: no timer, no media";
    if (call.forget_at == kNever) return "9.1: a tombstone goes some time";
    for (const Participant& p : call.participants) {
        if (!p.legs.empty() || p.timers != Timers<ParticipantTimer>{}) return "INV-2: no timer, no leg";
        if (p.seat.wanted) return "INV-2: no media";
        if (p.undecided() || p.in()) return "9.1: nobody is undecided about an ended call, or in it";
    }
    return std::nullopt;
}

Broken check_call(const Call& call) {
    if (!call.live()) return check_ended(call);
    for (const Participant& p : call.participants)
        if (auto broken = check_participant(call, p)) return broken;
    if (!call.timers.armed(CallTimer::MaxDuration)) return "9.1: every call ends some time";
    const bool rings = std::ranges::any_of(call.participants,
                                           [](const Participant& p) { return p.state == ParticipantState::Ringing; });
    if (call.state == CallState::Init && rings) return "9.1: a call with a ringing receiver is ringing";
    if (call.unanswered()) {
        if (!call.initiator().in()) return "INV-3: before an answer the initiator is in";
        if (call.count_in() > 1) return "9.1: a call that a receiver is in is active";
        if (!call.anybody_undecided()) return "INV-5: before an answer some receiver is undecided";
        return std::nullopt;
    }
    const size_t in = call.count_in();
    if (in == 0 || (in == 1 && !call.anybody_undecided())) return "INV-4: somebody to talk to, or to wait for";
    return std::nullopt;
}

// ---- steps ----

// INV-2
Broken check_that_the_ended_stays(const ChainState& before, const ChainState& after) {
    for (const ChainCall& was : before.calls) {
        if (was.call.live()) continue;
        const Call* is = call_in(after, was.call.id);
        if (!is) continue;
        bool same = is->state == was.call.state && is->end_reason == was.call.end_reason &&
                    is->replaced_by == was.call.replaced_by && is->participants.size() == was.call.participants.size();
        for (size_t i = 0; same && i < is->participants.size(); ++i)
            same = is->participants[i].state == was.call.participants[i].state;
        if (!same) return "INV-2: an ended call never changes";
    }
    return std::nullopt;
}

Broken check_offer_answer(const OfferAnswer& answer, const ChainState& before, const ChainState& after) {
    const Call* was = call_in(before, answer.call);
    const Call* is = call_in(after, answer.call);
    if (!was || !is || !was->live()) return std::nullopt;
    const Participant* p = was->participant(answer.profile);
    if (p->ever_in || (!answer.dnd && !answer.blocked)) return std::nullopt;
    if (is->participant(answer.profile)->state != p->state) return "PRO-3: who must not ring looks like one offline";
    return std::nullopt;
}

// MISS-1
Broken check_missed(const Effects& effects) {
    for (const Send& send : effects.sends) {
        const auto* to = std::get_if<ToUser>(&send);
        const auto* record = to ? std::get_if<CallRecord>(&to->message) : nullptr;
        if (!record || !record->missed) continue;
        if (record->reason == EndReason::Glare) return "GLR-8: nobody misses a call that gave way to another";
        for (const RecordParticipant& p : record->participants) {
            const bool own = p.id.value.size() == to->to.value.size() && (p.id.value[0] & 0x5f) == to->to.value[0];
            if (own && (p.answered || p.ignored || p.outcome == ParticipantState::Rejected))
                return "MISS-1: who answered, rejected or ignored has missed nothing";
        }
    }
    return std::nullopt;
}

}  // namespace

const Call* call_in(const ChainState& state, const CallId& id) {
    for (const ChainCall& c : state.calls)
        if (c.call.id == id) return &c.call;
    return nullptr;
}

Broken check_state(const ChainOwner& owner) {
    size_t live = 0;
    for (const ChainCall& c : owner.state().calls) {
        if (auto broken = check_call(c.call)) return broken;
        if (!c.call.live()) continue;
        ++live;
        if (c.call.id != owner.state().last_call) return "INV-10: a live call is the last of its chain";
    }
    if (live > 1) return "INV-10: at most one call of a chain is live";
    return std::nullopt;
}

Broken check_step(const ChainState& before, const ChainMessage* message, const ChainState& after,
                  const Effects& effects) {
    if (auto broken = check_telling(before, message, after, effects)) return broken;
    if (auto broken = check_that_the_ended_stays(before, after)) return broken;
    if (auto broken = check_missed(effects)) return broken;
    if (!message) return std::nullopt;
    if (const auto* command = std::get_if<CallCommand>(message)) return check_command(*command, before, after, effects);
    if (const auto* answer = std::get_if<OfferAnswer>(message)) return check_offer_answer(*answer, before, after);
    return std::nullopt;
}

}  // namespace crosspoint::explore
