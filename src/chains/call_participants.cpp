#include <algorithm>

#include "base/verify.h"
#include "chains/call_turn.h"

// What the rows of 9.2 do.
namespace crosspoint::chains {

void CallTurn::leg_pends(Participant& p, Leg* leg) {
    leg->state = LegState::Pending;
    tell_own(p, CallNotice{Notice::Pending, p.who.profile, leg->connection});
}

void CallTurn::leg_rings(Participant& p, Leg* leg) {
    leg->state = LegState::Ringing;
    leg->init_timer = kNever;
    p.timers.clear(ParticipantTimer::Reach);
    if (p.state != ParticipantState::Ringing) {
        p.state = ParticipantState::Ringing;
        p.timers.set(ParticipantTimer::Ring, in_time(call_.ring_timeout));
    }
    const auto place = std::ranges::lower_bound(p.announced, leg->connection);
    if (place == p.announced.end() || *place != leg->connection) p.announced.insert(place, leg->connection);
    tell_all(CallNotice{Notice::Ringing, p.who.profile, leg->connection});
}

void CallTurn::leg_stops_counting(Participant& p, Leg* leg) {
    leg->state = LegState::Passive;
    leg->init_timer = kNever;
    after_a_candidate_went(p);
}

// The last candidate rule. One who ignored or must not ring has no candidates to lose: its own timer decides.
void CallTurn::after_a_candidate_went(Participant& p) {
    if (p.flagged() || p.has_candidate()) return;
    if (p.wakeable && p.timers.armed(ParticipantTimer::Reach)) return;
    is_unreachable(p, nullptr);
}

void CallTurn::is_unreachable(Participant& p, Leg*) {
    go_out(p, ParticipantState::Unreachable, EndReason::Unreachable);
    tell_all(CallNotice{Notice::InitTimeout, p.who.profile, {}});
}

void CallTurn::times_out(Participant& p, Leg*) {
    go_out(p, ParticipantState::Timeout, EndReason::NoAnswer);
    tell_all(CallNotice{Notice::RingingTimeout, p.who.profile, {}});
}

void CallTurn::answers(Participant& p, Leg* leg) {
    p.ignored = p.silenced = false;
    come_in(p, *leg, both(asked_media_, call_.options));  // ANS-5, GLR-6
    p.joined = p.joined ? p.joined : env_.now.wall;
    p.left.reset();
    tell_accepted(p, *leg, merging_local_id_);
    if (!leg->attached) loses_transport(p, leg);
}

void CallTurn::rejects(Participant& p, Leg*) {
    p.declined = true;
    const auto reason = asked_busy_ ? EndReason::Busy : EndReason::Rejected;
    go_out(p, asked_busy_ ? ParticipantState::Busy : ParticipantState::Rejected, reason);
    const Notice what = asked_busy_ ? Notice::Busy : Notice::Reject;
    tell_apart(p, CallNotice{what, p.who.profile, from_}, CallNotice{what, p.who.profile, {}});
}

void CallTurn::ignores(Participant& p, Leg*) {
    p.ignored = true;
    park(p, nullptr);
    const bool waits = p.timers.armed(ParticipantTimer::Reach) || p.timers.armed(ParticipantTimer::Ring);
    if (!waits) p.timers.set(ParticipantTimer::Reach, in_time(reach_timeout(p)));
    tell_own(p, CallNotice{Notice::Ignore, p.who.profile, from_});
}

void CallTurn::hangs_up(Participant& p, Leg* leg) {
    const ConnectionId connection = leg->connection;
    go_out(p, ParticipantState::Left, EndReason::HangUp);
    tell_all(CallNotice{Notice::HangUp, p.who.profile, connection});
}

void CallTurn::takes_over(Participant& p, Leg* leg) {
    const ConnectionId before = p.active_leg()->connection;
    const MediaKinds media = p.media;
    drop_seat(p);
    come_in(p, *leg, both(asked_media_, call_.options));
    tell_all(CallActivated{p.who.profile, leg->connection, before});
    if (p.media != media)  // the other device may have no camera
        tell_all(CallUpdated{.profile = p.who.profile, .media = p.media, .media_state = {}, .options = {}});
    if (!leg->attached) loses_transport(p, leg);
}

void CallTurn::loses_transport(Participant& p, Leg* leg) {
    leg->attached = false;
    leg->state = LegState::Reconnecting;
    p.state = ParticipantState::Reconnecting;
    p.timers.set(ParticipantTimer::Grace, in_time(env_.settings.reconnect_grace));
    tell_all(CallNotice{Notice::Reconnecting, p.who.profile, leg->connection});
}

void CallTurn::leg_detaches(Participant&, Leg* leg) { leg->attached = false; }

void CallTurn::regains_transport(Participant& p, Leg* leg) {
    leg->attached = true;
    leg->state = LegState::Active;
    p.state = ParticipantState::Active;
    p.timers.clear(ParticipantTimer::Grace);
    p.grace_extended = false;
    tell_all(CallNotice{Notice::Reconnected, p.who.profile, leg->connection});
}

void CallTurn::leg_attaches(Participant&, Leg* leg) { leg->attached = true; }

// MED-8: whose media still flows is waited for longer.
void CallTurn::grace_ends(Participant& p, Leg* leg) {
    const auto more = env_.settings.detached_media_max - env_.settings.reconnect_grace;
    if (p.seat.state == MediaState::Connected && !p.grace_extended && more > 0ms) {
        p.grace_extended = true;
        p.timers.set(ParticipantTimer::Grace, in_time(more));
        return;
    }
    is_lost(p, leg);
}

void CallTurn::is_lost(Participant& p, Leg*) {
    const ConnectionId connection = p.active_leg()->connection;
    go_out(p, ParticipantState::Lost, cause_ == EndReason::MediaFailed ? cause_ : EndReason::Lost);
    tell_all(CallNotice{Notice::Drop, p.who.profile, connection});
}

void CallTurn::leaves_with_leg(Participant& p, Leg* leg) {
    const ConnectionId connection = leg->connection;
    std::erase_if(p.legs, [&](const Leg& l) { return l.connection == connection; });
    go_out(p, ParticipantState::Left, EndReason::HangUp);
    tell_all(CallNotice{Notice::HangUp, p.who.profile, connection});
}

void CallTurn::is_lost_with_leg(Participant& p, Leg* leg) {
    const ConnectionId connection = leg->connection;
    std::erase_if(p.legs, [&](const Leg& l) { return l.connection == connection; });
    go_out(p, ParticipantState::Lost, EndReason::Lost);
    tell_all(CallNotice{Notice::Drop, p.who.profile, connection});
}

void CallTurn::candidate_leg_goes(Participant& p, Leg* leg) {
    leg_goes(p, leg);
    after_a_candidate_went(p);
}

void CallTurn::leg_goes(Participant& p, Leg* leg) {
    std::erase_if(p.legs, [gone = leg->connection](const Leg& l) { return l.connection == gone; });
}

void CallTurn::initiator_leg_comes(Participant& p, Leg*) { send_init(p, p.add_leg({.connection = coming_.id}), false); }

void CallTurn::candidate_leg_comes(Participant& p, Leg*) {
    if (p.state == ParticipantState::Unreachable) comes_back(p);
    send_init(p, invite_leg(p, coming_, false), false);
}

void CallTurn::comes_back(Participant& p) {
    p.state = ParticipantState::Inviting;
    tell_all(CallInvited{{view(p, false)}, {}, true});
}

void CallTurn::passive_leg_comes(Participant& p, Leg*) {
    Leg& leg = invite_leg(p, coming_, true);
    send_state(p, leg);
}

void CallTurn::start_inviting(Participant& p) {
    p.state = ParticipantState::Inviting;
    p.invited_back = p.initiator;
    p.wakeable = p.held = false;
    p.media = {};
    p.announced.clear();
    park(p, nullptr);  // until its offer is answered
    p.timers.set(ParticipantTimer::Reach, in_time(reach_timeout(p)));
    p.timers.set(ParticipantTimer::RingWindow, in_time(call_.ring_timeout));
    if (env_.settings.invite_again > 0ms)
        p.timers.set(ParticipantTimer::InviteAgain, in_time(env_.settings.invite_again));
    p.offer = takes_part(p) ? OfferState::Waiting : OfferState::None;
    ++p.invitation;
}

bool CallTurn::takes_part(const Participant& p) const { return call_.of_user(p.who.user) == &p; }

void CallTurn::offer(Participant& p) {
    const bool second = p.offer == OfferState::None && p.undecided();
    if ((p.offer != OfferState::Waiting && !second) || p.state == ParticipantState::Removed) return;
    env_.out.sends.push_back(ToUser{p.who.user, Offer{.ref = ref(),
                                                      .invitation = p.invitation,
                                                      .from = call_.initiator().who,
                                                      .to = p.who,
                                                      .only_receiver = call_.participants.size() == 2,
                                                      .told = p.told,
                                                      .second = second}});
}

// Nobody is to see that it is somebody else's other profile: it waits as long as it would offline (PRO-1).
void CallTurn::take_wishes_of_second(Participant& p, const OfferAnswer& answer) {
    if (p.state != ParticipantState::Inviting) return;
    p.silenced = answer.blocked || answer.dnd;
    if (answer.wakeable && !std::exchange(p.wakeable, true)) wait_until_woken(p);
}

void CallTurn::ask_again(Participant& p) {
    p.offer = OfferState::Waiting;
    ++p.invitation;
    offer(p);
}

void CallTurn::take_connections(Participant& p, const OfferAnswer& answer) {
    std::vector<ConnectionId> gone;
    for (const Leg& leg : p.legs)
        if (std::ranges::find(answer.connections, leg.connection, &ConnectionFact::id) == answer.connections.end())
            gone.push_back(leg.connection);
    for (const ConnectionId& connection : gone) apply(Event::ConnectionGone, p, p.leg(connection));
    if (p.state == ParticipantState::Unreachable && !p.flagged() && p.in_ring_window() && !answer.busy &&
        !answer.connections.empty())
        comes_back(p);
    const bool quietly = !p.undecided() || p.flagged() || answer.busy;
    for (const ConnectionFact& connection : answer.connections) {
        const Leg* known = p.leg(connection.id);
        if (known && p.in()) continue;  // it has answered already, by a merge
        Leg& leg = invite_leg(p, connection, quietly);
        if (p.undecided()) {
            send_init(p, leg, quietly);
        } else {
            send_state(p, leg);
        }
    }
}

Leg& CallTurn::invite_leg(Participant& p, const ConnectionFact& connection, bool quietly) {
    Leg* leg = p.leg(connection.id);
    if (!leg) leg = &p.add_leg({.connection = connection.id});
    const bool phone = p.who.kind == ProfileKind::Phone;
    leg->attached = connection.attached;
    leg->state = quietly ? LegState::Passive : LegState::Invited;
    leg->init_timer = quietly ? kNever : in_time(phone ? env_.settings.phone_init_timeout : env_.settings.init_timeout);
    p.told = true;
    return *leg;
}

// GLR-6, A18: of two who called each other neither sends what the other did not ask for, until it says so itself.
void CallTurn::agree_on(MediaKinds media) {
    Participant& caller = call_.initiator();
    const MediaKinds agreed = both(caller.media, media);
    if (agreed == caller.media) return;
    caller.media = agreed;
    tell_all(CallUpdated{.profile = caller.who.profile, .media = agreed, .media_state = {}, .options = {}});
}

void CallTurn::answer_on(Participant& p, const ConnectionFact& connection, MediaKinds media,
                         const std::optional<CallId>& replaces, std::optional<std::string> local_id) {
    agree_on(media);
    Leg* leg = p.leg(connection.id);
    const bool known = leg != nullptr;
    if (!known) leg = &invite_leg(p, connection, false);
    if (replaces) {
        send_init(p, *leg, false, replaces);  // GLR-5
    } else if (!known) {
        send_state(p, *leg);  // which does not ring (RCV-5)
    }
    asked_media_ = media;
    merging_local_id_ = std::move(local_id);
    apply(Event::Accept, p, leg);
}

void CallTurn::come_in(Participant& p, Leg& leg, MediaKinds media) {
    park(p, &leg);
    leg.state = LegState::Active;
    leg.init_timer = kNever;
    p.state = ParticipantState::Active;
    p.ever_in = true;
    p.media = media;
    p.announced.clear();
    p.grace_extended = false;
    for (auto timer :
         {ParticipantTimer::Reach, ParticipantTimer::Ring, ParticipantTimer::RingWindow, ParticipantTimer::Grace})
        p.timers.clear(timer);
}

void CallTurn::go_out(Participant& p, ParticipantState state, EndReason cause) {
    if (p.in()) p.left = env_.now.wall;
    p.state = state;
    cause_ = cause;
    for (auto timer : {ParticipantTimer::Reach, ParticipantTimer::Ring, ParticipantTimer::Grace}) p.timers.clear(timer);
    if (state != ParticipantState::Unreachable) p.timers.clear(ParticipantTimer::RingWindow);
    p.grace_extended = false;
    p.announced.clear();
    park(p, nullptr);
    drop_seat(p);
}

void CallTurn::park(Participant& p, const Leg* except) {
    for (Leg& leg : p.legs) {
        if (&leg == except) continue;
        leg.init_timer = kNever;
        if (!p.as_initiator()) leg.state = LegState::Passive;
        if (p.as_initiator() && leg.state != LegState::Invited) leg.state = LegState::Pending;
    }
}

}  // namespace crosspoint::chains
