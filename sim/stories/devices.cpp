#include "stories/figures.h"

namespace crosspoint::sim {

STORY("a second device takes over") {
    const std::string url = "https://app.example/events";
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob", {.callback_url = url});
    world.run_until([&] { return meet(alice, bob); });
    Browser& phone = world.second_device("bob's phone", bob);
    phone.connects();
    world.run_until([&] { return phone.connected() && bob.closed_for_good(); });
    phone.publishes();
    world.run_until([&] { return meet(alice, phone); });
    world.run_for(1s);
    EXPECT_FALSE(bob.receives_anything());
    EXPECT_EQ(alice.streams().size(), 1u);
    EXPECT_EQ(alice.available_events(bob), 2u);
    EXPECT_EQ(world.receiver(url).events(), names({"onConnect", "onDisconnect", "onConnect"}));
    const auto& bodies = world.receiver(url).bodies;
    EXPECT_NE(bodies[0].at("deviceId"), bodies[2].at("deviceId"));
}

STORY("who leaves is gone at once, and its zombie socket is turned away") {
    const std::string url = "https://app.example/events";
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob", {.callback_url = url});
    world.run_until([&] { return meet(alice, bob); });
    bob.leaves();
    world.run_until([&] { return alice.streams().empty(); }, 200ms);
    world.run_for(1s);
    EXPECT_EQ(world.receiver(url).events(), names({"onConnect", "onLeave"}));
    bob.opens_zombie();
    world.run_until([&] { return bob.closed_for_good(); }, 6s);
    world.run_for(1s);
    EXPECT_EQ(world.receiver(url).events(), names({"onConnect", "onLeave"}));
    EXPECT_EQ(world.rest("GET", "/participants/" + bob.participant()).status, 200);
}

STORY("who left comes back with a new page") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    bob.leaves();
    world.run_for(500ms);
    Browser& again = world.second_device("bob again", bob);
    again.connects();
    world.run_until([&] { return again.connected(); });
    again.publishes();
    world.run_until([&] { return meet(alice, again); });
    EXPECT_EQ(alice.available_events(bob), 2u);
    EXPECT_EQ(alice.unavailable_events(), 1u);
}

STORY("a wrong token is turned away for good") {
    Browser& alice = world.browser("alice");
    Browser& mallory = world.impostor("mallory", alice.token().substr(0, alice.token().size() - 4) + "AAAA");
    mallory.connects();
    world.run_until([&] { return mallory.closed_for_good(); });
    EXPECT_FALSE(mallory.connected());
}

}  // namespace crosspoint::sim
