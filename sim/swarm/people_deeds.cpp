#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <boost/json/value_from.hpp>

#include "swarm/people.h"

// What people write, what becomes of their networks and pages, and what others do to them.
namespace crosspoint::sim::swarm {

namespace json = boost::json;

namespace {

bool any(const Device&, const CallPicture&) { return true; }
bool has_media(const Device& device, const CallPicture& call) { return device.media(call.id) != nullptr; }

}  // namespace

// ---- texts ----

void People::add_texts(std::vector<Deed>& deeds) {
    deeds.push_back({Kind::Texts, 10, "writes", [this](Random& dice) { return writes(dice); }});
    deeds.push_back({Kind::Texts, 4, "changes a text", [this](Random& dice) { return changes_text(dice); }});
    deeds.push_back({Kind::Texts, 2, "reads", [this](Random& dice) { return reads(dice); }});
}

void People::write(Phone& phone, Random& dice) {
    Device& device = *phone.device;
    TextLedger::Text text;
    text.sender = device.person().user;
    text.users = {text.sender};
    text.profile = device.person().profile;
    text.receivers = some_profiles(dice, phone.user, 1 + pick(dice, 3));
    for (const std::string& receiver : text.receivers) {
        const User& user = users_[user_of(receiver)];
        if (!user.refuses.contains(text.profile)) text.users.insert(user.profiles.front().user);
    }
    const std::string words = texts_.new_words();
    text.request = device.texts(text.receivers, words, chance(dice, 60) ? some_chain(dice, phone) : "");
    texts_.wrote(words, std::move(text));
}

std::string People::writes(Random& dice) {
    Phone* phone = somebody(dice);
    if (!phone) return "nobody";
    const size_t times = chance(dice, 25) ? 2 + pick(dice, 6) : 1;
    for (size_t i = 0; i < times; ++i) write(*phone, dice);
    return fmt::format("{} {} times", phone->device->name(), times);
}

std::string People::changes_text(Random& dice) {
    Phone* phone = somebody(dice);
    std::vector<std::string> all;
    for (const auto& [words, text] : texts_.texts())
        if (!text.id.empty()) all.push_back(words);
    if (!phone || all.empty()) return "nobody";
    const std::string words = all[pick(dice, all.size())];
    const TextLedger::Text& text = texts_.texts().at(words);
    const bool removes = chance(dice, 30);
    json::object body{{"id", text.id}};
    if (!removes) body["content"] = json::object{{"text", words + " as it was edited"}};
    const bool may = phone->device->person().user == text.sender;
    const auto settled = [this, words, may](const Outcome& outcome) {
        EXPECT_TRUE(may || !outcome.ok) << "somebody changed a text of others";
        const json::value* version = outcome.ok ? outcome.result.if_contains("version") : nullptr;
        if (version) texts_.changed(words, version->to_number<uint64_t>());
    };
    phone->device->link().request(removes ? "text.remove_message" : "text.edit_message", std::move(body), settled);
    return fmt::format("{} {}", phone->device->name(), text.id);
}

std::string People::reads(Random& dice) {
    Phone* phone = somebody(dice);
    if (!phone) return "nobody";
    Device& device = *phone->device;
    const std::string chain = some_chain(dice, *phone);
    const json::object body{{"profileId", device.person().profile}, {"limit", 1 + dice.below(100)}};
    if (chain.empty()) {
        device.asks("chain.list", body);
        return device.name();
    }
    json::object history = body;
    history["chainId"] = chain;
    device.asks("chain.history", std::move(history));
    const auto to = some_profiles(dice, phone->user, 2);
    device.asks("custom.message", {{"from", device.person().profile}, {"to", json::value_from(to)}, {"content", "!"}});
    return fmt::format("{} {}", device.name(), chain);
}

// ---- networks and pages ----

void People::add_network(std::vector<Deed>& deeds) {
    deeds.push_back({Kind::Network, 10, "network fails", [this](Random& dice) { return network_fails(dice); }});
    deeds.push_back({Kind::Network, 3, "page goes", [this](Random& dice) { return page_goes(dice); }});
    deeds.push_back({Kind::Network, 2, "device comes", [this](Random& dice) { return device_comes(dice); }});
    deeds.push_back({Kind::Network, 3, "media fails", [this](Random& dice) { return media_fails(dice); }});
}

std::string People::network_fails(Random& dice) {
    Phone* phone = somebody(dice);
    if (!phone) return "nobody";
    JsapiLink& link = phone->device->link();
    const std::string& name = phone->device->name();
    switch (dice.below(7)) {
        case 0: link.cuts_network(chance(dice, 50)); return name + " is cut off";
        case 1:
        case 2: link.mends_network(); return name + " is back";
        case 3: link.path.delay = up_to(dice, 1500ms); return name + " is far away";
        case 4: link.path.delay = up_to(dice, 30ms); return name + " is near";
        case 5: link.twice = chance(dice, 50); return name + " says things twice";
        default: link.loses_transport(chance(dice, 60)); return name + " loses its transport";
    }
}

std::string People::page_goes(Random& dice) {
    Phone* phone = somebody(dice);
    if (!phone) return "nobody";
    Device& device = *phone->device;
    const bool closed = device.link().state() == JsapiLink::State::Closed;
    switch (dice.below(closed ? 2 : 8)) {
        case 0:
            phone->over = true;
            device.vanishes();
            return device.name() + " is switched off";
        case 1:
            phone->over = true;
            device.disconnects();
            return device.name() + " says goodbye";
        case 2:
        case 3: device.starts_anew(); return device.name() + " starts anew";
        default: device.reloads(); return device.name() + " is loaded again";
    }
}

std::string People::device_comes(Random& dice) {
    std::vector<Phone*> unused;
    for (const auto& phone : devices_)
        if (!phone->used) unused.push_back(phone.get());
    if (unused.empty()) return "none";
    Phone& phone = *unused[pick(dice, unused.size())];
    phone.used = true;
    phone.device->connects();
    return phone.device->name();
}

std::string People::media_fails(Random& dice) {
    const Place place = some_place(dice, has_media);
    if (!place) return "nobody";
    Browser& browser = *place.phone->device->media(place.call->id);
    switch (dice.below(4)) {
        case 0: browser.publishing_wire.set_cut(chance(dice, 60)); break;
        case 1: browser.subscribing_wire.set_cut(chance(dice, 60)); break;
        case 2: browser.loses_signalling(chance(dice, 50)); break;
        default: browser.set_network(up_to(dice, 80ms), static_cast<uint32_t>(dice.below(100))); break;
    }
    return browser.name();
}

// ---- the app ----

void People::add_app(std::vector<Deed>& deeds) {
    deeds.push_back({Kind::App, 2, "terminates", [this](Random& dice) { return terminates(dice); }});
    deeds.push_back({Kind::App, 1, "revokes", [this](Random& dice) { return revokes(dice); }});
    deeds.push_back({Kind::App, 3, "sets a profile", [this](Random& dice) { return sets_profile(dice); }});
}

std::string People::terminates(Random& dice) {
    const Place place = some_place(dice, any);
    if (!place) return "none";
    world_.admin_later("DELETE", "/calls/" + place.call->id, nullptr,
                       [](const RestAnswer& answer) { EXPECT_LT(answer.status, 500); });
    return place.call->id;
}

std::string People::revokes(Random& dice) {
    User& user = users_[pick(dice, users_.size())];
    user.was_revoked = true;
    const std::string path = "/users/" + user.profiles.front().user + "/revoked";
    world_.admin_later("PUT", path, json::object{{"revoked", true}}, [](const RestAnswer&) {});
    world_.after(up_to(dice, 5s), [this, path] {
        world_.admin_later("PUT", path, json::object{{"revoked", false}}, [](const RestAnswer&) {});
    });
    return user.profiles.front().user;
}

std::string People::sets_profile(Random& dice) {
    Phone* phone = somebody(dice);
    if (!phone) return "nobody";
    json::object body{{"profileId", phone->device->person().profile}};
    if (chance(dice, 50)) body["dnd"] = chance(dice, 20);
    if (chance(dice, 50)) body["busyPolicy"] = chance(dice, 30) ? "reject" : "ring";
    phone->device->asks("profile.set", std::move(body));
    return phone->device->name();
}

// ---- who means harm ----

void People::add_hostile(std::vector<Deed>& deeds) {
    deeds.push_back({Kind::Hostile, 3, "says nonsense", [this](Random& dice) { return says_nonsense(dice); }});
    deeds.push_back({Kind::Hostile, 2, "floods", [this](Random& dice) { return floods(dice); }});
    deeds.push_back({Kind::Hostile, 5, "meddles", [this](Random& dice) { return meddles(dice); }});
    deeds.push_back(
        {Kind::Hostile, 3, "publishes too much", [this](Random& dice) { return publishes_too_much(dice); }});
}

std::string People::says_nonsense(Random& dice) {
    Phone* phone = somebody(dice);
    if (!phone || !phone->device->synced()) return "nobody";
    JsapiLink& link = phone->device->link();
    switch (dice.below(6)) {
        case 0: link.says_raw({{"type", "call.accept"}, {"seq", 999'999}, {"body", json::object{}}}); break;
        case 1: link.says_raw({{"type", "ack"}, {"ack", 999'999}}); break;
        case 2: link.says_raw({{"type", 7}}); break;
        case 3: link.says_raw({{"type", "hello"}, {"body", json::object{{"version", 1}}}}); break;
        case 4: link.says_raw({{"type", "ping"}, {"body", std::string(70'000, 'x')}}); break;
        default: link.says_raw({{"type", "call.init"}, {"seq", -1}, {"body", nullptr}}); break;
    }
    return phone->device->name();
}

std::string People::floods(Random& dice) {
    Phone* phone = somebody(dice);
    if (!phone) return "nobody";
    const uint64_t what = dice.below(3);
    for (int i = 0; i < 80; ++i) {
        if (what == 0) phone->device->asks("profile.list", {});
        if (what == 1) phone->device->asks("call.sync", {{"callId", "nothing"}, {"rev", i}});
        if (what == 2 && i < 30) opens(*phone, some_profiles(dice, phone->user, 1), dice);
    }
    return fmt::format("{} {}", phone->device->name(), what);
}

/// SEC-2: whoever has no part in a call is told that there is none.
std::string People::meddles(Random& dice) {
    const Place place = some_place(dice, any);
    Phone* phone = somebody(dice);
    if (!place || !phone || takes_part(place.call->id, phone->user)) return "nobody";
    const std::string call = place.call->id;
    const auto settled = [this, phone, call](const Outcome& outcome) {
        if (takes_part(call, phone->user)) return;  // invited meanwhile
        const bool refused = outcome.error == "not_found" || outcome.error == "rate_limited" ||
                             outcome.error == "not_connected" || outcome.error == "connection_busy";
        EXPECT_TRUE(!outcome.ok && refused) << phone->device->name() << " meddled with " << call << outcome.error;
    };
    static constexpr const char* kVerbs[] = {"call.accept",  "call.reject", "call.hangup", "call.hold",
                                             "call.ringing", "call.sync",   "call.ignore", "call.pending"};
    json::object body{{"callId", call}, {"rev", 0}, {"media", to_json(Media{})}, {"reason", "declined"}};
    phone->device->link().request(kVerbs[pick(dice, std::size(kVerbs))], std::move(body), settled);
    return fmt::format("{} {}", phone->device->name(), call);
}

std::string People::publishes_too_much(Random& dice) {
    const Place place = some_place(dice, has_media);
    if (!place) return "nobody";
    place.phone->device->media(place.call->id)->publishes({.alias = "too much"});
    return place.phone->device->name();
}

}  // namespace crosspoint::sim::swarm
