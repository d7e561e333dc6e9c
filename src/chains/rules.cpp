#include "chains/rules.h"

#include <algorithm>

#include "chains/call_turn.h"

namespace crosspoint::chains {
namespace {

// ---- conditions of 9.1 ----

bool a_receiver_rings(const Call& call) {
    return std::ranges::any_of(call.participants,
                               [](const Participant& p) { return p.state == ParticipantState::Ringing; });
}
bool a_receiver_is_in(const Call& call) {
    return std::ranges::any_of(call.participants, [](const Participant& p) { return !p.initiator && p.in(); });
}
bool initiator_hung_up(const Call& call) { return call.initiator().state == ParticipantState::Left; }
bool initiator_is_lost(const Call& call) { return call.initiator().state == ParticipantState::Lost; }
bool nobody_is_undecided(const Call& call) { return !call.anybody_undecided(); }
bool nobody_to_talk_to(const Call& call) {
    const size_t in = call.count_in();
    return in == 0 || (in == 1 && !call.anybody_undecided());
}

EndReason cancelled(const Call&, EndReason) { return EndReason::Cancelled; }
EndReason lost_initiator(const Call&, EndReason) { return EndReason::InitiatorLost; }
EndReason the_cause(const Call&, EndReason cause) { return cause; }
EndReason common_outcome(const Call& call, EndReason) {
    const auto all = [&](ParticipantState state) {
        return std::all_of(call.participants.begin() + 1, call.participants.end(),
                           [&](const Participant& p) { return p.state == state; });
    };
    if (all(ParticipantState::Rejected)) return EndReason::Rejected;
    if (all(ParticipantState::Busy)) return EndReason::Busy;
    if (all(ParticipantState::Unreachable)) return EndReason::Unreachable;
    return EndReason::NoAnswer;
}

// ---- conditions of 9.2 ----

bool always(const Participant&, const Leg*) { return true; }
bool undecided(const Participant& p, const Leg*) { return p.undecided(); }
bool in(const Participant& p, const Leg*) { return p.in(); }
bool not_in(const Participant& p, const Leg*) { return !p.in() && p.state != ParticipantState::Removed; }
bool invited_initiator_leg(const Participant& p, const Leg* leg) {
    return p.as_initiator() && leg->state == LegState::Invited;
}
bool invited_leg(const Participant&, const Leg* leg) { return leg->state == LegState::Invited; }
bool active_leg(const Participant&, const Leg* leg) {
    return leg->state == LegState::Active || leg->state == LegState::Reconnecting;
}
bool reconnecting_leg(const Participant&, const Leg* leg) { return leg->state == LegState::Reconnecting; }
bool another_leg_is_active(const Participant& p, const Leg* leg) { return p.in() && !active_leg(p, leg); }
bool may_ring(const Participant& p, const Leg* leg) {
    return p.undecided() && !p.flagged() && leg->state != LegState::Ringing;
}
bool may_come_back(const Participant& p, const Leg*) {
    return p.state == ParticipantState::Unreachable && !p.flagged() && p.in_ring_window();
}
bool candidate_of_undecided(const Participant& p, const Leg* leg) { return p.undecided() && is_candidate(*leg); }
bool undecided_without_candidate(const Participant& p, const Leg*) { return p.undecided() && !p.has_candidate(); }
bool as_initiator(const Participant& p, const Leg*) { return p.as_initiator(); }
bool may_still_ring(const Participant& p, const Leg* leg) {
    return (p.undecided() && !p.flagged()) || may_come_back(p, leg);
}

Rules make() {
    using T = CallTurn;
    Rules rules;
    rules.call = {
        {kInit, a_receiver_rings, CallState::Ringing, nullptr},
        {kUnanswered, a_receiver_is_in, CallState::Active, nullptr},
        {kUnanswered, initiator_hung_up, CallState::Ended, cancelled},
        {kUnanswered, initiator_is_lost, CallState::Ended, lost_initiator},
        {kUnanswered, nobody_is_undecided, CallState::Ended, common_outcome},
        {kActive, nobody_to_talk_to, CallState::Ended, the_cause},
    };
    rules.call_ends = {
        {CallEvent::Replaced, kLive, EndReason::Superseded},
        {CallEvent::LostCrossing, kUnanswered, EndReason::Glare},
        {CallEvent::MaxDuration, kLive, EndReason::MaxDuration},
        {CallEvent::Terminated, kLive, EndReason::Terminated},
        {CallEvent::NoMedia, kLive, EndReason::MediaFailed},
    };
    rules.participant = {
        {Event::Pending, invited_initiator_leg, &T::leg_pends},
        {Event::Ringing, may_ring, &T::leg_rings},
        {Event::Ringing, may_come_back, &T::leg_rings},
        {Event::InitTimer, invited_leg, &T::leg_stops_counting},
        {Event::Unavailable, candidate_of_undecided, &T::leg_stops_counting},
        {Event::ReachTimer, undecided_without_candidate, &T::is_unreachable},
        {Event::RingTimer, undecided, &T::times_out},
        {Event::Accept, not_in, &T::answers},
        {Event::Reject, undecided, &T::rejects},
        {Event::Ignore, undecided, &T::ignores},
        {Event::HangUp, in, &T::hangs_up},
        {Event::Activate, another_leg_is_active, &T::takes_over},
        {Event::TransportLost, active_leg, &T::loses_transport},
        {Event::TransportLost, always, &T::leg_detaches},
        {Event::Resumed, reconnecting_leg, &T::regains_transport},
        {Event::Resumed, always, &T::leg_attaches},
        {Event::GraceTimer, in, &T::grace_ends},
        {Event::MediaGivenUp, in, &T::is_lost},
        {Event::ConnectionLeft, active_leg, &T::leaves_with_leg},
        {Event::ConnectionLeft, candidate_of_undecided, &T::candidate_leg_goes},
        {Event::ConnectionLeft, always, &T::leg_goes},
        {Event::ConnectionRevoked, active_leg, &T::is_lost_with_leg},
        {Event::ConnectionRevoked, candidate_of_undecided, &T::candidate_leg_goes},
        {Event::ConnectionRevoked, always, &T::leg_goes},
        // RES-1 keeps a connection with an active leg until the grace timer has decided; should it go all the same, its
        // user is lost with it.
        {Event::ConnectionGone, active_leg, &T::is_lost_with_leg},
        {Event::ConnectionGone, candidate_of_undecided, &T::candidate_leg_goes},
        {Event::ConnectionGone, always, &T::leg_goes},
        {Event::NewConnection, as_initiator, &T::initiator_leg_comes},
        {Event::NewConnection, may_still_ring, &T::candidate_leg_comes},
        {Event::NewConnection, always, &T::passive_leg_comes},
    };
    using enum Answer;
    // clang-format off
    rules.messages = {{
        // undecided  ignored     in, this leg     in, other leg    out         call ended
        {Rings,       WrongState, WrongState,      WrongState,      Rings,      CallEnded},  // Ringing
        {Answers,     Answers,    NoOp,            AlreadyAccepted, Answers,    CallEnded},  // Accept
        {Rejects,     Rejects,    AlreadyAccepted, AlreadyAccepted, NoOp,       CallEnded},  // Reject
        {Ignores,     NoOp,       AlreadyAccepted, AlreadyAccepted, NoOp,       CallEnded},  // Ignore
        {Parks,       NoOp,       NoOp,            NoOp,            NoOp,       NoOp},       // Unavailable
        {WrongState,  WrongState, Leaves,          NotActive,       NoOp,       NoOp},       // HangUp
        {WrongState,  WrongState, NoOp,            TakesOver,       WrongState, CallEnded},  // Activate
        {WrongState,  WrongState, Does,            NotActive,       WrongState, CallEnded},  // Hold
        {WrongState,  WrongState, Does,            NotActive,       WrongState, CallEnded},  // Resume
        {WrongState,  WrongState, Does,            NotActive,       WrongState, CallEnded},  // Update
        {WrongState,  WrongState, Does,            NotActive,       WrongState, CallEnded},  // Invite
        {WrongState,  WrongState, Does,            NotActive,       WrongState, CallEnded},  // Remove
        {NoOp,        NoOp,       NoOp,            Pends,           Pends,      NoOp},       // Pending
        {Tells,       Tells,      Tells,           Tells,           Tells,      Tells},      // Sync
    }};
    // clang-format on
    return rules;
}

}  // namespace

const Rules& specified_rules() {
    static const Rules rules = make();
    return rules;
}

}  // namespace crosspoint::chains
