#include "swarm/plan.h"

#include <vector>

namespace crosspoint::sim::swarm {
namespace {

struct Flavour {
    const char* name;
    std::vector<Kind> more;
    std::vector<Kind> none;
};

const std::vector<Kind> kInRooms{Kind::Rooms, Kind::Streams, Kind::Paths};
const std::vector<Kind> kOfPeople{Kind::Calls,   Kind::Crossing, Kind::Control, Kind::Texts,
                                  Kind::Network, Kind::App,      Kind::Hostile};

const std::vector<Flavour>& flavours() {
    static const std::vector<Flavour> all{
        {"everything", {}, {}},
        {"calls", {Kind::Calls, Kind::Control}, kInRooms},
        {"crossing calls", {Kind::Crossing}, kInRooms},
        {"handoff and hold", {Kind::Control}, kInRooms},
        {"texts", {Kind::Texts, Kind::Network}, kInRooms},
        {"bad networks", {Kind::Network, Kind::Calls}, kInRooms},
        {"restarts", {Kind::Server, Kind::Crossing, Kind::Texts}, kInRooms},
        {"floods", {Kind::Hostile, Kind::Calls, Kind::Texts}, kInRooms},
        {"rooms", {Kind::Rooms, Kind::Streams}, kOfPeople},
        {"rooms on bad networks", {Kind::Paths, Kind::Server}, kOfPeople},
    };
    return all;
}

void shorten(chains::Settings& timers, int times) {
    for (std::chrono::milliseconds* timer :
         {&timers.init_timeout, &timers.wake_timeout, &timers.ring_timeout, &timers.reconnect_grace,
          &timers.detached_media_max, &timers.invite_again, &timers.resume_window, &timers.tombstone})
        *timer /= times;
}

}  // namespace

Plan::Plan(uint64_t seed) {
    SeededRandom dice(seed ^ 0x5eed);
    const Flavour& chosen = flavours()[dice.below(flavours().size())];
    flavour = chosen.name;
    for (uint64_t& weight : weights) weight = 1 + dice.below(4);
    for (const Kind kind : chosen.more) weights[static_cast<size_t>(kind)] *= 5;
    for (const Kind kind : chosen.none) weights[static_cast<size_t>(kind)] = 0;
    if (weight(Kind::Rooms) > 0) {
        rooms = 1 + dice.below(2);
        guests = 2 + dice.below(4);
    }
    if (weight(Kind::Calls) > 0) {
        people = 2 + dice.below(4);
        devices_each = 1 + dice.below(3);
    }
    pause = std::chrono::milliseconds(200 + dice.below(700));
    const uint64_t disk = dice.below(4);
    commit_delay = std::chrono::milliseconds(disk == 0 ? 50 : disk == 1 ? 10 : 1);
    if (dice.below(3) != 0) shorten(timers, 5);
    if (dice.below(4) == 0) timers.max_call = 20s;
    if (dice.below(4) == 0) timers.kept_messages = 8 + dice.below(30);
    if (dice.below(3) == 0) timers.log_page = 2;
}

}  // namespace crosspoint::sim::swarm
