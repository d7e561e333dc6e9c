#include "chains/call_turn.h"

// Who is told what, under which revision (SEQ-4).
namespace crosspoint::chains {

void CallTurn::send(const Participant& p, Leg& leg, const CallNews& news) {
    env_.out.sends.push_back(
        ToConnection{leg.connection, CallMessage{ref(), p.rev, leg.last_rev, env_.now.wall, news}});
    leg.last_rev = p.rev;
}

void CallTurn::send_whole(const Participant& p, Leg& leg, const CallNews& news) {
    leg.last_rev = 0;
    send(p, leg, news);
}

void CallTurn::tell_own(Participant& p, const CallNews& news) {
    if (p.legs.empty()) return;
    ++p.rev;
    for (Leg& leg : p.legs) send(p, leg, news);
}

void CallTurn::tell_leg(Participant& p, Leg& leg, const CallNews& news) {
    ++p.rev;
    send(p, leg, news);
}

void CallTurn::tell_all(const CallNews& news) {
    for (Participant& p : call_.participants) tell_own(p, news);
}

void CallTurn::tell_apart(Participant& p, const CallNews& own, const CallNews& others) {
    for (Participant& each : call_.participants) tell_own(each, &each == &p ? own : others);
}

void CallTurn::tell_accepted(Participant& p, const Leg& leg, const std::optional<std::string>& local_id) {
    const CallAccepted plain{p.who.profile, leg.connection, p.media, {}};
    for (Participant& each : call_.participants) {
        if (&each != &p || !local_id) {
            tell_own(each, plain);
            continue;
        }
        CallAccepted merging = plain;
        merging.local_id = local_id;
        ++p.rev;
        for (Leg& own : p.legs) send(p, own, &own == &leg ? merging : plain);
    }
}

void CallTurn::send_init(const Participant& p, Leg& leg, bool silent, std::optional<CallId> replaces) {
    CallInit init;
    init.call = view(call_, env_.chain, p);
    init.receiver = p.who.profile;
    init.role = role(p, leg);
    if (p.initiator) init.local_id = call_.local_id;
    if (!p.as_initiator()) {
        const bool rings = p.timers.armed(ParticipantTimer::Ring);
        init.expires_in = rings ? left(p.timers.when(ParticipantTimer::Ring)) : call_.ring_timeout;
    }
    init.silent = silent;
    init.replaces = std::move(replaces);
    send_whole(p, leg, init);
}

void CallTurn::send_state(const Participant& p, Leg& leg) {
    send_whole(p, leg, CallStateIs{view(call_, env_.chain, p), role(p, leg)});
}

// 9.4
void CallTurn::snapshot(Participant& p, Leg& leg) {
    const bool init = p.as_initiator() ? leg.state == LegState::Invited : is_candidate(leg);
    if (init) {
        send_init(p, leg, false);
    } else {
        send_state(p, leg);
    }
}

void CallTurn::reply(const ConnectionId& to, uint64_t request, std::optional<Refused> refused) {
    Reply reply{request, {}};
    if (refused) reply.result = std::move(*refused);
    env_.out.sends.push_back(ToConnection{to, std::move(reply)});
}

}  // namespace crosspoint::chains
