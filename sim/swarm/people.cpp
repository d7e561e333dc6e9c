#include "swarm/people.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace crosspoint::sim::swarm {

namespace {

constexpr const char* kNames[] = {"alice", "bob", "carol", "dave", "erin", "frank"};
constexpr size_t kSpares = 2;  // devices of each user that come later

}  // namespace

People::People(World& world, const Plan& plan) : world_(world) {
    make_users(plan);
    for (size_t user = 0; user < users_.size(); ++user) {
        const size_t at_first = 1 + pick(world_.random(), plan.devices_each);
        for (size_t i = 0; i < at_first + kSpares; ++i) make_device(user, i < at_first);
    }
}

void People::make_users(const Plan& plan) {
    Random& dice = world_.random();
    for (size_t i = 0; i < plan.people; ++i) {
        PersonOptions options;
        options.dnd = chance(dice, 8);
        options.wakeable = chance(dice, 15);
        if (chance(dice, 20)) options.busy_policy = "reject";
        User user;
        user.profiles.push_back(world_.person(kNames[i], options));
        if (chance(dice, 15)) {
            options.user = user.profiles.front().user;
            user.profiles.push_back(world_.person(std::string(kNames[i]) + "_too", options));
        }
        users_.push_back(std::move(user));
    }
    for (User& user : users_) {
        for (const User& other : users_) {
            if (&user == &other || !chance(dice, 6)) continue;
            world_.relate(user.profiles.front(), other.profiles.front(), "blocked");
            user.refuses.insert(other.profiles.front().profile);
        }
    }
}

void People::make_device(size_t user, bool connects) {
    Random& dice = world_.random();
    DeviceOptions options{.connects = connects};
    const bool renews = chance(dice, 15);
    if (renews && connects) options.token_life_s = 70;  // its end is told a minute before
    const std::string name = fmt::format("{}{}", kNames[user], users_[user].devices.size() + 1);
    Device& device = world_.device(users_[user].profiles.front(), name, options);
    if (renews) device.renews_its_token();
    device.joins_media = chance(dice, 65);
    device.auto_ringing = !chance(dice, 8);
    device.link().path.delay = up_to(dice, 40ms);
    users_[user].devices.push_back(devices_.size());
    devices_.push_back(std::make_unique<Phone>(Phone{.device = &device, .user = user, .used = connects}));
}

std::vector<Deed> People::deeds() {
    std::vector<Deed> all;
    add_calls(all);
    add_control(all);
    add_texts(all);
    add_network(all);
    add_app(all);
    add_hostile(all);
    return all;
}

// ---- who ----

People::Phone* People::somebody(Random& dice) {
    std::vector<Phone*> all;
    for (const auto& phone : devices_)
        if (there(*phone)) all.push_back(phone.get());
    return all.empty() ? nullptr : all[pick(dice, all.size())];
}

/// Null, null: there is none.
People::Place People::some_place(Random& dice, Which which) {
    std::vector<Place> places;
    for (const auto& phone : devices_) {
        if (!there(*phone)) continue;
        for (const auto& call : phone->device->calls())
            if (call->live() && !call->id.empty() && which(*phone->device, *call))
                places.push_back({phone.get(), call.get()});
    }
    return places.empty() ? Place{} : places[pick(dice, places.size())];
}

std::vector<std::string> People::some_profiles(Random& dice, size_t not_of, size_t count) {
    std::vector<std::string> all;
    for (size_t i = 0; i < users_.size(); ++i)
        for (const Person& person : users_[i].profiles)
            if (i != not_of) all.push_back(person.profile);
    std::vector<std::string> chosen;
    while (!all.empty() && chosen.size() < count) {
        const auto one = all.begin() + static_cast<ptrdiff_t>(pick(dice, all.size()));
        chosen.push_back(*one);
        all.erase(one);
    }
    return chosen;
}

size_t People::user_of(const std::string& profile) const {
    const auto owns = [&](const User& user) {
        return std::ranges::any_of(user.profiles, [&](const Person& p) { return p.profile == profile; });
    };
    return static_cast<size_t>(std::ranges::find_if(users_, owns) - users_.begin());
}

/// One that this device has seen; empty: none.
std::string People::some_chain(Random& dice, const Phone& phone) {
    std::vector<std::string> chains;
    for (const auto& call : phone.device->calls())
        if (!call->chain.empty()) chains.push_back(call->chain);
    for (const auto& [words, text] : texts_.texts())
        if (!text.chain.empty() && text.users.contains(phone.device->person().user)) chains.push_back(text.chain);
    return chains.empty() ? "" : chains[pick(dice, chains.size())];
}

const chains::Call* People::on_server(const std::string& call) const {
    if (!world_.server().running()) return nullptr;
    for (const auto& live : world_.server().people()->live_calls(AccountId(Node::kAccount)))
        if (live.call->id.value == call) return live.call;
    return nullptr;
}

bool People::takes_part(const std::string& call, size_t user) const {
    const chains::Call* live = on_server(call);
    return !live || std::ranges::any_of(live->participants, [&](const chains::Participant& p) {
        return user_of(p.who.profile.value) == user;
    });
}

}  // namespace crosspoint::sim::swarm
