#include "stories/people/calls.h"

// jsapi 18, "Basics".
namespace crosspoint::sim {

STORY("A1 connected fires once, after the snapshot; an expired token is closed without a word") {
    const Person a = world.person("a");
    const Person b = world.person("b");
    Device& c1 = world.device(a, "c1");
    const std::string id = world.call(c1, {"b"});
    Device& c3 = world.device(b, "c3");
    world.run_for(1s);
    EXPECT_EQ(c3.count("connected"), 1u);
    EXPECT_EQ(c3.events().front().name, "connected");
    EXPECT_EQ(c3.heard("call.init", id), 1u);
    EXPECT_EQ(c3.heard("sync.done"), 1u);
    const boost::json::object welcome = c3.last("welcome");
    EXPECT_EQ(welcome.at("userId").as_string(), b.user);
    EXPECT_EQ(welcome.at("profiles").at(0).at("id").as_string(), "b");
    EXPECT_EQ(welcome.at("connectionId").as_string(), c3.id());

    Device& late = world.device(a, "late", {.token_life_s = 1, .connects = false});
    world.run_for(2s);
    late.connects();
    world.run_until([&] { return late.link().state() == JsapiLink::State::Closed; });
    EXPECT_EQ(late.link().close_code(), 4401);
    EXPECT_TRUE(late.link().heard().empty());
}

STORY("A2 a call is there at once, and has an id when the server has spoken") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    for (Device* device : {&c3, &c4}) device->auto_ringing = false;
    const CallPicture& call = c1.opens({"b"});
    EXPECT_EQ(call.state, "opening");
    EXPECT_EQ(call.id, "");
    world.run_until([&] { return !call.id.empty() && c1.link().unanswered() == 0; });
    EXPECT_EQ(call.state, "init");
    EXPECT_EQ(c1.role(call.id), "active initiator");
    EXPECT_EQ(c1.said("call.init"), 1u);
    EXPECT_EQ(c1.heard("call.init"), 1u);
    EXPECT_EQ(c1.calls().size(), 1u);
    world.run_for(1s);
    world.expect_one_truth();
    EXPECT_EQ(call.state, "init");
}

STORY("A3 receivers are dropped when they come twice, and nobody is called without any") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    EXPECT_EQ(c1.call(world.call(c1, {"b", "b"})).to, Args{"b"});
    const CallPicture& nobody = c2.opens({});
    world.run_until([&] { return !nobody.live(); });
    EXPECT_EQ(nobody.error, "bad_argument");
    EXPECT_EQ(nobody.end_reason, "failed");
    EXPECT_EQ(c3.calls().size(), 1u);
}

STORY("A4 a call without a chain begins one, and in a chain it follows the texts") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string alone = world.call(c1, {"b"});
    EXPECT_EQ(c1.call(alone).chain, alone);
    world.answer(c1.hangs_up(alone));

    const std::string chain = text_of(world.answer(c1.texts({"b"}, "may I call?")), "chainId");
    world.answer(c3.texts({"a"}, "do", chain));
    const std::string in_chain = world.call(c1, {"b"}, {.chain = chain});
    EXPECT_EQ(c1.call(in_chain).chain, chain);
    EXPECT_EQ(history(world, c3, "b", chain), (Args{in_chain, "do", "may I call?"}));
}

STORY("A5 nobody opens a second call in a chain where one is live") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string first = p.ring(world);
    const uint64_t rev = c1.call(first).rev;
    const Request second = c2.asks("call.init", init_body(world, "a", {"b"}, {.chain = first}));
    EXPECT_EQ(world.answer(second).error, "chain_busy");
    EXPECT_EQ(text_of(*second, "callId"), first);
    world.run_for(1s);
    EXPECT_EQ(c1.call(first).rev, rev);
    EXPECT_EQ(c1.call(first).state, "ringing");
    EXPECT_EQ(c3.calls().size(), 1u);
}

STORY("A6 only who is active replaces a call, and then all see the one end and the other begin") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string first = world.talk(c1, c3);
    const CallPicture& refused = c2.opens({"b"}, {.chain = first, .replace = true});
    world.run_until([&] { return !refused.live(); });
    EXPECT_EQ(refused.error, "chain_busy");
    EXPECT_EQ(c1.call(first).state, "active");

    const std::string second = world.call(c1, {"b"}, {.chain = first, .replace = true});
    world.run_until([&] { return c3.rings() && c4.rings(); });
    world.expect_one_truth();
    for (const Device* device : p.all()) {
        EXPECT_EQ(device->call(first).end_reason, "superseded") << device->name();
        EXPECT_EQ(device->call(first).replaced_by, second) << device->name();
        EXPECT_TRUE(device->call(second).live()) << device->name();
        EXPECT_TRUE(ended_before(*device, first, second)) << device->name();
    }
    EXPECT_TRUE(world.answer(c4.accepts(second)).ok);
    world.expect_one_truth();
}

STORY("A7 when a call has ended the chain may hold another, and only that one lives") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string first = world.talk(c1, c3);
    world.answer(c1.hangs_up(first));
    const std::string second = world.call(c1, {"b"}, {.chain = first});
    world.run_until([&] { return c3.rings(); });
    EXPECT_EQ(world.answer(c3.accepts(first)).error, "call_ended");
    EXPECT_EQ(world.answer(c1.asks("call.hold", {{"callId", first}})).error, "call_ended");
    EXPECT_TRUE(world.answer(c3.hangs_up(first)).ok);
    world.expect_one_truth();
    EXPECT_EQ(c3.call(first).state, "ended");
    EXPECT_EQ(c3.call(second).state, "ringing");
    EXPECT_EQ(history(world, c1, "a", first), (Args{second, first}));
}

STORY("A8 one device of each is in the call, and every device shows which") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = p.ring(world);
    world.expect_one_truth();
    EXPECT_EQ(c3.role(id), "receiver");
    EXPECT_EQ(c4.role(id), "receiver");
    EXPECT_EQ(c2.call(id).leg, "pending");
    EXPECT_EQ(c2.said("call.pending"), 1u);
    EXPECT_EQ(c1.said("call.pending"), 0u);
    EXPECT_EQ(c1.count("call:received") + c2.count("call:received"), 0u);

    EXPECT_TRUE(world.answer(c3.accepts(id)).ok);
    world.expect_one_truth();
    EXPECT_EQ(c1.role(id), "active initiator");
    EXPECT_EQ(c2.role(id), "passive initiator");
    EXPECT_EQ(c3.role(id), "active receiver");
    EXPECT_EQ(c4.role(id), "passive receiver");
    for (const Device* device : p.all()) {
        EXPECT_EQ(device->calls().size(), 1u) << device->name();
        EXPECT_TRUE(device->was_told("call:accepted", {"b", c3.id()})) << device->name();
    }
    EXPECT_FALSE(c4.rings());
}

STORY("A9 ringing is said before the application hears of the call, and all see who rings") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    c4.auto_ringing = false;
    const std::string id = world.call(c1, {"b"});
    world.run_until([&] { return c3.rings() && c1.call(id).state == "ringing"; });
    world.expect_one_truth();
    for (const Device* device : p.all()) {
        EXPECT_EQ(device->call(id).state, "ringing") << device->name();
        EXPECT_EQ(device->call(id).participant("b")->ringing, std::set{c3.id()}) << device->name();
        EXPECT_EQ(device->count("call:ringing", id), 1u) << device->name();
    }
    EXPECT_EQ(c3.story(id), (Args{"call:received", "call:ringing"}));
    EXPECT_EQ(c3.said("call.ringing", id), 1u);
    EXPECT_EQ(c4.said("call.ringing", id), 0u);
}

STORY("A10 media is for the two active devices, and its token for nobody else") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = world.talk(c1, c3);
    world.run_until([&] { return c1.hears(c3) && c1.sees(c3) && c3.hears(c1) && c3.sees(c1); });
    world.expect_one_truth();
    EXPECT_EQ(c1.heard("call.media"), 1u);
    EXPECT_EQ(c3.heard("call.media"), 1u);
    EXPECT_EQ(text_in(c1.last("call.media"), "sessionId"), text_in(c3.last("call.media"), "sessionId"));
    EXPECT_EQ(c1.call(id).participant("b")->media_state, "connected");
    for (const Device* passive : {&c2, &c4}) {
        EXPECT_FALSE(passive->in_media()) << passive->name();
        for (const Device* active : {&c1, &c3})
            for (const char* secret : {"sessionId", "participantId", "deviceToken"})
                EXPECT_FALSE(passive->ever_heard_text(text_in(active->last("call.media"), secret))) << secret;
    }
    world.answer(c1.hangs_up(id));
    world.run_until([&] { return !c3.in_media(); });
    world.expect_one_truth();
}

}  // namespace crosspoint::sim
