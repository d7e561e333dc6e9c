#include "api/jsapi/decode.h"

#include <gtest/gtest.h>

namespace crosspoint::api::jsapi {
namespace {

using chains::ClientMessage;
using chains::ProfileId;
using chains::Refusal;
using chains::Verb;

const std::string kUuid = "6f1c2a0e-58a6-4f0b-9d3e-0a1b2c3d4e5f";

template <class Kind>
Kind frame_of(std::string_view text) {
    const Frame frame = decode(text, {});
    const auto* kind = std::get_if<Kind>(&frame.says);
    EXPECT_TRUE(kind) << text;
    return kind ? *kind : Kind{};
}

bool is_garbage(std::string_view text) {
    return std::holds_alternative<chains::ClientGarbage>(frame_of<chains::ClientFrame>(text));
}

ClientMessage message(std::string_view type, std::string_view body) {
    const auto text = R"({"type":")" + std::string(type) + R"(","seq":1,"body":)" + std::string(body) + "}";
    const auto frame = frame_of<chains::ClientFrame>(text);
    const auto* says = std::get_if<chains::ClientSays>(&frame);
    EXPECT_TRUE(says) << text;
    return says ? says->message : ClientMessage{};
}

std::string with_uuid(std::string text) {
    if (const auto at = text.find('$'); at != std::string::npos) text.replace(at, 1, kUuid);
    return text;
}

struct Readable {
    std::string_view type;
    std::string body;  // `$` stands for a local id
    ClientMessage message;
};

chains::CallRequest request(Verb verb) { return {.call = chains::CallId("m7"), .verb = verb}; }

std::vector<Readable> readable() {
    using namespace chains;
    const std::vector<ProfileId> bc{ProfileId("b"), ProfileId("c")};
    const auto call = [](Verb verb, auto change) {
        CallRequest made = request(verb);
        change(made);
        return ClientMessage(made);
    };
    const auto same = [](CallRequest&) {};
    return {
        {"profile.list", "{}", ListProfiles{}},
        {"profile.set", R"({"profileId":"a"})", SetProfile{.profile = ProfileId("a")}},
        {"profile.set",
         R"({"profileId":"a","nickname":"Ann","dnd":true,"busyPolicy":"reject","callPolicy":"contacts"})",
         SetProfile{ProfileId("a"), "Ann", true, BusyPolicy::Reject, CallPolicy::Contacts}},
        {"text.add_message", R"({"localId":"$","sender":"a","receivers":["b","c","b"],"content":{"text":"hey"}})",
         AddText{.local_id = kUuid, .sender = ProfileId("a"), .receivers = bc, .text = "hey"}},
        {"text.add_message", R"({"localId":"$","sender":"a","receivers":["b"],"chainId":"k","content":{"text":""}})",
         AddText{.local_id = kUuid, .sender = ProfileId("a"), .receivers = {ProfileId("b")}, .chain = ChainId("k")}},
        {"text.edit_message", R"({"id":"m1","content":{"text":"ho"}})", EditText{MessageId("m1"), "ho"}},
        {"text.remove_message", R"({"id":"m1"})", RemoveText{MessageId("m1")}},
        {"custom.message", R"({"from":"a","to":["b","c"],"content":"typing"})",
         SendCustom{ProfileId("a"), bc, "typing"}},
        {"chain.history", R"({"profileId":"a","chainId":"k","limit":20,"before":7})",
         ReadHistory{ProfileId("a"), ChainId("k"), 7, 20}},
        {"chain.history", R"({"profileId":"a","chainId":"k"})",
         ReadHistory{.profile = ProfileId("a"), .chain = ChainId("k")}},
        {"chain.list", R"({"profileId":"a","before":"1700000000000.k","limit":100})",
         ListChains{ProfileId("a"), "1700000000000.k", 100}},
        {"call.init", R"({"localId":"$","from":"a","to":["b"],"options":{"audio":true,"video":true}})",
         OpenRequest{.local_id = kUuid, .from = ProfileId("a"), .to = {ProfileId("b")}, .options = {true, true}}},
        {"call.init", R"({"localId":"$","from":"a","to":["tel:+15551230100"],"future":[1]})",
         OpenRequest{.local_id = kUuid, .from = ProfileId("a"), .to = {ProfileId("tel:+15551230100")}}},
        {"call.init",
         R"({"localId":"$","from":"a","to":["b","b","c"],"chainId":"k","options":{"audio":false,"video":true},
             "replace":true,"holdOthers":true,"ringTimeoutMs":10000})",
         OpenRequest{.local_id = kUuid,
                     .from = ProfileId("a"),
                     .to = bc,
                     .chain = ChainId("k"),
                     .options = {false, true},
                     .replace = true,
                     .hold_others = true,
                     .ring_timeout = 10s}},
        {"call.pending", R"({"callId":"m7"})", call(Verb::Pending, same)},
        {"call.ringing", R"({"callId":"m7"})", call(Verb::Ringing, same)},
        {"call.accept", R"({"callId":"m7","media":{"audio":true,"video":false},"holdOthers":true})",
         call(Verb::Accept,
              [](CallRequest& accept) {
                  accept.media = {true, false};
                  accept.hold_others = true;
              })},
        {"call.accept", R"({"callId":"m7","media":{"audio":false,"video":false}})", call(Verb::Accept, same)},
        {"call.reject", R"({"callId":"m7"})", call(Verb::Reject, same)},
        {"call.reject", R"({"callId":"m7","reason":"declined"})", call(Verb::Reject, same)},
        {"call.reject", R"({"callId":"m7","reason":"busy"})",
         call(Verb::Reject, [](CallRequest& reject) { reject.busy = true; })},
        {"call.ignore", R"({"callId":"m7"})", call(Verb::Ignore, same)},
        {"call.unavailable", R"({"callId":"m7","reason":"no_media"})", call(Verb::Unavailable, same)},
        {"call.hangup", R"({"callId":"m7","connectionId":null})", call(Verb::HangUp, same)},
        {"call.hangup", R"({"callId":"m7","connectionId":"c1"})",
         call(Verb::HangUp, [](CallRequest& hang_up) { hang_up.named = ConnectionId("c1"); })},
        {"call.activate", R"({"callId":"m7","expect":"c1","media":{"audio":true,"video":true}})",
         call(Verb::Activate,
              [](CallRequest& activate) {
                  activate.named = ConnectionId("c1");
                  activate.media = {true, true};
              })},
        {"call.hold", R"({"callId":"m7"})", call(Verb::Hold, same)},
        {"call.resume", R"({"callId":"m7","holdOthers":true})",
         call(Verb::Resume, [](CallRequest& resume) { resume.hold_others = true; })},
        {"call.update", R"({"callId":"m7","media":{"audio":true,"video":true}})",
         call(Verb::Update, [](CallRequest& update) { update.media = {true, true}; })},
        {"call.invite", R"({"callId":"m7","profileIds":["b","c"]})",
         call(Verb::Invite, [&](CallRequest& invite) { invite.profiles = bc; })},
        {"call.remove", R"({"callId":"m7","profileId":"c"})",
         call(Verb::Remove, [](CallRequest& remove) { remove.profiles = {ProfileId("c")}; })},
        {"call.sync", R"({"callId":"m7","rev":4})", call(Verb::Sync, same)},
    };
}

struct Damaged {
    std::string_view type;
    std::string body;  // `$` stands for a local id
    Refusal why;
    std::string_view field;
};

std::string list_of(size_t count) {
    std::string list = "[";
    for (size_t i = 0; i < count; ++i) list += (i == 0 ? "\"p" : ",\"p") + std::to_string(i) + "\"";
    return list + "]";
}

std::vector<Damaged> damaged() {
    using enum Refusal;
    const std::string text_start = R"({"localId":"$","sender":"a","receivers":["b"],"content":{"text":")";
    const std::string init_start = R"({"localId":"$","from":"a","to":["b"],)";
    const std::string init_to = R"({"localId":"$","from":"a","to":)";
    return {
        {"call.dance", "{}", UnknownType, ""},
        {"profile.set", "{}", BadArgument, "profileId"},
        {"profile.set", R"({"profileId":"a b"})", BadArgument, "profileId"},
        {"profile.set", R"({"profileId":"a","nickname":7})", BadArgument, "nickname"},
        {"profile.set", R"({"profileId":"a","nickname":"x\u0000"})", BadArgument, "nickname"},
        {"profile.set", R"({"profileId":"a","nickname":")" + std::string(256, 'x') + "\"}", BadArgument, "nickname"},
        {"profile.set", R"({"profileId":"a","dnd":"yes"})", BadArgument, "dnd"},
        {"profile.set", R"({"profileId":"a","busyPolicy":"drop"})", BadArgument, "busyPolicy"},
        {"profile.set", R"({"profileId":"a","callPolicy":""})", BadArgument, "callPolicy"},
        {"text.add_message", R"({"localId":"x","sender":"a","receivers":["b"],"content":{"text":""}})", BadArgument,
         "localId"},
        {"text.add_message", R"({"localId":"$","receivers":["b"],"content":{"text":""}})", BadArgument, "sender"},
        {"text.add_message", R"({"localId":"$","sender":"a","receivers":[],"content":{"text":""}})", BadArgument,
         "receivers"},
        {"text.add_message", R"({"localId":"$","sender":"a","receivers":"b","content":{"text":""}})", BadArgument,
         "receivers"},
        {"text.add_message", R"({"localId":"$","sender":"a","receivers":[7],"content":{"text":""}})", BadArgument,
         "receivers"},
        {"text.add_message",
         R"({"localId":"$","sender":"a","receivers":)" + list_of(257) + R"(,"content":{"text":""}})", TooMany,
         "receivers"},
        {"text.add_message", R"({"localId":"$","sender":"a","receivers":["b"]})", BadArgument, "content"},
        {"text.add_message", R"({"localId":"$","sender":"a","receivers":["b"],"content":{}})", BadArgument,
         "content.text"},
        {"text.add_message", text_start + std::string(16 * 1024 + 1, 'x') + "\"}}", TooLarge, "content.text"},
        {"text.add_message", text_start + "\",\"chainId\":7}, \"chainId\":7}", BadArgument, "chainId"},
        {"text.edit_message", R"({"content":{"text":"ho"}})", BadArgument, "id"},
        {"text.edit_message", R"({"id":"m1","content":"ho"})", BadArgument, "content"},
        {"text.remove_message", R"({"id":""})", BadArgument, "id"},
        {"custom.message", R"({"to":["b"],"content":""})", BadArgument, "from"},
        {"custom.message", R"({"from":"a","content":""})", BadArgument, "to"},
        {"custom.message", R"({"from":"a","to":["b"]})", BadArgument, "content"},
        {"custom.message", R"({"from":"a","to":["b"],"content":")" + std::string(256, 'x') + "\"}", TooLarge,
         "content"},
        {"chain.history", R"({"profileId":"a"})", BadArgument, "chainId"},
        {"chain.history", R"({"profileId":"a","chainId":"k","limit":0})", BadArgument, "limit"},
        {"chain.history", R"({"profileId":"a","chainId":"k","limit":101})", BadArgument, "limit"},
        {"chain.history", R"({"profileId":"a","chainId":"k","limit":1.5})", BadArgument, "limit"},
        {"chain.history", R"({"profileId":"a","chainId":"k","before":"7"})", BadArgument, "before"},
        {"chain.list", R"({"profileId":"tel:007"})", BadArgument, "profileId"},
        {"chain.list", R"({"profileId":"a","before":7})", BadArgument, "before"},
        {"call.init", R"({"from":"a","to":["b"]})", BadArgument, "localId"},
        {"call.init", R"({"localId":"$","from":"tel:5","to":["b"]})", BadArgument, "from"},
        {"call.init", init_to + "[]}", BadArgument, "to"},
        {"call.init", init_to + "[\"" + std::string(65, 'x') + "\"]}", BadArgument, "to"},
        {"call.init", init_to + list_of(20) + "}", TooMany, "to"},
        {"call.init", init_start + R"("options":{"audio":false}})", BadArgument, "options"},
        {"call.init", init_start + R"("options":{"audio":1}})", BadArgument, "options.audio"},
        {"call.init", init_start + R"("options":true})", BadArgument, "options"},
        {"call.init", init_start + R"("chainId":"a.b"})", BadArgument, "chainId"},
        {"call.init", init_start + R"("ringTimeoutMs":9999})", BadArgument, "ringTimeoutMs"},
        {"call.init", init_start + R"("ringTimeoutMs":120001})", BadArgument, "ringTimeoutMs"},
        {"call.init", init_start + R"("replace":0})", BadArgument, "replace"},
        {"call.pending", "{}", BadArgument, "callId"},
        {"call.ringing", R"({"callId":7})", BadArgument, "callId"},
        {"call.accept", R"({"callId":"m7"})", BadArgument, "media"},
        {"call.accept", R"({"callId":"m7","media":{"audio":true}})", BadArgument, "media.video"},
        {"call.reject", R"({"callId":"m7","reason":"later"})", BadArgument, "reason"},
        {"call.ignore", R"({"callId":[]})", BadArgument, "callId"},
        {"call.unavailable", R"({"callId":"m7","reason":"asleep"})", BadArgument, "reason"},
        {"call.hangup", R"({"callId":"m7","connectionId":""})", BadArgument, "connectionId"},
        {"call.activate", R"({"callId":"m7","media":{"audio":true,"video":true}})", BadArgument, "expect"},
        {"call.hold", R"({"callId":"m 7"})", BadArgument, "callId"},
        {"call.resume", R"({"callId":"m7","holdOthers":"no"})", BadArgument, "holdOthers"},
        {"call.update", R"({"callId":"m7","media":[]})", BadArgument, "media"},
        {"call.invite", R"({"callId":"m7"})", BadArgument, "profileIds"},
        {"call.invite", R"({"callId":"m7","profileIds":)" + list_of(20) + "}", TooMany, "profileIds"},
        {"call.remove", R"({"callId":"m7"})", BadArgument, "profileId"},
        {"call.sync", R"({"callId":"m7"})", BadArgument, "rev"},
        {"call.sync", R"({"callId":"m7","rev":-1})", BadArgument, "rev"},
        {"auth.refresh", "{}", BadArgument, "token"},
        {"auth.refresh", R"({"token":")" + std::string(4097, 'x') + "\"}", TooLarge, "token"},
    };
}

}  // namespace

TEST(JsapiDecode, EveryMessageIsReadWhole) {
    for (const Readable& one : readable()) {
        const auto read = message(one.type, with_uuid(one.body));
        EXPECT_EQ(read, one.message) << one.type << " " << one.body;
    }
}

TEST(JsapiDecode, ADamagedMessageNamesItsErrorAndItsField) {
    for (const Damaged& one : damaged()) {
        const auto read = message(one.type, with_uuid(one.body));
        const auto* unreadable = std::get_if<chains::Unreadable>(&read);
        ASSERT_TRUE(unreadable) << one.type << " " << one.body;
        EXPECT_EQ(unreadable->why.why, one.why) << one.type << " " << one.body;
        EXPECT_EQ(unreadable->why.field, one.field) << one.type << " " << one.body;
    }
}

TEST(JsapiDecode, ASequencedMessageWithoutABodyIsAnsweredNotClosed) {
    for (const char* text : {R"({"type":"call.hold","seq":1})", R"({"type":"call.hold","seq":1,"body":null})",
                             R"({"type":"auth.refresh","seq":1,"body":[]})"}) {
        const auto says = std::get<chains::ClientSays>(frame_of<chains::ClientFrame>(text));
        EXPECT_EQ(std::get<chains::Unreadable>(says.message).why.why, Refusal::BadMessage) << text;
    }
}

TEST(JsapiDecode, UnsequencedFramesAreOfFiveKinds) {
    const auto is = [](auto kind, std::string_view text) {
        return std::holds_alternative<decltype(kind)>(frame_of<chains::ClientFrame>(text));
    };
    EXPECT_TRUE(is(chains::ClientPing{}, R"({"type":"ping"})"));
    EXPECT_TRUE(is(chains::ClientPong{}, R"({"type":"pong","body":{}})"));
    EXPECT_TRUE(is(chains::ClientBye{}, R"({"type":"bye","body":{}})"));
    EXPECT_TRUE(is(chains::ClientAck{}, R"({"type":"ack","ack":7})"));
    EXPECT_EQ(decode(R"({"type":"ping","ack":7})", {}).ack, 7U);
    EXPECT_FALSE(decode(R"({"type":"ping"})", {}).ack);
}

TEST(JsapiDecode, WhatIsNoFrameIsGarbage) {
    for (const char* text :
         {"", "{", "null", "[]", "\"ping\"", "{}", R"({"type":7})", R"({"type":"ping","ack":-1})",
          R"({"type":"ping","ack":"1"})", R"({"type":"call.hold","seq":0,"body":{}})",
          R"({"type":"call.hold","seq":-1,"body":{}})", R"({"type":"call.hold","seq":1.5,"body":{}})",
          R"({"type":"call.hold","body":{}})", R"({"type":"ack"})", R"({"type":"hello"})",
          R"({"type":"welcome","body":{}})", "{\"type\":\"\xff\"}"})
        EXPECT_TRUE(is_garbage(text)) << text;
    EXPECT_TRUE(is_garbage(std::string(1000, '[')));
}

TEST(JsapiDecode, HelloIsReadBeforeItsTokenIsTrusted) {
    const auto whole = frame_of<HelloRequest>(
        R"({"type":"hello","body":{"version":1,"appId":"dev","token":"t","device":{"name":"Desk","kind":"web"},
            "resume":{"connectionId":"c1","token":"r","recv":812},"since":"44"}})");
    EXPECT_EQ(whole, (HelloRequest{true,
                                   AccountId("dev"),
                                   "t",
                                   {"Desk", "web"},
                                   ResumeRequest{chains::ConnectionId("c1"), "r", 812},
                                   44,
                                   std::nullopt}));
    const auto least = frame_of<HelloRequest>(R"({"type":"hello","body":{"version":1,"appId":"dev","token":"t"}})");
    EXPECT_EQ(least, (HelloRequest{.version_known = true, .app = AccountId("dev"), .token = "t"}));
    const auto reloaded = frame_of<HelloRequest>(
        R"({"type":"hello","body":{"version":1,"resume":{"connectionId":"c1","token":"r","recv":null}}})");
    EXPECT_EQ(reloaded.resume, (ResumeRequest{chains::ConnectionId("c1"), "r", std::nullopt}));
    EXPECT_FALSE(frame_of<HelloRequest>(R"({"type":"hello","body":{"version":2}})").version_known);
    EXPECT_FALSE(frame_of<HelloRequest>(R"({"type":"hello","body":{}})").version_known);
}

TEST(JsapiDecode, ADamagedHelloNamesItsField) {
    const auto field = [](const std::string& member) {
        const auto hello = frame_of<HelloRequest>(R"({"type":"hello","body":{"version":1,)" + member + "}}");
        EXPECT_TRUE(hello.problem) << member;
        return hello.problem ? hello.problem->field : "";
    };
    EXPECT_EQ(field(R"("device":7)"), "device");
    EXPECT_EQ(field(R"("device":{"kind":"fridge"})"), "device.kind");
    EXPECT_EQ(field(R"("resume":{"token":"r","recv":1})"), "resume.connectionId");
    EXPECT_EQ(field(R"("resume":{"connectionId":"c1","recv":1})"), "resume.token");
    EXPECT_EQ(field(R"("resume":{"connectionId":"c1","token":"r","recv":-1})"), "resume.recv");
    EXPECT_EQ(field(R"("since":"yesterday")"), "since");
    EXPECT_EQ(field(R"("since":"99999999999999999999")"), "since");
}

TEST(JsapiDecode, ARefreshCarriesItsToken) {
    const auto refresh = frame_of<RefreshRequest>(R"({"type":"auth.refresh","seq":9,"ack":2,"body":{"token":"t"}})");
    EXPECT_EQ(refresh, (RefreshRequest{9, "t"}));
}

TEST(JsapiDecode, AnyCutOfAFrameIsGarbage) {
    const std::string whole =
        R"({"type":"call.accept","seq":3,"ack":1,"body":{"callId":"m7","media":{"audio":true,"video":true}}})";
    for (size_t cut = 0; cut < whole.size(); ++cut) EXPECT_TRUE(is_garbage(whole.substr(0, cut))) << cut;
}

}  // namespace crosspoint::api::jsapi
