#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "api/jsapi/words.h"
#include "stories/people/calls.h"
#include "swarm/people.h"

// What must be true of people, their calls and their texts.
namespace crosspoint::sim::swarm {

namespace json = boost::json;
using rtc::MediaKind;

namespace {

// What was sent before a change may still be on its way, or be sent again.
constexpr Duration kStragglers = 2s;
// No request of a client is answered so, whatever happens.
constexpr std::string_view kWrongAnswers[] = {"internal", "unknown_type", "bad_message", "unauthenticated"};

bool may_publish(const chains::Call& call, const chains::Participant& who, MediaKind kind) {
    const auto both = chains::both(call.options, who.media);
    return kind == MediaKind::Audio ? both.audio : both.video;
}

}  // namespace

void People::watch() {
    for (const auto& phone : devices_) look_at_frames(*phone);
    texts_.take_acknowledgements();
    if (world_.server().running())
        for (const auto& live : world_.server().people()->live_calls(AccountId(Node::kAccount)))
            calls_.expect_no_change_of_mind(*live.call);
    watch_media();
}

void People::look_at_frames(Phone& phone) {
    const std::string& name = phone.device->name();
    const std::string& user = phone.device->person().user;
    const std::vector<Frame>& frames = phone.device->link().heard();
    for (; phone.frames < frames.size(); ++phone.frames) {
        const Frame& frame = frames[phone.frames];
        const json::object& body = frame.body;
        if (frame.type == "welcome") {
            if (!body.at("resumed").as_bool() || body.at("fresh").as_bool()) calls_.connected_anew(name);
        } else if (frame.type == "reply") {
            const json::value* error = body.if_contains("error");
            const std::string why = error ? text_in(error->as_object(), "name") : "";
            EXPECT_EQ(std::ranges::count(kWrongAnswers, why), 0) << name << " was answered " << json::serialize(body);
            const json::value* result = body.if_contains("result");
            if (result && result->as_object().contains("callId"))
                calls_.opened(text_in(result->as_object(), "callId"), text_in(result->as_object(), "chainId"));
        } else if (frame.type.starts_with("text.")) {
            texts_.told(name, user, frame.type, body);
        } else if (body.contains("callId") && body.contains("rev")) {
            calls_.told(name, user, frame.type, body);
        }
    }
}

// ---- media ----

/// Who is in the media of a call hears those who publish there, as long as both are active in it, and nothing that a
/// publisher may not publish.
void People::watch_media() {
    if (!world_.server().running()) return;
    for (const auto& receiver : devices_) {
        if (!receiver->device->in_media()) continue;
        for (const auto& publisher : devices_) {
            if (publisher == receiver || !publisher->device->in_media()) continue;
            for (const auto& call : receiver->device->calls())
                if (!call->id.empty() && call->live()) watch_media(call->id, *receiver->device, *publisher->device);
        }
    }
}

void People::watch_media(const std::string& id, const Device& receiver, const Device& publisher) {
    const Browser* hearing = receiver.media(id);
    const Browser* publishing = publisher.media(id);
    if (!hearing || !publishing) return;
    const chains::Call* call = on_server(id);
    const auto active_in = [&](const Device& device) -> const chains::Participant* {
        if (!call) return nullptr;
        for (const chains::Participant& p : call->participants)
            if (p.active_leg() && p.active_leg()->connection.value == device.id()) return &p;
        return nullptr;
    };
    const chains::Participant* to = active_in(receiver);
    const chains::Participant* from = active_in(publisher);
    for (const MediaKind kind : {MediaKind::Audio, MediaKind::Video}) {
        const std::string key =
            fmt::format("{} {} {} {}", id, receiver.name(), publisher.name(), static_cast<int>(kind));
        const bool allowed = to && from && !to->held && !from->held && may_publish(*call, *from, kind);
        Silence& silence = silences_[key];
        const uint64_t revision = call ? call->revision : 0;
        if (allowed || silence.revision != revision || silence.since == Timestamp{})
            silence = {revision, allowed ? Timestamp{} : world_.time()};
        const Figures* figures = hearing->figures(*publishing, kind);
        if (!figures || figures->packets == 0 || allowed) continue;
        EXPECT_LE(figures->last, silence.since + kStragglers)
            << receiver.name() << " receives from " << publisher.name() << " what it must not, in call " << id;
    }
}

/// Whoever is in a call whose media is there is heard by the others in it.
void People::expect_audible() {
    struct Pair {
        std::string call;
        const Device* from;
        const Device* to;
    };
    std::vector<Pair> pairs;
    for (const auto& live : world_.server().people()->live_calls(AccountId(Node::kAccount))) {
        std::vector<const Device*> here;
        for (const chains::Participant& p : live.call->participants) {
            for (const auto& phone : devices_) {
                const chains::Leg* leg = p.active_leg();
                if (!leg || leg->connection.value != phone->device->id() || !phone->device->media(live.call->id.value))
                    continue;
                if (p.seat.state == chains::MediaState::Connected && !p.held &&
                    may_publish(*live.call, p, MediaKind::Audio))
                    here.push_back(phone->device);
            }
        }
        for (const Device* from : here) {
            from->media(live.call->id.value)->publishes({.alias = "last", .video = false});
            for (const Device* to : here)
                if (to != from) pairs.push_back({live.call->id.value, from, to});
        }
    }
    const auto heard = [&] {
        std::erase_if(pairs, [&](const Pair& pair) {
            const CallPicture* call = pair.to->find(pair.call);
            const Browser* hearing = pair.to->media(pair.call);
            const Browser* publishing = pair.from->media(pair.call);
            const bool over = !call || !call->live() || !hearing || !publishing;
            return over || hearing->hears(*publishing);
        });
        return pairs.empty();
    };
    world_.run_until(heard, 30s);
    for (const Pair& pair : pairs)
        ADD_FAILURE() << pair.to->name() << " does not hear " << pair.from->name() << " in call " << pair.call;
}

// ---- the end ----

void People::mend() {
    for (const auto& phone : devices_) {
        if (!there(*phone)) continue;
        Device& device = *phone->device;
        device.link().mends_network();
        device.link().path.delay = 10ms;
        device.link().twice = false;
        for (const auto& call : device.calls()) {
            Browser* browser = device.media(call->id);
            if (!browser) continue;
            browser->set_network(10ms, 0);
            browser->publishing_wire.set_cut(false);
            browser->subscribing_wire.set_cut(false);
        }
    }
}

void People::settle() {
    world_.run_for(6s);  // whoever was revoked is reinstated
    for (const User& user : users_) {
        world_.admin("PUT", "/users/" + user.profiles.front().user + "/revoked", json::object{{"revoked", false}});
    }
    for (const auto& phone : devices_) {
        if (!there(*phone) || phone->device->link().state() != JsapiLink::State::Closed) continue;
        const uint16_t code = phone->device->link().close_code();
        const bool deserved = code == 4413 || (code == 4401 && users_[phone->user].was_revoked);
        EXPECT_TRUE(deserved) << phone->device->name() << " was closed with " << code;
        phone->over = true;
    }
    world_.run_until(
        [&] {
            return std::ranges::all_of(devices_,
                                       [&](const auto& phone) { return !there(*phone) || phone->device->synced(); });
        },
        90s);
    world_.run_for(5s);
    watch();
    world_.expect_one_truth();
    expect_audible();
    everybody_leaves();
    watch();
    for (const auto& phone : devices_) {
        if (!there(*phone)) continue;
        // A token may just be renewed.
        world_.run_until([&] { return phone->device->link().unanswered() == 0; }, 5s);
        EXPECT_EQ(phone->device->link().unanswered(), 0u) << phone->device->name() << " waits for an answer";
        EXPECT_FALSE(phone->device->rings()) << phone->device->name();
        if (!users_[phone->user].was_revoked)
            texts_.expect_everything(phone->device->name(), phone->device->person().user);
    }
    expect_history();
}

/// Hangs up what it is active in, declines some of what rings; what is left, timers end.
void People::everybody_leaves() {
    const chains::Settings& timers = world_.server().options().people;
    const Duration limit = timers.ring_timeout + timers.init_timeout + timers.wake_timeout + timers.reconnect_grace +
                           timers.detached_media_max + timers.media_timeout;
    for (const auto& phone : devices_) {
        if (!there(*phone)) continue;
        for (const auto& call : phone->device->calls()) {
            if (!call->live() || call->id.empty()) continue;
            const bool active = call->is_active(phone->device->viewer());
            const bool rings = call->role(phone->device->viewer()) == "receiver";
            if (active || (rings && chance(world_.random(), 50))) phone->device->hangs_up(call->id);
        }
    }
    world_.run_until([&] { return world_.server().people()->live_calls(AccountId(Node::kAccount)).empty(); }, limit);
    world_.run_for(1s);
    world_.expect_one_truth();
}

std::vector<json::object> People::history_of(const Phone& phone, const std::string& chain) {
    std::vector<json::object> all;
    json::object body{{"profileId", phone.device->person().profile}, {"chainId", chain}, {"limit", 100}};
    while (true) {
        const Outcome outcome = world_.answer(phone.device->asks("chain.history", body));
        if (outcome.error == "rate_limited") {
            world_.run_for(1s);
            continue;
        }
        if (!outcome.ok) return all;
        for (const json::value& message : outcome.result.at("messages").as_array()) all.push_back(message.as_object());
        if (!outcome.result.at("more").as_bool() || all.empty()) return all;
        body["before"] = all.back().at("pos");
    }
}

/// What was acknowledged is in the history of whoever did it, as it was told to have ended (6.1).
void People::expect_history() {
    for (const auto& phone : devices_) {
        User& user = users_[phone->user];
        if (!there(*phone) || std::exchange(user.read, true)) continue;
        const std::string& profile = phone->device->person().profile;
        std::map<std::string, json::object> seen;
        std::set<std::string> chains;
        for (const auto& [call, chain] : calls_.chains()) chains.insert(chain);
        for (const auto& [words, one] : texts_.texts())
            if (!one.chain.empty()) chains.insert(one.chain);
        for (const std::string& chain : chains) {
            uint64_t above = UINT64_MAX;
            for (json::object& message : history_of(*phone, chain)) {
                const auto pos = message.at("pos").to_number<uint64_t>();
                EXPECT_LT(pos, above) << "the history of " << chain << " is out of order";
                above = pos;
                seen.emplace(text_in(message, "id"), std::move(message));
            }
        }
        for (const auto& [words, one] : texts_.texts()) {
            if (one.profile == profile && one.request->ok) {
                EXPECT_TRUE(seen.contains(one.id)) << "a text was lost: " << one.id;
            }
        }
        for (const auto& [id, message] : seen) {
            if (text_in(message, "kind") != "call") continue;
            const json::object& record = message.at("record").as_object();
            const auto told = calls_.ends().find(id);
            EXPECT_FALSE(text_in(record, "endReason").empty()) << "a call that has no end: " << id;
            if (told != calls_.ends().end()) {
                EXPECT_EQ(text_in(record, "endReason"), told->second) << "call " << id;
            }
            for (const json::value& each : record.at("participants").as_array()) {
                const std::string who = text_in(each.as_object(), "id");
                EXPECT_TRUE(!calls_.answered_by(id).contains(who) || text_in(each.as_object(), "outcome") == "answered")
                    << who << " was in call " << id << ", and its record says " << json::serialize(each);
            }
        }
    }
}

}  // namespace crosspoint::sim::swarm
