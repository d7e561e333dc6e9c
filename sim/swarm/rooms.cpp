#include "swarm/rooms.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/value_from.hpp>

namespace crosspoint::sim::swarm {

namespace json = boost::json;
using rtc::MediaKind;

namespace {

// What was sent before a change was answered may still be on its way, or be sent again.
constexpr Duration kStragglers = 2s;
constexpr size_t kMostGuests = 7;
constexpr size_t kMostRooms = 3;

std::string permission_for(MediaKind kind) { return kind == MediaKind::Audio ? "AUDIO" : "VIDEO"; }

}  // namespace

Rooms::Rooms(World& world, const Plan& plan) : world_(world) {
    for (size_t i = 0; i < plan.rooms; ++i) rooms_.push_back(world_.session());
    for (size_t i = 0; i < plan.guests; ++i) {
        const ParticipantOptions options = some_options(world_.random());
        add_guest(options, world_.browser(fmt::format("guest{}", i + 1), options));
        Guest& guest = *guests_.back();
        const Wish wish = some_wish(world_.random(), some_room(world_.random()));
        ask(guest, "PUT", path(guest, wish.session), body_of(wish), wish);
    }
}

ParticipantOptions Rooms::some_options(Random& dice) {
    ParticipantOptions options;
    const uint64_t which = dice.below(8);
    if (which == 0) options.permissions = {"VIDEO"};
    if (which == 1) options.permissions = {};
    if (which > 1 && which < 6) options.permissions = {"AUDIO"};
    if (chance(dice, 30)) options.callback_url = "https://app.example/events";
    return options;
}

void Rooms::add_guest(const ParticipantOptions& options, Browser& browser) {
    Guest& guest = *guests_.emplace_back(std::make_unique<Guest>(Guest{.browser = &browser, .options = options}));
    browser.connects();
    // More than it may, and more often without a camera: that costs.
    guest.stream = browser.publishes({.video = chance(world_.random(), 40)});
}

std::vector<Deed> Rooms::deeds() {
    return {
        {Kind::Rooms, 6, "subscribes", [this](Random& dice) { return subscribes(dice); }},
        {Kind::Rooms, 6, "moves", [this](Random& dice) { return moves(dice); }},
        {Kind::Rooms, 1, "deletes a session", [this](Random& dice) { return deletes_room(dice); }},
        {Kind::Rooms, 1, "makes a session", [this](Random&) { return makes_room(); }},
        {Kind::Rooms, 1, "makes a participant", [this](Random& dice) { return makes_guest(dice); }},
        {Kind::Rooms, 1, "deletes a participant", [this](Random& dice) { return deletes_guest(dice); }},
        {Kind::Streams, 5, "changes a stream", [this](Random& dice) { return changes_stream(dice); }},
        {Kind::Paths, 4, "changes a path", [this](Random& dice) { return changes_path(dice); }},
        {Kind::Paths, 2, "changes signalling", [this](Random& dice) { return changes_signalling(dice); }},
    };
}

// ---- what the app asks for ----

bool Rooms::may_hear(const Guest& who, const Guest& whom) const {
    if (!who.wish || !whom.wish) return true;
    if (who.wish->session.empty() || who.wish->session != whom.wish->session) return false;
    return who.wish->everybody ||
           std::ranges::find(who.wish->whom, whom.browser->participant()) != who.wish->whom.end();
}

/// Before anything of it changes.
void Rooms::mark() {
    for (const auto& who : guests_)
        for (const auto& whom : guests_)
            if (may_hear(*who, *whom)) who->might_hear[whom->browser] = world_.time();
}

Rooms::Guest* Rooms::somebody(Random& dice) {
    std::vector<Guest*> there;
    for (const auto& guest : guests_)
        if (!guest->gone) there.push_back(guest.get());
    return there.empty() ? nullptr : there[pick(dice, there.size())];
}

std::string Rooms::some_room(Random& dice) { return rooms_.empty() ? "nowhere" : rooms_[pick(dice, rooms_.size())]; }

Rooms::Wish Rooms::some_wish(Random& dice, const std::string& room) {
    Wish wish{.session = room};
    wish.everybody = chance(dice, 50);
    if (wish.everybody) return wish;
    for (const auto& guest : guests_)
        if (chance(dice, 50)) wish.whom.push_back(guest->browser->participant());
    return wish;
}

json::object Rooms::body_of(const Wish& wish) {
    if (wish.everybody) return whole_session(wish.session);
    json::array whom;
    for (const std::string& id : wish.whom) whom.push_back(json::object{{"participantId", id}});
    return {{"participants", std::move(whom)}};
}

std::string Rooms::path(const Guest& guest, const std::string& room) const {
    return "/sessions/" + room + "/participants/" + guest.browser->participant();
}

/// Until the answer comes nobody knows what is in force; one that is refused changes nothing. `then` is what is in
/// force after it; nothing: that depends.
void Rooms::ask(Guest& guest, std::string_view method, const std::string& path, const json::value& body,
                std::optional<Wish> then) {
    mark();
    const std::optional<Wish> before = guest.wish;
    const uint64_t change = ++guest.changes;
    guest.wish.reset();
    guest.asked = true;
    world_.rest_later(method, path, body,
                      [this, &guest, before, change, then = std::move(then)](const RestAnswer& answer) {
                          if (guest.changes != change) return;
                          mark();
                          EXPECT_LT(answer.status, 500);
                          guest.asked = false;
                          if (answer.status == 0) return;
                          guest.wish = answer.status < 300 ? then : before;
                      });
}

std::string Rooms::subscribes(Random& dice) {
    Guest* guest = somebody(dice);
    if (!guest || guest->asked || !guest->wish || guest->wish->session.empty()) return "nobody";
    const Wish wish = some_wish(dice, guest->wish->session);
    ask(*guest, "PUT", path(*guest, wish.session) + "/subscriptions", body_of(wish), wish);
    return guest->browser->name();
}

std::string Rooms::moves(Random& dice) {
    Guest* guest = somebody(dice);
    if (!guest || guest->asked) return "nobody";
    if (!guest->wish || (!guest->wish->session.empty() && chance(dice, 60))) {
        const std::string room = guest->wish ? guest->wish->session : some_room(dice);
        ask(*guest, "DELETE", path(*guest, room), nullptr, guest->wish ? std::optional(Wish{}) : std::nullopt);
        return guest->browser->name() + " out";
    }
    const Wish wish = some_wish(dice, some_room(dice));
    ask(*guest, "PUT", path(*guest, wish.session), body_of(wish), wish);
    return guest->browser->name() + " in";
}

std::string Rooms::deletes_room(Random& dice) {
    if (rooms_.empty()) return "none";
    const std::string room = some_room(dice);
    mark();
    for (const auto& guest : guests_) {
        if (guest->wish && guest->wish->session != room) continue;
        ++guest->changes;
        guest->asked = false;
        guest->wish.reset();
    }
    world_.rest_later("DELETE", "/sessions/" + room, nullptr,
                      [](const RestAnswer& answer) { EXPECT_LT(answer.status, 500); });
    std::erase(rooms_, room);
    deleted_.push_back(room);
    return room;
}

std::string Rooms::makes_room() {
    if (rooms_.size() >= kMostRooms) return "enough";
    const json::object body{{"tag", World::kMadeInPassing}};
    world_.rest_later("POST", "/sessions", body, [this](const RestAnswer& answer) {
        if (answer.status == 200) rooms_.emplace_back(answer.body.at("id").as_string());
    });
    return {};
}

std::string Rooms::makes_guest(Random& dice) {
    if (guests_.size() >= kMostGuests) return "enough";
    const ParticipantOptions options = some_options(dice);
    const json::object body{{"publishPermissions", json::value_from(options.permissions)},
                            {"tag", World::kMadeInPassing}};
    world_.rest_later("POST", "/participants", body, [this, options](const RestAnswer& answer) {
        if (answer.status != 200) return;
        add_guest(options, world_.page(fmt::format("guest{}", guests_.size() + 1),
                                       std::string(answer.body.at("participant").at("id").as_string()),
                                       std::string(answer.body.at("token").as_string())));
    });
    return {};
}

std::string Rooms::deletes_guest(Random& dice) {
    Guest* guest = somebody(dice);
    if (!guest) return "nobody";
    guest->gone = true;
    if (chance(dice, 30)) guest->browser->vanishes();
    ask(*guest, "DELETE", "/participants/" + guest->browser->participant(), nullptr, Wish{});
    return guest->browser->name();
}

// ---- what its people and their networks do ----

std::string Rooms::changes_stream(Random& dice) {
    Guest* guest = somebody(dice);
    if (!guest) return "nobody";
    Browser& browser = *guest->browser;
    if (chance(dice, 20)) {
        const bool muted = chance(dice, 50);
        browser.mute_camera(muted);
        return browser.name() + (muted ? " camera off" : " camera on");
    }
    if (guest->stream.empty()) {
        guest->stream = browser.publishes({.alias = chance(dice, 50) ? "more" : "", .video = chance(dice, 30)});
        return browser.name() + " publishes";
    }
    browser.unpublishes(std::exchange(guest->stream, {}));
    return browser.name() + " unpublishes";
}

std::string Rooms::changes_path(Random& dice) {
    Guest* guest = somebody(dice);
    if (!guest) return "nobody";
    Browser& browser = *guest->browser;
    switch (dice.below(5)) {
        case 0: browser.publishing_wire.set_cut(chance(dice, 50)); break;
        case 1: browser.subscribing_wire.set_cut(chance(dice, 50)); break;
        case 2: browser.moves(); break;
        case 3: browser.subscribing_wire.down.reordered_per_mille = static_cast<uint32_t>(dice.below(100)); break;
        default: browser.set_network(up_to(dice, 60ms), static_cast<uint32_t>(dice.below(150))); break;
    }
    return browser.name();
}

std::string Rooms::changes_signalling(Random& dice) {
    Guest* guest = somebody(dice);
    if (!guest) return "nobody";
    Browser& browser = *guest->browser;
    switch (dice.below(4)) {
        case 0: browser.cut_signalling(); break;
        case 1: browser.mend_signalling(); break;
        case 2: browser.signal_path.delay = up_to(dice, 300ms); break;
        default: browser.loses_signalling(chance(dice, 50)); break;
    }
    return browser.name();
}

void Rooms::mend() {
    for (const auto& guest : guests_) {
        if (guest->gone) continue;
        Browser& browser = *guest->browser;
        browser.mend_signalling();
        browser.signal_path.delay = 10ms;
        browser.set_network(10ms, 0);
        browser.publishing_wire.set_cut(false);
        browser.subscribing_wire.set_cut(false);
        browser.subscribing_wire.down.reordered_per_mille = 0;
    }
}

// ---- what must be true ----

void Rooms::watch() {
    mark();
    for (const auto& who : guests_) {
        for (const auto& whom : guests_) {
            for (const MediaKind kind : {MediaKind::Audio, MediaKind::Video}) {
                const Figures* figures = who->browser->figures(*whom->browser, kind);
                if (!figures || figures->packets == 0) continue;
                const auto& allowed = whom->options.permissions;
                EXPECT_TRUE(std::ranges::find(allowed, permission_for(kind)) != allowed.end())
                    << whom->browser->name() << " has no permission to publish what " << who->browser->name()
                    << " receives";
                EXPECT_LE(figures->last, who->might_hear[whom->browser] + kStragglers)
                    << who->browser->name() << " receives " << whom->browser->name() << " without a subscription";
            }
        }
    }
}

bool Rooms::as_wished() const {
    for (const auto& who : guests_) {
        if (who->gone) continue;
        for (const auto& whom : guests_) {
            if (whom == who || whom->gone) continue;
            for (const MediaKind kind : {MediaKind::Audio, MediaKind::Video}) {
                const auto& allowed = whom->options.permissions;
                const bool publishes = std::ranges::find(allowed, permission_for(kind)) != allowed.end();
                if (who->browser->receives(*whom->browser, kind) != (publishes && may_hear(*who, *whom))) return false;
            }
        }
    }
    return true;
}

// What a person does whose page got nowhere.
void Rooms::load_again(Guest& guest) {
    Browser& before = *guest.browser;
    before.vanishes();
    guest.browser = &world_.page(before.name(), before.participant(), before.token());
    guest.browser->connects();
}

void Rooms::settle() {
    for (const auto& guest : guests_)
        if (guest->gone) world_.rest("DELETE", "/participants/" + guest->browser->participant());
    std::erase_if(guests_, [](const auto& guest) { return guest->gone; });
    for (const std::string& room : deleted_) world_.rest("DELETE", "/sessions/" + room);
    if (rooms_.empty()) rooms_.push_back(world_.session());
    const auto all = [&](auto is) {
        return
            [this, is] { return std::ranges::all_of(guests_, [&](const auto& guest) { return is(*guest->browser); }); };
    };
    world_.run_until(all([](const Browser& browser) { return browser.connected() || browser.connect_hangs(); }), 15s);
    for (const auto& guest : guests_)
        if (guest->browser->connect_hangs()) load_again(*guest);
    world_.run_until(all([](const Browser& browser) { return browser.connected(); }), 15s);
    for (const auto& guest : guests_) {
        guest->browser->mute_camera(false);
        guest->browser->publishes({.alias = "last"});
        for (const std::string& room : rooms_) world_.rest("DELETE", path(*guest, room));
        const Wish wish = some_wish(world_.random(), some_room(world_.random()));
        EXPECT_EQ(world_.rest("PUT", path(*guest, wish.session), body_of(wish)).status, 204);
        mark();
        guest->wish = wish;
    }
    world_.run_until([&] { return as_wished(); }, 60s);
    world_.run_for(5s);
    EXPECT_TRUE(as_wished());
    watch();
}

}  // namespace crosspoint::sim::swarm
