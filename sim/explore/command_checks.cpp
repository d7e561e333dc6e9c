#include <algorithm>
#include <array>
#include <string_view>

#include "explore/call_checks.h"

// Requests of clients: 9.3 once more, by what is answered and what has to be so afterwards.
namespace crosspoint::explore {
namespace {

using namespace chains;

// `.` ok, `w` wrong_state, `a` already_accepted, `n` not_active, `e` call_ended; `?` ok or wrong_state, `+` ok or
// conflict, `*` ok or what its own rules refuse. Columns as in 9.3: undecided, ignored, in with this leg, in with
// another leg, out, ended.
using Row = std::string_view;
constexpr std::array<Row, static_cast<size_t>(Verb::kCount)> kAnswers{
    Row("?www?e"),  // ringing
    Row("...a.e"),  // accept
    Row("..aa.e"),  // reject
    Row("..aa.e"),  // ignore
    Row("......"),  // unavailable
    Row("ww.n.."),  // hangup
    Row("ww.+we"),  // activate
    Row("ww.nwe"),  // hold
    Row("ww.nwe"),  // resume
    Row("ww.nwe"),  // update
    Row("ww*nwe"),  // invite
    Row("ww*nwe"),  // remove
    Row("......"),  // pending
    Row("......"),  // sync
};

const Participant* sender(const Call& call, const UserId& user) {
    for (const Participant& p : call.participants)
        if (p.who.user == user) return &p;
    return nullptr;
}

/// The connection that the request counts as from (SEQ-9).
const ConnectionId& acts_as(const CallCommand& command) {
    return command.verb == Verb::HangUp && command.named ? *command.named : command.connection;
}

bool is_active(const Participant& p, const ConnectionId& connection) {
    const Leg* leg = p.active_leg();
    return leg && leg->connection == connection;
}

size_t column(const Call& call, const Participant& p, const CallCommand& command) {
    if (!call.live()) return 5;
    if (p.undecided()) return p.ignored ? 1 : 0;
    if (!p.in()) return 4;
    return is_active(p, acts_as(command)) ? 2 : 3;
}

bool answered_as(char cell, const Refused* refused) {
    const auto is = [&](Refusal why) { return refused && refused->why == why; };
    switch (cell) {
        case '.': return !refused;
        case 'w': return is(Refusal::WrongState);
        case 'a': return is(Refusal::AlreadyAccepted);
        case 'n': return is(Refusal::NotActive);
        case 'e': return is(Refusal::CallEnded);
        case '?': return !refused || is(Refusal::WrongState);
        case '+': return !refused || is(Refusal::Conflict);
        case '*':
            return !refused || is(Refusal::RateLimited) || is(Refusal::Forbidden) || is(Refusal::TooMany) ||
                   is(Refusal::NotFound);
        default: return false;
    }
}

// Errors carry what the client needs to converge.
bool says_what_is_so(const Refused& refused, const Call& call, const Participant& p) {
    switch (refused.why) {
        case Refusal::AlreadyAccepted:
        case Refusal::Conflict: return refused.connection && is_active(p, *refused.connection);
        case Refusal::CallEnded: return refused.end_reason == call.end_reason;
        case Refusal::WrongState: return refused.state == p.state;
        default: return true;
    }
}

Broken check_answer(const CallCommand& command, const ChainState& before, const Refused* refused) {
    const Call* call = call_in(before, command.call);
    const Participant* p = call ? sender(*call, command.user) : nullptr;
    const bool knows = p && (call->live() ? !p->legs.empty() : p->told && p->state != ParticipantState::Removed);
    if (!knows) return refused && refused->why == Refusal::NotFound ? Broken{} : "SEC-2: strangers find nothing";
    if (call->live() && !p->leg(acts_as(command)) && refused && refused->why == Refusal::NotFound) return std::nullopt;
    const char cell = kAnswers[static_cast<size_t>(command.verb)][column(*call, *p, command)];
    if (!answered_as(cell, refused)) return "9.3: every message is answered as the table says";
    if (refused && !says_what_is_so(*refused, *call, *p)) return "9.3: errors carry what the client needs";
    return std::nullopt;
}

/// Whether an ok was true.
bool is_done(const CallCommand& command, const Call& was, const Call& is, const Participant& p) {
    const Leg* leg = p.leg(command.connection);
    switch (command.verb) {
        case Verb::Ringing: return leg && leg->state == LegState::Ringing;
        case Verb::Accept:
        case Verb::Activate: return is_active(p, command.connection);
        case Verb::Reject: return !p.undecided() && !p.in();
        case Verb::Ignore: return p.undecided() ? p.ignored : !p.in();
        case Verb::Unavailable: return !leg || !p.undecided() || !is_candidate(*leg);
        case Verb::HangUp: return !p.in();
        case Verb::Hold: return p.held;
        case Verb::Resume: return !p.held;
        case Verb::Update: return p.media == command.media;
        case Verb::Invite:
            return std::ranges::all_of(command.parties, [&](const Party& party) {
                const Participant* invited = is.participant(party.profile);
                return invited && (invited->undecided() || invited->in());
            });
        case Verb::Remove: return is.participant(command.parties.at(0).profile)->state == ParticipantState::Removed;
        case Verb::Pending: return !leg || !p.as_initiator() || leg->state != LegState::Invited;
        case Verb::Sync: return is == was || leg;
        case Verb::kCount: break;
    }
    return false;
}

// ANS-1: only the active connection decides for who is in.
Broken check_who_decides(const CallCommand& command, const ChainState& before, const ChainState& after) {
    const Call* was = call_in(before, command.call);
    const Participant* p = was ? sender(*was, command.user) : nullptr;
    const bool anybody = command.verb == Verb::Activate || command.verb == Verb::Sync || command.verb == Verb::Pending;
    if (!p || !p->in() || anybody || is_active(*p, acts_as(command)) || after == before) return std::nullopt;
    return "ANS-1: another connection than the active one changes nothing";
}

struct Answered {
    size_t replies = 0;
    const Refused* refused = nullptr;
    bool news_after = false;
};
Answered answered(const CallCommand& command, const Effects& effects) {
    Answered out;
    for (const Send& send : effects.sends) {
        const auto* to = std::get_if<ToConnection>(&send);
        if (!to || to->to != command.connection) continue;
        const auto* reply = std::get_if<Reply>(&to->message);
        out.news_after = out.news_after || (!reply && out.replies > 0);
        if (!reply) continue;
        ++out.replies;
        out.refused = std::get_if<Refused>(&reply->result);
    }
    return out;
}

}  // namespace

Broken check_command(const CallCommand& command, const ChainState& before, const ChainState& after,
                     const Effects& effects) {
    const Answered answer = answered(command, effects);
    if (answer.replies != 1) return "3.1: exactly one reply";
    if (answer.news_after) return "SEQ-6: the reply follows the fan-out";
    if (answer.refused && (after != before || effects.sends.size() != 1)) return "SEQ-6: errors change nothing";
    if (auto broken = check_answer(command, before, answer.refused)) return broken;
    if (auto broken = check_who_decides(command, before, after)) return broken;
    const Call* was = call_in(before, command.call);
    if (answer.refused || !was || !was->live()) return std::nullopt;
    const Call& is = *call_in(after, command.call);
    if (!is_done(command, *was, is, *sender(is, command.user))) return "9.3: what was answered with ok is done";
    return std::nullopt;
}

}  // namespace crosspoint::explore
