#include "chains/chain_owner.h"

#include <algorithm>

#include "base/verify.h"

namespace crosspoint::chains {
namespace {

/// Whose user owner follows this call.
bool follows(const Participant& p) { return p.offer == OfferState::Answered && !p.blocked; }

std::vector<ProfileId> who_is_in(const Call& call) {
    std::vector<ProfileId> in;
    for (const Participant& p : call.participants)
        if (p.in()) in.push_back(p.who.profile);
    return in;
}

template <class Visit>
void each_timer(const Call& call, Visit visit) {
    using Kind = ArmedTimer::Kind;
    if (call.forget_at != kNever) visit(ArmedTimer{.when = call.forget_at, .call = call.id, .kind = Kind::Forget});
    for (int i = 0; i < static_cast<int>(CallTimer::kCount); ++i) {
        const auto timer = static_cast<CallTimer>(i);
        if (!call.timers.armed(timer)) continue;
        visit(ArmedTimer{.when = call.timers.when(timer), .call = call.id, .kind = Kind::Call, .call_timer = timer});
    }
    for (size_t place = 0; place < call.participants.size(); ++place) {
        const Participant& p = call.participants[place];
        for (int i = 0; i < static_cast<int>(ParticipantTimer::kCount); ++i) {
            const auto timer = static_cast<ParticipantTimer>(i);
            if (!p.timers.armed(timer)) continue;
            visit(ArmedTimer{.when = p.timers.when(timer),
                             .call = call.id,
                             .kind = Kind::Participant,
                             .participant = place,
                             .participant_timer = timer});
        }
        for (const Leg& leg : p.legs)
            if (leg.init_timer != kNever)
                visit(ArmedTimer{.when = leg.init_timer,
                                 .call = call.id,
                                 .kind = Kind::Leg,
                                 .participant = place,
                                 .leg = leg.connection});
    }
}

}  // namespace

template <class Run>
void ChainOwner::turn(ChainCall& entry, Now now, Effects& out, Run run) {
    const Call before = entry.call;
    const CallEnvironment environment{state_.id, *settings_, *rules_, now, out};
    CallTurn turn(entry.call, environment);
    run(turn);
    if (entry.call == before) return;
    ++entry.call.revision;
    commit(before, entry, now, out);
    tell_standing(&before, entry.call, out);
}

void ChainOwner::handle(const ChainMessage& message, Now now, Effects& out) {
    std::visit([&](const auto& m) { on(m, now, out); }, message);
}

void ChainOwner::on(const OpenCall& open, Now now, Effects& out) {
    if (const Call* known = find(open.call)) {  // asked twice
        out.sends.push_back(ToConnection{open.connection, Reply{open.request, Opened{{known->id, state_.id}}}});
        return;
    }
    if (const auto refused = why_not_open(open)) return refuse(open, *refused, now, out);
    for (const ChainCall& c : state_.calls)
        if (c.call.other_opening(open.call)) return on(AnswerByOpening{c.call.id, open}, now, out);
    ChainCall* live = live_entry();
    if (!live) return create(open, std::nullopt, now, out);
    if (may_answer_by_opening(live->call, open)) return on(AnswerByOpening{live->call.id, open}, now, out);
    const CallId replaced = live->call.id;
    turn(*live, now, out, [&](CallTurn& t) { t.happen(CallEvent::Replaced, open.call); });
    create(open, replaced, now, out);
}

// 8.1, LAST-1
std::optional<Refused> ChainOwner::why_not_open(const OpenCall& open) const {
    const bool member = std::ranges::binary_search(state_.members, open.from.profile);
    if (open.in_chain && !member) return Refused{.why = Refusal::NotFound};  // CHN-3
    if (open.to.size() + 1 > settings_->participants_per_call) return Refused{.why = Refusal::TooMany};
    const Call* busy = nullptr;
    for (const ChainCall& c : state_.calls)
        if (const OtherOpening* before = c.call.other_opening(open.call)) {
            if (before->merged) return std::nullopt;
            busy = &c.call;
        }
    const Call* live = live_call();
    if (!busy && (!live || may_answer_by_opening(*live, open) || may_replace(*live, open))) return std::nullopt;
    if (!busy) busy = live;
    Refused refused{.why = Refusal::ChainBusy};
    for (const Participant& p : busy->participants)
        if (p.who.user == open.from.user && !p.legs.empty()) refused.call = busy->id;
    return refused;
}

bool ChainOwner::may_replace(const Call& live, const OpenCall& open) const {
    if (!open.replace) return false;
    for (const Participant& p : live.participants) {
        const Leg* leg = p.active_leg();
        if (p.who.user == open.from.user && leg && leg->connection == open.connection) return true;
    }
    return false;
}

void ChainOwner::create(const OpenCall& open, std::optional<CallId> replaces, Now now, Effects& out) {
    ChainCall& entry = state_.calls.emplace_back();
    entry.pos = ++state_.last_pos;
    entry.call.replaces = std::move(replaces);
    state_.last_call = open.call;
    out.statements.push_back(upsert_chain(state_.id, state_.last_call, state_.last_pos));
    turn(entry, now, out, [&](CallTurn& t) { t.begin(open); });
    out.sends.push_back(ToConnection{open.connection, Reply{open.request, Opened{{open.call, state_.id}}}});
}

void ChainOwner::refuse(const OpenCall& open, Refused why, Now now, Effects& out) {
    ChainCall* live = live_entry();
    if (live && why.why == Refusal::ChainBusy) turn(*live, now, out, [&](CallTurn& t) { t.turn_away(open); });
    out.sends.push_back(ToConnection{open.connection, Reply{open.request, why}});
    out.sends.push_back(ToUser{open.from.user, OpenRefused{open.call, why}});
}

void ChainOwner::on(const AnswerByOpening& opening, Now now, Effects& out) {
    const OpenCall& open = opening.open;
    ChainCall* into = entry(opening.into);
    const bool again = into && into->call.other_opening(open.call);
    if (!again && (!into || !may_answer_by_opening(into->call, open))) {
        out.sends.push_back(ToUser{open.from.user, NotMerged{open.call}});
        return;
    }
    const CallRef ref{opening.into, state_.id};
    if (!again) turn(*into, now, out, [&](CallTurn& t) { t.answer_by_opening(open); });
    out.sends.push_back(ToConnection{open.connection, Reply{open.request, Opened{ref, true}}});
    out.sends.push_back(ToUser{open.from.user, OpenMerged{open.call, ref}});
}

void ChainOwner::on(const CallCommand& command, Now now, Effects& out) {
    if (ChainCall* known = entry(command.call)) {
        turn(*known, now, out, [&](CallTurn& t) { t.command(command); });
        return;
    }
    out.sends.push_back(ToConnection{command.connection, Reply{command.request, Refused{.why = Refusal::NotFound}}});
}

void ChainOwner::on(const ConnectionChanged& change, Now now, Effects& out) {
    if (ChainCall* known = entry(change.call)) {
        turn(*known, now, out, [&](CallTurn& t) { t.connection_changed(change); });
        return;
    }
    if (change.event == ConnectionEvent::New)
        out.sends.push_back(ToConnection{change.connection, SnapshotTaken{change.call}});
}

void ChainOwner::on(const SeatMade& made, Now now, Effects& out) {
    if (ChainCall* known = entry(made.call)) {
        turn(*known, now, out, [&](CallTurn& t) { t.seat_made(made); });
        return;
    }
    out.sends.push_back(ToMedia{RemoveSeat{{made.call, state_.id}, made.profile, made.epoch}});
}

void ChainOwner::on(const PostText& post, Now now, Effects& out) { state_.texts.post(post, state_, now, out); }
void ChainOwner::on(const ChangeText& change, Now, Effects& out) { state_.texts.change(change, state_, out); }
void ChainOwner::on(const RowsRead& read, Now, Effects& out) { state_.texts.loaded(read, out); }

namespace {

void take(CallTurn& turn, const OfferAnswer& m) { turn.offer_answered(m); }
void take(CallTurn& turn, const MergeAccept& m) { turn.merge(m); }
void take(CallTurn& turn, const Yield& m) { turn.happen(CallEvent::LostCrossing, m.to.call); }
void take(CallTurn& turn, const Crossed& m) { turn.lose_crossing(m.winner); }
void take(CallTurn& turn, const Terminate&) { turn.happen(CallEvent::Terminated); }
void take(CallTurn& turn, const SessionMade& m) { turn.session_made(m); }
void take(CallTurn& turn, const SessionFailed& m) { turn.session_failed(m); }
void take(CallTurn& turn, const SeatReport& m) { turn.seat_report(m); }

const CallId& call_of(const Crossed& m) { return m.loser; }
const CallId& call_of(const auto& m) { return m.call; }

}  // namespace

template <class Message>
void ChainOwner::on(const Message& message, Now now, Effects& out) {
    ChainCall* known = entry(call_of(message));
    if (known) turn(*known, now, out, [&](CallTurn& t) { take(t, message); });
}

void ChainOwner::handle_timeout(Now now, Effects& out) {
    while (next_timeout() <= now.mono) {
        const auto timers = armed();
        const auto first = std::ranges::min_element(timers, {}, &ArmedTimer::when);
        expire(*first, now, out);
    }
}

Timestamp ChainOwner::next_timeout() const {
    Timestamp next = kNever;
    for (const ChainCall& c : state_.calls)
        each_timer(c.call, [&](const ArmedTimer& timer) { next = std::min(next, timer.when); });
    return next;
}

std::vector<ArmedTimer> ChainOwner::armed() const {
    std::vector<ArmedTimer> all;
    for (const ChainCall& c : state_.calls)
        each_timer(c.call, [&](ArmedTimer timer) { all.push_back(std::move(timer)); });
    return all;
}

void ChainOwner::expire(const ArmedTimer& timer, Now now, Effects& out) {
    ChainCall* known = entry(timer.call);
    VERIFY(known);
    if (timer.kind == ArmedTimer::Kind::Forget) {
        out.statements.push_back(forget_call(timer.call));
        std::erase_if(state_.calls, [&](const ChainCall& c) { return c.call.id == timer.call; });
        return;
    }
    turn(*known, now, out, [&](CallTurn& t) {
        Call& call = known->call;
        switch (timer.kind) {
            case ArmedTimer::Kind::Call: t.expire(timer.call_timer); break;
            case ArmedTimer::Kind::Participant:
                t.expire(timer.participant_timer, call.participants.at(timer.participant));
                break;
            case ArmedTimer::Kind::Leg: {
                Participant& p = call.participants.at(timer.participant);
                if (Leg* leg = p.leg(timer.leg)) t.expire_init(p, *leg);
                break;
            }
            case ArmedTimer::Kind::Forget: break;
        }
    });
}

void ChainOwner::commit(const Call& before, const ChainCall& after, Now now, Effects& out) {
    out.statements.push_back(upsert_call(after.call, state_.id, after.pos, now));
    for (size_t place = 0; place < after.call.participants.size(); ++place) {
        const Participant& p = after.call.participants[place];
        if (place >= before.participants.size() || !same_seat(before.participants[place], p))
            out.statements.push_back(upsert_participant(after.call.id, place, p));
    }
    take_members(after.call, out);
}

// TXT-2, CHN-3. Whether a receiver blocked the call is known when its user owner has answered.
void ChainOwner::take_members(const Call& call, Effects& out) {
    for (const Participant& p : call.participants)
        if (p.offer != OfferState::Waiting && !p.blocked) state_.take_member(p.who.profile, out);
}

void ChainState::take_member(const ProfileId& profile, Effects& out) {
    const auto place = std::ranges::lower_bound(members, profile);
    if (place != members.end() && *place == profile) return;
    members.insert(place, profile);
    out.statements.push_back(insert_member(id, profile));
}

void ChainOwner::tell_standing(const Call* before, const Call& after, Effects& out) {
    const CallStanding standing{{after.id, state_.id}, after.state, who_is_in(after), after.revision};
    const bool changed = !before || before->state != after.state || who_is_in(*before) != standing.in;
    for (size_t place = 0; place < after.participants.size(); ++place) {
        const Participant& p = after.participants[place];
        const bool followed = before && place < before->participants.size() && follows(before->participants[place]);
        if (follows(p) && (changed || !followed)) out.sends.push_back(ToUser{p.who.user, standing});
    }
}

const Call* ChainOwner::live_call() const {
    for (const ChainCall& c : state_.calls)
        if (c.call.live()) return &c.call;
    return nullptr;
}
const Call* ChainOwner::find(const CallId& id) const {
    for (const ChainCall& c : state_.calls)
        if (c.call.id == id) return &c.call;
    return nullptr;
}
ChainCall* ChainOwner::entry(const CallId& id) {
    const auto found = std::ranges::find(state_.calls, id, [](const ChainCall& c) { return c.call.id; });
    return found == state_.calls.end() ? nullptr : &*found;
}
ChainCall* ChainOwner::live_entry() {
    const Call* live = live_call();
    return live ? entry(live->id) : nullptr;
}

std::string ChainOwner::canonical(Now now, Counters counters) const {
    CanonicalWriter writer(now, counters);
    writer(state_);
    return writer.take();
}

bool ChainOwner::restore(const StoredChain& stored, Now now, Effects& out) {
    for (const Row& row : stored.chain) {
        state_.last_call = CallId(row.text(0));
        state_.last_pos = static_cast<uint64_t>(row.number(1));
    }
    for (const Row& row : stored.members) state_.members.emplace_back(row.text(0));
    std::ranges::sort(state_.members);
    for (const Row& row : stored.calls) {
        CanonicalReader reader(row.text(0), now);
        ChainCall& entry = state_.calls.emplace_back();
        reader(entry.pos, entry.call);
        if (!reader.done()) return false;
    }
    for (ChainCall& c : state_.calls) {
        turn(c, now, out, [](CallTurn& t) { t.restore(); });
        tell_standing(nullptr, c.call, out);
    }
    return true;
}

}  // namespace crosspoint::chains
