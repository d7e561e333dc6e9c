#include "explore/planted_bugs.h"

#include <algorithm>

#include "base/verify.h"
#include "chains/call_turn.h"
#include "explore/call_world.h"
#include "explore/explorer.h"

namespace crosspoint::explore {
namespace {

using namespace chains;
using Effect = void (CallTurn::*)(Participant&, Leg*);

constexpr size_t kMostStates = 20'000;

bool always(const Participant&, const Leg*) { return true; }

Rules with_cell(Verb verb, Situation situation, Answer answer) {
    Rules rules = specified_rules();
    rules.messages[static_cast<size_t>(verb)][static_cast<size_t>(situation)] = answer;
    return rules;
}
Rules without(Event event, Effect then) {
    Rules rules = specified_rules();
    const auto erased =
        std::erase_if(rules.participant, [&](const ParticipantRule& r) { return r.event == event && r.then == then; });
    VERIFY(erased > 0);
    return rules;
}
Rules replaced(Event event, Effect then, Effect by) {
    Rules rules = specified_rules();
    const auto row = std::ranges::find_if(rules.participant,
                                          [&](const ParticipantRule& r) { return r.event == event && r.then == then; });
    VERIFY(row != rules.participant.end());
    row->then = by;
    return rules;
}
Rules unconditional(Event event) {
    Rules rules = specified_rules();
    const auto row = std::ranges::find(rules.participant, event, &ParticipantRule::event);
    VERIFY(row != rules.participant.end());
    row->when = always;
    return rules;
}
/// Row `row` of 9.1, counted from 0.
Rules without_call_row(size_t row) {
    Rules rules = specified_rules();
    rules.call.erase(rules.call.begin() + static_cast<std::ptrdiff_t>(row));
    return rules;
}

}  // namespace

std::vector<PlantedBug> planted_bugs() {
    using T = CallTurn;
    return {
        {"a second device may answer as well", with_cell(Verb::Accept, Situation::InOtherLeg, Answer::Answers)},
        {"a passive device may hang up", with_cell(Verb::HangUp, Situation::InOtherLeg, Answer::Leaves)},
        {"a late reject ends an answered call",
         [] {
             Rules rules = with_cell(Verb::Reject, Situation::InOtherLeg, Answer::Rejects);
             std::ranges::find(rules.participant, Event::Reject, &ParticipantRule::event)->when = always;
             return rules;
         }()},
        {"an ended call can be answered", with_cell(Verb::Accept, Situation::Ended, Answer::Answers)},
        {"a passive device may hold", with_cell(Verb::Hold, Situation::InOtherLeg, Answer::Does)},
        {"who ignored rings again",
         [] {
             Rules rules = with_cell(Verb::Ringing, Situation::Ignored, Answer::Rings);
             std::ranges::find(rules.participant, Event::Ringing, &ParticipantRule::event)->when = always;
             return rules;
         }()},
        {"do not disturb rings", unconditional(Event::Ringing)},
        {"a device that does not answer is waited for", without(Event::InitTimer, &T::leg_stops_counting)},
        {"the ring timer is forgotten", without(Event::RingTimer, &T::times_out)},
        {"the reach timer is forgotten", without(Event::ReachTimer, &T::is_unreachable)},
        {"the grace timer is forgotten", without(Event::GraceTimer, &T::grace_ends)},
        {"media that never comes is waited for", without(Event::MediaGivenUp, &T::is_lost)},
        {"a lost transport is not noticed", without(Event::TransportLost, &T::loses_transport)},
        {"a transport that is back is not noticed", without(Event::Resumed, &T::regains_transport)},
        {"a device that says bye stays in", without(Event::ConnectionLeft, &T::leaves_with_leg)},
        {"the last device to ring goes unnoticed", without(Event::ConnectionLeft, &T::candidate_leg_goes)},
        {"a new device rings whatever was decided",
         replaced(Event::NewConnection, &T::passive_leg_comes, &T::candidate_leg_comes)},
        {"ignoring is rejecting", replaced(Event::Ignore, &T::ignores, &T::rejects)},
        {"a handoff leaves the old device active", replaced(Event::Activate, &T::takes_over, &T::leg_attaches)},
        {"a call that rings is not ringing", without_call_row(0)},
        {"an answered call is not active", without_call_row(1)},
        {"a cancelled call rings on", without_call_row(2)},
        {"a call whose initiator is lost rings on", without_call_row(3)},
        {"a call that everybody declined rings on", without_call_row(4)},
        {"the last one in a call stays", without_call_row(5)},
    };
}

// The smallest world first; a bug that needs two devices each is not in it.
Findings find(const PlantedBug& bug) {
    static const std::vector<CallWorldBounds> worlds{
        {.name = "a device each", .devices = {1, 1}, .hold_and_update = true},
        {.name = "media", .devices = {1, 1}, .policies = false, .media = true, .other_calls = false},
        {.name = "two devices each", .devices = {2, 2}, .policies = false, .drops = false, .hold_and_update = true},
    };
    Settings settings;
    settings.invite_again = 0ms;
    Findings all;
    for (const CallWorldBounds& bounds : worlds) {
        const size_t before = all.states;
        all = Explorer<CallWorld>(kMostStates).explore(CallWorld(bounds, settings, bug.rules));
        all.states += before;
        if (all.broken) return all;
    }
    return all;
}

}  // namespace crosspoint::explore
