#include "story.h"

namespace crosspoint::sim {

using rtc::MediaKind;

STORY("two browsers meet and hear and see each other") {
    const std::string room = world.session();
    Browser& alice = world.joins(room, "alice");
    Browser& bob = world.joins(room, "bob");
    world.run_until([&] { return alice.sees(bob) && alice.hears(bob) && bob.sees(alice) && bob.hears(alice); });
    alice.measure_anew();
    bob.measure_anew();
    world.run_for(10s);
    for (const auto& [one, other] : {std::pair{&alice, &bob}, std::pair{&bob, &alice}}) {
        EXPECT_EQ(one->available_events(*other), 1u);
        EXPECT_EQ(one->stream_events().size(), 1u);
        EXPECT_EQ(one->stream_events().front().media_types, (std::vector<std::string>{"AUDIO", "VIDEO"}));
        EXPECT_GE(one->figures(*other, MediaKind::Video)->frames, 198u);
        EXPECT_LE(one->figures(*other, MediaKind::Video)->longest_pause, 60ms);
        EXPECT_EQ(one->figures(*other, MediaKind::Audio)->lost, 0u);
        EXPECT_GE(one->figures(*other, MediaKind::Audio)->packets, 495u);
    }
}

}  // namespace crosspoint::sim
