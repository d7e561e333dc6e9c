#include <fmt/format.h>
#include <fmt/ranges.h>

#include "swarm/people.h"

// What people do with calls.
namespace crosspoint::sim::swarm {
namespace {

bool any(const Device&, const CallPicture&) { return true; }
bool undecided(const Device& device, const CallPicture& call) { return call.role(device.viewer()) == "receiver"; }
bool active(const Device& device, const CallPicture& call) { return call.is_active(device.viewer()); }
bool elsewhere(const Device& device, const CallPicture& call) {
    const ParticipantPicture* own = call.me(device.viewer());
    return own && own->in() && own->active_connection != device.id();
}

}  // namespace

void People::add_calls(std::vector<Deed>& deeds) {
    const std::vector<Deed> more{
        {Kind::Calls, 5, "opens", [this](Random& dice) { return opens(dice); }},
        {Kind::Calls, 10, "decides", [this](Random& dice) { return decides(dice); }},
        {Kind::Calls, 4, "hangs up", [this](Random& dice) { return hangs_up(dice); }},
        {Kind::Calls, 3, "does anything", [this](Random& dice) { return does_anything(dice); }},
        {Kind::Crossing, 5, "cross", [this](Random& dice) { return cross(dice); }},
        {Kind::Crossing, 4, "all at once", [this](Random& dice) { return all_at_once(dice); }},
    };
    deeds.insert(deeds.end(), more.begin(), more.end());
}

void People::add_control(std::vector<Deed>& deeds) {
    deeds.push_back({Kind::Control, 5, "controls", [this](Random& dice) { return controls(dice); }});
    deeds.push_back({Kind::Control, 3, "takes over", [this](Random& dice) { return takes_over(dice); }});
}

Media People::some_media(Random& dice) const {
    const uint64_t which = dice.below(10);
    return {which != 0, which < 4};
}

std::string People::opens(Phone& phone, const std::vector<std::string>& to, Random& dice) {
    CallWishes wishes;
    wishes.media = some_media(dice);
    if (chance(dice, 30)) wishes.chain = some_chain(dice, phone);
    wishes.replace = !wishes.chain.empty() && chance(dice, 40);
    wishes.hold_others = chance(dice, 30);
    if (chance(dice, 15)) wishes.ring_timeout_ms = 10'000;
    phone.device->opens(to, wishes);
    return fmt::format("{} to {}{}{}{}", phone.device->name(), fmt::join(to, ","), wishes.chain.empty() ? "" : " in ",
                       wishes.chain, wishes.replace ? " replacing" : "");
}

std::string People::opens(Random& dice) {
    Phone* phone = somebody(dice);
    if (!phone) return "nobody";
    const size_t count = chance(dice, 75) ? 1 : 2 + pick(dice, 2);
    return opens(*phone, some_profiles(dice, phone->user, count), dice);
}

Request People::decide(Phone& phone, const CallPicture& call, Random& dice) {
    Device& device = *phone.device;
    const uint64_t what = dice.below(20);
    if (what < 12) return device.accepts(call.id, some_media(dice), chance(dice, 40));
    if (what < 14) return device.rejects(call.id, chance(dice, 30) ? "busy" : "declined");
    if (what < 16) return device.ignores(call.id);
    if (what < 18) return device.unavailable(call.id);
    return device.rings(call.id);
}

std::string People::decides(Random& dice) {
    const Place place = some_place(dice, undecided);
    if (!place) return "nobody";
    decide(*place.phone, *place.call, dice);
    return fmt::format("{} {}", place.phone->device->name(), place.call->id);
}

std::string People::hangs_up(Random& dice) {
    const Place place = some_place(dice, active);
    if (!place) return "nobody";
    place.phone->device->hangs_up(place.call->id);
    return fmt::format("{} {}", place.phone->device->name(), place.call->id);
}

Request People::control(Phone& phone, const CallPicture& call, Random& dice) {
    Device& device = *phone.device;
    switch (dice.below(6)) {
        case 0: return device.holds(call.id);
        case 1: return device.resumes(call.id, chance(dice, 40));
        case 2: return device.updates(call.id, some_media(dice));
        case 3: return device.invites(call.id, some_profiles(dice, phone.user, 1 + pick(dice, 2)));
        case 4: {
            const auto whom = some_profiles(dice, phone.user, 1);
            return device.removes(call.id, whom.empty() ? "nobody" : whom.front());
        }
        default: return device.activates(call.id, some_media(dice));
    }
}

/// Whether it makes sense or not.
Request People::act(Phone& phone, const CallPicture& call, Random& dice) {
    switch (dice.below(4)) {
        case 0: return decide(phone, call, dice);
        case 1: return phone.device->hangs_up(call.id);
        default: return control(phone, call, dice);
    }
}

std::string People::does_anything(Random& dice) {
    const Place place = some_place(dice, any);
    if (!place) return "nobody";
    act(*place.phone, *place.call, dice);
    return fmt::format("{} {}", place.phone->device->name(), place.call->id);
}

std::string People::controls(Random& dice) {
    const Place place = some_place(dice, active);
    if (!place) return "nobody";
    control(*place.phone, *place.call, dice);
    return fmt::format("{} {}", place.phone->device->name(), place.call->id);
}

std::string People::takes_over(Random& dice) {
    const Place place = some_place(dice, elsewhere);
    if (!place) return "nobody";
    place.phone->device->activates(place.call->id, some_media(dice));
    return fmt::format("{} {}", place.phone->device->name(), place.call->id);
}

/// Two call each other, within the time that a message takes.
std::string People::cross(Random& dice) {
    Phone* one = somebody(dice);
    Phone* other = somebody(dice);
    if (!one || one->user == other->user) return "nobody";
    const auto open_later = [this, seed = dice.u64()](Phone& phone, const std::string& to, Duration delay) {
        world_.after(delay, [this, &phone, to, seed] {
            SeededRandom own(seed);
            if (there(phone)) opens(phone, {to}, own);
        });
    };
    const Duration gap = up_to(dice, 60ms);
    const bool swapped = chance(dice, 50);
    open_later(*one, users_[other->user].profiles.front().profile, swapped ? gap : Duration{});
    open_later(*other, users_[one->user].profiles.front().profile, swapped ? Duration{} : gap);
    return fmt::format("{} and {}", one->device->name(), other->device->name());
}

/// Every device that knows the call does something, at nearly the same time.
std::string People::all_at_once(Random& dice) {
    const Place place = some_place(dice, any);
    if (!place) return "nobody";
    for (const auto& phone : devices_) {
        if (!there(*phone) || !phone->device->find(place.call->id)) continue;
        world_.after(up_to(dice, 40ms), [this, &phone = *phone, call = place.call->id, seed = dice.u64()] {
            SeededRandom own(seed);
            const CallPicture* known = there(phone) ? phone.device->find(call) : nullptr;
            if (!known || !known->live()) return;
            if (chance(own, 60))
                decide(phone, *known, own);
            else
                act(phone, *known, own);
        });
    }
    return place.call->id;
}

}  // namespace crosspoint::sim::swarm
