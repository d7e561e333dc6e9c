#include "stories/figures.h"

namespace crosspoint::sim {

namespace {

/// What the receiver took, each event once: "at least once" may bring one twice.
std::vector<std::string> once(const Receiver& receiver) {
    std::vector<std::string> events;
    std::string last;
    for (const auto& body : receiver.bodies) {
        const std::string key =
            std::string(body.at("event").as_string()) + std::string(body.at("timestamp").as_string());
        if (key != last) events.emplace_back(body.at("event").as_string());
        last = key;
    }
    return events;
}

void killed_and_started_again(World& world) {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    Browser& carol = world.joins(room, "carol");
    world.run_until([&] { return meet(alice, bob) && meet(alice, carol) && meet(bob, carol); });
    world.subscribe(room, carol, only(alice));
    world.run_for(1s);
    world.kill_server();
    world.run_for(3s);
    EXPECT_FALSE(alice.receives_anything());
    world.start_server();
    world.run_until([&] { return meet(alice, bob) && carol.sees(alice) && carol.hears(alice); }, 37s);
    world.run_for(20s);
    EXPECT_TRUE(meet(alice, bob) && carol.hears(alice) && alice.sees(carol));
    EXPECT_FALSE(carol.hears(bob)) << "subscriptions are as they were";
    EXPECT_EQ(alice.stream_events().size(), 2u) << "nobody's streams went and came";
    EXPECT_EQ(bob.stream_events().size(), 2u);
    EXPECT_EQ(carol.stream_events().size(), 3u);
    alice.measure_anew();
    world.run_for(5s);
    EXPECT_EQ(alice.figures(bob, MediaKind::Audio)->lost, 0u);
}

}  // namespace

STORY("the server is killed and started again") { killed_and_started_again(world); }

STORY("the server is killed and started again, with real DTLS", .node = {.real_dtls = true}, .repeatable = false) {
    killed_and_started_again(world);
}

STORY("the server is killed while people come and go") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    bob.publishes({.alias = "more"});
    world.run_for(Duration(static_cast<int64_t>(world.random().below(300'000))));
    world.kill_server();
    world.run_for(Duration(static_cast<int64_t>(world.random().below(3'000'000))));
    world.start_server();
    Browser& carol = world.joins(room, "carol");
    // What was under way is lost in an SDK that was not told; its user publishes again.
    world.run_for(30s);
    if (!carol.sees(bob)) bob.publishes();
    if (!carol.sees(alice)) alice.publishes();
    world.run_until([&] { return meet(alice, carol) && meet(bob, carol); }, 60s);
}

STORY("the server is stopped in good order and started again") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    world.stop_server();
    EXPECT_FALSE(alice.closed_for_good() || bob.closed_for_good()) << "all shall come back";
    world.start_server();
    world.run_until([&] { return alice.connected() && bob.connected(); }, 2s);
    world.run_until([&] { return meet(alice, bob); }, 30s);
    EXPECT_EQ(alice.stream_events().size(), 1u);
}

STORY("the server is away for five minutes") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    world.kill_server();
    world.run_for(5min);
    world.start_server();
    world.run_until([&] { return meet(alice, bob); }, 20s);
    EXPECT_EQ(alice.stream_events().size(), 1u);
    EXPECT_EQ(bob.stream_events().size(), 1u);
}

STORY("the server is killed twice within seconds") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    for (int i = 0; i < 2; ++i) {
        world.kill_server();
        world.run_for(1s);
        world.start_server();
        world.run_for(Duration(static_cast<int64_t>(1'000'000 + world.random().below(4'000'000))));
    }
    world.run_until([&] { return meet(alice, bob); }, 40s);
    EXPECT_EQ(alice.stream_events().size(), 1u);
    EXPECT_EQ(bob.stream_events().size(), 1u);
}

STORY("who does not come back after a restart is gone after a minute") {
    const std::string url = "https://app.example/events";
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob", {.callback_url = url});
    world.run_until([&] { return meet(alice, bob); });
    world.kill_server();
    bob.vanishes();
    world.run_for(2s);
    world.start_server();
    world.run_for(55s);
    EXPECT_EQ(alice.streams().size(), 1u);
    world.run_until([&] { return alice.streams().empty(); }, 10s);
    world.run_for(1s);
    EXPECT_EQ(world.receiver(url).events(), names({"onConnect", "onDisconnect", "onLeave"}));
}

STORY("a callback receiver is dead for a minute, with a restart in between") {
    const std::string url = "https://app.example/events";
    Receiver& receiver = world.receiver(url);
    receiver.alive = false;
    Browser& alice = world.browser("alice", {.callback_url = url});
    Browser& bob = world.browser("bob", {.callback_url = "https://other.example/"});
    for (Browser* one : {&alice, &bob}) one->connects();
    world.run_for(10s);
    alice.loses_signalling();
    world.run_for(20s);
    EXPECT_EQ(world.receiver("https://other.example/").events(), names({"onConnect"})) << "nobody else waits for it";
    world.kill_server();
    world.run_for(2s);
    world.start_server();
    world.run_for(10s);
    alice.leaves();
    world.run_for(20s);
    EXPECT_TRUE(receiver.bodies.empty());
    EXPECT_GT(receiver.attempts, 5);
    receiver.alive = true;
    world.run_until([&] { return once(receiver).size() >= 6; }, 2min);
    world.run_for(10s);
    // The restart cut the socket, too.
    EXPECT_EQ(once(receiver),
              names({"onConnect", "onDisconnect", "onConnect", "onDisconnect", "onConnect", "onLeave"}));
}

STORY("commits take 200 ms, nothing is answered before it is durable", .node = {.commit_delay = 200ms}) {
    const Timestamp asked = world.time();
    const std::string room = world.session();
    EXPECT_GE(world.time() - asked, 200ms);
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    std::string last;
    for (int i = 0; i < 5; ++i) {
        RestAnswer answer;
        world.rest_later("POST", "/sessions", nullptr, [&](const RestAnswer& one) { answer = one; });
        world.run_for(Duration(static_cast<int64_t>(world.random().below(50'000))));
        world.rest_later("PUT", "/sessions/" + room + "/participants/" + bob.participant(),
                         i % 2 == 0 ? no_streams() : whole_session(room), [](const RestAnswer&) {});
        world.run_until([&] { return answer.status != 0; });
        last = std::string(answer.body.at("id").as_string());
    }
    world.kill_server();
    world.start_server();
    EXPECT_EQ(world.rest("GET", "/sessions/" + last).status, 200);
    world.run_until([&] { return alice.connected() && bob.connected(); });
    world.subscribe(room, bob, whole_session(room));
    world.run_until([&] { return meet(alice, bob); }, 40s);
}

}  // namespace crosspoint::sim
