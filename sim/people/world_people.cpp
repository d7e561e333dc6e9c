#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "api/jsapi/words.h"
#include "world.h"

// People in the world: an app makes them, their devices connect, and everybody shows the same truth.
namespace crosspoint::sim {

namespace json = boost::json;

void World::admin_later(std::string_view method, const std::string& path, const json::value& body,
                        std::function<void(RestAnswer)> answered) {
    send_request(method, fmt::format("/admin/v1/accounts/{}{}", Node::kAccount, path), body, false,
                 std::move(answered));
}

RestAnswer World::admin(std::string_view method, const std::string& path, const json::value& body) {
    return wait_for([&](auto answered) { admin_later(method, path, body, std::move(answered)); });
}

Person World::person(const std::string& name, const PersonOptions& options) {
    const Person person{options.user.empty() ? "user_" + name : options.user, name};
    const int status = admin("PUT", "/users/" + person.user).status;
    EXPECT_TRUE(status == 201 || status == 200) << status;
    const json::object profile{{"nickname", name},
                               {"dnd", options.dnd},
                               {"wakeable", options.wakeable},
                               {"busyPolicy", options.busy_policy},
                               {"callPolicy", options.call_policy}};
    EXPECT_EQ(admin("PUT", "/users/" + person.user + "/profiles/" + person.profile, profile).status, 201);
    return person;
}

void World::relate(const Person& who, const Person& to, const std::string& relation) {
    const std::string path = "/users/" + who.user + "/relations/" + to.profile;
    EXPECT_EQ(admin("PUT", path, json::object{{"relation", relation}}).status, 204);
}

/// Again and again while no server answers.
void World::ask_for_token(const std::string& path, const json::object& wishes,
                          const std::function<void(std::string)>& take) {
    admin_later("POST", path, wishes, [this, path, wishes, take](const RestAnswer& answer) {
        if (answer.status == 200) return take(std::string(answer.body.at("token").as_string()));
        schedule_.after(1s, [this, path, wishes, take] { ask_for_token(path, wishes, take); });
    });
}

Device& World::device(const Person& person, const std::string& name, const DeviceOptions& options) {
    json::object wishes = options.grant;
    wishes["lifeSeconds"] = options.token_life_s;
    const std::string path = "/users/" + person.user + "/tokens";
    const auto token_in = [](const RestAnswer& answer) { return std::string(answer.body.at("token").as_string()); };
    const auto make_browser = [this](const std::string& of, const std::string& participant,
                                     const std::string& token) -> Browser& { return page(of, participant, token); };
    const auto fetch_token = [this, path, wishes](const std::function<void(std::string)>& take) {
        ask_for_token(path, wishes, take);
    };
    Device& device = *devices_.emplace_back(std::make_unique<Device>(
        around_, sockets_, person, name, token_in(admin("POST", path, wishes)), make_browser, fetch_token));
    if (!options.connects) return device;
    device.connects();
    run_until([&] { return device.synced(); });
    return device;
}

const Outcome& World::answer(const Request& request, std::source_location where) {
    run_until([&] { return request->settled; }, 20s, where);
    return *request;
}

std::string World::call(Device& from, const std::vector<std::string>& to, const CallWishes& wishes) {
    const CallPicture& call = from.opens(to, wishes);
    run_until([&] { return !call.id.empty() || !call.live(); });
    EXPECT_EQ(call.error, "");
    return call.id;
}

std::string World::talk(Device& from, Device& to, const CallWishes& wishes) {
    std::string call = this->call(from, {to.person().profile}, wishes);
    run_until([&] { return to.find(call) != nullptr; });
    EXPECT_TRUE(answer(to.accepts(call, wishes.media)).ok);
    run_until([&] { return from.call(call).state == "active" && to.call(call).state == "active"; });
    return call;
}

namespace {

std::string describe(const Device& device, const chains::Call& call, std::string_view what) {
    return fmt::format("{} and the server about call {}: {}", device.name(), call.id.value, what);
}

/// What a device shows of a call that lives, beside what the server knows of it. Nothing: they agree.
std::string difference(const Device& device, const chains::Call& call, const chains::Participant& own,
                       const chains::Leg& leg) {
    using api::jsapi::word;
    const CallPicture* shown = device.find(call.id.value);
    if (!shown) return describe(device, call, "unknown");
    if (shown->state != word(call.state)) return describe(device, call, shown->state);
    const std::string own_role = shown->role(device.viewer());
    if (own_role != word(role(own, leg))) return describe(device, call, "role " + own_role);
    // Nobody is told when a timer parks a device's leg, nor that it cannot take the call (8.1).
    const bool parked = leg.state == chains::LegState::Passive && own.undecided();
    if (!parked && shown->leg != word(leg.state)) return describe(device, call, "leg " + shown->leg);
    for (const chains::Participant& p : call.participants) {
        const ParticipantPicture* picture = shown->participant(p.who.profile.value);
        if (!picture) return describe(device, call, "without " + p.who.profile.value);
        const chains::Leg* active = p.active_leg();
        const bool same = picture->state == word(p.state) && picture->held == p.held &&
                          picture->media == Media{p.media.audio, p.media.video} &&
                          picture->media_state == word(p.seat.state) &&
                          picture->active_connection == (active ? active->connection.value : "");
        if (!same)
            return describe(device, call, fmt::format("{} {} {}", picture->id, picture->state, picture->media_state));
    }
    return {};
}

}  // namespace

std::string World::difference_between_server_and_devices() const {
    const auto live = node_.people()->live_calls(AccountId(Node::kAccount));
    for (const auto& device : devices_) {
        if (!device->synced()) continue;
        size_t known = 0;
        for (const auto& each : live) {
            for (const chains::Participant& own : each.call->participants) {
                const chains::Leg* leg = own.leg(chains::ConnectionId(device->id()));
                if (!leg) continue;
                ++known;
                if (auto found = difference(*device, *each.call, own, *leg); !found.empty()) return found;
            }
        }
        const auto shown = std::ranges::count_if(device->calls(), [&](const auto& call) {
            return call->live() && call->state != "opening" && call->over != "removed";
        });
        if (static_cast<size_t>(shown) != known)
            return fmt::format("{} shows {} calls, and is in {}", device->name(), shown, known);
    }
    return {};
}

void World::expect_one_truth(std::source_location where) {
    std::string difference = "no server";
    const auto agree = [&] {
        if (node_.running()) difference = difference_between_server_and_devices();
        return difference.empty();
    };
    for (const Timestamp end = schedule_.time() + 5s; !agree() && schedule_.time() < end;) run_for(10ms);
    if (!difference.empty()) ADD_FAILURE_AT(where.file_name(), static_cast<int>(where.line())) << difference;
}

/// Everything that was remembered about calls and connections for a while is over: no owner has anything left to do.
void World::end_people() {
    if (devices_.empty()) return;
    const auto longest = std::max({node_.options().people.tombstone, node_.options().people.resume_window,
                                   node_.options().people.reconnect_grace});
    EXPECT_TRUE(node_.people()->live_calls(AccountId(Node::kAccount)).empty()) << "a call that nobody is in";
    run_for(longest + 1min);
}

}  // namespace crosspoint::sim
