#include "people/device.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>

namespace crosspoint::sim {

namespace json = boost::json;

namespace {

// A loser of a crossing ends before the winner comes to its connection (GLR-4); from there it is one hop to here.
constexpr Duration kCrossingWait = 5s;

std::string text(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

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

// ---- messages ----

void Device::told(const std::string& type, const json::object& body, bool live) {
    if (body.contains("callId") && body.contains("rev")) return told_of_call(type, body, live);
    if (type == "call.missed" || type == "call.record") {
        const json::object& record = body.at("record").as_object();
        ended_[text(record, "callId")] = text(record, "endReason");
        if (type == "call.missed") emit(text(record, "callId"), "call:missed", {text(record, "endReason")});
    } else if (type == "auth.multiconnection") {
        emit({}, "auth:multiconnection", {json::serialize(body.at("count"))});
    } else if (type == "auth.expiring") {
        emit({}, "auth:expiring");
    } else if (type == "custom.message") {
        emit({}, "custom:received", {text(body, "content")});
    } else if (type.starts_with("text.")) {
        told_of_text(type, body);
    }
}

void Device::told_of_text(const std::string& type, const json::object& body) {
    if (type == "text.remove_message") return emit({}, "text:removed", {text(body, "id")});
    const std::string words = text(body.at("content").as_object(), "text");
    if (type == "text.edit_message") return emit({}, "text:edited", {text(body, "id"), words});
    if (text(body, "connectionId") != id()) emit({}, "text:received", {text(body, "id"), words});
}

void Device::told_of_call(const std::string& type, const json::object& body, bool live) {
    told_.insert(text(body, "callId"));
    if (waits_for_winner(type, body)) return;
    CallPicture* call = picture_for(type, body, live);
    if (!call) return;
    const bool was_opening = call->state == "opening";
    const CallPicture::Told told = call->take(type, body, viewer());
    if (told.sync) asks_for_state(*call);
    if (!told.applied) return;
    if (was_opening && call->live()) emit(call->id, "state", {call->state}, live);
    if (live || call->shown)
        for (const CallEvent& event : told.events) emit(call->id, event.name, event.args, live);
    follow(*call, told);
    if (type != "call.init" || !live) return;
    if (!body.contains("replaces")) greet(*call, true);
    call->shown = true;
}

/// Null: there is none, and none is to be made.
CallPicture* Device::picture_for(const std::string& type, const json::object& body, bool live) {
    const std::string id = text(body, "callId");
    CallPicture* known = find(id);
    if (type == "call.init" && body.contains("replaces")) {
        if (CallPicture* winner = crossed(id, text(body, "replaces"), live)) return winner;
    }
    CallPicture* opened = opened_here(body);
    if (opened && type == "call.init" && !known) return opened;
    if (opened && type == "call.accept") {
        merge_into(id, *opened);
        known = find(id);
    }
    if (known || type == "call.end") return known;
    const bool whole = type == "call.init" || type == "call.state";
    if (whole && body.at("call").at("state") == "ended") return nullptr;
    CallPicture& call = add_call();
    call.id = id;
    return &call;
}

/// What was opened here under the local id that a message carries, as long as nothing else is known of it.
CallPicture* Device::opened_here(const json::object& body) const {
    const std::string local_id = text(body, "localId");
    if (local_id.empty()) return nullptr;
    const auto found = std::ranges::find_if(calls_, [&](const auto& call) {
        return call->local_id == local_id && call->id.empty() && call->state == "opening";
    });
    return found == calls_.end() ? nullptr : found->get();
}

// GLR-5: what was opened here lost to this call. A device that knows the winner keeps that object.
CallPicture* Device::crossed(const std::string& call, const std::string& loser, bool live) {
    CallPicture* lost = find(loser);
    if (!lost || lost->connection != id()) return nullptr;
    waiting_for_winner_.erase(loser);
    emit(loser, "call:replaced", {call}, live);
    if (CallPicture* winner = find(call)) {
        ends_locally(*lost, "glare");
        return winner;
    }
    CallPicture fresh;
    fresh.id = call;
    fresh.local_id = lost->local_id;
    fresh.shown = true;
    *lost = std::move(fresh);
    return lost;
}

bool Device::waits_for_winner(const std::string& type, const json::object& body) {
    if (type != "call.end" || text(body, "endReason") != "glare") return false;
    const std::string loser = text(body, "callId");
    const CallPicture* call = find(loser);
    if (!call || call->connection != id() || find(text(body, "replacedBy"))) return false;
    waiting_for_winner_.insert(loser);
    around_.schedule.after(kCrossingWait, [this, loser] {
        if (waiting_for_winner_.erase(loser) == 0) return;
        if (CallPicture* given_up = find(loser)) ends_locally(*given_up, "glare");
    });
    return true;
}

/// The answer to `call.init` has come.
void Device::opened(CallPicture& call, const Outcome& outcome) {
    if (!outcome.ok) {
        call.error = outcome.error;
        emit(call.id, "call:failed", {outcome.error});
        return ends_locally(call, "failed");
    }
    const std::string id = text(outcome.result, "callId");
    if (call.state != "opening") return;
    if (outcome.result.contains("merged")) return merge_into(id, call);
    // Sent again on a fresh connection, it was in the snapshot under no name of ours (SEQ-7, CON-6).
    if (CallPicture* known = find(id); known && known != &call) {
        const std::string local_id = call.local_id;
        call = *known;
        call.local_id = local_id;
        std::erase_if(calls_, [&](const auto& one) { return one.get() == known; });
        return;
    }
    call.id = id;
    asks_for_state(call);
}

// GLR-1: what was opened here became the answer to another call.
void Device::merge_into(const std::string& call, CallPicture& opened) {
    if (opened.id == call || !opened.live()) return;
    if (!find(call)) {
        opened.id = call;
        return;
    }
    emit(opened.local_id, "call:replaced", {call});
    ends_locally(opened, "merged");
}

/// Of an object that the server knows nothing of (any more).
void Device::ends_locally(CallPicture& call, std::string reason) {
    if (!call.live()) return;
    call.state = "ended";
    call.end_reason = reason;
    const bool was_over = !std::exchange(call.over, reason).empty();
    emit(call.id, "state", {"ended"});
    if (!was_over) emit(call.id, "call:end", {std::move(reason)});
    follow(call, {});
}

// RCV-3, RCV-4
void Device::greet(CallPicture& call, bool ring) {
    if (!call.live() || call.id.empty() || !call.invited || !call.over.empty()) return;
    const std::string role = call.role(viewer());
    if (role == "passive initiator" && call.leg == "invited") {
        call.leg = "pending";
        insist("call.pending", call.id);
    }
    if (role != "receiver" || (call.leg != "invited" && call.leg != "ringing")) return;
    if (ring && auto_ringing) insist("call.ringing", call.id);
    if (!std::exchange(call.announced, true)) emit(call.id, "call:received");
}

void Device::asks_for_state(const CallPicture& call) { insist("call.sync", call.id, {{"rev", call.rev}}); }

void Device::follow(CallPicture& call, const CallPicture::Told& told) {
    if (!call.over.empty()) call.announced = false;
    const bool active = call.live() && call.is_active(viewer());
    if (!active) leave_media(call.id);
    if (active && told.media && joins_media) join(call, *told.media);
    if (!call.live()) link_.forget_call(call.id);
}

// ---- media (11) ----

void Device::join(const CallPicture& call, const json::object& media) {
    const auto epoch = media.at("mediaEpoch").to_number<uint64_t>();
    Seat& seat = seats_[call.id];
    if (epoch <= seat.epoch) return;  // MED-4
    if (seat.browser) seat.browser->leaves();
    seat.epoch = epoch;
    seat.browser = &make_browser_(name_, text(media, "participantId"), text(media, "deviceToken"));
    seat.browser->connects();
    const bool audio = media.at("publish").at("audio").as_bool();
    const bool video = media.at("publish").at("video").as_bool();
    seat.stream = audio || video ? seat.browser->publishes({person_.profile, audio, video}) : "";
}

void Device::leave_media(const std::string& call) {
    const auto seat = seats_.find(call);
    if (seat == seats_.end()) return;
    if (seat->second.browser) seat->second.browser->leaves();
    seats_.erase(seat);
}

Browser* Device::media(const std::string& call) const {
    const auto seat = seats_.find(call);
    return seat == seats_.end() ? nullptr : seat->second.browser;
}

bool Device::receives(const Device& other, rtc::MediaKind kind) const {
    return std::ranges::any_of(seats_, [&](const auto& entry) {
        const Browser* theirs = other.media(entry.first);
        return theirs && entry.second.browser->receives(*theirs, kind);
    });
}

// ---- what can be seen of it ----

void Device::forgets_the_past() {
    std::erase_if(calls_, [](const auto& call) { return !call->live(); });
    past_calls_.clear();
    events_.clear();
    link_.forget_frames();
}

CallPicture* Device::find(const std::string& call) const {
    if (call.empty()) return nullptr;
    const auto found = std::ranges::find(calls_, call, [](const auto& one) { return one->id; });
    return found == calls_.end() ? nullptr : found->get();
}

CallPicture& Device::call() const {
    static CallPicture none;
    EXPECT_FALSE(calls_.empty()) << name_ << " knows of no call";
    return calls_.empty() ? none : *calls_.back();
}

CallPicture& Device::call(const std::string& call) const {
    static CallPicture none;
    CallPicture* found = find(call);
    EXPECT_TRUE(found) << name_ << " knows of no call " << call;
    return found ? *found : none;
}

bool Device::rings() const {
    return std::ranges::any_of(calls_, [&](const auto& call) {
        return call->live() && call->announced && call->over.empty() && call->role(viewer()) == "receiver" &&
               call->leg != "passive";
    });
}

size_t Device::count(std::string_view event, std::string_view call) const {
    return static_cast<size_t>(std::ranges::count_if(
        events_, [&](const Event& e) { return e.name == event && (call.empty() || e.call == call); }));
}

bool Device::was_told(std::string_view event, const std::vector<std::string>& args) const {
    return std::ranges::any_of(events_, [&](const Event& e) { return e.name == event && e.args == args; });
}

std::vector<std::string> Device::story(const std::string& call) const {
    std::vector<std::string> names;
    for (const Event& event : events_)
        if (event.call == call && event.name != "state" && event.name != "call:updated") names.push_back(event.name);
    return names;
}

namespace {
size_t count_frames(const std::vector<Frame>& frames, std::string_view type, std::string_view call) {
    return static_cast<size_t>(std::ranges::count_if(frames, [&](const Frame& frame) {
        return frame.type == type && (call.empty() || text(frame.body, "callId") == call);
    }));
}
}  // namespace

size_t Device::heard(std::string_view type, std::string_view call) const {
    return count_frames(link_.heard(), type, call);
}
size_t Device::said(std::string_view type, std::string_view call) const {
    return count_frames(link_.said(), type, call);
}

json::object Device::last(std::string_view type) const {
    for (auto frame = link_.heard().rbegin(); frame != link_.heard().rend(); ++frame)
        if (frame->type == type) return frame->body;
    return {};
}

bool Device::ever_heard_text(std::string_view words) const {
    return std::ranges::any_of(link_.heard(), [&](const Frame& frame) {
        return json::serialize(frame.body).find(words) != std::string::npos;
    });
}

}  // namespace crosspoint::sim
