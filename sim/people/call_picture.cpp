#include "people/call_picture.h"

#include <algorithm>
#include <map>

#include "base/verify.h"

namespace crosspoint::sim {

namespace json = boost::json;

namespace {

bool is_true(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value && value->is_bool() && value->get_bool();
}

Media media_in(const json::value& value) { return {value.at("audio").as_bool(), value.at("video").as_bool()}; }

ParticipantPicture participant_in(const json::object& view) {
    ParticipantPicture p;
    p.id = text(view, "id");
    p.initiator = text(view, "role") == "initiator";
    p.state = text(view, "state");
    p.media = media_in(view.at("media"));
    p.media_state = text(view, "mediaState");
    p.held = is_true(view, "held");
    p.active_connection = text(view, "activeConnectionId");
    for (const json::value& id : view.at("ringingConnectionIds").as_array()) p.ringing.emplace(id.as_string());
    return p;
}

void goes_out(ParticipantPicture& p, std::string_view state) {
    p.state = state;
    p.media_state = "none";
    p.active_connection.clear();
    p.ringing.clear();
}

void comes_in(ParticipantPicture& p, const std::string& connection) {
    p.state = "active";
    p.media_state = "none";
    p.active_connection = connection;
    p.ringing.clear();
}

// Of messages that move a participant out: what it becomes, the event, and why it is over for its own user (7.4).
struct GoingOut {
    std::string_view state;
    std::string_view event;
    std::string_view over;
};
const std::map<std::string_view, GoingOut> kGoingOut{
    {"call.init_timeout", {"unreachable", "call:init_timeout", "unreachable"}},
    {"call.ringing_timeout", {"timeout", "call:ringing_timeout", "timeout"}},
    {"call.reject", {"rejected", "call:rejected", "rejected"}},
    {"call.busy", {"busy", "call:busy", "busy"}},
    {"call.hangup", {"left", "call:hangup", "hangup"}},
    {"call.drop", {"lost", "call:dropped", "lost"}},
    {"call.remove", {"removed", "call:removed", "removed"}},
};

const GoingOut* going_out_by_state(std::string_view state) {
    for (const auto& [type, out] : kGoingOut)
        if (out.state == state) return &out;
    return nullptr;
}

}  // namespace

json::object to_json(const Media& media) { return {{"audio", media.audio}, {"video", media.video}}; }

ParticipantPicture* CallPicture::find(std::string_view profile) {
    const auto found = std::ranges::find(participants, profile, &ParticipantPicture::id);
    return found == participants.end() ? nullptr : &*found;
}

const ParticipantPicture* CallPicture::participant(std::string_view profile) const {
    return const_cast<CallPicture*>(this)->find(profile);
}

const ParticipantPicture* CallPicture::me(const Viewer& viewer) const {
    const auto found =
        std::ranges::find_if(participants, [&](const ParticipantPicture& p) { return viewer.profiles.contains(p.id); });
    return found == participants.end() ? nullptr : &*found;
}

bool CallPicture::is_active(const Viewer& viewer) const {
    const ParticipantPicture* own = me(viewer);
    return own && own->in() && own->active_connection == viewer.connection;
}

// 7.2, 9.2
std::string CallPicture::role(const Viewer& viewer) const {
    const ParticipantPicture* own = me(viewer);
    if (!own) return state == "opening" ? "active initiator" : "";
    if (own->initiator && !own->invited_back)
        return is_active(viewer) || (!live() && connection == viewer.connection) ? "active initiator"
                                                                                 : "passive initiator";
    if (own->undecided() && !ignored) return "receiver";
    return is_active(viewer) ? "active receiver" : "passive receiver";
}

CallPicture::Told CallPicture::take(const std::string& type, const json::object& body, const Viewer& viewer) {
    Told told;
    const auto number = body.at("rev").to_number<uint64_t>();
    const auto previous = body.at("prev").to_number<uint64_t>();
    if (previous == 0) {
        if (state != "opening" && number < rev) return told;
        replace(type, body, viewer, told);
        rev = number;
        told.applied = true;
        syncing_ = false;
        for (const Frame& later : std::exchange(held_, {})) {
            Told more = take(later.type, later.body, viewer);
            std::ranges::move(more.events, std::back_inserter(told.events));
            if (more.media) told.media = std::move(more.media);
            told.sync |= more.sync;
        }
        return told;
    }
    if (number <= rev) return told;
    if (syncing_ || previous != rev) {
        held_.push_back({{}, type, body});
        told.sync = !std::exchange(syncing_, true);
        return told;
    }
    change(type, body, viewer, told);
    rev = number;
    told.applied = true;
    return told;
}

void CallPicture::replace(const std::string& type, const json::object& body, const Viewer& viewer, Told& told) {
    const json::object& view = body.at("call").as_object();
    const std::string before = state;
    const std::vector<ParticipantPicture> known = std::move(participants);
    id = text(view, "id");
    chain = text(view, "chainId");
    from = text(view, "from");
    connection = text(view, "connectionId");
    to.clear();
    for (const json::value& one : view.at("to").as_array()) to.emplace_back(one.as_string());
    options = media_in(view.at("options"));
    state = text(view, "state");
    end_reason = text(view, "endReason");
    replaced_by = text(view, "replacedBy");
    participants.clear();
    leg = "passive";
    bool own_leg_told = false;
    for (const json::value& each : view.at("participants").as_array()) {
        participants.push_back(participant_in(each.as_object()));
        const json::value* legs = each.as_object().if_contains("connections");
        for (const json::value& one : legs ? legs->as_array() : json::array{}) {
            if (text(one.as_object(), "id") != viewer.connection) continue;
            leg = one.at("state").as_string();
            own_leg_told = true;
        }
    }
    const std::string said_role = text(body, "role");
    if (!own_leg_told && said_role.starts_with("active")) leg = "active";
    const ParticipantPicture* own = me(viewer);
    if (own) find(own->id)->invited_back = own->initiator && !said_role.ends_with("initiator");
    ignored = own && own->undecided() && said_role == "passive receiver";
    if (type == "call.init" && !is_true(body, "silent")) invited = true;
    const std::string over_before = std::exchange(over, {});
    if (!live()) over = end_reason;
    if (ignored) over = "ignored";
    if (const GoingOut* out = own ? going_out_by_state(own->state) : nullptr; out && live()) over = out->over;
    if (before == "opening") return;
    if (live()) tell_differences(known, told);
    if (state != before) told.events.push_back({"state", {state}});
    if (!over.empty() && over_before.empty()) told.events.push_back({"call:end", {over}});
}

// Where the messages between two pictures are not to be had, what has happened is told all the same (SEQ-5).
void CallPicture::tell_differences(const std::vector<ParticipantPicture>& before, Told& told) const {
    for (const ParticipantPicture& p : participants) {
        const auto known = std::ranges::find(before, p.id, &ParticipantPicture::id);
        if (known == before.end()) {
            told.events.push_back({"call:invited", {p.id}});
            continue;
        }
        for (const std::string& ringing : p.ringing)
            if (!known->ringing.contains(ringing)) told.events.push_back({"call:ringing", {p.id, ringing}});
        if (p.in() && !known->in()) told.events.push_back({"call:accepted", {p.id, p.active_connection}});
        if (p.in() && known->in() && p.active_connection != known->active_connection)
            told.events.push_back({"call:activated", {p.id, p.active_connection}});
        if (p.state != known->state) {
            if (const GoingOut* out = going_out_by_state(p.state))
                told.events.push_back({std::string(out->event), {p.id}});
            if (p.state == "reconnecting") told.events.push_back({"call:reconnecting", {p.id}});
            if (p.state == "active" && known->state == "reconnecting")
                told.events.push_back({"call:reconnected", {p.id}});
        }
        if (p.held != known->held) told.events.push_back({p.held ? "call:hold" : "call:resumed", {p.id}});
    }
}

void CallPicture::change(const std::string& type, const json::object& body, const Viewer& viewer, Told& told) {
    const std::string before = state;
    const std::string over_before = over;
    const std::string profile = text(body, "profileId");
    ParticipantPicture* who = find(profile);
    if (who) take_notice(type, *who, body, told);
    if (type == "call.media") told.media = body;
    if (type == "call.invite") take_invite(body, told);
    if (type == "call.end") take_end(body);
    if (type == "call.ignore") {
        ignored = true;
        over = "ignored";
        told.events.push_back({"call:ignored", {}});
    }
    const ParticipantPicture* own = me(viewer);
    if (type == "call.invite" && own && own->undecided() && !ignored) over.clear();
    own_leg_follows(type, body, viewer);
    if (who && who == own) {  // not another of its user's profiles (PRO-4)
        const auto out = kGoingOut.find(type);
        if (out != kGoingOut.end()) over = out->second.over;
        if (who->in()) over.clear();
    }
    if (state != before) told.events.push_back({"state", {state}});
    if (!over.empty() && over_before.empty()) told.events.push_back({"call:end", {over}});
}

void CallPicture::take_notice(const std::string& type, ParticipantPicture& who, const json::object& body, Told& told) {
    const std::string other = text(body, "connectionId");
    const auto tell = [&](std::string name, std::vector<std::string> more = {}) {
        more.insert(more.begin(), who.id);
        told.events.push_back({std::move(name), std::move(more)});
    };
    if (const auto out = kGoingOut.find(type); out != kGoingOut.end()) {
        goes_out(who, out->second.state);
        return tell(std::string(out->second.event));
    }
    if (type == "call.ringing") {
        who.state = "ringing";
        who.ringing.insert(other);
        if (state == "init") state = "ringing";
        tell("call:ringing", {other});
    } else if (type == "call.accept") {
        comes_in(who, other);
        who.media = media_in(body.at("media"));
        state = "active";
        tell("call:accepted", {other});
    } else if (type == "call.activate") {
        comes_in(who, other);
        tell("call:activated", {other});
    } else if (type == "call.reconnecting") {
        who.state = "reconnecting";
        tell("call:reconnecting");
    } else if (type == "call.reconnected") {
        who.state = "active";
        tell("call:reconnected");
    } else if (type == "call.hold" || type == "call.resume") {
        who.held = type == "call.hold";
        tell(who.held ? "call:hold" : "call:resumed");
    } else if (type == "call.update") {
        take_update(who, body, told);
    }
}

void CallPicture::take_update(ParticipantPicture& who, const json::object& body, Told& told) {
    if (const json::value* media = body.if_contains("media")) who.media = media_in(*media);
    if (const json::value* all = body.if_contains("options")) options = media_in(*all);
    if (body.contains("mediaState")) who.media_state = text(body, "mediaState");
    told.events.push_back({"call:updated", {who.id, who.media_state}});
}

void CallPicture::take_invite(const json::object& body, Told& told) {
    CallEvent event{"call:invited", {}};
    for (const json::value& each : body.at("participants").as_array()) {
        ParticipantPicture p = participant_in(each.as_object());
        p.invited_back = p.initiator;
        event.args.push_back(p.id);
        if (ParticipantPicture* known = find(p.id)) {
            *known = std::move(p);
            continue;
        }
        to.push_back(p.id);
        participants.push_back(std::move(p));
    }
    told.events.push_back(std::move(event));
}

void CallPicture::take_end(const json::object& body) {
    state = "ended";
    end_reason = text(body, "endReason");
    replaced_by = text(body, "replacedBy");
    if (over.empty()) over = end_reason;
    for (ParticipantPicture& p : participants) {
        if (p.undecided()) goes_out(p, "cancelled");
        if (p.in()) goes_out(p, "left");
    }
}

// 9.2: what a message makes of this device's own leg.
void CallPicture::own_leg_follows(const std::string& type, const json::object& body, const Viewer& viewer) {
    const ParticipantPicture* own = me(viewer);
    if (!own) return;
    const bool here = text(body, "connectionId") == viewer.connection;
    if (is_active(viewer))
        leg = own->state;
    else if (type == "call.pending" && here)
        leg = "pending";
    else if (type == "call.ringing" && here)
        leg = "ringing";
    else if (own->initiator && !own->invited_back)
        leg = leg == "invited" ? "invited" : "pending";
    else if (!own->undecided() || ignored)
        leg = "passive";
}

}  // namespace crosspoint::sim
