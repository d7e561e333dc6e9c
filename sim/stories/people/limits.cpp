#include "stories/people/calls.h"

// jsapi 18, "Media, telephone, history, limits".
namespace crosspoint::sim {

STORY("A57 who never gets media is given up after the retries") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    c3.joins_media = false;
    const std::string id = world.talk(c1, c3);
    const Timestamp answered = world.time();
    world.run_until([&] { return !c1.call(id).live(); }, 50s);
    EXPECT_EQ(c1.call(id).end_reason, "media_failed");
    EXPECT_TRUE(c1.was_told("call:dropped", {"b"}));
    EXPECT_LE(world.time() - answered, 45s + 200ms);
    EXPECT_EQ(c3.heard("call.media"), 3u);
    EXPECT_EQ(c3.last("call.media").at("mediaEpoch"), 3);
    EXPECT_EQ(c1.heard("call.media"), 1u);
    world.expect_one_truth();
}

STORY("MED-10 a call whose session is deleted goes on in another") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = world.talk(c1, c3);
    world.run_until([&] { return c1.hears(c3) && c3.hears(c1); });
    const std::string session = text_in(c1.last("call.media"), "sessionId");
    EXPECT_EQ(world.rest("DELETE", "/sessions/" + session).status, 204);
    world.run_until([&] { return c1.heard("call.media") == 2 && c3.heard("call.media") == 2; });
    EXPECT_NE(text_in(c1.last("call.media"), "sessionId"), session);
    world.run_until([&] { return c1.hears(c3) && c3.hears(c1); });
    EXPECT_EQ(c1.call(id).state, "active");
    world.expect_one_truth();
}

STORY("A58 a chain holds texts and calls in order, and shows everybody what concerns them") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const Person c = world.person("c");
    Device& c5 = world.device(c, "c5");
    const Outcome first = world.answer(c1.texts({"b"}, "one"));
    const std::string chain = text_of(first, "chainId");
    const std::string call = world.talk(c1, c3, {.chain = chain});
    world.answer(c3.hangs_up(call));
    const Outcome second = world.answer(c3.texts({"a"}, "two", chain));
    world.answer(c1.texts({"b", "c"}, "three", chain));
    world.run_for(200ms);
    for (Device* device : {&c1, &c2})
        EXPECT_EQ(history(world, *device, "a", chain), (Args{"three", "two", call, "one"}));
    for (Device* device : {&c3, &c4})
        EXPECT_EQ(history(world, *device, "b", chain), (Args{"three", "two", call, "one"}));
    EXPECT_EQ(history(world, c5, "c", chain), Args{"three"});
    EXPECT_EQ(c2.count("text:received"), 3u);  // its own user's, sent elsewhere, and B's
    EXPECT_EQ(c1.count("text:received"), 1u);

    const std::string one = text_of(first, "id");
    const boost::json::object edit{{"id", one}, {"content", {{"text", "uno"}}}};
    EXPECT_EQ(world.answer(c3.asks("text.edit_message", edit)).error, "not_found");
    EXPECT_EQ(world.answer(c3.asks("text.remove_message", {{"id", one}})).error, "not_found");
    EXPECT_TRUE(world.answer(c2.asks("text.edit_message", edit)).ok);
    world.run_for(200ms);
    for (const Device* device : p.all()) EXPECT_TRUE(device->was_told("text:edited", {one, "uno"})) << device->name();
    EXPECT_TRUE(world.answer(c4.asks("text.remove_message", {{"id", text_of(second, "id")}})).ok);
    world.run_for(200ms);
    for (const Device* device : p.all())
        EXPECT_TRUE(device->was_told("text:removed", {text_of(second, "id")})) << device->name();
    EXPECT_EQ(c5.count("text:edited") + c5.count("text:removed"), 0u);
    EXPECT_EQ(history(world, c4, "b", chain), (Args{"three", "removed", call, "uno"}));
    EXPECT_EQ(
        world.answer(c1.asks("text.edit_message", {{"id", text_of(second, "id")}, {"content", {{"text", "x"}}}})).error,
        "not_found");
}

namespace {

chains::Settings with_short_calls() {
    chains::Settings settings;
    settings.max_call = 60s;
    return settings;
}

}  // namespace

STORY("A60 a call ends for all when it has lasted as long as one may", .node = {.people = with_short_calls()}) {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = world.talk(c1, c3);
    world.run_until([&] { return c1.hears(c3); });
    world.run_for(55s);
    EXPECT_TRUE(c1.hears(c3) && c3.hears(c1));
    world.run_until([&] { return !c1.call(id).live() && !c3.call(id).live(); }, 6s);
    world.expect_one_truth();
    for (const Device* device : p.all()) {
        EXPECT_EQ(device->call(id).end_reason, "max_duration") << device->name();
        EXPECT_EQ(device->count("call:dropped"), 0u) << device->name();
    }
}

STORY("A61 a token that is renewed in time changes nothing") {
    const Person a = world.person("a");
    const Person b = world.person("b");
    Device& c1 = world.device(a, "c1", {.token_life_s = 120});
    Device& c3 = world.device(b, "c3");
    c1.renews_its_token();
    const std::string id = world.talk(c1, c3);
    world.run_until([&] { return c1.hears(c3); });
    world.run_for(10min);
    EXPECT_GE(c1.count("auth:expiring"), 5u);
    EXPECT_EQ(c1.count("disconnected"), 0u);
    EXPECT_EQ(c3.heard("call.reconnecting"), 0u);
    EXPECT_TRUE(c1.hears(c3) && c3.hears(c1));
    EXPECT_EQ(c1.call(id).state, "active");
    world.expect_one_truth();
}

STORY("A61 who is revoked is out at once") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = world.talk(c1, c3);
    world.run_until([&] { return c1.hears(c3); });
    EXPECT_EQ(world.admin("PUT", "/users/" + b.user + "/revoked", boost::json::object{{"revoked", true}}).status, 204);
    world.run_until([&] { return !c1.call(id).live(); }, 200ms);
    EXPECT_EQ(c1.call(id).end_reason, "lost");
    EXPECT_TRUE(c1.was_told("call:dropped", {"b"}));
    EXPECT_EQ(c1.heard("call.reconnecting"), 0u);
    world.run_for(100ms);
    for (const Device* device : {&c3, &c4}) {
        EXPECT_EQ(device->link().state(), JsapiLink::State::Closed) << device->name();
        EXPECT_EQ(device->link().close_code(), 4401) << device->name();
    }
    EXPECT_EQ(world.server().control_counts().participants, 0u);
}

STORY("A62 calling again and again is refused for a while, and other calls go on") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const Person d = world.person("d");
    Device& c7 = world.device(d, "c7");
    const std::string live = world.talk(c2, c7);
    for (int i = 0; i < 19; ++i) world.answer(c1.hangs_up(world.call(c1, {"b"})));
    const CallPicture& refused = c1.opens({"b"});
    world.run_until([&] { return !refused.live(); });
    EXPECT_EQ(refused.error, "rate_limited");
    world.expect_one_truth();
    EXPECT_EQ(c2.call(live).state, "active");
    world.run_for(4s);
    world.call(c1, {"b"});
}

STORY("A62 nobody calls itself, nor somebody twice, nor two at once from one device") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    world.person("a2", {.user = a.user});
    world.person("c");
    const auto refusal = [&](Device& device, const Args& to) {
        const CallPicture& call = device.opens(to);
        world.run_until([&] { return !call.live(); });
        return call.error;
    };
    EXPECT_EQ(refusal(c1, {"a"}), "self_call");
    EXPECT_EQ(refusal(c1, {"a2"}), "self_call");
    const std::string id = world.call(c1, {"b"});
    EXPECT_EQ(refusal(c2, {"b"}), "already_calling");
    EXPECT_EQ(refusal(c1, {"c"}), "connection_busy");
    world.run_until([&] { return c3.rings(); });
    EXPECT_TRUE(world.answer(c3.accepts(id)).ok);
    EXPECT_EQ(refusal(c2, {"b"}), "already_in_call");
    world.expect_one_truth();
}

}  // namespace crosspoint::sim
