#include "explore/call_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/verify.h"
#include "explore/call_checks.h"

namespace crosspoint::explore {
namespace {

using namespace chains;

constexpr Now kNow{};  // time stands still: any timer that is armed may be the next to fire
const ChainId kChain("1");
const CallId kCall("1");
const CallRef kOtherChain{CallId("9"), ChainId("9")};
const std::string kNotFound = "not found";
constexpr MediaKinds kVoice{true, false};
constexpr MediaKinds kVideo{true, true};

OpenCall first_call(const CallWorldBounds& bounds) {
    OpenCall open{.call = kCall, .from = party(0), .connection = device(0, 1), .options = kVoice};
    for (int d = 1; d <= bounds.devices[0]; ++d) open.connections.push_back({device(0, d), true});
    const size_t called = bounds.devices.size() - (bounds.one_to_invite ? 1 : 0);
    for (size_t person = 1; person < called; ++person) open.to.push_back(party(person));
    return open;
}

/// Whether a message speaks of what the owner waits for now, or of something older.
bool is_of_now(const ChainMessage& message, const Call* call) {
    if (!call) return false;
    const auto epoch = [&](const auto& m) { return call->participant(m.profile)->seat.epoch == m.epoch; };
    if (const auto* m = std::get_if<OfferAnswer>(&message))
        return call->participant(m->profile)->invitation == m->invitation;
    if (const auto* m = std::get_if<SeatMade>(&message)) return epoch(*m);
    if (const auto* m = std::get_if<SeatReport>(&message)) return epoch(*m);
    return true;
}

std::string refusal(const Reply& reply) {
    return std::get<Refused>(reply.result).why == Refusal::NotFound ? kNotFound : "refused";
}

/// What became of somebody's `call.init`.
std::string outcome(const ChainMessage& message, const Effects& out) {
    if (!std::holds_alternative<OpenCall>(message) && !std::holds_alternative<AnswerByOpening>(message)) return {};
    std::string outcome;
    for (const Send& send : out.sends) {
        const auto* to = std::get_if<ToConnection>(&send);
        const auto* reply = to ? std::get_if<Reply>(&to->message) : nullptr;
        const auto* opened = reply ? std::get_if<Opened>(&reply->result) : nullptr;
        if (reply) outcome += opened ? fmt::format("{} {}", opened->ref.call.value, opened->merged) : refusal(*reply);
        const auto* user = std::get_if<ToUser>(&send);
        if (user && std::holds_alternative<NotMerged>(user->message)) outcome += "not merged";
    }
    return outcome;
}

std::vector<ChainMessage> media_answers(const Effects& out) {
    std::vector<ChainMessage> answers;
    for (const Send& send : out.sends) {
        const auto* media = std::get_if<ToMedia>(&send);
        if (!media) continue;
        if (const auto* session = std::get_if<MakeSession>(&media->message))
            answers.emplace_back(SessionMade{session->ref.call, SessionId("s")});
        if (const auto* seat = std::get_if<MakeSeat>(&media->message)) {
            answers.emplace_back(
                SeatMade{seat->ref.call, seat->profile, seat->epoch, ParticipantId("p"), "token", "url"});
            answers.emplace_back(SeatReport{seat->ref.call, seat->profile, seat->epoch, MediaState::Connected});
        }
    }
    return answers;
}

}  // namespace

Party party(size_t person) {
    const char letter = static_cast<char>('a' + person);
    const char owner = static_cast<char>('A' + person);
    return {ProfileId(std::string_view(&letter, 1)), UserId(std::string_view(&owner, 1)), ProfileKind::User};
}

ConnectionId device(size_t person, int number) { return ConnectionId(fmt::format("{}{}", char('a' + person), number)); }

CallWorld::CallWorld(const CallWorldBounds& bounds, const Settings& settings, const Rules& rules)
    : bounds_(&bounds), settings_(&settings), rules_(&rules), owner_(kChain, settings, rules) {
    Effects out;
    owner_.handle(first_call(bounds), kNow, out);
    store(out);
}

const Call& CallWorld::call() const { return *owner_.find(kCall); }
std::string CallWorld::key() const {
    std::string key = owner_.canonical(kNow, Counters::LeftOutAndRepetitions);
    if (!repetition_) return key;
    key += explore::describe(repetition_->message);
    key += is_of_now(repetition_->message, owner_.find(kCall)) ? '=' : '<';
    return key + repetition_->outcome;
}
// A second call in the chain lives as the first does, and a chain without a tombstone is a new one.
bool CallWorld::final() const { return !owner_.find(kCall) || (owner_.state().last_call != kCall && !repetition_); }

std::optional<std::string> CallWorld::check() const { return check_state(owner_); }

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
    if (repetition_) steps.emplace_back(Again{});
    if (owner_.state().last_call != kCall) return steps;
    if (bounds_->restarts) steps.emplace_back(Restart{});
    for (ArmedTimer& timer : owner_.armed()) steps.emplace_back(std::move(timer));
    add_commands(steps);
    const size_t from_actors = steps.size();
    add_offer_answers(steps);
    if (bounds_->drops) add_connection_changes(steps);
    if (bounds_->media) add_media(steps);
    if (bounds_->other_calls) add_other_calls(steps);
    if (!bounds_->repetitions || repetition_) return steps;
    for (size_t i = from_actors, end = steps.size(); i < end; ++i)
        steps.emplace_back(Twice{std::get<ChainMessage>(steps[i])});
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

std::optional<std::string> CallWorld::take(const Step& step, const CallWorld& before) {
    Effects out;
    std::optional<std::string> broken;
    if (const auto* message = std::get_if<ChainMessage>(&step)) {
        if (bounds_->repetitions) broken = before.check_repetition(*message);
        if (!broken) broken = deliver(*message, before.owner_.state(), out);
    } else if (const auto* timer = std::get_if<ArmedTimer>(&step)) {
        broken = fire(*timer, before.owner_.state(), out);
    } else if (std::holds_alternative<Restart>(step)) {
        broken = restart(before.owner_.state(), out);
    } else if (const auto* twice = std::get_if<Twice>(&step)) {
        broken = deliver(twice->message, before.owner_.state(), out);
        repetition_ = std::make_shared<const Repetition>(twice->message, outcome(twice->message, out));
    } else {
        broken = deliver_again(before.owner_.state(), out);
    }
    if (broken || bounds_->media) return broken;
    return make_media_at_once(out);
}

std::optional<std::string> CallWorld::deliver(const ChainMessage& message, const ChainState& before, Effects& out) {
    owner_.handle(message, kNow, out);
    store(out);
    return check_step(before, &message, owner_.state(), out);
}

std::optional<std::string> CallWorld::fire(const ArmedTimer& timer, const ChainState& before, Effects& out) {
    owner_.expire(timer, kNow, out);
    store(out);
    return check_step(before, nullptr, owner_.state(), out);
}

std::optional<std::string> CallWorld::restart(const ChainState& before, Effects& out) {
    owner_ = ChainOwner(kChain, *settings_, *rules_);
    if (!owner_.restore(rows_.chain(), kNow, out)) return "8: what is stored can be read";
    store(out);
    return check_restored(before, owner_.state(), out);
}

std::optional<std::string> CallWorld::deliver_again(const ChainState& before, Effects& out) {
    const auto repetition = std::exchange(repetition_, nullptr);
    if (auto broken = deliver(repetition->message, before, out)) return broken;
    // Who was a stranger may be one no more; nothing is remembered of strangers.
    if (repetition->outcome == kNotFound || outcome(repetition->message, out) == repetition->outcome)
        return std::nullopt;
    return "OWN-3: a message is answered the same twice";
}

// OWN-3: twice in a row is once.
std::optional<std::string> CallWorld::check_repetition(const ChainMessage& message) const {
    ChainOwner owner = owner_;
    Effects out;
    owner.handle(message, kNow, out);
    const std::string once = owner.canonical(kNow, Counters::LeftOut);
    owner.handle(message, kNow, out);
    if (owner.canonical(kNow, Counters::LeftOut) != once) return "OWN-3: twice in a row is once";
    return std::nullopt;
}

void CallWorld::store(const Effects& out) {
    if (!bounds_->restarts) return;
    for (const Statement& statement : out.statements) rows_.apply(statement);
}

std::optional<std::string> CallWorld::make_media_at_once(Effects& out) {
    while (!out.sends.empty()) {
        Effects more;
        for (const ChainMessage& answer : media_answers(out)) {
            Effects one;
            const ChainState before = owner_.state();
            if (auto broken = deliver(answer, before, one)) return broken;
            more.sends.insert(more.sends.end(), one.sends.begin(), one.sends.end());
        }
        out = std::move(more);
    }
    return std::nullopt;
}

}  // namespace crosspoint::explore
