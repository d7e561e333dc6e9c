#include "stories/figures.h"

namespace crosspoint::sim {

namespace {

void meet_for_ten_seconds(World& world) {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    alice.measure_anew();
    bob.measure_anew();
    world.run_for(10s);
    for (const auto& [one, other] : {std::pair{&alice, &bob}, std::pair{&bob, &alice}}) {
        EXPECT_EQ(one->available_events(*other), 1u);
        EXPECT_EQ(one->stream_events().size(), 1u);
        EXPECT_EQ(one->stream_events().front().media_types, names({"AUDIO", "VIDEO"}));
        EXPECT_GE(one->figures(*other, MediaKind::Video)->frames, 198u);
        EXPECT_LE(one->figures(*other, MediaKind::Video)->longest_pause, 60ms);
        EXPECT_EQ(one->figures(*other, MediaKind::Audio)->lost, 0u);
        EXPECT_GE(one->figures(*other, MediaKind::Audio)->packets, 495u);
    }
}

}  // namespace

STORY("two browsers meet and hear and see each other") { meet_for_ten_seconds(world); }

STORY("two browsers meet with real DTLS", .node = {.real_dtls = true}, .repeatable = false) {
    meet_for_ten_seconds(world);
}

STORY("a third joins and leaves, the others hear exactly that") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    Browser& carol = world.joins(room, "carol");
    world.run_until([&] { return meet(alice, carol) && meet(bob, carol); });
    alice.measure_anew();
    carol.leaves();
    world.run_until([&] { return alice.streams().size() == 1 && bob.streams().size() == 1; });
    world.run_for(2s);
    EXPECT_TRUE(meet(alice, bob));
    EXPECT_EQ(alice.figures(bob, MediaKind::Audio)->lost, 0u) << "one who goes disturbs nobody";
    for (const Browser* one : {&alice, &bob}) {
        EXPECT_EQ(one->available_events(carol), 1u);
        EXPECT_EQ(one->stream_events().size(), 3u);
        EXPECT_EQ(one->unavailable_events(), 1u);
    }
}

STORY("who only listens hears, and is heard by nobody") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& ear = world.browser("ear", {.permissions = {}});
    world.add(room, ear, whole_session(room));
    ear.connects();
    world.run_until([&] { return ear.sees(alice) && ear.hears(alice); });
    EXPECT_TRUE(alice.stream_events().empty());
    EXPECT_EQ(ear.publishing(), nullptr);
}

STORY("a device that connects before it is a member gets everything when it becomes one") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.browser("bob");
    bob.connects();
    bob.publishes();
    world.run_for(3s);
    EXPECT_TRUE(bob.publishing_connected());
    EXPECT_TRUE(bob.stream_events().empty());
    EXPECT_TRUE(alice.stream_events().empty());
    world.add(room, bob, whole_session(room));
    world.run_until([&] { return meet(alice, bob); });
}

STORY("nobody publishes what its token does not permit") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& radio = world.joins(room, "radio", {.permissions = {"AUDIO"}});
    Browser& mute = world.joins(room, "mute", {.permissions = {}});
    world.run_until([&] { return alice.hears(radio) && radio.sees(alice) && mute.sees(alice); });
    world.run_for(2s);
    EXPECT_FALSE(alice.sees(radio));
    ASSERT_EQ(alice.stream_events().size(), 1u);
    EXPECT_EQ(alice.stream_events().front().media_types, names({"AUDIO"}));
    EXPECT_EQ(radio.sent(MediaKind::Video)->packets(), 0u);
    EXPECT_TRUE(radio.errors().empty()) << "publish() resolves all the same";
}

STORY("permissions can be left unenforced", .node = {.enforce_permissions = false}) {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& radio = world.joins(room, "radio", {.permissions = {"AUDIO"}});
    world.run_until([&] { return meet(alice, radio); });
}

STORY("both data channels' heartbeats are answered") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    world.run_for(31s);
    EXPECT_GE(alice.publishing()->pings(), 2);
    EXPECT_GE(alice.subscribing()->pings(), 2);
}

STORY("a publisher hears when its packets arrived, a subscriber how the clocks relate") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return meet(alice, bob); });
    world.run_for(5s);
    EXPECT_GT(alice.publishing()->feedback_arrivals(), 400u);
    for (const auto& track : bob.subscribing()->heard()) EXPECT_GE(track->sender_reports(), 3);
}

STORY("twenty meet, and no more fit in") {
    const std::string room = world.session();
    std::vector<Browser*> all;
    for (int i = 0; i < 20; ++i) {
        Browser& one = *all.emplace_back(&world.browser("number " + std::to_string(i)));
        world.add(room, one, whole_session(room));
        one.connects();
        one.publishes({.video = false});
    }
    const auto everybody_hears = [&] {
        return std::ranges::all_of(all, [&](const Browser* one) {
            return std::ranges::all_of(all, [&](const Browser* other) { return one == other || one->hears(*other); });
        });
    };
    world.run_until(everybody_hears);
    for (const Browser* one : all) EXPECT_EQ(one->stream_events().size(), 19u);
    const Browser& late = world.browser("late");
    EXPECT_EQ(world.rest("PUT", "/sessions/" + room + "/participants/" + late.participant()).status, 409);
}

}  // namespace crosspoint::sim
