#include "stories/people/calls.h"

// jsapi 18, "Races".
namespace crosspoint::sim {

namespace {

/// Somewhere around the moment when both may win.
Duration up_to(World& world, Duration most) {
    return Duration(static_cast<int64_t>(world.random().below(static_cast<uint64_t>(most.count()) + 1)));
}

}  // namespace

STORY("A11 of two devices that accept at once one gets the call, and there is one in its media ever") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = p.ring(world);
    const Request third = c3.accepts(id);
    const Request fourth = c4.accepts(id);
    world.run_until([&] { return third->settled && fourth->settled; });
    EXPECT_NE(third->ok, fourth->ok);
    Device& winner = third->ok ? c3 : c4;
    Device& loser = third->ok ? c4 : c3;
    const Request& lost = third->ok ? fourth : third;
    EXPECT_EQ(lost->error, "already_accepted");
    EXPECT_EQ(text_of(*lost, "connectionId"), winner.id());
    EXPECT_EQ(loser.role(id), "passive receiver");
    EXPECT_TRUE(loser.was_told("call:accepted", {"b", winner.id()}));
    world.run_until([&] { return c1.hears(winner) && winner.hears(c1); });
    world.expect_one_truth();
    EXPECT_EQ(winner.heard("call.media"), 1u);
    EXPECT_EQ(loser.heard("call.media"), 0u);
    EXPECT_EQ(world.server().control_counts().participants, 2u);
    EXPECT_EQ(c1.media(id)->streams().size(), 1u);
}

STORY("A12 accept against reject on two devices: the first one decides") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = p.ring(world);
    world.run_for(up_to(world, 20ms));
    const Request accepts = c3.accepts(id);
    world.run_for(up_to(world, 20ms));
    const Request rejects = c4.rejects(id);
    world.run_until([&] { return accepts->settled && rejects->settled; });
    world.run_for(200ms);
    EXPECT_NE(accepts->ok, rejects->ok);
    if (accepts->ok) {
        EXPECT_EQ(rejects->error, "already_accepted");
        EXPECT_EQ(c1.call(id).state, "active");
    } else {
        EXPECT_EQ(accepts->error, "call_ended");
        EXPECT_EQ(text_of(*accepts, "endReason"), "rejected");
        EXPECT_TRUE(c1.was_told("call:rejected", {"b"}));
        EXPECT_EQ(c1.call(id).end_reason, "rejected");
    }
    world.expect_one_truth();
}

STORY("A13 a device that is not in an answered call cannot end it") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = world.talk(c1, c3);
    EXPECT_EQ(world.answer(c4.rejects(id)).error, "already_accepted");
    EXPECT_EQ(world.answer(c4.ignores(id)).error, "already_accepted");
    EXPECT_EQ(world.answer(c4.hangs_up(id)).error, "not_active");
    world.expect_one_truth();
    for (const Device* device : p.all()) EXPECT_EQ(device->call(id).state, "active");
}

namespace {

/// A hangs up while B answers, whichever comes first.
void cancel_against_accept(World& world, bool cancel_first) {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = p.ring(world);
    c1.link().path.delay = cancel_first ? 5ms : 30ms;
    c3.link().path.delay = cancel_first ? 30ms : 5ms;
    const Request cancels = c1.hangs_up(id);
    const Request accepts = c3.accepts(id);
    world.run_until([&] { return cancels->settled && accepts->settled; });
    world.run_for(200ms);
    world.expect_one_truth();
    EXPECT_TRUE(cancels->ok);
    EXPECT_EQ(accepts->ok, !cancel_first);
    const std::string reason = cancel_first ? "cancelled" : "hangup";
    for (const Device* device : p.all()) {
        EXPECT_EQ(device->call(id).end_reason, reason) << device->name();
        EXPECT_EQ(device->count("call:end", id), 1u) << device->name();
        EXPECT_EQ(device->count("call:accepted", id), cancel_first ? 0u : 1u) << device->name();
        EXPECT_FALSE(device->in_media()) << device->name();
    }
    if (cancel_first) {
        EXPECT_EQ(accepts->error, "call_ended");
        EXPECT_EQ(text_of(*accepts, "endReason"), "cancelled");
    }
    for (const Device* device : {&c3, &c4}) EXPECT_EQ(missed_calls(*device), cancel_first ? Args{id} : Args{});
    EXPECT_EQ(missed_calls(c1), Args{});
}

}  // namespace

STORY("A14 a cancel that comes before the accept ends the call, and it is missed") {
    cancel_against_accept(world, true);
}

STORY("A15 an accept that comes before the cancel answers the call, and it is not missed") {
    cancel_against_accept(world, false);
}

STORY("A16 who opens a call in the chain of the one that rings answers it") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string chain = text_of(world.answer(c1.texts({"b"}, "hello")), "chainId");
    const std::string id = p.ring(world, {.chain = chain});
    const CallPicture& opened = c3.opens({"a"}, {.chain = chain});
    world.run_until([&] { return !opened.live() && c1.call(id).state == "active"; });
    world.expect_one_truth();
    EXPECT_EQ(opened.end_reason, "merged");
    EXPECT_EQ(c3.role(id), "active receiver");
    EXPECT_EQ(c3.count("call:received"), 1u);
    EXPECT_EQ(c3.count("call:replaced"), 1u);
    EXPECT_EQ(c3.story(id), (Args{"call:received", "call:ringing", "call:ringing", "call:accepted"}));
    EXPECT_EQ(c1.calls().size(), 1u);
    world.run_until([&] { return c1.hears(c3) && c3.sees(c1); });
}

namespace {

/// Two people call each other; returns the call that is left. Both sides' opened calls go on as that one.
std::string call_each_other(World& world, TwoPeople& p, Duration most, const CallWishes& a_wishes = {},
                            const CallWishes& b_wishes = {}) {
    const Duration head_start = up_to(world, most);
    const bool a_first = world.random().below(2) == 0;
    Device& first = a_first ? p.c1 : p.c3;
    Device& second = a_first ? p.c3 : p.c1;
    first.opens({second.person().profile}, a_first ? a_wishes : b_wishes);
    world.run_for(head_start);
    second.opens({first.person().profile}, a_first ? b_wishes : a_wishes);
    const auto in_one = [](const Device& device) {
        const CallPicture* call = the_live_call(device);
        return call && call->state == "active";
    };
    world.run_until([&] { return in_one(p.c1) && in_one(p.c3); });
    const CallPicture* call = the_live_call(p.c1);
    return call ? call->id : "";
}

/// What every device shows after two calls that met: one call between c1 and c3, answered.
void expect_one_answered_call(const TwoPeople& p, const std::string& id) {
    for (const Device* device : p.all()) {
        EXPECT_TRUE(the_live_call(*device)) << device->name();
        EXPECT_EQ(device->call(id).state, "active") << device->name();
        EXPECT_EQ(missed_calls(*device), Args{}) << device->name();
        for (const auto& call : device->calls()) {
            if (call->live()) continue;
            EXPECT_TRUE(call->end_reason == "glare" || call->end_reason == "merged") << call->end_reason;
        }
    }
    EXPECT_TRUE(p.c1.call(id).is_active(p.c1.viewer()));
    EXPECT_TRUE(p.c3.call(id).is_active(p.c3.viewer()));
}

chains::Settings without_limits_of_rate() {
    chains::Settings settings;
    settings.calls_per_minute = 1'000'000;
    settings.tombstone = 1s;  // so that few calls are looked at after every turn
    return settings;
}

}  // namespace

// Under the five seeds of a run these are a thousand crossings.
STORY("A17 two who call each other end in one call, whoever is heard first",
      .node = {.people = without_limits_of_rate()}) {
    TwoPeople p(world);
    for (Device* device : p.all()) device->joins_media = false;
    for (int i = 0; i < 200; ++i) {
        for (Device* device : p.all()) device->link().path.delay = 1ms + up_to(world, 40ms);
        world.server().options().commit_delay = 1ms + up_to(world, 10ms);
        const std::string id = call_each_other(world, p, i % 2 == 0 ? 5ms : 60ms);
        world.expect_one_truth();
        expect_one_answered_call(p, id);
        EXPECT_TRUE(world.answer(p.c3.hangs_up(id)).ok);
        world.expect_one_truth();
        if (testing::Test::HasFailure()) return;
        for (Device* device : p.all()) device->forgets_the_past();
    }
}

STORY("A18 a voice call that met a video call turns on no camera") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = call_each_other(world, p, 0ms, {.media = {true, false}}, {.media = {true, true}});
    world.run_until([&] { return c1.hears(c3) && c3.hears(c1); });
    world.run_for(3s);
    EXPECT_FALSE(c1.sees(c3));
    EXPECT_FALSE(c3.sees(c1));
    EXPECT_TRUE(world.answer(c3.updates(id, {true, true})).ok);
    world.run_until([&] { return c1.sees(c3); });
    world.run_for(1s);
    EXPECT_FALSE(c3.sees(c1));
    EXPECT_TRUE(c1.call(id).options.video);
    world.expect_one_truth();
}

STORY("A19 who connects while a call waits rings") {
    const Person a = world.person("a");
    const Person b = world.person("b");
    Device& c1 = world.device(a, "c1");
    const std::string id = world.call(c1, {"b"});
    world.run_for(5s);
    Device& c3 = world.device(b, "c3");
    world.run_until([&] { return c3.rings() && c1.call(id).state == "ringing"; });
    EXPECT_EQ(c3.heard("call.init", id), 1u);
    EXPECT_EQ(c3.heard("call.state", id), 0u);
    EXPECT_TRUE(world.answer(c3.accepts(id)).ok);
    world.expect_one_truth();
}

STORY("A20 who never connects is unreachable after ten seconds, and finds one missed call") {
    const Person a = world.person("a");
    const Person b = world.person("b");
    Device& c1 = world.device(a, "c1");
    const std::string id = world.call(c1, {"b"});
    world.run_for(9900ms);
    EXPECT_EQ(c1.call(id).state, "init");
    world.run_until([&] { return !c1.call(id).live(); }, 300ms);
    EXPECT_EQ(c1.call(id).end_reason, "unreachable");
    EXPECT_EQ(c1.story(id), (Args{"call:init_timeout", "call:end"}));
    world.run_for(1h);
    Device& c3 = world.device(b, "c3");
    world.run_for(1s);
    EXPECT_EQ(missed_calls(c3), Args{id});
    EXPECT_TRUE(c3.calls().empty());
    EXPECT_EQ(c3.said("call.ringing"), 0u);
}

STORY("A21 a device that does not answer no longer counts, and may ring late") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    c4.auto_ringing = false;
    const std::string id = world.call(c1, {"b"});
    world.run_until([&] { return c3.rings(); });
    world.run_for(1s);
    const size_t heard = c1.link().heard().size();
    world.run_for(10s);
    EXPECT_EQ(c1.heard("call.init_timeout"), 0u);
    EXPECT_EQ(c1.call(id).state, "ringing");
    EXPECT_EQ(c1.count("call:ringing", id), 1u);
    EXPECT_LE(c1.link().heard().size(), heard + 1);  // a ping
    EXPECT_TRUE(world.answer(c4.rings(id)).ok);
    world.run_for(100ms);
    world.expect_one_truth();
    EXPECT_TRUE(c1.was_told("call:ringing", {"b", c4.id()}));
    EXPECT_TRUE(world.answer(c4.accepts(id)).ok);
    world.expect_one_truth();
}

namespace {

/// B can be woken, and its device connects so much after the call.
void wake_after(World& world, Duration patience, bool in_time) {
    const Person a = world.person("a");
    const Person b = world.person("b", {.wakeable = true});
    Device& c1 = world.device(a, "c1");
    const std::string id = world.call(c1, {"b"});
    world.run_for(patience);
    const Receiver& app = world.receiver(std::string(Node::kWakeUrl));
    ASSERT_EQ(app.bodies.size(), 1u);
    EXPECT_EQ(text_in(app.bodies.front(), "callId"), id);
    Device& c3 = world.device(b, "c3");
    world.run_for(1s);
    EXPECT_EQ(c3.rings(), in_time);
    EXPECT_EQ(missed_calls(c3), in_time ? Args{} : Args{id});
    EXPECT_EQ(c1.call(id).state, in_time ? "ringing" : "ended");
    EXPECT_EQ(c1.call(id).end_reason, in_time ? "" : "unreachable");
    EXPECT_EQ(app.bodies.size(), 1u);
}

}  // namespace

STORY("A22 who is woken in time rings") { wake_after(world, 20s, true); }
STORY("A22 who is woken too late has missed the call") { wake_after(world, 31s, false); }

STORY("A23 who does not answer for forty-five seconds has missed the call, on each device once") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    Device& c5 = world.device(b, "c5");
    c5.disconnects();
    world.run_for(1s);
    const std::string id = p.ring(world);
    world.run_for(44500ms);
    EXPECT_EQ(c1.call(id).state, "ringing");
    world.run_until([&] { return !c1.call(id).live(); }, 1s);
    world.run_for(200ms);
    for (const Device* device : p.all()) {
        EXPECT_TRUE(device->was_told("call:ringing_timeout", {"b"})) << device->name();
        EXPECT_EQ(device->call(id).end_reason, "no_answer") << device->name();
        EXPECT_FALSE(device->rings()) << device->name();
    }
    Device& later = world.device(b, "c5 again");
    for (const Device* device : {&c3, &c4, &later}) EXPECT_EQ(missed_calls(*device), Args{id}) << device->name();
    for (const Device* device : {&c1, &c2}) EXPECT_EQ(missed_calls(*device), Args{}) << device->name();
}

STORY("A24 who answered on one device has missed the call on none") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    c4.link().cuts_network();
    const std::string id = world.talk(c1, c3);
    world.answer(c1.hangs_up(id));
    c4.link().mends_network();
    world.run_until([&] { return c4.synced(); }, 60s);
    Device& later = world.device(b, "another");
    world.run_for(1s);
    for (const Device* device : {&c3, &c4, &later}) {
        EXPECT_EQ(missed_calls(*device), Args{}) << device->name();
        EXPECT_FALSE(device->rings()) << device->name();
    }
    EXPECT_EQ(later.heard("call.record"), 1u);
}

STORY("A25 when the ring timer and the accept meet, one of them decides for everybody") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    c3.link().path.delay = 10ms;
    const std::string id = world.call(c1, {"b"}, {.ring_timeout_ms = 10'000});
    world.run_until([&] { return c3.rings(); });
    world.run_until([&] { return c1.call(id).state == "ringing"; });
    world.run_for(9930ms);
    world.run_for(up_to(world, 60ms));
    const Request accepts = c3.accepts(id);
    world.run_until([&] { return accepts->settled; });
    world.run_for(200ms);
    world.expect_one_truth();
    if (accepts->ok) {
        for (const Device* device : p.all()) EXPECT_EQ(device->call(id).state, "active") << device->name();
        EXPECT_EQ(missed_calls(c4), Args{});
    } else {
        EXPECT_EQ(accepts->error, "call_ended");
        EXPECT_EQ(text_of(*accepts, "endReason"), "no_answer");
        for (const Device* device : p.all()) EXPECT_EQ(device->call(id).end_reason, "no_answer") << device->name();
        EXPECT_EQ(missed_calls(c4), Args{id});
    }
}

STORY("A26 of two devices that take a call over at once one gets it, and the other learns who") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    Device& c6 = world.device(a, "c6");
    const std::string id = world.talk(c1, c3);
    world.run_until([&] { return c2.find(id) && c6.find(id) && c2.call(id).state == "active"; });
    world.expect_one_truth();
    const Request second = c2.activates(id);
    const Request sixth = c6.activates(id);
    world.run_until([&] { return second->settled && sixth->settled; });
    EXPECT_NE(second->ok, sixth->ok);
    const Device& winner = second->ok ? c2 : c6;
    const Request& lost = second->ok ? sixth : second;
    EXPECT_EQ(lost->error, "conflict");
    EXPECT_EQ(text_of(*lost, "connectionId"), winner.id());
    world.expect_one_truth();
    EXPECT_EQ(winner.role(id), "active initiator");
    EXPECT_EQ(c1.role(id), "passive initiator");
    EXPECT_EQ(c3.count("call:activated"), 1u);
}

}  // namespace crosspoint::sim
