#include "stories/people/calls.h"

#include <algorithm>
#include <boost/json/value_from.hpp>

namespace crosspoint::sim {

namespace json = boost::json;

std::string text_in(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string TwoPeople::ring(World& world, const CallWishes& wishes) {
    std::string call = world.call(c1, {b.profile}, wishes);
    world.run_until([&] {
        return c1.heard("call.pending", call) == 1 &&
               std::ranges::all_of(all(), [&](const Device* d) { return d->count("call:ringing", call) == 2; });
    });
    return call;
}

std::string text_of(const Outcome& outcome, std::string_view key) { return text_in(outcome.result, key); }

json::object init_body(World& world, const std::string& from, const std::vector<std::string>& to,
                       const CallWishes& wishes) {
    json::object body{{"localId", world.random().uuid()},
                      {"from", from},
                      {"to", json::value_from(to)},
                      {"options", to_json(wishes.media)}};
    if (!wishes.chain.empty()) body["chainId"] = wishes.chain;
    if (wishes.replace) body["replace"] = true;
    return body;
}

Args history(World& world, Device& reader, const std::string& profile, const std::string& chain) {
    const Request request = reader.asks("chain.history", {{"profileId", profile}, {"chainId", chain}, {"limit", 100}});
    const Outcome& page = world.answer(request);
    if (!page.ok) return {page.error};
    Args shown;
    for (const json::value& each : page.result.at("messages").as_array()) {
        const json::object& message = each.as_object();
        if (message.at("kind") == "call")
            shown.push_back(text_in(message, "id"));
        else
            shown.push_back(message.contains("removed") ? "removed"
                                                        : text_in(message.at("content").as_object(), "text"));
    }
    return shown;
}

Args missed_calls(const Device& device) {
    Args calls;
    for (const Event& event : device.events())
        if (event.name == "call:missed") calls.push_back(event.call);
    return calls;
}

const CallPicture* the_live_call(const Device& device) {
    const CallPicture* live = nullptr;
    for (const auto& call : device.calls()) {
        if (!call->live()) continue;
        if (live) return nullptr;
        live = call.get();
    }
    return live;
}

bool ended_before(const Device& device, const std::string& ended, const std::string& begun) {
    const auto& frames = device.link().heard();
    const auto end = std::ranges::find_if(
        frames, [&](const Frame& f) { return f.type == "call.end" && text_in(f.body, "callId") == ended; });
    const auto begin = std::ranges::find_if(frames, [&](const Frame& f) { return text_in(f.body, "callId") == begun; });
    return end < begin;
}

std::vector<std::pair<int64_t, std::string>> traffic(const Device& device, const std::string& call) {
    std::vector<std::pair<int64_t, std::string>> told;
    Timestamp first{};
    for (const Frame& frame : device.link().heard()) {
        if (text_in(frame.body, "callId") != call || frame.type == "call.pending") continue;
        if (told.empty()) first = frame.when;
        const auto after = std::chrono::duration_cast<std::chrono::milliseconds>(frame.when - first).count();
        told.emplace_back(after,
                          frame.type + " " + text_in(frame.body, "profileId") + text_in(frame.body, "endReason"));
    }
    return told;
}

}  // namespace crosspoint::sim
