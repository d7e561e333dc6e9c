#pragma once
#include "story.h"

// What stories about people share (jsapi 18).
namespace crosspoint::sim {

using Args = std::vector<std::string>;

/// A with devices c1 and c2, B with c3 and c4.
struct TwoPeople {
    explicit TwoPeople(World& world, const PersonOptions& b_options = {})
        : a(world.person("a")),
          b(world.person("b", b_options)),
          c1(world.device(a, "c1")),
          c2(world.device(a, "c2")),
          c3(world.device(b, "c3")),
          c4(world.device(b, "c4")) {}

    Person a;
    Person b;
    Device& c1;
    Device& c2;
    Device& c3;
    Device& c4;
    std::vector<Device*> all() const { return {&c1, &c2, &c3, &c4}; }
    /// A calls B from c1, and every device sees that both of B's ring.
    std::string ring(World& world, const CallWishes& wishes = {});
};

/// A, B and C with a device each.
struct ThreePeople {
    explicit ThreePeople(World& world, const PersonOptions& b_options = {})
        : a(world.person("a")),
          b(world.person("b", b_options)),
          c(world.person("c")),
          c1(world.device(a, "c1")),
          c3(world.device(b, "c3")),
          c5(world.device(c, "c5")) {}

    Person a;
    Person b;
    Person c;
    Device& c1;
    Device& c3;
    Device& c5;
    std::vector<Device*> all() const { return {&c1, &c3, &c5}; }
};

/// Empty when there is none.
std::string text_in(const boost::json::object& object, std::string_view key);
/// Of its result, or of its error's details.
std::string text_of(const Outcome& outcome, std::string_view key);
/// What `call.init` takes, for what no `Device` would ask.
boost::json::object init_body(World& world, const std::string& from, const std::vector<std::string>& to,
                              const CallWishes& wishes = {});
/// What a profile sees of a chain, newest first: the id of a call, the words of a text, or "removed".
Args history(World& world, Device& reader, const std::string& profile, const std::string& chain);
/// The calls that this device was told its user missed, in their order.
Args missed_calls(const Device& device);
/// The one call a device shows as live; null when there is none or more.
const CallPicture* the_live_call(const Device& device);
/// Whether it was told of the one call's end before it heard of the other at all.
bool ended_before(const Device& device, const std::string& ended, const std::string& begun);
/// Types and reasons of all that a device was told of a call, with the times since its first; what only its own user
/// is told is left out.
std::vector<std::pair<int64_t, std::string>> traffic(const Device& device, const std::string& call);

}  // namespace crosspoint::sim
