#include "stories/people/calls.h"

// What the swarm has found.
namespace crosspoint::sim {

STORY("who blocked a caller, and calls them at the same time, stays in the call") {
    TwoPeople p(world);
    world.relate(p.b, p.a, "blocked");
    const CallPicture& first = p.c1.opens({"b"});
    const CallPicture& second = p.c3.opens({"a"});
    world.run_until([&] { return first.state == "active" || second.state == "active"; });
    world.run_until([&] { return p.c1.hears(p.c3) && p.c3.hears(p.c1); });
    world.run_for(5s);
    world.expect_one_truth();
    p.c3.link().loses_transport();
    world.run_until([&] { return p.c1.count("call:reconnected") == 1; });
    EXPECT_TRUE(p.c1.hears(p.c3) && p.c3.hears(p.c1));
}

STORY("an initiator who left, is invited again and is busy, is a receiver to all who look") {
    TwoPeople p(world);
    const Person carol = world.person("carol");
    Device& c5 = world.device(carol, "c5");
    EXPECT_TRUE(world.answer(p.c1.asks("profile.set", {{"profileId", "a"}, {"busyPolicy", "reject"}})).ok);
    const std::string call = world.call(p.c1, {"b", "carol"});
    EXPECT_TRUE(world.answer(p.c3.accepts(call)).ok);
    EXPECT_TRUE(world.answer(c5.accepts(call)).ok);
    EXPECT_TRUE(world.answer(p.c1.hangs_up(call)).ok);
    const std::string other = world.call(p.c2, {"b"});
    world.run_for(10s);  // before that nobody is invited again (GRP-5)
    EXPECT_TRUE(world.answer(p.c3.invites(call, {"a"})).ok);
    world.run_until([&] { return p.c1.was_told("call:busy", {"a"}); });
    EXPECT_EQ(p.c1.role(call), "passive receiver");
    world.expect_one_truth();
}

STORY("a page that has said too much still rings") {
    TwoPeople p(world);
    p.c3.link().path.delay = 30ms;
    const CallPicture& opened = p.c1.opens({"b"});
    world.run_for(p.c1.link().path.delay);
    for (int i = 0; i < 60; ++i) p.c3.asks("profile.list", {});
    while (p.c3.said("call.ringing") == 0) {
        p.c3.asks("profile.list", {});
        world.run_for(1ms);
    }
    const std::string call = opened.id;
    world.run_until([&] { return p.c1.was_told("call:ringing", {"b", p.c3.id()}); });
    EXPECT_GT(p.c3.said("call.ringing", call), 1u);  // refused at first
    world.expect_one_truth();
}

}  // namespace crosspoint::sim
