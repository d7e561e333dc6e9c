#include <algorithm>

#include "stories/people/calls.h"

// A server that is killed while people call each other (jsapi 16).
namespace crosspoint::sim {
namespace {

/// What is under way when the server dies, and what the rules make of it: whatever was told was committed before
/// (OWN-4), and a device sends again what was not answered (CON-6).
struct Situation {
    const char* name;
    /// Returns the call, if it has an id yet.
    std::string (*begin)(World& world, TwoPeople& p);
    const char* shown;                // on every device, as `words` says it, when all are back
    Device* (*talker)(TwoPeople& p);  // of B, whom c1 talks to, once nobody holds; null: nobody yet
    bool joining;                     // media, when the server may die
    const char* ends;                 // why, when c1 hangs up, or "no_answer": by the ring timer, as nobody does
};

Device* nobody(TwoPeople&) { return nullptr; }
Device* c3(TwoPeople& p) { return &p.c3; }
Device* c4(TwoPeople& p) { return &p.c4; }

/// Of a call in which both are heard.
std::string talk(World& world, TwoPeople& p) {
    std::string call = world.talk(p.c1, p.c3);
    world.run_until([&] { return p.c1.hears(p.c3) && p.c3.hears(p.c1) && p.c4.find(call)->state == "active"; });
    return call;
}

std::string open(World&, TwoPeople& p) {
    p.c1.opens({"b"});
    return "";
}

std::string ring(World& world, TwoPeople& p) { return p.ring(world); }

std::string cross(World&, TwoPeople& p) {
    p.c1.opens({"b"});
    p.c3.opens({"a"});
    return "";
}

std::string hold(World& world, TwoPeople& p) {
    std::string call = talk(world, p);
    p.c3.holds(call);
    return call;
}

std::string hand_over(World& world, TwoPeople& p) {
    std::string call = talk(world, p);
    p.c4.activates(call);
    return call;
}

constexpr Situation kSituations[] = {
    {"opening", open, "ringing; a active on c1; b ringing at c3 c4", nobody, false, "cancelled"},
    {"ringing", ring, "ringing; a active on c1; b ringing at c3 c4", nobody, false, "no_answer"},
    {"answered", talk, "active; a active on c1; b active on c3", c3, false, "hangup"},
    {"crossing", cross, "active; a active on c1; b active on c3", c3, true, "hangup"},
    {"on hold", hold, "active; a active on c1; b active on c3, held", c3, false, "hangup"},
    {"mid-handoff", hand_over, "active; a active on c1; b active on c4", c4, true, "hangup"},
};

/// What a device shows of the only call it shows.
std::string words(const TwoPeople& p, const Device& device) {
    const CallPicture* call = the_live_call(device);
    if (!call) return "not one call";
    std::string words = call->state;
    for (const char* person : {"a", "b"}) {
        const ParticipantPicture* picture = call->participant(person);
        if (!picture) continue;
        words += std::string("; ") + person + " " + picture->state;
        for (const Device* each : p.all())
            if (picture->active_connection == each->id()) words += " on " + each->name();
        if (!picture->ringing.empty()) words += " at";
        for (const Device* each : p.all())
            if (picture->ringing.contains(each->id())) words += " " + each->name();
        if (picture->held) words += ", held";
    }
    return words;
}

/// The server is back, and everybody has heard what it has to say to them.
void come_back(World& world, const TwoPeople& p) {
    world.start_server();
    const auto settled = [](const Device* device) { return device->synced() && device->link().unanswered() == 0; };
    world.run_until([&] { return std::ranges::all_of(p.all(), settled); }, 60s);
    world.run_for(1s);
    world.expect_one_truth();
}

/// Of all that was opened one call is left, for the server and on every device: `call`, if that had an id.
void expect_one_call(World& world, const TwoPeople& p, const Situation& situation, const std::string& call) {
    const auto live = world.server().people()->live_calls(AccountId(Node::kAccount));
    ASSERT_EQ(live.size(), 1u);
    const std::string& id = live.front().call->id.value;
    EXPECT_TRUE(call.empty() || id == call);
    for (const Device* device : p.all()) {
        EXPECT_EQ(words(p, *device), situation.shown) << device->name();
        EXPECT_EQ(device->count("call:end", id), 0u) << device->name();
        EXPECT_EQ(missed_calls(*device), Args{}) << device->name();
        for (const auto& other : device->calls())
            EXPECT_TRUE(other->live() || other->end_reason == "glare" || other->end_reason == "merged");
    }
}

/// A simulated page gives up what it was publishing when its media socket breaks, and stays without media when it was
/// connecting (spec 2.6). JSAPI does both over; here somebody has to.
void join_again(World& world, Device& device, const std::string& call) {
    if (!world.run_until([&] { return device.media(call) != nullptr; })) return;
    if (!device.media(call)->connect_hangs()) {
        device.media(call)->publishes({.alias = "again"});
        return;
    }
    device.reloads();
    world.run_until([&] { return device.synced() && device.media(call) != nullptr; });
}

/// The call that is left goes on, and ends.
void go_on(World& world, TwoPeople& p, const Situation& situation, const std::string& call, Timestamp began) {
    if (p.c3.call(call).participant("b")->held) {
        EXPECT_TRUE(world.answer(p.c3.resumes(call)).ok);
    }
    if (Device* talker = situation.talker(p)) {
        for (Device* device : {&p.c1, talker})
            if (situation.joining) join_again(world, *device, call);
        world.run_until([&] { return p.c1.hears(*talker) && talker->hears(p.c1); });
    }
    const bool by_timer = situation.ends == std::string_view("no_answer");
    if (!by_timer) p.c1.hangs_up(call);
    const auto over = [&](const Device* device) { return !device->call(call).live(); };
    world.run_until([&] { return std::ranges::all_of(p.all(), over); }, 60s);
    if (by_timer) {
        EXPECT_NEAR(static_cast<double>((world.time() - began) / 1ms), 45'000, 100);
    }
    for (const Device* device : p.all()) EXPECT_EQ(device->call(call).end_reason, situation.ends) << device->name();
    world.expect_one_truth();
}

chains::Settings patient() {
    chains::Settings settings;
    // Devices that try to come back later and later (CON-5) are waited for, so that nobody becomes unreachable (9.2).
    settings.init_timeout = 20s;
    return settings;
}

}  // namespace

STORY("a server that is killed at a hundred moments of calls goes on with each of them",
      .node = {.people = patient()}) {
    TwoPeople p(world);
    for (size_t i = 0; i < 100; ++i) {
        const Situation& situation = kSituations[i % std::size(kSituations)];
        SCOPED_TRACE(situation.name);
        const std::string call = situation.begin(world, p);
        const Timestamp began = world.time();
        world.run_for(Duration(static_cast<int64_t>(world.random().below(60'000))));
        world.kill_server();
        world.run_for(Duration(static_cast<int64_t>(world.random().below(5'000'000))));
        come_back(world, p);
        expect_one_call(world, p, situation, call);
        if (testing::Test::HasFailure()) return;
        go_on(world, p, situation, the_live_call(p.c1)->id, began);
        world.run_for(5s);  // 20 calls a minute are allowed
        for (Device* device : p.all()) device->forgets_the_past();
    }
}

}  // namespace crosspoint::sim
