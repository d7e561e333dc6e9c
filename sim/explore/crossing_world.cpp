#include "explore/crossing_world.h"

#include <fmt/format.h>

#include <algorithm>

#include "explore/call_checks.h"
#include "explore/call_world.h"

namespace crosspoint::explore {
namespace {

using namespace chains;
using Act = CrossingWorld::Act;

constexpr Now kNow{};
constexpr MediaKinds kVoice{true, false};
constexpr std::array kActs{"opens", "accepts", "rejects", "hangs up", "rings", "drops", "returns"};

// A's call is 1, B's is 2, each in a chain of its own.
CallId call_id(size_t number) { return CallId(number == 0 ? "1" : "2"); }
size_t number_of(const std::string& chain) { return chain == "1" ? 0 : 1; }
size_t person_of(const std::string& user) { return user == "A" ? 0 : 1; }

std::string knows_key(const ConnectionId& device, const CallId& call) { return device.value + call.value; }

// What of a message matters to whoever gets it, for the key of a state.
std::string text(const Offer& m) { return fmt::format("offer {} {}", m.ref.call.value, m.invitation); }
std::string text(const CallStanding& m) {
    return fmt::format("standing {} {} {}", m.ref.call.value, static_cast<int>(m.state), m.in.size());
}
std::string text(const OpenRefused& m) { return "refused " + m.call.value; }
std::string text(const OpenMerged& m) { return "merged " + m.call.value; }
std::string text(const NotMerged& m) { return "not merged " + m.call.value; }
std::string text(const CallRecord& m) { return fmt::format("record {} {}", m.ref.call.value, m.missed); }
std::string text(const OpenCall& m) {
    std::string out = "open " + m.call.value;
    for (const ConnectionFact& c : m.connections) out += c.id.value + (c.attached ? "+" : "-");
    return out;
}
std::string text(const AnswerByOpening& m) { return fmt::format("{} by opening: {}", m.into.value, text(m.open)); }
std::string text(const OfferAnswer& m) {
    std::string out = fmt::format("answer {} {}", m.call.value, m.busy);
    for (const ConnectionFact& c : m.connections) out += c.id.value + (c.attached ? "+" : "-");
    return out;
}
std::string text(const ConnectionChanged& m) {
    return fmt::format("{} {} {}", m.call.value, m.connection.value, static_cast<int>(m.event));
}
std::string text(const Crossed& m) { return fmt::format("{} crosses {}", m.loser.value, m.winner.call.value); }
std::string text(const MergeAccept& m) {
    return fmt::format("{} instead of {} on {} {}", m.call.value, m.replaces.value, m.connection.id.value,
                       m.connection.attached);
}
std::string text(const Yield& m) { return fmt::format("{} yields to {}", m.call.value, m.to.call.value); }
std::string text(const auto&) { return "other"; }

}  // namespace

CrossingWorld::CrossingWorld(const CrossingBounds& bounds, const Settings& settings, const ProfileBook& book,
                             const Damage* damage)
    : bounds_(&bounds), damage_(damage) {
    for (size_t person : {size_t{0}, size_t{1}}) {
        UserState state;
        state.id = party(person).user;
        state.profiles = {{.id = party(person).profile}};
        for (int d = 1; d <= bounds.devices; ++d) state.connections.push_back({.id = device(person, d)});
        users_.emplace_back(state, settings, book);
        chains_.emplace_back(ChainId(call_id(person).value), settings);
    }
}

const Call* CrossingWorld::call(size_t number) const { return chains_[number].find(call_id(number)); }

// ---- what may happen ----

std::vector<CrossingWorld::Step> CrossingWorld::steps() const {
    std::vector<Step> steps;
    for (const auto& [channel, messages] : channels_)
        if (!messages.empty()) steps.emplace_back(Delivery{channel});
    const bool quiet = steps.empty();
    for (size_t person : {size_t{0}, size_t{1}}) {
        for (int d = 1; d <= bounds_->devices; ++d) {
            for (size_t number : {size_t{0}, size_t{1}})
                for (Act act : {Act::Open, Act::Accept, Act::Reject, Act::HangUp, Act::Ring, Act::Drop, Act::Return})
                    if (const Deed deed{act, person, d, number}; may(deed)) steps.emplace_back(deed);
        }
    }
    // A message takes no time that a timer could measure.
    if (bounds_->timers && quiet)
        for (const ChainOwner& owner : chains_)
            for (ArmedTimer& timer : owner.armed())
                if (timer.kind != ArmedTimer::Kind::Forget && timer.call_timer != CallTimer::MaxDuration)
                    steps.emplace_back(std::move(timer));
    return steps;
}

bool CrossingWorld::may(const Deed& deed) const {
    if (std::ranges::find(done_, deed) != done_.end()) return false;
    const auto others = std::ranges::count_if(done_, [](const Deed& d) { return d.act != Act::Open; });
    if (deed.act != Act::Open && static_cast<size_t>(others) >= bounds_->deeds) return false;
    const ConnectionId id = device(deed.person, deed.device);
    const auto known = knows_.find(knows_key(id, call_id(deed.call)));
    const bool rings = known != knows_.end() && deed.call != deed.person;
    const auto dropped = [&](Act act) { return std::ranges::find(done_, Deed{act, deed.person, 1, 0}) != done_.end(); };
    switch (deed.act) {
        case Act::Open: return deed.call == deed.person && deed.device == 1;
        case Act::Ring: return bounds_->timers && rings;
        case Act::Accept: return bounds_->decides && rings && !busy(deed.person, deed.device, deed.call);
        case Act::Reject: return bounds_->decides && rings && deed.device == 1;
        case Act::HangUp:
            return bounds_->decides && deed.call == deed.person && deed.device == 1 && known != knows_.end();
        case Act::Drop: return bounds_->drops && deed.device == 1 && deed.call == 0;
        case Act::Return:
            return bounds_->drops && deed.device == 1 && deed.call == 0 && dropped(Act::Drop) && !dropped(Act::Return);
    }
    return false;
}

// SLOT-1, with what the device would have been told of the other call.
bool CrossingWorld::busy(size_t person, int number, size_t except) const {
    for (size_t other : {size_t{0}, size_t{1}}) {
        const Call* c = other == except ? nullptr : call(other);
        if (other == except) continue;
        const bool opened = other == person && number == 1 &&
                            std::ranges::find(done_, Deed{Act::Open, person, 1, person}) != done_.end();
        if (!c && opened) return true;
        if (!c || !c->live()) continue;
        const Participant* p = c->participant(party(person).profile);
        const Leg* leg = p ? p->active_leg() : nullptr;
        if (leg && leg->connection == device(person, number)) return true;
    }
    return false;
}

// ---- what happens ----

std::optional<std::string> CrossingWorld::take(const Step& step, const CrossingWorld&) {
    if (const auto* delivery = std::get_if<Delivery>(&step)) deliver(delivery->channel);
    if (const auto* deed = std::get_if<Deed>(&step)) do_deed(*deed);
    if (const auto* timer = std::get_if<ArmedTimer>(&step)) {
        waited_ = true;
        const size_t number = number_of(timer->call.value);
        Effects out;
        chains_[number].expire(*timer, kNow, out);
        send(call_id(number).value, out);
    }
    return broken_;
}

void CrossingWorld::do_deed(const Deed& deed) {
    done_.push_back(deed);
    const UserId user = party(deed.person).user;
    const ConnectionId from = device(deed.person, deed.device);
    Effects out;
    if (deed.act == Act::Open) {
        UserRequest request;
        request.connection = from;
        request.request = 1;
        OpenRequest open;
        open.fresh_id = call_id(deed.person).value;
        open.local_id = "local " + open.fresh_id;
        open.from = party(deed.person).profile;
        open.to = {party(1 - deed.person).profile};
        open.options = kVoice;
        request.command = open;
        if (busy(deed.person, deed.device, deed.person)) request.busy_in = call_id(1 - deed.person);
        users_[deed.person].handle(request, kNow, out);
        return send(user.value, out);
    }
    if (deed.act == Act::Drop || deed.act == Act::Return) {
        const auto fate = deed.act == Act::Drop ? ConnectionFate::Detached : ConnectionFate::Resumed;
        users_[deed.person].handle(ConnectionFared{from, fate}, kNow, out);
        return send(user.value, out);
    }
    CallCommand command{.call = call_id(deed.call), .user = user, .connection = from, .media = kVoice};
    command.verb = deed.act == Act::Accept   ? Verb::Accept
                   : deed.act == Act::Reject ? Verb::Reject
                   : deed.act == Act::Ring   ? Verb::Ringing
                                             : Verb::HangUp;
    chains_[deed.call].handle(command, kNow, out);
    send(call_id(deed.call).value, out);
}

void CrossingWorld::deliver(const Channel& channel) {
    auto& messages = channels_.at(channel);
    const Message message = std::move(messages.front());
    messages.pop_front();
    if (messages.empty()) channels_.erase(channel);
    Effects out;
    if (const auto* to_user = std::get_if<UserMessage>(&message)) {
        if (const auto* record = std::get_if<CallRecord>(to_user); record && record->missed) ++missed_;
        users_[person_of(channel.second)].handle(*to_user, kNow, out);
    } else {
        chains_[number_of(channel.second)].handle(std::get<ChainMessage>(message), kNow, out);
    }
    send(channel.second, out);
}

void CrossingWorld::send(const std::string& from, Effects& out) {
    for (Send& send : out.sends) {
        if (damage_ && *damage_ && (*damage_)(from, send)) continue;
        if (const auto* to = std::get_if<ToUser>(&send)) put(from, to->to.value, to->message);
        if (const auto* to = std::get_if<ToChain>(&send)) put(from, to->to.value, to->message);
        if (const auto* to = std::get_if<ToConnection>(&send)) tell_device(*to);
        const auto* media = std::get_if<ToMedia>(&send);
        if (!media) continue;
        Effects more;  // media is there at once
        ChainOwner& owner = chains_[number_of(from)];
        if (const auto* m = std::get_if<MakeSession>(&media->message))
            owner.handle(SessionMade{m->ref.call, SessionId("s")}, kNow, more);
        if (const auto* m = std::get_if<MakeSeat>(&media->message)) {
            owner.handle(SeatMade{m->ref.call, m->profile, m->epoch, ParticipantId("p"), "t", "u"}, kNow, more);
            owner.handle(SeatReport{m->ref.call, m->profile, m->epoch, MediaState::Connected}, kNow, more);
        }
        this->send(from, more);
    }
}

void CrossingWorld::put(const std::string& from, const std::string& to, Message message) {
    channels_[{from, to}].push_back(std::move(message));
}

void CrossingWorld::tell_device(const ToConnection& send) {
    if (const auto* reply = std::get_if<Reply>(&send.message); reply && reply->request == 1)
        if (++replies_[send.to.value] > 1) broken_ = "a request is answered twice";
    const auto* message = std::get_if<CallMessage>(&send.message);
    if (message && std::holds_alternative<CallInit>(message->news))
        knows_[knows_key(send.to, message->ref.call)] = true;
}

// ---- what has to hold ----

bool CrossingWorld::pure() const {
    return !waited_ && std::ranges::all_of(done_, [](const Deed& d) { return d.act == Act::Open; });
}

std::map<CrossingWorld::Channel, size_t> CrossingWorld::on_their_way() const {
    std::map<Channel, size_t> counts;
    for (const auto& [channel, messages] : channels_) counts[channel] = messages.size();
    return counts;
}

bool CrossingWorld::unsettled() const {
    if (!channels_.empty()) return true;
    if (!bounds_->timers) return false;
    for (size_t number : {size_t{0}, size_t{1}}) {
        const Call* c = call(number);
        if (c && c->live() && c->unanswered()) return true;
    }
    return false;
}

std::optional<std::string> CrossingWorld::check() const {
    for (const ChainOwner& owner : chains_)
        if (auto broken = owner.state().calls.empty() ? std::nullopt : check_state(owner)) return broken;
    return channels_.empty() ? check_quiet() : std::nullopt;
}

std::optional<std::string> CrossingWorld::check_quiet() const {
    size_t live = 0, unanswered = 0;
    for (size_t number : {size_t{0}, size_t{1}}) {
        const Call* c = call(number);
        if (c && c->live()) ++live;
        if (c && c->live() && c->unanswered()) ++unanswered;
        if (c && c->end_reason == EndReason::Glare) {
            const Call* winner = call(1 - number);
            if (c->replaced_by != call_id(1 - number) || !winner) return "glare without a winner";
            if (missed(*c, party(1 - number).user)) return "GLR-8: the loser of a crossing is missed";
        }
    }
    for (const Deed& deed : done_)
        if (deed.act == Act::Open && !replies_.contains(device(deed.person, 1).value)) return "an opening has no reply";
    if (live == 2 && unanswered > 0) return "GLR: two calls between two people, and one is not answered";
    for (const UserOwner& user : users_) {
        if (!user.state().outgoing.empty()) return "a call is still on its way";
        for (const KnownCall& known : user.state().calls) {
            const Call* c = call(number_of(known.ref.call.value));
            const Participant* p = c ? c->participant(known.own) : nullptr;
            if (!p || known.live() != c->live()) return "a user owner does not know that a call is over";
            if (known.live() && known.in != p->in()) return "a user owner does not know who is in";
        }
    }
    const bool both_opened = std::ranges::count(done_, Act::Open, &Deed::act) == 2;
    if (!pure() || !both_opened) return std::nullopt;
    if (missed_ != 0) return "A17: a crossing call is missed";
    for (size_t number : {size_t{0}, size_t{1}}) {
        const Call* c = call(number);
        if (c && c->end_reason == EndReason::Glare && c->id < call_id(1 - number)) return "GLR-3: the lower id wins";
    }
    for (size_t number : {size_t{0}, size_t{1}}) {
        const Call* c = call(number);
        if (!c || !c->live()) continue;
        if (c->state != CallState::Active || c->count_in() != 2) return "A17: the survivor is not answered";
        if (c->initiator().active_leg()->connection != device(number, 1) ||
            c->participants[1].active_leg()->connection != device(1 - number, 1))
            return "A17: not on the connections that opened";
    }
    return live == 1 ? std::nullopt : std::optional<std::string>("A17: not exactly one call survives");
}

std::string CrossingWorld::key() const {
    std::string key;
    for (const UserOwner& user : users_) key += user.canonical(kNow, Counters::LeftOut) + "|";
    for (const ChainOwner& owner : chains_) key += owner.canonical(kNow, Counters::LeftOut) + "|";
    for (const auto& [channel, messages] : channels_) {
        key += channel.first + ">" + channel.second + ":";
        for (const Message& message : messages)
            std::visit([&](const auto& m) { std::visit([&](const auto& n) { key += text(n) + ";"; }, m); }, message);
    }
    std::vector<Deed> done = done_;
    std::ranges::sort(done, {}, [](const Deed& d) { return std::tuple(d.act, d.person, d.device, d.call); });
    for (const Deed& d : done) key += fmt::format("{}{}{}{},", static_cast<int>(d.act), d.person, d.device, d.call);
    for (const auto& [name, count] : replies_) key += fmt::format("{}:{}", name, count);
    for (const auto& [name, known] : knows_) key += name;
    return key + fmt::format("m{}{}", missed_, waited_);
}

std::string CrossingWorld::describe(const Step& step) const {
    if (const auto* delivery = std::get_if<Delivery>(&step)) {
        const auto& message = channels_.at(delivery->channel).front();
        const auto what =
            std::visit([](const auto& m) { return std::visit([](const auto& n) { return text(n); }, m); }, message);
        return fmt::format("{} > {}: {}", delivery->channel.first, delivery->channel.second, what);
    }
    if (const auto* timer = std::get_if<ArmedTimer>(&step)) return "timer of " + timer->call.value;
    const auto& deed = std::get<Deed>(step);
    return fmt::format("{} {} {}", device(deed.person, deed.device).value, kActs[static_cast<size_t>(deed.act)],
                       call_id(deed.call).value);
}

}  // namespace crosspoint::explore
