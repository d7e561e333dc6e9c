#include "stories/figures.h"

namespace crosspoint::sim {

namespace {
// Media has to start and stop within half a second; that it stopped shows when nothing came for another fifth.
constexpr Duration kStarts = 500ms;
constexpr Duration kStops = 700ms;
// The data channel, two kinds of two publishers, and as many lines on which the client has not yet answered silence.
constexpr size_t kMostLines = 1 + 2 * 2 * 2;
}  // namespace

STORY("subscriptions changed live: none, all, one participant") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    Browser& carol = world.joins(room, "carol");
    world.run_until([&] { return meet(alice, bob) && meet(alice, carol) && meet(bob, carol); });

    world.subscribe(room, alice, no_streams());
    world.run_until([&] { return !alice.receives_anything() && alice.streams().empty(); }, kStops);
    EXPECT_TRUE(meet(bob, carol));
    EXPECT_TRUE(bob.sees(alice));

    world.subscribe(room, alice, only(bob));
    world.run_until([&] { return alice.sees(bob) && alice.hears(bob); }, kStarts);
    world.run_for(1s);
    EXPECT_FALSE(alice.hears(carol));

    world.subscribe(room, alice, only(carol));
    world.run_until([&] { return alice.sees(carol) && alice.hears(carol) && !alice.hears(bob); }, kStops);

    world.subscribe(room, alice, whole_session(room));
    world.run_until([&] { return meet(alice, bob) && meet(alice, carol); }, kStarts);
    EXPECT_EQ(alice.available_events(bob), 3u);
    EXPECT_EQ(alice.available_events(carol), 2u);
    EXPECT_LE(alice.offered_lines(), kMostLines) << "m-lines are used again";
}

STORY("one alias of a participant") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.browser("bob");
    world.add(room, bob, no_streams());
    bob.connects();
    world.run_until([&] { return bob.connected(); });
    const std::string camera = bob.publishes({.alias = "usermedia"});
    bob.publishes({.alias = "screenshare", .audio = false});
    world.run_until([&] { return alice.streams().size() == 2; });
    world.subscribe(room, alice, only(bob, {"screenshare"}));
    world.run_until([&] { return alice.streams().size() == 1 && alice.sees(bob) && !alice.hears(bob); }, kStops);
    world.subscribe(room, alice, only(bob, {"usermedia", "nothing of that name"}));
    world.run_until([&] { return alice.streams().size() == 1 && alice.sees(bob) && alice.hears(bob); }, kStarts);
    bob.unpublishes(camera);
    world.run_until([&] { return alice.streams().empty(); });
    bob.publishes({.alias = "usermedia"});
    world.run_until([&] { return alice.sees(bob) && alice.hears(bob); });
    EXPECT_EQ(alice.stream_events().back().alias, "usermedia");
}

STORY("subscribed to somebody who is not there yet") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.browser("bob");
    world.subscribe(room, alice, only(bob));
    world.run_for(1s);
    EXPECT_TRUE(alice.stream_events().empty());
    bob.connects();
    bob.publishes();
    world.run_for(2s);
    EXPECT_TRUE(alice.stream_events().empty()) << "no media before it is a member";
    world.add(room, bob, no_streams());
    world.run_until([&] { return alice.sees(bob) && alice.hears(bob); });
    EXPECT_TRUE(bob.stream_events().empty());
}

STORY("subscriptions changed faster than offers are answered") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    Browser& carol = world.joins(room, "carol");
    world.run_until([&] { return meet(alice, bob) && meet(alice, carol); });
    const std::string path = "/sessions/" + room + "/participants/" + alice.participant() + "/subscriptions";
    for (int i = 0; i < 40; ++i) {
        const auto what = world.random().below(4);
        const auto wanted = what == 0   ? no_streams()
                            : what == 1 ? only(bob)
                            : what == 2 ? only(carol)
                                        : whole_session(room);
        world.rest_later("PUT", path, wanted, [](const RestAnswer& answer) { EXPECT_EQ(answer.status, 204); });
        world.run_for(Duration(static_cast<int64_t>(world.random().below(40'000))));
    }
    world.subscribe(room, alice, only(carol));
    world.run_until([&] { return alice.sees(carol) && alice.hears(carol) && !alice.hears(bob); });
    EXPECT_EQ(alice.streams().size(), 1u);
    EXPECT_LE(alice.offered_lines(), kMostLines);
}

STORY("unpublished and published again, many times") {
    const std::string room = world.session();
    Browser& alice = world.browser("alice");
    world.add(room, alice, whole_session(room));
    alice.connects();
    world.run_until([&] { return alice.connected(); });
    Browser& bob = world.joins(room, "bob");
    std::set<std::string> seen;
    for (int i = 0; i < 5; ++i) {
        const std::string stream = alice.publishes();
        world.run_until([&] { return bob.sees(alice) && bob.hears(alice); });
        ASSERT_EQ(bob.streams().size(), 1u);
        EXPECT_TRUE(seen.insert(*bob.streams().begin()).second) << "a new publication has a new id";
        alice.unpublishes(stream);
        world.run_until([&] { return bob.streams().empty(); });
        world.run_for(500ms);
    }
    EXPECT_EQ(bob.available_events(alice), 5u);
    EXPECT_EQ(bob.unavailable_events(), 5u);
    EXPECT_LE(bob.offered_lines(), 5u);
    EXPECT_TRUE(alice.publishing_connected());
}

STORY("a camera that is switched off is no stream that ended") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    alice.mute_camera(true);
    world.run_for(20s);
    EXPECT_FALSE(bob.sees(alice));
    EXPECT_TRUE(bob.hears(alice));
    EXPECT_EQ(bob.stream_events().size(), 1u);
    alice.mute_camera(false);
    world.run_until([&] { return bob.sees(alice); }, 200ms);
}

}  // namespace crosspoint::sim
