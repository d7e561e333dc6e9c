#include "stories/people/calls.h"

// jsapi 18, "Receiver's wishes".
namespace crosspoint::sim {

namespace {

using Traffic = std::vector<std::pair<int64_t, std::string>>;

/// What A was told of its call to B until it was over, and when, if `arrange` was said of B before.
Traffic told_about(World& world, const std::string& b_name, const PersonOptions& options, bool connected,
                   const std::function<void(const Person& a, const Person& b)>& arrange = {}) {
    const Person a = world.person("a_of_" + b_name);
    const Person b = world.person(b_name, options);
    if (arrange) arrange(a, b);
    if (connected) {
        world.device(b, "c3 of " + b_name);
        world.device(b, "c4 of " + b_name);
    }
    Device& c1 = world.device(a, "c1 of " + b_name);
    c1.link().path.delay = 5ms;
    const std::string id = world.call(c1, {b_name});
    world.run_until([&] { return !c1.call(id).live(); }, 50s);
    world.run_for(200ms);
    Traffic told = traffic(c1, id);
    for (auto& [when, what] : told)
        if (const auto name = what.find(b_name); name != std::string::npos) what.erase(name, b_name.size());
    return told;
}

}  // namespace

STORY("A27 who ignores hears no more, and the caller cannot tell") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = p.ring(world);
    const uint64_t rev = c1.call(id).rev;
    world.run_for(5s);
    EXPECT_TRUE(world.answer(c3.ignores(id)).ok);
    world.run_for(200ms);
    for (const Device* device : {&c3, &c4}) {
        EXPECT_FALSE(device->rings()) << device->name();
        EXPECT_TRUE(device->was_told("call:end", {"ignored"})) << device->name();
        EXPECT_EQ(device->role(id), "passive receiver") << device->name();
    }
    Device& later = world.device(b, "later");
    world.run_for(1s);
    EXPECT_FALSE(later.rings());
    EXPECT_EQ(later.said("call.ringing"), 0u);
    EXPECT_EQ(c1.call(id).rev, rev);
    world.expect_one_truth();
    world.run_for(38s);
    EXPECT_EQ(c1.call(id).state, "ringing");
    world.run_until([&] { return !c1.call(id).live(); }, 2s);
    EXPECT_EQ(c1.call(id).end_reason, "no_answer");
    EXPECT_TRUE(c1.was_told("call:ringing_timeout", {"b"}));
    world.run_for(1s);
    for (const Device* device : {&c3, &c4, &later}) EXPECT_EQ(missed_calls(*device), Args{}) << device->name();
}

STORY("A27 who ignored may still answer on another device") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = p.ring(world);
    EXPECT_TRUE(world.answer(c3.ignores(id)).ok);
    world.run_for(10s);
    EXPECT_TRUE(world.answer(c4.accepts(id)).ok);
    world.run_until([&] { return c1.hears(c4) && c4.hears(c1); });
    world.expect_one_truth();
    EXPECT_EQ(c4.role(id), "active receiver");
}

STORY("A28 who must not be disturbed is like somebody offline, and has missed the call") {
    const auto disturbed = told_about(world, "bd", {.dnd = true}, true);
    EXPECT_EQ(disturbed, told_about(world, "bo", {}, false));
    EXPECT_EQ(told_about(world, "bw", {.dnd = true, .wakeable = true}, true),
              told_about(world, "bx", {.wakeable = true}, false));
    for (const auto& device : world.devices()) {
        EXPECT_EQ(device->count("call:received"), 0u) << device->name();
        EXPECT_EQ(device->said("call.ringing"), 0u) << device->name();
    }
    for (const char* name : {"c3 of bd", "c4 of bd", "c3 of bw", "c4 of bw"}) {
        const auto found = std::ranges::find(world.devices(), name, [](const auto& one) { return one->name(); });
        EXPECT_EQ(missed_calls(**found).size(), 1u) << name;
    }
    EXPECT_EQ(world.receiver(std::string(Node::kWakeUrl)).bodies.size(), 1u);  // of the one who was offline
}

STORY("A28 who must not be disturbed may still answer, also on a device that came later") {
    TwoPeople p(world, {.dnd = true});
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = world.call(c1, {"b"});
    Device& later = world.device(b, "later");
    EXPECT_EQ(later.heard("call.init"), 0u);
    EXPECT_EQ(later.heard("call.state", id), 1u);
    EXPECT_FALSE(later.rings() || c3.rings());
    EXPECT_EQ(world.answer(c3.rings(id)).error, "wrong_state");
    EXPECT_TRUE(world.answer(later.accepts(id)).ok);
    world.expect_one_truth();
    EXPECT_EQ(later.role(id), "active receiver");
}

STORY("A29 a blocked caller sees somebody offline, and is not heard of at all") {
    const auto block = [&](const Person& a, const Person& b) { world.relate(b, a, "blocked"); };
    const auto blocked = told_about(world, "bb", {}, true, block);
    EXPECT_EQ(blocked, told_about(world, "bo", {}, false));
    EXPECT_EQ(told_about(world, "bn", {.call_policy = "nobody"}, true), blocked);
    EXPECT_EQ(told_about(world, "bc", {.call_policy = "contacts"}, true), blocked);
    for (const auto& device : world.devices()) {
        if (device->name().starts_with("c1")) continue;
        EXPECT_TRUE(device->calls().empty()) << device->name();
        EXPECT_EQ(missed_calls(*device), Args{}) << device->name();
        for (const Frame& frame : device->link().heard()) EXPECT_FALSE(frame.body.contains("callId")) << frame.type;
        const Request chains = device->asks("chain.list", {{"profileId", device->person().profile}, {"limit", 10}});
        EXPECT_TRUE(world.answer(chains).result.at("chains").as_array().empty()) << device->name();
    }
}

STORY("A30 who is in a call and wants no other is busy") {
    TwoPeople p(world, {.busy_policy = "reject"});
    auto& [a, b, c1, c2, c3, c4] = p;
    const Person c = world.person("c");
    Device& c5 = world.device(c, "c5");
    const std::string first = world.talk(c1, c3);
    const std::string second = world.call(c5, {"b"});
    world.run_until([&] { return !c5.call(second).live(); });
    EXPECT_EQ(c5.call(second).end_reason, "busy");
    EXPECT_EQ(c5.story(second), (Args{"call:busy", "call:end"}));
    world.run_for(1s);
    for (const Device* device : {&c3, &c4}) {
        EXPECT_EQ(device->count("call:received", second), 0u) << device->name();
        EXPECT_EQ(missed_calls(*device), Args{second}) << device->name();
    }
    world.expect_one_truth();
    EXPECT_EQ(c3.call(first).state, "active");
    world.run_until([&] { return c1.hears(c3) && c3.hears(c1); });
}

STORY("A31 a second call rings on the busy device too, and needs the first to be held there") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const Person c = world.person("c");
    Device& c5 = world.device(c, "c5");
    const std::string first = world.talk(c1, c3);
    const std::string second = world.call(c5, {"b"});
    world.run_until([&] { return c3.rings() && c4.rings(); });
    const Request refused = c3.accepts(second);
    EXPECT_EQ(world.answer(refused).error, "connection_busy");
    EXPECT_EQ(text_of(*refused, "callId"), first);
    EXPECT_EQ(c3.call(first).participant("b")->held, false);
    EXPECT_TRUE(world.answer(c3.accepts(second, {}, true)).ok);
    world.run_until([&] { return c5.hears(c3) && c3.hears(c5); });
    world.expect_one_truth();
    EXPECT_TRUE(c1.was_told("call:hold", {"b"}));
    EXPECT_TRUE(c1.call(first).participant("b")->held);
    world.run_for(1s);
    EXPECT_FALSE(c1.hears(c3));
    EXPECT_EQ(c3.call(first).state, "active");

    EXPECT_EQ(world.answer(c3.resumes(first)).error, "connection_busy");
    EXPECT_TRUE(world.answer(c3.hangs_up(second)).ok);
    EXPECT_TRUE(world.answer(c3.resumes(first)).ok);
    world.run_until([&] { return c1.hears(c3) && c3.hears(c1); });
    world.expect_one_truth();
}

STORY("A31 a second call may be taken on another device, beside the first") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const Person c = world.person("c");
    Device& c5 = world.device(c, "c5");
    const std::string first = world.talk(c1, c3);
    const std::string second = world.call(c5, {"b"});
    world.run_until([&] { return c4.rings(); });
    EXPECT_TRUE(world.answer(c4.accepts(second)).ok);
    world.run_until([&] { return c5.hears(c4) && c1.hears(c3); });
    world.expect_one_truth();
    EXPECT_FALSE(c3.call(first).participant("b")->held);
    EXPECT_EQ(c4.role(second), "active receiver");
    EXPECT_EQ(c4.role(first), "passive receiver");
}

STORY("A32 a device that cannot take the call leaves it to the others, and nobody is told") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = p.ring(world);
    const uint64_t rev = c1.call(id).rev;
    EXPECT_TRUE(world.answer(c3.unavailable(id)).ok);
    world.run_for(1s);
    EXPECT_EQ(c1.call(id).rev, rev);
    EXPECT_TRUE(c4.rings());
    world.expect_one_truth();
    EXPECT_TRUE(world.answer(c4.accepts(id)).ok);
    world.expect_one_truth();
}

STORY("A32 who answers without microphone and camera receives, and publishes nothing") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = world.call(c1, {"b"});
    world.run_until([&] { return c3.rings(); });
    EXPECT_TRUE(world.answer(c3.accepts(id, {false, false})).ok);
    world.run_until([&] { return c3.hears(c1) && c3.sees(c1); });
    world.run_for(2s);
    EXPECT_FALSE(c1.hears(c3) || c1.sees(c3));
    EXPECT_EQ(c3.last("call.media").at("publish"), to_json(Media{false, false}));
    EXPECT_EQ(c1.call(id).participant("b")->media, (Media{false, false}));
    world.expect_one_truth();
}

}  // namespace crosspoint::sim
