#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "explore/call_checks.h"
#include "explore/mirror.h"

namespace crosspoint::explore {
namespace {

using namespace chains;

struct Told {
    const ConnectionId& to;
    const CallMessage& message;
};
std::vector<Told> told(const Effects& effects) {
    std::vector<Told> all;
    for (const Send& send : effects.sends)
        if (const auto* to = std::get_if<ToConnection>(&send))
            if (const auto* message = std::get_if<CallMessage>(&to->message)) all.push_back({to->to, *message});
    return all;
}

struct Listener {
    const Participant* participant = nullptr;
    const Leg* leg = nullptr;
};
Listener listener(const Call* call, const ConnectionId& connection) {
    if (!call) return {};
    for (const Participant& p : call->participants)
        if (const Leg* leg = p.leg(connection)) return {&p, leg};
    return {};
}

bool is_whole(const CallMessage& message) {
    return std::holds_alternative<CallInit>(message.news) || std::holds_alternative<CallStateIs>(message.news);
}

const CallCommand* as_sync(const ChainMessage* message) {
    const auto* command = message ? std::get_if<CallCommand>(message) : nullptr;
    return command && command->verb == Verb::Sync ? command : nullptr;
}

// SEC-2: no message of a call goes to a connection that has no leg in it; `call.sync` is answered from a tombstone.
Broken check_addressees(const ChainState& before, const ChainMessage* message, const ChainState& after,
                        const std::vector<Told>& all) {
    const CallCommand* sync = as_sync(message);
    for (const Told& one : all) {
        const CallId& call = one.message.ref.call;
        const bool known = listener(call_in(before, call), one.to).leg || listener(call_in(after, call), one.to).leg;
        const bool passing = std::ranges::any_of(all, [&](const Told& other) {  // a leg that came and went in one step
            return other.to == one.to && std::holds_alternative<CallInit>(other.message.news);
        });
        if (!known && !passing && !(sync && sync->connection == one.to)) return "SEC-2: nothing goes to who has no leg";
    }
    return std::nullopt;
}

// SEQ-4 and SEQ-5: whoever applies these in order never finds a gap.
Broken check_revisions(const ChainState& before, const std::vector<Told>& all) {
    std::map<std::pair<CallId, ConnectionId>, uint64_t> last;
    std::set<std::pair<CallId, ConnectionId>> ended;
    for (const Told& one : all) {
        const auto key = std::pair(one.message.ref.call, one.to);
        const Leg* leg = listener(call_in(before, key.first), one.to).leg;
        const auto had = last.try_emplace(key, leg ? leg->last_rev : 0).first;
        const bool whole = is_whole(one.message);
        if (whole != (one.message.prev == 0)) return "SEQ-4: prev 0 exactly with the whole state";
        if (!whole && one.message.prev != had->second) return "SEQ-4: prev is what this connection had last";
        if (!whole && one.message.rev <= one.message.prev) return "SEQ-4: revisions grow";
        had->second = one.message.rev;
        if (ended.contains(key)) return "8.2: call.end is the last message";
        if (std::holds_alternative<CallEnded>(one.message.news)) ended.insert(key);
    }
    return std::nullopt;
}

// SEQ-4: one step for each change of which that user's legs are told, so that nothing private to others shows.
Broken check_that_revisions_tell_nothing(const Call* was, const Call& is, const std::vector<Told>& all) {
    for (const Participant& p : is.participants) {
        const Participant* before = was ? was->participant(p.who.profile) : nullptr;
        const uint64_t from = before ? before->rev : 1;
        std::set<uint64_t> heard;
        for (const Told& one : all) {
            const bool own = one.to.value.front() == p.who.profile.value.front();  // in these worlds
            if (own && one.message.ref.call == is.id && one.message.rev > from) heard.insert(one.message.rev);
        }
        if (p.rev != from + heard.size()) return "SEQ-4: a revision is a change that this user is told";
    }
    return std::nullopt;
}

// MED-2, SEC-4
Broken check_who_gets_media(const ChainState& after, const std::vector<Told>& all) {
    for (const Told& one : all) {
        if (!std::holds_alternative<CallMedia>(one.message.news)) continue;
        const Call* call = call_in(after, one.message.ref.call);
        const Listener to = listener(call, one.to);
        const bool active = to.leg && call->state == CallState::Active && to.participant->active_leg() == to.leg;
        if (!active) return "MED-2: only the active leg of an answered call gets media";
    }
    return std::nullopt;
}

bool is_gone(const ChainMessage* message, const ConnectionId& connection) {
    if (const auto* change = message ? std::get_if<ConnectionChanged>(message) : nullptr)
        return change->connection == connection;
    const auto* answer = message ? std::get_if<OfferAnswer>(message) : nullptr;  // it lists those that are there
    return answer &&
           std::ranges::find(answer->connections, connection, &ConnectionFact::id) == answer->connections.end();
}

// OPEN-1: what each connection was told before and is told now is what is so.
Broken check_pictures(const ChainMessage* message, const Call* was, const Call& is, const ChainId& chain,
                      const std::vector<Told>& all) {
    std::set<ConnectionId> listeners;
    for (const Call* call : {was, &is})
        if (call)
            for (const Participant& p : call->participants)
                for (const Leg& leg : p.legs) listeners.insert(leg.connection);
    for (const ConnectionId& connection : listeners) {
        const Listener before = listener(was, connection);
        const Listener now = listener(&is, connection);
        std::optional<CallView> picture;
        if (before.leg) picture = view(*was, chain, *before.participant);
        for (const Told& one : all) {
            if (one.to != connection || one.message.ref.call != is.id) continue;
            if (!picture && !is_whole(one.message)) return "9.2: a leg that comes is told the whole state first";
            if (!picture) picture.emplace();
            apply(one.message.news, *picture);
        }
        if (!picture) return "9.2: a leg that comes is told";
        if (!now.leg && is_gone(message, connection)) continue;
        const Participant& viewer = now.leg ? *now.participant : *is.participant(before.participant->who.profile);
        if (viewer.state == ParticipantState::Removed) continue;  // GRP-6
        if (!same_picture(*picture, view(is, chain, viewer))) return "OPEN-1: every connection knows what is so";
    }
    return std::nullopt;
}

/// Whose affair it is alone: nobody else hears of it.
const UserId* private_to(const ChainMessage* message, const Call* was) {
    if (const auto* command = message ? std::get_if<CallCommand>(message) : nullptr)
        return command->verb == Verb::Ignore || command->verb == Verb::Pending ? &command->user : nullptr;
    const auto* answer = message ? std::get_if<OfferAnswer>(message) : nullptr;
    if (!answer || !was || !(answer->dnd || answer->blocked)) return nullptr;
    const Participant* p = was->participant(answer->profile);
    return was->live() && p->undecided() ? &p->who.user : nullptr;
}

// SEC-3
Broken check_privacy(const ChainMessage* message, const Call* was, const std::vector<Told>& all) {
    const UserId* user = private_to(message, was);
    for (const Told& one : all) {
        const Listener to = user ? listener(was, one.to) : Listener{};
        if (to.participant && to.participant->who.user != *user) return "SEC-3: this is nobody else's business";
    }
    return std::nullopt;
}

}  // namespace

Broken check_telling(const ChainState& before, const ChainMessage* message, const ChainState& after,
                     const Effects& effects) {
    const std::vector<Told> all = told(effects);
    if (!all.empty()) {
        if (auto broken = check_addressees(before, message, after, all)) return broken;
        if (auto broken = check_revisions(before, all)) return broken;
        if (auto broken = check_who_gets_media(after, all)) return broken;
    }
    if (before == after) return std::nullopt;
    for (const ChainCall& c : after.calls) {
        const Call* was = call_in(before, c.call.id);
        if (was && *was == c.call) continue;
        if (auto broken = check_that_revisions_tell_nothing(was, c.call, all)) return broken;
        if (auto broken = check_pictures(message, was, c.call, after.id, all)) return broken;
        if (auto broken = check_privacy(message, was, all)) return broken;
    }
    return std::nullopt;
}

namespace {

/// Without what being told the whole state changes.
ChainState without_telling(ChainState state) {
    for (ChainCall& c : state.calls) {
        c.call.revision = 0;
        for (Participant& p : c.call.participants)
            for (Leg& leg : p.legs) leg.last_rev = 0;
    }
    return state;
}

}  // namespace

Broken check_restored(const ChainState& before, const ChainState& after, const Effects& effects) {
    if (without_telling(before) != without_telling(after)) return "OWN-4: what is stored is the whole state";
    const std::vector<Told> all = told(effects);
    for (const ChainCall& c : before.calls)
        for (const Participant& p : c.call.participants) {
            for (const Leg& leg : p.legs) {
                const auto whole = [&](const Told& one) {
                    return one.to == leg.connection && one.message.prev == 0 && one.message.rev == p.rev &&
                           std::holds_alternative<CallStateIs>(one.message.news);
                };
                if (std::ranges::count_if(all, whole) != 1) return "OWN-5: every leg is told the whole state";
            }
        }
    return check_telling(before, nullptr, after, effects);
}

}  // namespace crosspoint::explore
