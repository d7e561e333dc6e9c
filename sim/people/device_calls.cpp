#include <algorithm>
#include <boost/json/serialize.hpp>

#include "people/device.h"

// What JSAPI does with what it is told (7.4, 7.5, 10.5), and the media of its calls (11).
namespace crosspoint::sim {

namespace json = boost::json;

namespace {

// A loser of a crossing ends before the winner comes to its connection (GLR-4); from there it is one hop to here.
constexpr Duration kCrossingWait = 5s;

}  // namespace

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

}  // namespace crosspoint::sim
