#include "people/device.h"

#include <algorithm>
#include <boost/json/value_from.hpp>

// What a device's user does, and its connection.
namespace crosspoint::sim {

namespace json = boost::json;

Device::Device(Surroundings& around, Sockets& sockets, const Person& person, std::string name, std::string token,
               MakeBrowser make_browser, FetchToken fetch_token)
    : around_(around),
      person_(person),
      name_(std::move(name)),
      make_browser_(std::move(make_browser)),
      fetch_token_(std::move(fetch_token)),
      link_(around, sockets, *this, name_, std::move(token)) {}

void Device::emit(std::string_view call, std::string name, std::vector<std::string> args, bool live) {
    Event event{around_.schedule.time(), std::string(call), std::move(name), std::move(args)};
    if (!live) return missed_.push_back(std::move(event));
    around_.trace.note(event.when, name_, event.name, call);
    events_.push_back(std::move(event));
}

// ---- the connection ----

void Device::welcomed(const json::object& welcome) {
    profiles_.clear();
    for (const json::value& profile : welcome.at("profiles").as_array())
        profiles_.emplace(profile.at("id").as_string());
    told_.clear();
}

// RCV-6
void Device::synced(Arrived how) {
    if (how != Arrived::Resumed) {
        for (const auto& call : calls_) {
            if (!call->live() || call->id.empty() || told_.contains(call->id)) continue;
            const auto known = ended_.find(call->id);
            ends_locally(*call, known == ended_.end() ? "lost" : known->second);
        }
    }
    emit({}, how == Arrived::First ? "connected" : "reconnected", {how == Arrived::Resumed ? "resumed" : "anew"});
    for (Event& event : std::exchange(missed_, {})) emit(event.call, event.name, event.args);
    for (size_t i = 0; i < calls_.size(); ++i) {
        calls_[i]->shown = true;
        greet(*calls_[i], calls_[i]->leg != "ringing");
    }
    told_.clear();
    ended_.clear();
}

void Device::closed(uint16_t code) { emit({}, "disconnected", {std::to_string(code)}); }

void Device::needs_token() {
    fetch_token_([this](std::string token) { link_.set_token(std::move(token)); });
}

void Device::disconnects() {
    const Viewer me = viewer();
    for (const auto& call : calls_)
        if (call->live() && call->is_active(me)) hangs_up(call->id);
    link_.disconnects();
    while (!seats_.empty()) leave_media(seats_.begin()->first);
}

void Device::lose_page() {
    for (auto& [call, seat] : seats_)
        if (seat.browser) seat.browser->vanishes();
    seats_.clear();
    std::ranges::move(calls_, std::back_inserter(past_calls_));
    calls_.clear();
    waiting_for_winner_.clear();
}

void Device::reloads() {
    lose_page();
    link_.reloads();
}

void Device::starts_anew() {
    lose_page();
    link_.starts_anew();
}

void Device::vanishes() {
    link_.vanishes();
    lose_page();
}

void Device::goes_offline(bool server_hears) {
    link_.cuts_network(server_hears);
    for (auto& [call, seat] : seats_) {
        seat.browser->publishing_wire.set_cut(true);
        seat.browser->subscribing_wire.set_cut(true);
        seat.browser->cut_signalling();
    }
}

void Device::comes_online() {
    link_.mends_network();
    for (auto& [call, seat] : seats_) {
        seat.browser->publishing_wire.set_cut(false);
        seat.browser->subscribing_wire.set_cut(false);
        seat.browser->mend_signalling();
    }
}

// ---- what its user does ----

CallPicture& Device::add_call() { return *calls_.emplace_back(std::make_unique<CallPicture>()); }

CallPicture& Device::opens(const std::vector<std::string>& to, const CallWishes& wishes) {
    CallPicture& call = add_call();
    call.local_id = around_.random.uuid();
    call.from = person_.profile;
    call.to = to;
    call.options = wishes.media;
    call.connection = id();
    call.shown = true;
    json::object body{{"localId", call.local_id},
                      {"from", person_.profile},
                      {"to", json::value_from(to)},
                      {"options", to_json(wishes.media)}};
    if (!wishes.chain.empty()) body["chainId"] = wishes.chain;
    if (wishes.replace) body["replace"] = true;
    if (wishes.hold_others) body["holdOthers"] = true;
    if (wishes.ring_timeout_ms > 0) body["ringTimeoutMs"] = wishes.ring_timeout_ms;
    link_.request("call.init", std::move(body), [this, local_id = call.local_id](const Outcome& outcome) {
        const auto found = std::ranges::find(calls_, local_id, [](const auto& one) { return one->local_id; });
        if (found != calls_.end()) opened(**found, outcome);
    });
    return call;
}

Request Device::act(std::string type, const std::string& call, json::object body, Then then) {
    body["callId"] = call;
    return link_.request(std::move(type), std::move(body), std::move(then));
}

// As JSAPI does with what its application has not asked for.
void Device::insist(const std::string& type, const std::string& call, const json::object& body) {
    act(type, call, body, [this, type, call, body](const Outcome& outcome) {
        if (outcome.error != "rate_limited") return;
        const auto wait = outcome.result.at("retryAfterMs").to_number<int64_t>();
        around_.schedule.after(std::chrono::milliseconds(wait), [this, type, call, body] {
            if (synced() && find(call)) insist(type, call, body);
        });
    });
}

Request Device::accepts(const std::string& call, const Media& media, bool hold_others) {
    json::object body{{"media", to_json(media)}};
    if (hold_others) body["holdOthers"] = true;
    return act("call.accept", call, std::move(body));
}

Request Device::rejects(const std::string& call, const std::string& reason) {
    return act("call.reject", call, {{"reason", reason}});
}

Request Device::hangs_up(const std::string& call) {
    const CallPicture* known = find(call);
    const ParticipantPicture* me = known ? known->me(viewer()) : nullptr;
    if (me && me->undecided()) return rejects(call);
    leave_media(call);
    return act("call.hangup", call, {{"connectionId", id()}});
}

Request Device::activates(const std::string& call, const Media& media) {
    const ParticipantPicture* me = this->call(call).me(viewer());
    return act("call.activate", call, {{"expect", me ? me->active_connection : ""}, {"media", to_json(media)}});
}

Request Device::resumes(const std::string& call, bool hold_others) {
    return act("call.resume", call, hold_others ? json::object{{"holdOthers", true}} : json::object{});
}

// MED-6
Request Device::updates(const std::string& call, const Media& media) {
    return act("call.update", call, {{"media", to_json(media)}}, [this, call, media](const Outcome& outcome) {
        const auto seat = seats_.find(call);
        if (!outcome.ok || seat == seats_.end() || !seat->second.browser) return;
        Browser& browser = *seat->second.browser;
        if (!seat->second.stream.empty()) browser.unpublishes(std::exchange(seat->second.stream, {}));
        if (media.audio || media.video)
            seat->second.stream = browser.publishes({person_.profile, media.audio, media.video});
    });
}

Request Device::invites(const std::string& call, const std::vector<std::string>& profiles) {
    return act("call.invite", call, {{"profileIds", json::value_from(profiles)}});
}

Request Device::removes(const std::string& call, const std::string& profile) {
    return act("call.remove", call, {{"profileId", profile}});
}

Request Device::texts(const std::vector<std::string>& to, const std::string& text, const std::string& chain) {
    json::object body{{"localId", around_.random.uuid()},
                      {"sender", person_.profile},
                      {"receivers", json::value_from(to)},
                      {"content", {{"text", text}}}};
    if (!chain.empty()) body["chainId"] = chain;
    return asks("text.add_message", std::move(body));
}

}  // namespace crosspoint::sim
