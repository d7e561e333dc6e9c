#include "stories/figures.h"

namespace crosspoint::sim {

STORY("removed by REST and added again") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    Browser& carol = world.joins(room, "carol");
    world.run_until([&] { return meet(alice, bob) && meet(alice, carol) && meet(bob, carol); });
    world.remove(room, bob);
    world.run_until(
        [&] { return bob.streams().empty() && alice.streams().size() == 1 && carol.streams().size() == 1; });
    world.run_for(1s);
    EXPECT_TRUE(bob.connected());
    EXPECT_TRUE(bob.publishing_connected());
    EXPECT_FALSE(bob.receives_anything());
    EXPECT_TRUE(meet(alice, carol));
    world.add(room, bob, whole_session(room));
    world.run_until([&] { return meet(alice, bob) && meet(bob, carol); }, 500ms);
}

STORY("moved to another session") {
    const std::string first = world.session();
    const std::string second = world.session();
    Browser& alice = world.joins(first, "alice");
    Browser& bob = world.joins(first, "bob");
    Browser& carol = world.joins(second, "carol");
    world.run_until([&] { return meet(alice, bob); });
    const std::string path = "/sessions/" + second + "/participants/" + bob.participant();
    EXPECT_EQ(world.rest("PUT", path, whole_session(second)).status, 409);
    world.remove(first, bob);
    world.add(second, bob, whole_session(second));
    world.run_until([&] { return meet(bob, carol); });
    EXPECT_EQ(bob.streams().size(), 1u);
    EXPECT_TRUE(alice.streams().empty());
}

STORY("a participant is deleted") {
    const std::string url = "https://app.example/events";
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob", {.callback_url = url});
    world.run_until([&] { return meet(alice, bob); });
    world.delete_participant(bob);
    world.run_until([&] { return bob.closed_for_good() && alice.streams().empty(); });
    world.run_for(2s);
    EXPECT_FALSE(bob.receives_anything());
    EXPECT_EQ(world.receiver(url).events(), names({"onConnect", "onLeave"}));
    EXPECT_EQ(world.rest("GET", "/participants/" + bob.participant()).status, 404);
    Browser& again = world.second_device("bob again", bob);
    again.connects();
    world.run_until([&] { return again.closed_for_good(); });
    EXPECT_FALSE(again.connected());
}

STORY("a session is deleted, its members stay without it") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    EXPECT_EQ(world.rest("DELETE", "/sessions/" + room).status, 204);
    world.run_until([&] { return alice.streams().empty() && bob.streams().empty(); });
    world.run_for(1s);
    EXPECT_FALSE(alice.receives_anything());
    EXPECT_TRUE(alice.connected() && alice.publishing_connected());
    const std::string next = world.session();
    for (const Browser* one : {&alice, &bob}) world.add(next, *one, whole_session(next));
    world.run_until([&] { return meet(alice, bob); }, 1s);
}

STORY("nine hours pass") {
    const std::string room = world.session();
    Browser& alice = world.browser("alice");
    Browser& bob = world.browser("bob");
    for (Browser* one : {&alice, &bob}) {
        world.add(room, *one, whole_session(room));
        one->connects();
    }
    world.run_until([&] { return alice.connected() && bob.connected(); });
    world.run_for(8h + 59min);
    EXPECT_TRUE(alice.connected() && bob.connected());
    EXPECT_EQ(world.rest("GET", "/sessions/" + room).status, 200);
    alice.publishes();
    world.run_until([&] { return bob.sees(alice); });
    world.run_for(2min);
    EXPECT_TRUE(alice.closed_for_good() && bob.closed_for_good());
    EXPECT_FALSE(bob.receives_anything());
    EXPECT_EQ(world.rest("GET", "/sessions/" + room).status, 404);
    EXPECT_EQ(world.rest("GET", "/participants/" + alice.participant()).status, 404);
    EXPECT_EQ(world.server().stored("devices"), 0u);
}

}  // namespace crosspoint::sim
