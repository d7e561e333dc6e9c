#include "chains/call.h"

#include <algorithm>

#include "base/verify.h"

namespace crosspoint::chains {

bool is_candidate(const Leg& leg) { return leg.state == LegState::Invited || leg.state == LegState::Ringing; }

Leg& Participant::add_leg(Leg leg) {
    const auto place = std::ranges::lower_bound(legs, leg.connection, {}, &Leg::connection);
    return *legs.insert(place, std::move(leg));
}
const Leg* Participant::leg(const ConnectionId& connection) const {
    const auto found = std::ranges::find(legs, connection, &Leg::connection);
    return found == legs.end() ? nullptr : &*found;
}
Leg* Participant::leg(const ConnectionId& connection) { return const_cast<Leg*>(std::as_const(*this).leg(connection)); }
const Leg* Participant::active_leg() const {
    for (const Leg& leg : legs)
        if (leg.state == LegState::Active || leg.state == LegState::Reconnecting) return &leg;
    return nullptr;
}
Leg* Participant::active_leg() { return const_cast<Leg*>(std::as_const(*this).active_leg()); }
bool Participant::has_candidate() const { return std::ranges::any_of(legs, is_candidate); }
bool Participant::has_attached_candidate() const {
    return std::ranges::any_of(legs, [](const Leg& leg) { return is_candidate(leg) && leg.attached; });
}

const Participant* Call::participant(const ProfileId& profile) const {
    for (const Participant& p : participants)
        if (p.who.profile == profile) return &p;
    return nullptr;
}
Participant* Call::participant(const ProfileId& profile) {
    return const_cast<Participant*>(std::as_const(*this).participant(profile));
}
Participant* Call::of_user(const UserId& user) {
    for (Participant& p : participants)
        if (p.who.user == user) return &p;
    return nullptr;
}
const OtherOpening* Call::other_opening(const CallId& other) const {
    const auto found = std::ranges::find(other_openings, other, &OtherOpening::call);
    return found == other_openings.end() ? nullptr : &*found;
}
void Call::remember(OtherOpening other) {
    constexpr size_t kMost = 32;  // whoever opens more of them has heard about the first long ago
    if (other_openings.size() == kMost) other_openings.erase(other_openings.begin());
    other_openings.push_back(std::move(other));
}
size_t Call::count_in() const {
    return static_cast<size_t>(std::ranges::count_if(participants, [](const Participant& p) { return p.in(); }));
}
bool Call::anybody_undecided() const {
    return std::ranges::any_of(participants, [](const Participant& p) { return p.undecided(); });
}

// "Roles follow the participant" (9.2).
Role role(const Participant& participant, const Leg& leg) {
    const bool active = leg.state == LegState::Active || leg.state == LegState::Reconnecting;
    if (participant.as_initiator()) return active ? Role::ActiveInitiator : Role::PassiveInitiator;
    if (active) return Role::ActiveReceiver;
    return participant.undecided() && !participant.ignored ? Role::Receiver : Role::PassiveReceiver;
}

ParticipantView view(const Participant& participant, bool own) {
    ParticipantView out;
    out.id = participant.who.profile;
    out.kind = participant.who.kind;
    out.initiator = participant.initiator;
    out.state = participant.state;
    out.media = participant.media;
    out.media_state = participant.seat.state;
    out.held = participant.held;
    if (const Leg* active = participant.active_leg()) out.active_connection = active->connection;
    if (participant.state == ParticipantState::Ringing) out.ringing_connections = participant.announced;
    if (own)
        for (const Leg& leg : participant.legs)
            out.connections.push_back({leg.connection, role(participant, leg), leg.state});
    return out;
}

CallView view(const Call& call, const ChainId& chain, const Participant& viewer) {
    CallView out;
    out.ref = {call.id, chain};
    out.from = call.initiator().who.profile;
    out.connection = call.opened_on;
    out.options = call.options;
    out.state = call.state;
    out.rev = viewer.rev;
    out.created = call.created;
    out.answered = call.answered;
    out.ended = call.ended;
    out.end_reason = call.end_reason;
    out.replaces = call.replaces;
    out.replaced_by = call.replaced_by;
    for (const Participant& p : call.participants) {
        if (!p.initiator) out.to.push_back(p.who.profile);
        out.participants.push_back(view(p, p.who.profile == viewer.who.profile));
    }
    return out;
}

CallRecord record(const Call& call, const ChainId& chain, const UserId& reader) {
    VERIFY(call.ended && call.end_reason);
    CallRecord out;
    out.ref = {call.id, chain};
    out.from = call.initiator().who.profile;
    out.options = call.options;
    out.created = call.created;
    out.answered = call.answered;
    out.ended = *call.ended;
    out.reason = *call.end_reason;
    out.replaced_by = call.replaced_by;
    for (const Participant& p : call.participants) {
        if (!p.initiator) out.to.push_back(p.who.profile);
        out.participants.push_back(
            {p.who.profile, p.state, p.ever_in, p.ignored && p.who.user == reader, p.joined, p.left});
    }
    out.missed = missed(call, reader);
    return out;
}

bool missed(const Call& call, const UserId& user) {
    if (call.end_reason == EndReason::Glare) return false;  // GLR-8
    bool any = false;
    for (const Participant& p : call.participants) {
        if (p.who.user != user) continue;
        if (p.ever_in || p.declined || p.ignored || p.blocked) return false;
        any = any || p.state == ParticipantState::Timeout || p.state == ParticipantState::Unreachable ||
              p.state == ParticipantState::Busy || p.state == ParticipantState::Cancelled;
    }
    return any;
}

}  // namespace crosspoint::chains
