#include "explore/call_world.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/verify.h"
#include "explore/call_checks.h"

namespace crosspoint::explore {
namespace {

using namespace chains;

constexpr Now kNow{};  // time stands still: any timer that is armed may be the next to fire
const ChainId kChain("1");
const CallId kCall("1");
const CallRef kOtherChain{CallId("9"), ChainId("9")};
constexpr MediaKinds kVoice{true, false};
constexpr MediaKinds kVideo{true, true};

OpenCall first_call(const CallWorldBounds& bounds) {
    OpenCall open{.call = kCall, .from = party(0), .connection = device(0, 1), .options = kVoice};
    for (int d = 1; d <= bounds.devices[0]; ++d) open.connections.push_back({device(0, d), true});
    const size_t called = bounds.devices.size() - (bounds.one_to_invite ? 1 : 0);
    for (size_t person = 1; person < called; ++person) open.to.push_back(party(person));
    return open;
}

}  // namespace

Party party(size_t person) {
    const char letter = static_cast<char>('a' + person);
    const char owner = static_cast<char>('A' + person);
    return {ProfileId(std::string_view(&letter, 1)), UserId(std::string_view(&owner, 1)), ProfileKind::User};
}

ConnectionId device(size_t person, int number) { return ConnectionId(fmt::format("{}{}", char('a' + person), number)); }

CallWorld::CallWorld(const CallWorldBounds& bounds, const Settings& settings, const Rules& rules)
    : bounds_(&bounds), owner_(kChain, settings, rules) {
    Effects out;
    owner_.handle(first_call(bounds), kNow, out);
}

const Call& CallWorld::call() const { return *owner_.find(kCall); }
std::string CallWorld::key() const { return owner_.canonical(kNow, Counters::LeftOutAndRepetitions); }
// A second call in the chain lives as the first does, and a chain without a tombstone is a new one.
bool CallWorld::final() const { return owner_.state().last_call != kCall || !owner_.find(kCall); }

bool CallWorld::unsettled() const {
    if (final() || !call().live()) return false;
    return call().unanswered() || std::ranges::any_of(call().participants, [](const Participant& p) {
               return p.undecided() || p.state == ParticipantState::Reconnecting;
           });
}

bool CallWorld::is_timer(const Step& step) const {
    const auto* timer = std::get_if<ArmedTimer>(&step);
    return timer && timer->call_timer != CallTimer::MaxDuration;
}

std::vector<CallWorld::Step> CallWorld::steps() const {
    std::vector<Step> steps;
    for (ArmedTimer& timer : owner_.armed()) steps.emplace_back(std::move(timer));
    add_offer_answers(steps);
    add_commands(steps);
    if (bounds_->drops) add_connection_changes(steps);
    if (bounds_->media) add_media(steps);
    if (bounds_->other_calls) add_other_calls(steps);
    return steps;
}

void CallWorld::add_offer_answers(std::vector<Step>& steps) const {
    for (size_t person = 0; person < bounds_->devices.size(); ++person) {
        const Participant* p = call().participant(party(person).profile);
        if (!p || p->offer != OfferState::Waiting) continue;
        OfferAnswer answer{.call = kCall, .profile = p->who.profile, .invitation = p->invitation};
        if (bounds_->policies) {
            answer.wakeable = true;
            steps.emplace_back(answer);  // offline
            answer.blocked = true;
            steps.emplace_back(answer);
            answer.blocked = answer.wakeable = false;
        }
        for (int d = 1; d <= bounds_->devices[person]; ++d) answer.connections.push_back({device(person, d), true});
        steps.emplace_back(answer);
        if (!bounds_->policies) continue;
        answer.wakeable = true;
        steps.emplace_back(answer);
        answer.wakeable = false;
        answer.dnd = true;
        steps.emplace_back(answer);
        answer.dnd = false;
        answer.busy = true;
        steps.emplace_back(answer);
    }
}

CallCommand CallWorld::command(size_t person, const ConnectionId& connection, Verb verb) const {
    CallCommand out{.call = kCall, .user = party(person).user, .connection = connection, .request = 1, .verb = verb};
    out.media = kVoice;
    return out;
}

void CallWorld::add_commands(std::vector<Step>& steps) const {
    using enum Verb;
    std::vector<Verb> verbs{Ringing, Accept, Reject, Ignore, Unavailable, HangUp, Pending, Sync};
    if (bounds_->hold_and_update) verbs.insert(verbs.end(), {Hold, Resume});
    for (size_t person = 0; person < bounds_->devices.size(); ++person) {
        for (int d = 1; d <= bounds_->devices[person]; ++d) {
            const ConnectionId from = device(person, d);
            for (Verb verb : verbs)
                if (verb != Sync || d == 1) steps.emplace_back(command(person, from, verb));
            for (int other = 1; other <= bounds_->devices[person]; ++other) {
                CallCommand activate = command(person, from, Activate);
                activate.named = device(person, other);
                steps.emplace_back(activate);
                CallCommand kept = command(person, from, HangUp);  // SEQ-9
                kept.named = device(person, other);
                if (other != d) steps.emplace_back(kept);
            }
            if (bounds_->hold_and_update) {
                CallCommand update = command(person, from, Update);
                update.media = kVideo;
                steps.emplace_back(update);
            }
            for (size_t other : bounds_->to_invite_and_remove) {
                for (Verb verb : {Invite, Remove}) {
                    CallCommand about = command(person, from, verb);
                    about.parties = {party(other)};
                    steps.emplace_back(about);
                }
            }
        }
    }
}

void CallWorld::add_connection_changes(std::vector<Step>& steps) const {
    using enum ConnectionEvent;
    for (const Participant& p : call().participants) {
        const size_t person = static_cast<size_t>(p.who.profile.value[0] - 'a');
        for (int d = 1; d <= bounds_->devices[person]; ++d) {
            const ConnectionChanged change{kCall, p.who.user, device(person, d)};
            for (auto event : {New, Lost, Resumed, Gone, Left, Revoked}) {
                ConnectionChanged step = change;
                step.event = event;
                // RES-1: before its grace timer has decided, a connection with an active leg goes by `bye` and by
                // revocation only.
                const Leg* leg = p.leg(step.connection);
                if (event == Gone && leg && leg == p.active_leg()) continue;
                steps.emplace_back(step);
            }
        }
    }
}

void CallWorld::add_media(std::vector<Step>& steps) const {
    steps.emplace_back(SessionMade{kCall, SessionId("s")});
    steps.emplace_back(SessionFailed{kCall, SessionId("s")});
    for (const Participant& p : call().participants) {
        if (p.seat.epoch == 0) continue;
        for (uint64_t epoch : {p.seat.epoch, p.seat.epoch - 1}) {
            steps.emplace_back(SeatMade{kCall, p.who.profile, epoch, ParticipantId("p"), "token", "url"});
            for (auto state : {MediaState::Connected, MediaState::Reconnecting})
                steps.emplace_back(SeatReport{kCall, p.who.profile, epoch, state});
        }
    }
}

// Each `call.init` has an id of its own, also after others were refused.
CallId CallWorld::fresh_call() const { return CallId(fmt::format("{}", 2 + call().other_openings.size())); }

void CallWorld::add_other_calls(std::vector<Step>& steps) const {
    steps.emplace_back(Crossed{kCall, kOtherChain});
    steps.emplace_back(Yield{kCall, kOtherChain});
    steps.emplace_back(Terminate{kCall});
    for (size_t person = 0; person < bounds_->devices.size(); ++person) {
        for (int d = 1; d <= bounds_->devices[person]; ++d) {
            OpenCall open{
                .call = fresh_call(), .from = party(person), .connection = device(person, d), .in_chain = true};
            open.options = kVideo;
            open.connections = {{open.connection, true}};
            open.to = {party(person == 0 ? 1 : 0)};
            steps.emplace_back(AnswerByOpening{kCall, open});
            steps.emplace_back(open);
            open.replace = true;
            steps.emplace_back(open);
            for (bool attached : {true, false})
                steps.emplace_back(
                    MergeAccept{kCall, kOtherChain.call, party(person).user, {open.connection, attached}, kVideo});
        }
    }
}

void CallWorld::run(const Step& step, Effects& out) {
    if (const auto* timer = std::get_if<ArmedTimer>(&step)) {
        owner_.expire(*timer, kNow, out);
    } else {
        owner_.handle(std::get<ChainMessage>(step), kNow, out);
    }
}

std::optional<std::string> CallWorld::take(const Step& step, const CallWorld& before) {
    Effects out;
    run(step, out);
    if (auto broken = check_step(before.owner_.state(), std::get_if<ChainMessage>(&step), owner_.state(), out))
        return broken;
    if (!bounds_->media) make_media_at_once(out);
    return std::nullopt;
}

std::optional<std::string> CallWorld::check() const {
    if (auto broken = check_state(owner_)) return broken;
    return check_stored(owner_);
}

void CallWorld::make_media_at_once(Effects& out) {
    while (!out.sends.empty()) {
        Effects more;
        for (const Send& send : out.sends) {
            const auto* media = std::get_if<ToMedia>(&send);
            if (!media) continue;
            if (const auto* session = std::get_if<MakeSession>(&media->message))
                owner_.handle(SessionMade{session->ref.call, SessionId("s")}, kNow, more);
            if (const auto* seat = std::get_if<MakeSeat>(&media->message)) {
                owner_.handle(SeatMade{seat->ref.call, seat->profile, seat->epoch, ParticipantId("p"), "t", "u"}, kNow,
                              more);
                owner_.handle(SeatReport{seat->ref.call, seat->profile, seat->epoch, MediaState::Connected}, kNow,
                              more);
            }
        }
        out = std::move(more);
    }
}

}  // namespace crosspoint::explore
