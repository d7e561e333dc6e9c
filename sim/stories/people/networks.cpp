#include "stories/people/calls.h"

// jsapi 18, "Networks".
namespace crosspoint::sim {

namespace {

/// c1 and c3 talk, and their media flows.
std::string talk_with_media(World& world, TwoPeople& p) {
    std::string id = p.ring(world);
    EXPECT_TRUE(world.answer(p.c3.accepts(id)).ok);
    world.run_until([&] { return p.c1.hears(p.c3) && p.c3.hears(p.c1) && p.c1.sees(p.c3) && p.c3.sees(p.c1); });
    world.expect_one_truth();
    return id;
}

}  // namespace

STORY("A33 a transport that comes back within thirty seconds is told of, and nothing else") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = talk_with_media(world, p);
    c3.link().cuts_network();
    world.run_for(10s);
    EXPECT_TRUE(c1.hears(c3) && c3.hears(c1));  // media has a path of its own
    EXPECT_EQ(c1.call(id).participant("b")->state, "reconnecting");
    EXPECT_TRUE(world.answer(c1.holds(id)).ok);
    EXPECT_TRUE(world.answer(c1.resumes(id)).ok);
    world.run_for(1s);
    c3.link().mends_network();
    world.run_until([&] { return c3.synced(); }, 15s);
    world.expect_one_truth();
    EXPECT_EQ(c3.link().arrived(), Arrived::Resumed);
    EXPECT_EQ(c1.story(id), (Args{"call:ringing", "call:ringing", "call:accepted", "call:reconnecting", "call:hold",
                                  "call:resumed", "call:reconnected"}));
    EXPECT_EQ(c3.count("call:hold", id), 1u);
    EXPECT_EQ(c3.count("call:resumed", id), 1u);
    EXPECT_EQ(c1.heard("call.hangup") + c1.heard("call.drop"), 0u);
    EXPECT_EQ(c3.heard("call.media"), 1u);
    EXPECT_EQ(world.server().control_counts().participants, 2u);
    world.run_until([&] { return c1.hears(c3) && c3.hears(c1); });
}

STORY("A34 who does not come back is lost, and a call of two is over") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = talk_with_media(world, p);
    c3.vanishes();
    world.run_until([&] { return !c1.call(id).live(); }, 2min);
    EXPECT_EQ(c1.call(id).end_reason, "lost");
    EXPECT_TRUE(c1.was_told("call:reconnecting", {"b"}));
    EXPECT_TRUE(c1.was_told("call:dropped", {"b"}));
    world.expect_one_truth();
    EXPECT_EQ(c4.call(id).end_reason, "lost");
}

STORY("A34 who was lost may come back to a call that others went on with") {
    ThreePeople p(world);
    auto& [a, b, c, c1, c3, c5] = p;
    const std::string id = world.call(c1, {"b", "c"});
    world.run_until([&] { return c3.rings() && c5.rings(); });
    EXPECT_TRUE(world.answer(c3.accepts(id)).ok);
    EXPECT_TRUE(world.answer(c5.accepts(id)).ok);
    world.run_until([&] { return c1.hears(c3) && c1.hears(c5) && c5.hears(c3); });
    c3.vanishes();
    world.run_until([&] { return c1.call(id).participant("b")->state == "lost"; }, 2min);
    world.run_for(1s);
    EXPECT_TRUE(c1.hears(c5) && c5.hears(c1));
    EXPECT_EQ(c5.call(id).state, "active");

    Device& again = world.device(b, "c3 again");
    EXPECT_EQ(again.heard("call.state", id), 1u);
    EXPECT_FALSE(again.rings());
    EXPECT_TRUE(world.answer(again.accepts(id)).ok);
    world.run_until([&] { return c1.hears(again) && again.hears(c5); });
    world.expect_one_truth();
}

STORY("A35 who is back before the server noticed was never away") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = talk_with_media(world, p);
    const uint64_t rev = c1.call(id).rev;
    c3.link().loses_transport(false);
    world.run_until([&] { return c3.synced(); });
    world.run_for(1min);
    EXPECT_EQ(world.closed_with(4409), 1u);
    EXPECT_EQ(c3.link().arrived(), Arrived::Resumed);
    for (const Device* device : {&c1, &c2, &c4}) EXPECT_EQ(device->heard("call.reconnecting"), 0u) << device->name();
    EXPECT_EQ(c1.call(id).rev, rev);
    world.expect_one_truth();
    EXPECT_TRUE(c1.hears(c3) && c3.hears(c1));
}

STORY("A36 a caller who is lost while it rings ends the call after thirty seconds") {
    const Person a = world.person("a");
    const Person b = world.person("b");
    Device& c1 = world.device(a, "c1");
    Device& c3 = world.device(b, "c3");
    const std::string id = world.call(c1, {"b"});
    world.run_until([&] { return c3.rings(); });
    c1.goes_offline();
    world.run_until([&] { return c3.count("call:reconnecting", id) == 1; }, 1s);
    world.run_for(29500ms);
    EXPECT_TRUE(c3.rings());
    world.run_until([&] { return !c3.call(id).live(); }, 2s);
    EXPECT_EQ(c3.call(id).end_reason, "initiator_lost");
}

STORY("A36 a call is answered while its caller comes back") {
    const Person a = world.person("a");
    const Person b = world.person("b");
    Device& c1 = world.device(a, "c1");
    Device& c3 = world.device(b, "c3");
    const std::string id = world.call(c1, {"b"});
    world.run_until([&] { return c3.rings() && c1.count("call:ringing", id) == 1; });
    c1.goes_offline();
    world.run_for(10s);
    EXPECT_TRUE(c3.rings());
    EXPECT_TRUE(world.answer(c3.accepts(id)).ok);
    EXPECT_EQ(c3.call(id).state, "active");
    EXPECT_EQ(c3.call(id).participant("a")->state, "reconnecting");
    c1.comes_online();
    world.run_until([&] { return c1.hears(c3) && c3.hears(c1); }, 30s);
    world.expect_one_truth();
    EXPECT_EQ(c1.story(id), (Args{"call:ringing", "call:reconnecting", "call:accepted", "call:reconnected"}));
}

STORY("A37 a call whose media lives outlasts forty seconds without messaging") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = talk_with_media(world, p);
    for (Device* device : {&c1, &c3}) device->link().cuts_network();
    world.run_for(40s);
    EXPECT_TRUE(c1.hears(c3) && c3.hears(c1));
    for (Device* device : {&c1, &c3}) device->link().mends_network();
    world.run_until([&] { return c1.synced() && c3.synced(); }, 60s);
    world.expect_one_truth();
    for (const Device* device : p.all()) {
        EXPECT_EQ(device->call(id).state, "active") << device->name();
        EXPECT_EQ(device->heard("call.drop"), 0u) << device->name();
    }
    EXPECT_EQ(c1.heard("call.media") + c3.heard("call.media"), 2u);
    EXPECT_TRUE(c1.hears(c3) && c3.sees(c1));
}

STORY("A38 a page that is loaded again is the same connection, with new media") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = talk_with_media(world, p);
    const std::string connection = c1.id();
    c1.reloads();
    world.run_until([&] { return c1.synced(); });
    EXPECT_EQ(c1.id(), connection);
    EXPECT_EQ(c1.last("welcome").at("fresh"), true);
    EXPECT_EQ(c1.role(id), "active initiator");
    world.run_until([&] { return c1.hears(c3) && c3.hears(c1) && c3.sees(c1); });
    world.expect_one_truth();
    EXPECT_EQ(c1.last("call.media").at("mediaEpoch"), 2);
    for (const Device* device : {&c2, &c3, &c4})
        for (const char* event : {"call:hangup", "call:dropped", "call:end", "call:activated"})
            EXPECT_EQ(device->count(event, id), 0u) << device->name() << event;
}

STORY("A39 a call on a device that is no more goes on from another at once") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = talk_with_media(world, p);
    c1.vanishes();
    world.run_for(1s);
    EXPECT_TRUE(world.answer(c2.activates(id)).ok);
    world.run_until([&] { return c2.hears(c3) && c3.hears(c2); }, 5s);
    world.expect_one_truth();
    EXPECT_EQ(c2.role(id), "active initiator");
    EXPECT_EQ(c3.story(id).back(), "call:activated");
    EXPECT_EQ(world.server().control_counts().participants, 2u);
    c1.link().mends_network();
    c1.reloads();
    world.run_until([&] { return c1.synced(); });
    world.expect_one_truth();
    EXPECT_EQ(c1.role(id), "passive initiator");
    EXPECT_FALSE(c1.in_media());
}

namespace {

/// B hangs up without a network, and is back after a while.
void hang_up_offline(World& world, Duration away, bool anew) {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const std::string id = talk_with_media(world, p);
    c3.goes_offline();
    world.run_for(1s);
    const Request hangs_up = c3.hangs_up(id);
    world.run_for(away);
    c3.comes_online();
    if (anew) c3.starts_anew();
    world.run_until([&] { return c3.synced() && hangs_up->settled; }, 1min);
    EXPECT_TRUE(hangs_up->ok || hangs_up->error == "not_found") << hangs_up->error;
    world.expect_one_truth();
    EXPECT_FALSE(c1.call(id).live());
    const std::string another = world.call(c3, {"a"});
    world.run_until([&] { return c1.rings() && c2.rings(); });
    EXPECT_TRUE(world.answer(c2.accepts(another)).ok);
}

}  // namespace

STORY("A40 a hang-up without a network is done as soon as there is one") { hang_up_offline(world, 4s, false); }
STORY("A40 a hang-up without a network is done by the app's next connection") { hang_up_offline(world, 4s, true); }
STORY("A40 a hang-up without a network does no harm when the call is over") { hang_up_offline(world, 3min, false); }
STORY("A40 a hang-up without a network does no harm when the app comes back anew after the call") {
    hang_up_offline(world, 3min, true);
}

STORY("A41 a call whose acknowledgement was lost is opened once") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const CallPicture& call = c1.opens({"b"});
    world.run_for(c1.link().path.delay + 100us);
    c1.link().loses_transport();
    world.run_until([&] { return c3.rings() && c4.rings() && call.state == "ringing"; });
    world.run_for(1s);
    world.expect_one_truth();
    EXPECT_EQ(c3.calls().size(), 1u);
    EXPECT_EQ(c3.count("call:received"), 1u);
    EXPECT_EQ(c1.calls().size(), 1u);
}

STORY("A41 a call is opened once, however often it is sent") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const boost::json::object body = init_body(world, "a", {"b"});
    const std::string id = text_of(world.answer(c1.asks("call.init", body)), "callId");
    // From another connection, after a restart, and with another body.
    EXPECT_EQ(text_of(world.answer(c2.asks("call.init", body)), "callId"), id);
    world.kill_server();
    world.start_server();
    world.run_until([&] { return c1.synced() && c3.synced(); });
    EXPECT_EQ(text_of(world.answer(c1.asks("call.init", body)), "callId"), id);
    boost::json::object other = body;
    other["options"] = to_json(Media{true, false});
    EXPECT_EQ(world.answer(c1.asks("call.init", other)).error, "conflict");
    world.run_for(1s);
    EXPECT_EQ(c3.calls().size(), 1u);
    EXPECT_EQ(c3.count("call:received"), 1u);
    world.expect_one_truth();
}

STORY("A41 a server that dies before its acknowledgement has opened the call, or opens it once") {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    const CallPicture& call = c1.opens({"b"});
    world.run_for(c1.link().path.delay + Duration(static_cast<int64_t>(world.random().below(3'000))));
    world.kill_server();
    world.run_for(1s);
    world.start_server();
    world.run_until([&] { return c3.rings() && c4.rings() && call.state == "ringing"; }, 40s);
    world.expect_one_truth();
    EXPECT_EQ(c1.calls().size(), 1u);
    EXPECT_EQ(c3.calls().size(), 1u);
}

namespace {

/// A text and a call, all that is told of them, and what is left of them; ids by the names of who they stand for.
Args told_in_a_day(World& world, const std::string& who, bool twice) {
    const Person a = world.person("a" + who);
    const Person b = world.person("b" + who);
    Device& c1 = world.device(a, "c1");
    Device& c2 = world.device(a, "c2");
    Device& c3 = world.device(b, "c3");
    Device& c4 = world.device(b, "c4");
    const std::vector<Device*> all{&c1, &c2, &c3, &c4};
    for (size_t i = 0; i < all.size(); ++i) {
        all[i]->link().twice = twice;
        all[i]->link().path.delay = Duration(3ms) * static_cast<int>(i + 1);
    }
    const std::string chain = text_of(world.answer(c1.texts({b.profile}, "now?")), "chainId");
    const std::string call = world.call(c1, {b.profile}, {.chain = chain});
    world.run_until([&] { return c1.count("call:ringing", call) == 2; });
    EXPECT_TRUE(world.answer(c3.accepts(call)).ok);
    EXPECT_TRUE(world.answer(c3.holds(call)).ok);
    EXPECT_TRUE(world.answer(c3.resumes(call)).ok);
    EXPECT_TRUE(world.answer(c1.hangs_up(call)).ok);
    world.run_for(1s);
    Args lines = history(world, c3, b.profile, chain);
    for (const Device* device : all)
        for (const Event& event : device->events()) {
            if (event.name == "call:updated" || event.name == "auth:multiconnection") continue;
            std::string line = device->name() + " " + event.name;
            for (const std::string& arg : event.args) line += " " + arg;
            lines.push_back(line);
        }
    for (std::string& line : lines) {
        std::vector<std::pair<std::string, std::string>> names{{call, "call"}, {chain, "chain"}};
        for (const Device* device : all) names.emplace_back(device->id(), device->name());
        for (const Person* person : {&a, &b}) names.emplace_back(person->profile, person->profile.substr(0, 1));
        for (const auto& [id, name] : names)
            for (size_t at = 0; (at = line.find(id)) != std::string::npos;) line.replace(at, id.size(), name);
    }
    return lines;
}

}  // namespace

STORY("A42 frames that come twice change nothing") {
    const Args twice = told_in_a_day(world, "_twice", true);
    EXPECT_EQ(twice, told_in_a_day(world, "_once", false));
}

namespace {

/// C4 is away while its user is called, answers elsewhere and hangs up.
void away_during_a_call(World& world, Duration before, Duration after) {
    TwoPeople p(world);
    auto& [a, b, c1, c2, c3, c4] = p;
    c4.goes_offline();
    world.run_for(before);
    const std::string id = world.talk(c1, c3);
    world.answer(c3.hangs_up(id));
    world.run_for(after);
    c4.comes_online();
    world.run_until([&] { return c4.synced(); }, 1min);
    world.run_for(1s);
    for (const char* event : {"call:received", "call:missed"}) EXPECT_EQ(c4.count(event), 0u) << event;
    EXPECT_EQ(c4.said("call.ringing"), 0u);
    world.expect_one_truth();
}

}  // namespace

STORY("A44 a device that was away during a call does not ring when it resumes") {
    away_during_a_call(world, 100ms, 100ms);
}
STORY("A44 a device that was away during a call does not ring when it connects") {
    away_during_a_call(world, 100ms, 5min);
}

STORY("A45 no device's clock matters: what is left of a time is told, never when it is over") {
    const Person a = world.person("a");
    const Person b = world.person("b");
    Device& c1 = world.device(a, "c1");
    Device& c3 = world.device(b, "c3");
    const std::string id = world.call(c1, {"b"});
    world.run_until([&] { return c1.call(id).state == "ringing"; });
    world.run_for(20s);
    Device& later = world.device(b, "later");
    const auto left = later.last("call.init").at("expiresInMs").to_number<int64_t>();
    EXPECT_NEAR(static_cast<double>(left), 25'000, 200);
    world.run_until([&] { return !c1.call(id).live(); }, 26s);
    EXPECT_EQ(c1.call(id).end_reason, "no_answer");
    // Nothing that a device says holds a time.
    for (const Device* device : {&c1, &c3, &later})
        for (const Frame& said : device->link().said())
            for (const auto& member : said.body)
                EXPECT_TRUE(member.key() == "rev" || !member.value().is_number()) << said.type << member.key();
}

}  // namespace crosspoint::sim
