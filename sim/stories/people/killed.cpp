#include <algorithm>

#include "stories/people/calls.h"

// A server that is killed while people call each other (jsapi 16).
namespace crosspoint::sim {
namespace {

constexpr int kSituations = 5;

/// Of a call in which both are heard.
std::string talk(World& world, TwoPeople& p) {
    std::string call = world.talk(p.c1, p.c3);
    world.run_until([&] { return p.c1.hears(p.c3) && p.c3.hears(p.c1); });
    return call;
}

/// Something is under way between A and B: one of the situations of a call. Returns whether it is just answered.
bool begin(World& world, TwoPeople& p, int situation) {
    switch (situation) {
        case 0: p.ring(world); return false;
        case 1: talk(world, p); return true;
        case 2:
            p.c1.opens({"b"});
            p.c3.opens({"a"});
            return false;
        case 3: p.c3.holds(talk(world, p)); return false;
        default: p.c4.activates(talk(world, p)); return false;
    }
}

}  // namespace

STORY("a server that is killed at a hundred moments of calls leaves one truth each time") {
    TwoPeople p(world);
    for (int i = 0; i < 100; ++i) {
        const bool answered = begin(world, p, i % kSituations);
        world.run_for(Duration(static_cast<int64_t>(world.random().below(60'000))));
        world.kill_server();
        world.run_for(Duration(static_cast<int64_t>(world.random().below(5'000'000))));
        world.start_server();
        world.run_until(
            [&] { return std::ranges::all_of(p.all(), [](const Device* device) { return device->synced(); }); }, 60s);
        world.run_for(1s);
        world.expect_one_truth();
        world.run_until([&] { return !answered || (p.c1.hears(p.c3) && p.c3.hears(p.c1)); });
        for (Device* device : p.all()) {
            for (const auto& call : device->calls()) {
                const std::string role = call->role(device->viewer());
                if (call->live() && (role == "receiver" || role.starts_with("active"))) device->hangs_up(call->id);
            }
        }
        world.run_until(
            [&] {
                return std::ranges::none_of(p.all(), [](const Device* device) {
                    return std::ranges::any_of(device->calls(), [](const auto& call) { return call->live(); });
                });
            },
            90s);
        world.expect_one_truth();
        world.run_for(5s);  // 20 calls a minute are allowed
        for (Device* device : p.all()) device->forgets_the_past();
    }
}

}  // namespace crosspoint::sim
