#include "stories/figures.h"

namespace crosspoint::sim {

STORY("5 % loss both ways and 50 ms each way") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    alice.set_network(50ms, 50);
    bob.set_network(50ms, 50);
    world.run_until([&] { return meet(alice, bob); });
    alice.measure_anew();
    bob.measure_anew();
    world.run_for(30s);
    for (const auto& [one, other] : {std::pair{&alice, &bob}, std::pair{&bob, &alice}}) {
        const Figures& video = *one->figures(*other, MediaKind::Video);
        const Figures& audio = *one->figures(*other, MediaKind::Audio);
        EXPECT_GE(video.frames, video.frames_due * 95 / 100);
        EXPECT_GE(video.frames, 570u);
        EXPECT_LT(video.longest_pause, 1s);
        EXPECT_LT(audio.lost, 45u) << "under 3 % of 1500, thanks to RED";
        EXPECT_EQ(one->stream_events().size(), 1u);
    }
}

STORY("packets overtake each other") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    for (Path* path : {&alice.publishing_wire.up, &bob.subscribing_wire.down}) path->reordered_per_mille = 50;
    bob.measure_anew();
    world.run_for(10s);
    EXPECT_GE(bob.figures(alice, MediaKind::Video)->frames, 197u);
    EXPECT_LE(bob.figures(alice, MediaKind::Video)->longest_pause, 150ms);
}

STORY("the signalling of one is cut for 20 s") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    world.run_for(1s);
    alice.measure_anew();
    bob.measure_anew();
    alice.cut_signalling();
    world.run_for(10s);
    Browser& carol = world.joins(room, "carol");
    world.run_for(10s);
    EXPECT_FALSE(alice.connected());
    EXPECT_FALSE(alice.hears(carol));
    EXPECT_TRUE(carol.hears(alice));
    alice.mend_signalling();
    world.run_until([&] { return meet(alice, carol); }, 2s);
    for (const auto& [one, other] : {std::pair{&alice, &bob}, std::pair{&bob, &alice}}) {
        EXPECT_EQ(one->figures(*other, MediaKind::Audio)->lost, 0u) << "media never stops";
        EXPECT_LE(one->figures(*other, MediaKind::Video)->longest_pause, 60ms);
    }
    EXPECT_EQ(alice.available_events(bob), 1u);
    EXPECT_EQ(alice.available_events(carol), 1u);
    EXPECT_EQ(alice.unavailable_events(), 0u);
}

STORY("a socket is lost in the middle of anything") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    std::string stream;
    for (int i = 0; i < 6; ++i) {
        if (i % 2 == 0)
            stream = bob.publishes({.alias = "more"});
        else
            bob.unpublishes(stream);
        world.run_for(Duration(static_cast<int64_t>(world.random().below(120'000))));
        alice.loses_signalling(world.random().below(2) == 0);  // the server may only hear of it from the next socket
        world.run_for(4s);
        EXPECT_EQ(alice.streams().size(), i % 2 == 0 ? 2u : 1u);
    }
    EXPECT_TRUE(meet(alice, bob));
}

STORY("the publishing path is cut for 40 s, and an ICE restart brings it back") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    alice.publishing_wire.set_cut(true);
    world.run_for(40s);
    EXPECT_FALSE(bob.hears(alice));
    EXPECT_TRUE(alice.hears(bob));
    alice.publishing_wire.set_cut(false);
    world.run_until([&] { return meet(alice, bob); }, 8s);
    EXPECT_EQ(bob.stream_events().size(), 1u) << "the stream was there all the time";
    world.run_for(10s);
    EXPECT_TRUE(meet(alice, bob));
}

STORY("the publishing path moves to another address in an ICE restart, with real DTLS", .node = {.real_dtls = true},
      .repeatable = false) {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    alice.publishing_wire.set_cut(true);
    world.run_for(20s);
    alice.publishing_wire.set_cut(false);
    world.run_until([&] { return meet(alice, bob); }, 8s);
}

STORY("the subscribing path is silent for 45 s, the server offers an ICE restart") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    const size_t offers = alice.offers();
    alice.subscribing_wire.set_cut(true);
    world.run_for(29s);
    EXPECT_EQ(alice.offers(), offers);
    world.run_for(16s);
    EXPECT_GE(alice.offers(), offers + 2) << "one after 30 s, another each 10 s";
    EXPECT_TRUE(bob.hears(alice));
    alice.subscribing_wire.set_cut(false);
    world.run_until([&] { return meet(alice, bob); }, 12s);
    EXPECT_EQ(alice.stream_events().size(), 1u);
    const size_t after = alice.offers();
    world.run_for(25s);
    EXPECT_EQ(alice.offers(), after) << "and none when it is back";
}

STORY("a device is gone after 60 s") {
    const std::string url = "https://app.example/events";
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob", {.callback_url = url});
    world.run_until([&] { return meet(alice, bob); });
    bob.vanishes();
    world.run_for(1s);
    EXPECT_EQ(world.receiver(url).events(), names({"onConnect", "onDisconnect"}));
    world.run_for(57s);
    EXPECT_EQ(alice.streams().size(), 1u) << "it may still come back";
    world.run_until([&] { return alice.streams().empty(); }, 5s);
    world.run_for(1s);
    EXPECT_EQ(world.receiver(url).events(), names({"onConnect", "onDisconnect", "onLeave"}));
}

STORY("media alone keeps a device here without its socket") {
    const std::string url = "https://app.example/events";
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob", {.callback_url = url});
    world.run_until([&] { return meet(alice, bob); });
    bob.cut_signalling();
    world.run_for(2min);
    EXPECT_TRUE(meet(alice, bob));
    EXPECT_EQ(world.receiver(url).events(), names({"onConnect", "onDisconnect"}));
    bob.mend_signalling();
    world.run_for(3s);
    EXPECT_TRUE(bob.connected());
    EXPECT_TRUE(meet(alice, bob));
    EXPECT_EQ(world.receiver(url).events(), names({"onConnect", "onDisconnect", "onConnect"}));
}

STORY("a NAT gives both connections other addresses") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    for (int i = 0; i < 3; ++i) {
        alice.moves();
        world.run_for(1s);
        world.run_until([&] { return meet(alice, bob); }, 3s);  // consent is asked for every 2 to 3 s
        world.run_for(1s);
        EXPECT_TRUE(meet(alice, bob));
    }
    EXPECT_EQ(alice.stream_events().size(), 1u);
    EXPECT_EQ(bob.stream_events().size(), 1u);
}

STORY("an offer is lost with its socket, and made again on the next") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    for (const Duration delay : {1ms, 250ms, 450ms}) {  // the offer, the answer and the reply take 200 ms each
        alice.signal_path.delay = 200ms;
        const size_t streams = alice.streams().size();
        bob.publishes();
        world.run_for(50ms + delay);
        alice.loses_signalling(world.random().below(2) == 0);
        alice.signal_path.delay = 10ms;
        world.run_until([&] { return alice.connected() && alice.streams().size() == streams + 1; }, 2s);
        world.run_for(500ms);
        EXPECT_TRUE(meet(alice, bob));
        EXPECT_EQ(alice.unavailable_events(), 0u);
    }
}

}  // namespace crosspoint::sim
