#include "stories/people/calls.h"

// jsapi 18, "Groups and handoff".
namespace crosspoint::sim {

namespace {

/// A calls B and C, and both ring.
std::string rings_at_two(World& world, ThreePeople& p) {
    std::string id = world.call(p.c1, {"b", "c"});
    world.run_until([&] { return p.c3.rings() && p.c5.rings() && p.c1.count("call:ringing", id) == 2; });
    return id;
}

std::string talk_of_three(World& world, ThreePeople& p) {
    std::string id = rings_at_two(world, p);
    EXPECT_TRUE(world.answer(p.c3.accepts(id)).ok);
    EXPECT_TRUE(world.answer(p.c5.accepts(id)).ok);
    world.run_until([&] { return p.c1.hears(p.c3) && p.c1.hears(p.c5) && p.c3.hears(p.c5) && p.c5.hears(p.c1); });
    world.expect_one_truth();
    return id;
}

}  // namespace

STORY("A47 one who rejects changes nothing for another, and is not rung again") {
    ThreePeople p(world);
    auto& [a, b, c, c1, c3, c5] = p;
    const std::string id = rings_at_two(world, p);
    EXPECT_TRUE(world.answer(c3.rejects(id)).ok);
    world.run_for(1s);
    EXPECT_TRUE(c5.rings());
    EXPECT_EQ(c1.call(id).state, "ringing");
    EXPECT_TRUE(c3.was_told("call:end", {"rejected"}));
    EXPECT_TRUE(world.answer(c5.accepts(id)).ok);
    world.run_until([&] { return c1.hears(c5) && c5.hears(c1); });
    world.expect_one_truth();
    EXPECT_FALSE(c3.rings());
    EXPECT_EQ(c3.count("call:received", id), 1u);
    EXPECT_EQ(c3.said("call.ringing", id), 1u);
    EXPECT_EQ(c3.call(id).state, "active");
}

STORY("A48 a call that nobody takes ends with what they have in common") {
    ThreePeople p(world);
    auto& [a, b, c, c1, c3, c5] = p;
    const std::string first = rings_at_two(world, p);
    EXPECT_TRUE(world.answer(c3.rejects(first)).ok);
    world.run_until([&] { return !c1.call(first).live(); }, 46s);
    EXPECT_EQ(c1.call(first).end_reason, "no_answer");
    EXPECT_EQ(missed_calls(c3), Args{});
    world.run_until([&] { return missed_calls(c5) == Args{first}; });

    const std::string second = rings_at_two(world, p);
    EXPECT_TRUE(world.answer(c3.rejects(second)).ok);
    EXPECT_EQ(c1.call(second).state, "ringing");
    EXPECT_TRUE(world.answer(c5.rejects(second)).ok);
    world.expect_one_truth();
    EXPECT_EQ(c1.call(second).end_reason, "rejected");
}

STORY("A49 who is left may be joined by one who still rings") {
    ThreePeople p(world);
    auto& [a, b, c, c1, c3, c5] = p;
    const std::string id = rings_at_two(world, p);
    EXPECT_TRUE(world.answer(c3.accepts(id)).ok);
    EXPECT_TRUE(world.answer(c1.hangs_up(id)).ok);
    world.run_for(1s);
    world.expect_one_truth();
    EXPECT_EQ(c3.call(id).state, "active");
    EXPECT_EQ(c1.call(id).state, "active");  // for others; for A it is over
    EXPECT_TRUE(c1.was_told("call:end", {"hangup"}));
    EXPECT_TRUE(c5.rings());
    EXPECT_TRUE(world.answer(c5.accepts(id)).ok);
    world.run_until([&] { return c3.hears(c5) && c5.hears(c3); });
    world.expect_one_truth();
}

STORY("A49 when the one who still rings rejects, there is nobody to talk to") {
    ThreePeople p(world);
    auto& [a, b, c, c1, c3, c5] = p;
    const std::string id = rings_at_two(world, p);
    EXPECT_TRUE(world.answer(c3.accepts(id)).ok);
    EXPECT_TRUE(world.answer(c1.hangs_up(id)).ok);
    EXPECT_TRUE(world.answer(c5.rejects(id)).ok);
    world.expect_one_truth();
    for (const Device* device : p.all()) EXPECT_EQ(device->call(id).end_reason, "rejected") << device->name();
}

STORY("A50 a stranger learns nothing, and nobody calls as another") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const Person x = world.person("x");
    Device& c9 = world.device(x, "c9");
    const CallPicture& forged = c9.opens({"b"});
    const Request as_another = c9.asks("call.init", init_body(world, "a", {"b"}));
    EXPECT_EQ(world.answer(as_another).error, "forbidden_profile");
    world.run_until([&] { return c3.rings(); });
    world.answer(c9.hangs_up(forged.id));
    EXPECT_EQ(c3.calls().size(), 1u);

    const std::string id = world.talk(c1, c3);
    const boost::json::object media{{"media", to_json(Media{})}};
    const auto with = [](boost::json::object body, const char* key, const std::string& value) {
        body[key] = value;
        return body;
    };
    const std::vector<std::pair<const char*, boost::json::object>> all{
        {"call.pending", {}},
        {"call.ringing", {}},
        {"call.accept", media},
        {"call.reject", {{"reason", "declined"}}},
        {"call.ignore", {}},
        {"call.unavailable", {{"reason", "no_media"}}},
        {"call.hangup", {}},
        {"call.activate", with(media, "expect", c1.id())},
        {"call.hold", {}},
        {"call.resume", {}},
        {"call.update", media},
        {"call.invite", {{"profileIds", boost::json::array{"x"}}}},
        {"call.remove", {{"profileId", "b"}}},
        {"call.sync", {{"rev", 0}}},
    };
    const uint64_t rev = c1.call(id).rev;
    for (const auto& [type, body] : all) {
        const Request right = c9.asks(type, with(body, "callId", id));
        const Outcome answered = world.answer(right);
        const Request wrong = c9.asks(type, with(body, "callId", "AAAAAAAAAAAAAAAAAAAAAA"));
        const Outcome& unknown = world.answer(wrong);
        EXPECT_EQ(answered.error, "not_found") << type;
        EXPECT_EQ(answered.error, unknown.error) << type;
        EXPECT_EQ(answered.result, unknown.result) << type;
    }
    EXPECT_EQ(history(world, c9, "x", id), Args{"not_found"});
    world.run_for(1s);
    EXPECT_EQ(c9.find(id), nullptr);
    EXPECT_GE(c1.call(id).rev, rev);
    EXPECT_EQ(c1.call(id).state, "active");
    world.expect_one_truth();
}

STORY("A51 who is invited rings once, and sees the call but nothing before it") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const Person c = world.person("c");
    Device& c5 = world.device(c, "c5");
    const std::string chain = text_of(world.answer(c1.texts({"b"}, "between us")), "chainId");
    const std::string id = world.talk(c1, c3, {.chain = chain});
    const Request one = c1.invites(id, {"c"});
    const Request other = c3.invites(id, {"c"});
    world.run_until([&] { return one->settled && other->settled && c5.rings(); });
    EXPECT_TRUE(one->ok);
    EXPECT_TRUE(other->ok);
    world.run_for(1s);
    EXPECT_EQ(c5.count("call:received", id), 1u);
    EXPECT_EQ(c5.heard("call.init", id), 1u);
    for (const Device* device : p.all()) EXPECT_FALSE(device->rings()) << device->name();
    EXPECT_EQ(c1.count("call:invited", id), 1u);
    EXPECT_TRUE(world.answer(c5.accepts(id)).ok);
    world.run_until([&] { return c5.hears(c1) && c3.hears(c5); });
    world.expect_one_truth();
    EXPECT_EQ(history(world, c5, "c", chain), Args{id});
    EXPECT_EQ(history(world, c3, "b", chain), (Args{id, "between us"}));
}

STORY("A52 who did not answer in time may come in while others talk") {
    ThreePeople p(world);
    auto& [a, b, c, c1, c3, c5] = p;
    const std::string id = rings_at_two(world, p);
    EXPECT_TRUE(world.answer(c3.accepts(id)).ok);
    world.run_until([&] { return c5.count("call:ringing_timeout", id) == 1; }, 46s);
    EXPECT_TRUE(c5.was_told("call:end", {"timeout"}));
    EXPECT_TRUE(c5.call(id).live());
    EXPECT_TRUE(world.answer(c5.accepts(id)).ok);
    world.run_until([&] { return c5.hears(c1) && c3.hears(c5); });
    world.expect_one_truth();
    for (Device* device : p.all()) world.answer(device->hangs_up(id));
    EXPECT_EQ(world.answer(c5.accepts(id)).error, "call_ended");
    EXPECT_EQ(missed_calls(c5), Args{});
}

STORY("A53 the last one is not left alone") {
    ThreePeople p(world);
    auto& [a, b, c, c1, c3, c5] = p;
    const std::string id = talk_of_three(world, p);
    EXPECT_TRUE(world.answer(c5.hangs_up(id)).ok);
    world.expect_one_truth();
    EXPECT_EQ(c3.call(id).state, "active");
    EXPECT_TRUE(world.answer(c3.hangs_up(id)).ok);
    world.expect_one_truth();
    for (const Device* device : p.all()) EXPECT_EQ(device->call(id).end_reason, "hangup") << device->name();
    EXPECT_EQ(c1.count("call:end", id), 1u);
    EXPECT_FALSE(c1.in_media());
}

STORY("A54 a call moves to another device, and nobody is gone for it") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = p.ring(world);
    EXPECT_TRUE(world.answer(c3.accepts(id)).ok);
    world.run_until([&] { return c1.hears(c3) && c3.hears(c1); });
    world.expect_one_truth();
    EXPECT_TRUE(world.answer(c2.activates(id)).ok);
    world.run_until([&] { return c2.hears(c3) && c3.hears(c2) && c3.sees(c2); });
    world.expect_one_truth();
    EXPECT_EQ(c1.role(id), "passive initiator");
    EXPECT_EQ(c2.role(id), "active initiator");
    EXPECT_FALSE(c1.in_media());
    EXPECT_EQ(c3.story(id), (Args{"call:received", "call:ringing", "call:ringing", "call:accepted", "call:activated"}));
    EXPECT_TRUE(c3.was_told("call:activated", {"a", c2.id()}));
    EXPECT_EQ(world.server().control_counts().participants, 2u);
    EXPECT_EQ(world.answer(c1.holds(id)).error, "not_active");
    EXPECT_TRUE(world.answer(c1.activates(id)).ok);
    world.run_until([&] { return c1.hears(c3) && c3.hears(c1); });
    world.expect_one_truth();
}

STORY("A55 a user with two of the profiles rings once, and the second looks unreachable") {
    const Person a = world.person("a");
    const Person b = world.person("b");
    const Person b2 = world.person("b2", {.user = b.user});
    Device& c1 = world.device(a, "c1");
    Device& c3 = world.device(b, "c3");
    const std::string id = world.call(c1, {"b", "b2"});
    world.run_until([&] { return c3.rings(); });
    EXPECT_TRUE(world.answer(c3.accepts(id)).ok);
    world.run_until([&] { return c1.call(id).participant("b2")->state == "unreachable"; }, 11s);
    EXPECT_EQ(c3.count("call:received"), 1u);
    EXPECT_EQ(c3.heard("call.init", id), 1u);
    EXPECT_TRUE(c1.was_told("call:init_timeout", {"b2"}));
    world.expect_one_truth();
    EXPECT_EQ(missed_calls(c3), Args{});
}

STORY("A56 who is removed is out at once, and knows of no such call") {
    ThreePeople p(world);
    auto& [a, b, c, c1, c3, c5] = p;
    const std::string id = talk_of_three(world, p);
    EXPECT_EQ(world.answer(c3.removes(id, "c")).error, "forbidden");
    EXPECT_TRUE(world.answer(c1.removes(id, "c")).ok);
    world.run_until([&] { return !c5.in_media() && c1.media(id)->streams().size() == 1; }, 200ms);
    EXPECT_TRUE(c5.was_told("call:removed", {"c"}));
    EXPECT_TRUE(c5.was_told("call:end", {"removed"}));
    EXPECT_EQ(world.answer(c5.accepts(id)).error, "not_found");
    EXPECT_EQ(world.server().control_counts().participants, 2u);
    world.expect_one_truth();
    EXPECT_TRUE(c1.hears(c3) && c3.hears(c1));
    world.run_for(10s);
    EXPECT_TRUE(world.answer(c1.invites(id, {"c"})).ok);
    world.run_until([&] { return c5.rings(); });
    EXPECT_TRUE(world.answer(c5.accepts(id)).ok);
    world.run_until([&] { return c5.hears(c1) && c3.hears(c5); });
    world.expect_one_truth();
}

}  // namespace crosspoint::sim
