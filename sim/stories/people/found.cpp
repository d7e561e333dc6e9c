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

}  // namespace crosspoint::sim
