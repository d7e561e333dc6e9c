#include "stories/people/calls.h"

// What the swarm has found.
namespace crosspoint::sim {

namespace json = boost::json;

STORY("who blocked a caller, and calls them at the same time, stays in the call") {
    TwoPeople p(world);
    world.relate(p.b, p.a, "blocked");
    const CallPicture& first = p.c1.opens({"b"});
    const CallPicture& second = p.c3.opens({"a"});
    world.run_until([&] { return first.state == "active" || second.state == "active"; });
    world.run_until([&] { return p.c1.hears(p.c3) && p.c3.hears(p.c1); });
    world.run_for(5s);
    world.expect_one_truth();
    p.c3.link().loses_transport();
    world.run_until([&] { return p.c1.count("call:reconnected") == 1; });
    EXPECT_TRUE(p.c1.hears(p.c3) && p.c3.hears(p.c1));
}

STORY("an initiator who left, is invited again and is busy, is a receiver to all who look") {
    TwoPeople p(world);
    const Person carol = world.person("carol");
    Device& c5 = world.device(carol, "c5");
    EXPECT_TRUE(world.answer(p.c1.asks("profile.set", {{"profileId", "a"}, {"busyPolicy", "reject"}})).ok);
    const std::string call = world.call(p.c1, {"b", "carol"});
    EXPECT_TRUE(world.answer(p.c3.accepts(call)).ok);
    EXPECT_TRUE(world.answer(c5.accepts(call)).ok);
    EXPECT_TRUE(world.answer(p.c1.hangs_up(call)).ok);
    world.call(p.c2, {"b"});  // in which A is busy
    world.run_for(10s);       // before that nobody is invited again (GRP-5)
    EXPECT_TRUE(world.answer(p.c3.invites(call, {"a"})).ok);
    world.run_until([&] { return p.c1.was_told("call:busy", {"a"}); });
    EXPECT_EQ(p.c1.role(call), "passive receiver");
    world.expect_one_truth();
}

STORY("a page that has said too much still rings") {
    TwoPeople p(world);
    p.c3.link().path.delay = 30ms;
    const CallPicture& opened = p.c1.opens({"b"});
    world.run_for(p.c1.link().path.delay);
    for (int i = 0; i < 60; ++i) p.c3.asks("profile.list", {});
    while (p.c3.said("call.ringing") == 0) {
        p.c3.asks("profile.list", {});
        world.run_for(1ms);
    }
    const std::string call = opened.id;
    world.run_until([&] { return p.c1.was_told("call:ringing", {"b", p.c3.id()}); });
    EXPECT_GT(p.c3.said("call.ringing", call), 1u);  // refused at first
    world.expect_one_truth();
}

STORY("the words of a text that is edited and removed in one go are in no log") {
    TwoPeople p(world);
    const std::string text = text_of(world.answer(p.c1.texts({"b"}, "in public")), "id");
    world.kill_server();
    const Request edited =
        p.c1.asks("text.edit_message", {{"id", text}, {"content", json::object{{"text", "a secret"}}}});
    const Request removed = p.c1.asks("text.remove_message", {{"id", text}});
    world.start_server();
    EXPECT_TRUE(world.answer(edited).ok && world.answer(removed).ok);
    for (const Person& person : {p.a, p.b}) {
        const Device& later = world.device(person, "later " + person.user);
        EXPECT_EQ(later.heard("text.remove_message"), 1u);
        EXPECT_FALSE(later.ever_heard_text("a secret") || later.ever_heard_text("in public")) << person.user;
    }
}

STORY("a transport that breaks at any moment after a restart costs no text") {
    TwoPeople p(world);
    constexpr int kTimes = 30;
    p.c3.link().path.delay = 100ms;
    for (int i = 0; i < kTimes; ++i) {
        world.kill_server();
        world.start_server();
        const Request said = p.c1.texts({"b"}, "words");
        world.run_for(Duration(50ms) * i);
        p.c3.link().loses_transport();
        EXPECT_TRUE(world.answer(said).ok);
        world.run_until([&] { return p.c3.synced(); }, 90s);
    }
    world.run_until([&] { return p.c3.count("text:received") == kTimes; });
}

STORY("a page that floods is closed and comes back until each of its messages is answered") {
    TwoPeople p(world);
    p.c3.goes_offline();
    for (int i = 0; i < 320; ++i) p.c3.asks("profile.list", {});
    p.c3.comes_online();
    world.run_until([&] { return p.c3.synced() && p.c3.link().unanswered() == 0; }, 90s);
    EXPECT_EQ(p.c3.heard("reply"), 320u);
}

STORY("a hang-up that is lost after the other's stands in the way of nothing") {
    TwoPeople p(world);
    p.c3.link().path.delay = 50ms;
    for (int i = 0; i < 16; ++i) {
        const std::string call = world.talk(p.c1, p.c3);
        p.c1.hangs_up(call);
        world.run_for(Duration(10ms) * i);
        p.c3.hangs_up(call);
        world.run_until([&] { return !p.c3.call(call).live(); });
        p.c3.link().loses_transport();
        EXPECT_TRUE(world.answer(p.c3.asks("profile.list", {})).ok);
        world.run_until([&] { return p.c3.link().unanswered() == 0; });
    }
}

}  // namespace crosspoint::sim
