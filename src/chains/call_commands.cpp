#include <algorithm>

#include "base/verify.h"
#include "chains/call_turn.h"

// What a client may ask for, and what it is answered (9.3, 10).
namespace crosspoint::chains {
namespace {

Refused wrong_state(const Participant& p) { return {.why = Refusal::WrongState, .state = p.state}; }

}  // namespace

void CallTurn::command(const CallCommand& command) {
    Participant* p = call_.of_user(command.user);
    // A user who was removed has no leg and is as ignorant as a stranger, also of how the call ended (GRP-6, SEC-2).
    const bool knows = p && (call_.live() ? !p->legs.empty() : p->told && p->state != ParticipantState::Removed);
    if (!knows || !allows(command.profiles, p->who.profile))
        return reply(command.connection, command.request, Refused{.why = Refusal::NotFound});
    auto refused = act(command, *p);
    settle();
    reply(command.connection, command.request, std::move(refused));  // after the fan-out (SEQ-6)
}

std::optional<Refused> CallTurn::act(const CallCommand& command, Participant& p) {
    // SEQ-9: a kept hang-up counts as from the connection it names.
    const bool names = command.verb == Verb::HangUp && command.named;
    Leg* leg = p.leg(names ? *command.named : command.connection);
    from_ = command.connection;
    asked_media_ = command.media;
    asked_busy_ = command.busy;
    const Answer answer = env_.rules.answer(command.verb, situation(p, leg));
    switch (answer) {
        case Answer::NoOp: return std::nullopt;
        case Answer::WrongState: return wrong_state(p);
        case Answer::AlreadyAccepted:
            return Refused{.why = Refusal::AlreadyAccepted, .connection = p.active_leg()->connection};
        case Answer::NotActive: return Refused{.why = Refusal::NotActive};
        case Answer::CallEnded: return Refused{.why = Refusal::CallEnded, .end_reason = call_.end_reason};
        case Answer::Rejects: apply(Event::Reject, p, leg); return std::nullopt;
        case Answer::Ignores: apply(Event::Ignore, p, leg); return std::nullopt;
        case Answer::Does: return does(command, p);
        case Answer::Tells: {
            Leg unknown{.connection = command.connection};  // of a tombstone, or not here yet
            send_state(p, leg ? *leg : unknown);
            return std::nullopt;
        }
        case Answer::Leaves:
        case Answer::Rings:
        case Answer::Answers:
        case Answer::Parks:
        case Answer::TakesOver:
        case Answer::Pends:
            // Its user has legs but this connection has none: it is gone, or news of it has not come yet.
            if (!leg) return Refused{.why = Refusal::NotFound};
            return act_on_leg(answer, command, p, leg);
    }
    return std::nullopt;
}

std::optional<Refused> CallTurn::act_on_leg(Answer answer, const CallCommand& command, Participant& p, Leg* leg) {
    switch (answer) {
        case Answer::Leaves: apply(Event::HangUp, p, leg); break;
        case Answer::Answers: apply(Event::Accept, p, leg); break;
        case Answer::Parks: apply(Event::Unavailable, p, leg); break;
        case Answer::Pends: apply(Event::Pending, p, leg); break;
        case Answer::Rings:
            if (leg->state != LegState::Ringing && !apply(Event::Ringing, p, leg)) return wrong_state(p);
            break;
        case Answer::TakesOver: return take_over(command, p, leg);
        default: VERIFY(false);
    }
    return std::nullopt;
}

std::optional<Refused> CallTurn::take_over(const CallCommand& command, Participant& p, Leg* leg) {
    const ConnectionId& active = p.active_leg()->connection;
    if (command.named != active) return Refused{.why = Refusal::Conflict, .connection = active};  // HAND-1
    apply(Event::Activate, p, leg);
    return std::nullopt;
}

Situation CallTurn::situation(const Participant& p, const Leg* leg) const {
    if (!call_.live()) return Situation::Ended;
    if (p.undecided()) return p.ignored ? Situation::Ignored : Situation::Undecided;
    if (!p.in()) return Situation::Out;
    return leg && leg == p.active_leg() ? Situation::InThisLeg : Situation::InOtherLeg;
}

std::optional<Refused> CallTurn::does(const CallCommand& command, Participant& p) {
    switch (command.verb) {
        case Verb::Hold: hold(p, true); return std::nullopt;
        case Verb::Resume: hold(p, false); return std::nullopt;
        case Verb::Update: update(p, command.media); return std::nullopt;
        case Verb::Invite: return invite(p, command.parties);
        case Verb::Remove: return remove(p, command.parties);
        default: VERIFY(false);
    }
    return std::nullopt;
}

void CallTurn::hold(Participant& p, bool held) {
    if (p.held == held) return;  // HOLD-1
    p.held = held;
    change_seat(p);
    tell_all(CallNotice{held ? Notice::Hold : Notice::Resume, p.who.profile, {}});
}

// MED-6: who asks for a kind that the call has not allows it for the call, and changes nobody else's camera.
void CallTurn::update(Participant& p, MediaKinds media) {
    const MediaKinds options{call_.options.audio || media.audio, call_.options.video || media.video};
    if (p.media == media && call_.options == options) return;
    CallUpdated news{.profile = p.who.profile, .media = media, .media_state = {}, .options = {}};
    if (call_.options != options) news.options = options;
    p.media = media;
    call_.options = options;
    change_seat(p);
    tell_all(news);
}

// GRP-5: everything is checked before anything changes.
std::optional<Refused> CallTurn::invite(Participant& by, const std::vector<Party>& parties) {
    std::vector<Party> wanted;
    size_t added = 0;
    for (const Party& party : parties) {
        if (std::ranges::find(wanted, party) != wanted.end()) continue;
        const Participant* known = call_.participant(party.profile);
        if (known && (known->undecided() || known->in())) continue;
        if (known && known->timers.armed(ParticipantTimer::InviteAgain)) {
            const auto wait = left(known->timers.when(ParticipantTimer::InviteAgain));
            return Refused{.why = Refusal::RateLimited, .retry_after = wait};
        }
        if (!known) ++added;
        wanted.push_back(party);
    }
    if (call_.participants.size() + added > env_.settings.participants_per_call)
        return Refused{.why = Refusal::TooMany};
    if (wanted.empty()) return std::nullopt;
    const ProfileId invited_by = by.who.profile;  // `by` moves when the list grows
    CallInvited news{{}, invited_by, false};
    for (const Party& party : wanted) {
        if (!call_.participant(party.profile)) call_.participants.emplace_back().who = party;
        Participant& p = *call_.participant(party.profile);
        start_inviting(p);
        news.participants.push_back(view(p, false));
    }
    tell_all(news);
    for (const Party& party : wanted) offer(*call_.participant(party.profile));
    return std::nullopt;
}

// GRP-6
std::optional<Refused> CallTurn::remove(const Participant& by, const std::vector<Party>& parties) {
    if (!by.initiator) return Refused{.why = Refusal::Forbidden};
    Participant* p = parties.empty() ? nullptr : call_.participant(parties.front().profile);
    if (!p) return Refused{.why = Refusal::NotFound};
    if (p == &by) return Refused{.why = Refusal::Forbidden};
    if (p->state == ParticipantState::Removed) return std::nullopt;
    go_out(*p, ParticipantState::Removed, EndReason::Removed);
    tell_all(CallNotice{Notice::Remove, p->who.profile, {}});
    p->legs.clear();
    return std::nullopt;
}

}  // namespace crosspoint::chains
