#include "api/jsapi/encode.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace crosspoint::api::jsapi {
namespace {

namespace json = boost::json;

using namespace chains;

const CallRef kRef{CallId("m7"), ChainId("k")};

json::value said(ServerMessage message) { return json::parse(encode(ServerSays{5, std::move(message)}, 3, {})); }

/// The message as it has to be, but for the envelope's numbers.
json::value frame(std::string_view type, std::string_view body) {
    json::value value =
        json::parse(R"({"type":")" + std::string(type) + R"(","seq":5,"ack":3,"body":)" + std::string(body) + "}");
    return value;
}

/// … and what every message of a call has.
json::value news(std::string_view type, std::string_view body) {
    json::value value = frame(type, body);
    json::object& inner = value.as_object()["body"].as_object();
    inner["callId"] = "m7";
    inner["rev"] = 2;
    inner["prev"] = 1;
    inner["ts"] = 1000;
    return value;
}
CallMessage call(CallNews what) { return {kRef, 2, 1, WallTime{1000}, std::move(what)}; }

ConnectionId connection(std::string_view id) { return ConnectionId(id); }

CallView view() {
    ParticipantView own;
    own.id = ProfileId("a");
    own.initiator = true;
    own.state = ParticipantState::Active;
    own.media = {true, false};
    own.active_connection = connection("c1");
    own.connections = {{connection("c1"), Role::ActiveInitiator, LegState::Active}};
    ParticipantView other;
    other.id = ProfileId("b");
    other.state = ParticipantState::Ringing;
    other.ringing_connections = {connection("c3")};

    CallView view;
    view.ref = kRef;
    view.from = ProfileId("a");
    view.to = {ProfileId("b")};
    view.connection = connection("c1");
    view.options = {true, false};
    view.state = CallState::Ringing;
    view.rev = 2;
    view.created = WallTime{900};
    view.participants = {own, other};
    return view;
}
const std::string kView = R"({"id":"m7","chainId":"k","from":"a","to":["b"],"connectionId":"c1",
    "options":{"audio":true,"video":false},"state":"ringing","rev":2,"createdAt":900,"participants":[
        {"id":"a","kind":"user","role":"initiator","state":"active","media":{"audio":true,"video":false},
         "mediaState":"none","held":false,"activeConnectionId":"c1","ringingConnectionIds":[],
         "connections":[{"id":"c1","role":"active initiator","state":"active"}]},
        {"id":"b","kind":"user","role":"receiver","state":"ringing","media":{"audio":false,"video":false},
         "mediaState":"none","held":false,"ringingConnectionIds":["c3"]}]})";

RecordParticipant participant(std::string_view id, ParticipantState outcome) {
    RecordParticipant participant;
    participant.id = ProfileId(id);
    participant.outcome = outcome;
    return participant;
}

CallRecord record() {
    CallRecord record;
    record.ref = kRef;
    record.from = ProfileId("a");
    record.to = {ProfileId("b"), ProfileId("c"), ProfileId("d")};
    record.options = {true, true};
    record.created = WallTime{1};
    record.answered = WallTime{2};
    record.ended = WallTime{9};
    record.reason = EndReason::HangUp;
    record.participants = {participant("a", ParticipantState::Left), participant("b", ParticipantState::Cancelled),
                           participant("c", ParticipantState::Timeout)};
    record.participants[0].answered = true;
    record.participants[0].joined = WallTime{1};
    record.participants[0].left = WallTime{9};
    record.participants[2].ignored = true;
    return record;
}
const std::string kRecord = R"({"callId":"m7","chainId":"k","from":"a","to":["b","c","d"],
    "options":{"audio":true,"video":true},"createdAt":1,"answeredAt":2,"endedAt":9,"endReason":"hangup","participants":[
        {"id":"a","outcome":"answered","joinedAt":1,"leftAt":9},{"id":"b","outcome":"cancelled"},
        {"id":"c","outcome":"ignored"}]})";

Text text() {
    return {.id = MessageId("m1"),
            .chain = ChainId("k"),
            .pos = 4,
            .sender = ProfileId("a"),
            .receivers = {ProfileId("b")},
            .connection = connection("c1"),
            .text = "hey",
            .version = 2,
            .ts = WallTime{700}};
}
const std::string kText =
    R"("id":"m1","chainId":"k","pos":4,"sender":"a","receivers":["b"],"connectionId":"c1","version":2,"ts":700)";

const Profile kProfile{ProfileId("a"), ProfileKind::User, "Ann", true, BusyPolicy::Reject, CallPolicy::Nobody, false};
const std::string kProfileText =
    R"({"id":"a","kind":"user","nickname":"Ann","dnd":true,"busyPolicy":"reject","callPolicy":"nobody","wakeable":false})";

}  // namespace

TEST(JsapiEncode, NoticesOfCallsSayWhoAndWhere) {
    const auto notice = [](Notice what, bool with_connection) {
        CallNotice made{what, ProfileId("b"), std::nullopt};
        if (with_connection) made.connection = connection("c3");
        return said(call(made));
    };
    const auto both = R"({"profileId":"b","connectionId":"c3"})";
    const auto who = R"({"profileId":"b"})";
    const auto where = R"({"connectionId":"c3"})";
    EXPECT_EQ(notice(Notice::Pending, true), news("call.pending", where));
    EXPECT_EQ(notice(Notice::Ignore, true), news("call.ignore", where));
    EXPECT_EQ(notice(Notice::Ringing, true), news("call.ringing", both));
    EXPECT_EQ(notice(Notice::Reject, true), news("call.reject", both));
    EXPECT_EQ(notice(Notice::Reject, false), news("call.reject", who));
    EXPECT_EQ(notice(Notice::Busy, false), news("call.busy", who));
    EXPECT_EQ(notice(Notice::HangUp, true), news("call.hangup", both));
    EXPECT_EQ(notice(Notice::Reconnecting, true), news("call.reconnecting", both));
    EXPECT_EQ(notice(Notice::Reconnected, true), news("call.reconnected", both));
    EXPECT_EQ(notice(Notice::Drop, true), news("call.drop", both));
    EXPECT_EQ(notice(Notice::InitTimeout, false), news("call.init_timeout", who));
    EXPECT_EQ(notice(Notice::RingingTimeout, false), news("call.ringing_timeout", who));
    EXPECT_EQ(notice(Notice::Hold, false), news("call.hold", who));
    EXPECT_EQ(notice(Notice::Resume, false), news("call.resume", who));
    EXPECT_EQ(notice(Notice::Remove, false), news("call.remove", who));
}

TEST(JsapiEncode, ACallIsToldWhole) {
    CallInit init;
    init.call = view();
    init.receiver = ProfileId("b");
    init.expires_in = 45s;
    EXPECT_EQ(said(call(init)), news("call.init", R"({"connectionId":"c1","receiver":"b","role":"receiver",
                                                      "expiresInMs":45000,"call":)" +
                                                      kView + "}"));
    init.receiver = {};
    init.role = Role::PassiveInitiator;
    init.local_id = "L";
    init.expires_in.reset();
    init.silent = true;
    init.replaces = CallId("m6");
    EXPECT_EQ(said(call(init)), news("call.init", R"({"connectionId":"c1","role":"passive initiator","localId":"L",
                                                      "silent":true,"replaces":"m6","call":)" +
                                                      kView + "}"));
    EXPECT_EQ(said(call(CallStateIs{view(), Role::ActiveReceiver})),
              news("call.state", R"({"role":"active receiver","call":)" + kView + "}"));
}

TEST(JsapiEncode, AnEndedCallSaysHow) {
    CallView ended = view();
    ended.state = CallState::Ended;
    ended.answered = WallTime{950};
    ended.ended = WallTime{990};
    ended.end_reason = EndReason::InitiatorLost;
    ended.replaces = CallId("m5");
    ended.replaced_by = CallId("m8");
    const json::value told = said(call(CallStateIs{ended, Role::PassiveReceiver}));
    const json::object& seen = told.as_object().at("body").as_object().at("call").as_object();
    EXPECT_EQ(seen.at("answeredAt"), 950);
    EXPECT_EQ(seen.at("endedAt"), 990);
    EXPECT_EQ(seen.at("endReason"), "initiator_lost");
    EXPECT_EQ(seen.at("replaces"), "m5");
    EXPECT_EQ(seen.at("replacedBy"), "m8");
    EXPECT_EQ(said(call(CallEnded{EndReason::NoAnswer, CallId("m8"), 12s})),
              news("call.end", R"({"endReason":"no_answer","replacedBy":"m8","durationMs":12000})"));
    EXPECT_EQ(said(call(CallEnded{EndReason::Glare, {}, {}})), news("call.end", R"({"endReason":"glare"})"));
}

TEST(JsapiEncode, OtherNewsOfCalls) {
    const std::string where = R"("profileId":"b","connectionId":"c3")";
    const ProfileId b("b");
    EXPECT_EQ(said(call(CallAccepted{b, connection("c3"), {true, false}, {}})),
              news("call.accept", "{" + where + R"(,"media":{"audio":true,"video":false}})"));
    EXPECT_EQ(said(call(CallAccepted{b, connection("c3"), {}, "L"})),
              news("call.accept", "{" + where + R"(,"media":{"audio":false,"video":false},"localId":"L"})"));
    EXPECT_EQ(said(call(CallActivated{b, connection("c3"), connection("c4")})),
              news("call.activate", "{" + where + R"(,"from":"c4"})"));
    EXPECT_EQ(said(call(CallUpdated{b, MediaKinds{true, true}, MediaState::Connected, MediaKinds{false, true}})),
              news("call.update", R"({"profileId":"b","media":{"audio":true,"video":true},"mediaState":"connected",
                                      "options":{"audio":false,"video":true}})"));
    EXPECT_EQ(said(call(CallUpdated{b, {}, MediaState::Failed, {}})),
              news("call.update", R"({"profileId":"b","mediaState":"failed"})"));
    EXPECT_EQ(said(call(CallMedia{3, SessionId("s"), ParticipantId("p"), "t", "", {true, false}})),
              news("call.media", R"({"mediaEpoch":3,"sessionId":"s","participantId":"p","deviceToken":"t","url":"",
                                     "publish":{"audio":true,"video":false}})"));
    ParticipantView phone;
    phone.id = ProfileId("tel:+15551230100");
    phone.kind = ProfileKind::Phone;
    phone.held = true;
    const std::string phone_text = R"([{"id":"tel:+15551230100","kind":"phone","role":"receiver","state":"inviting",
        "media":{"audio":false,"video":false},"mediaState":"none","held":true,"ringingConnectionIds":[]}])";
    EXPECT_EQ(said(call(CallInvited{{phone}, ProfileId("a"), false})),
              news("call.invite", R"({"invitedBy":"a","participants":)" + phone_text + "}"));
    EXPECT_EQ(said(call(CallInvited{{phone}, {}, true})),
              news("call.invite", R"({"again":true,"participants":)" + phone_text + "}"));
}

TEST(JsapiEncode, EntriesOfTheUserLogCarryTheirCursor) {
    const std::string body = "{" + kText + R"(,"receiver":"b","content":{"text":"hey"},"useq":"8")";
    TextView seen{text(), ProfileId("b")};
    EXPECT_EQ(said(LogNews{8, TextAdded{seen}}), frame("text.add_message", body + "}"));
    EXPECT_EQ(said(LogNews{8, TextEdited{seen}}), frame("text.edit_message", body + "}"));
    seen.text.local_id = "L";
    EXPECT_EQ(said(LogNews{8, TextAdded{seen}}), frame("text.add_message", body + R"(,"localId":"L"})"));
    EXPECT_EQ(said(LogNews{8, TextRemoved{MessageId("m1"), ChainId("k"), 3}}),
              frame("text.remove_message", R"({"id":"m1","chainId":"k","version":3,"useq":"8"})"));
    EXPECT_EQ(said(LogNews{8, CallOver{record()}}), frame("call.record", R"({"useq":"8","record":)" + kRecord + "}"));
    EXPECT_EQ(said(LogNews{8, CallMissed{record()}}), frame("call.missed", R"({"useq":"8","record":)" + kRecord + "}"));
}

TEST(JsapiEncode, NewsOfTheConnectionAndItsUser) {
    EXPECT_EQ(said(ProfileChanged{kProfile}), frame("profile.updated", R"({"profile":)" + kProfileText + "}"));
    EXPECT_EQ(said(ConnectionCount{3}), frame("auth.multiconnection", R"({"count":3})"));
    EXPECT_EQ(said(CustomNews{ProfileId("a"), ProfileId("b"), "typing", WallTime{7}}),
              frame("custom.message", R"({"from":"a","receiver":"b","content":"typing","ts":7})"));
    EXPECT_EQ(said(AuthExpiring{60s}), frame("auth.expiring", R"({"expiresInMs":60000})"));
    EXPECT_EQ(said(SyncDone{44, false}), frame("sync.done", R"({"useq":"44"})"));
    EXPECT_EQ(said(SyncDone{44, true}), frame("sync.done", R"({"useq":"44","logTruncated":true})"));
}

TEST(JsapiEncode, RepliesCarryTheirResult) {
    const auto reply = [](ReplyResult result) { return said(ReplyTo{9, std::move(result)}); };
    const auto ok = [](const std::string& result) {
        return frame("reply", R"({"re":9,"ok":true,"result":)" + result + "}");
    };
    EXPECT_EQ(reply(std::monostate{}), ok("{}"));
    EXPECT_EQ(reply(Opened{kRef, false}), ok(R"({"callId":"m7","chainId":"k"})"));
    EXPECT_EQ(reply(Opened{kRef, true}), ok(R"({"callId":"m7","chainId":"k","merged":true})"));
    EXPECT_EQ(reply(TextStored{MessageId("m1"), ChainId("k"), 4, 2, WallTime{700}}),
              ok(R"({"id":"m1","chainId":"k","pos":4,"version":2,"ts":700})"));
    EXPECT_EQ(reply(ProfileList{{kProfile}}), ok(R"({"profiles":[)" + kProfileText + "]}"));
    EXPECT_EQ(reply(ChainPage{{{ChainId("k"), WallTime{7}}}, "7.k"}),
              ok(R"({"chains":[{"chainId":"k","latestAt":7}],"more":true,"next":"7.k"})"));
    EXPECT_EQ(reply(ChainPage{}), ok(R"({"chains":[],"more":false})"));
}

TEST(JsapiEncode, HistoryHasTextsAndCalls) {
    Text removed = text();
    removed.removed = true;
    removed.text.clear();
    CallRecord live = record();
    live.answered.reset();
    live.participants.resize(1);
    live.participants[0] = participant("a", ParticipantState::Active);
    const HistoryPage page{{TextView{text(), ProfileId("b")}, TextView{removed, ProfileId("b")},
                            CallInHistory{3, false, record()}, CallInHistory{2, true, live}},
                           true};
    EXPECT_EQ(said(ReplyTo{9, page}), frame("reply", R"({"re":9,"ok":true,"result":{"more":true,"messages":[
                {"kind":"text",)" + kText + R"(,"content":{"text":"hey"}},
                {"kind":"text",)" + kText + R"(,"removed":true},
                {"kind":"call","id":"m7","chainId":"k","pos":3,"record":)" +
                                                         kRecord + R"(},
                {"kind":"call","id":"m7","chainId":"k","pos":2,"record":{"callId":"m7","chainId":"k","from":"a",
                 "to":["b","c","d"],"options":{"audio":true,"video":true},"createdAt":1,
                 "participants":[{"id":"a","outcome":"active"}]}}]}})"));
}

TEST(JsapiEncode, ErrorsHaveTheCodesAndDetailsOfTheSpecification) {
    const auto error = [](const Refused& why) {
        const json::value told = said(ReplyTo{9, why});
        const json::object& body = told.as_object().at("body").as_object();
        EXPECT_EQ(body.at("ok"), false);
        EXPECT_FALSE(body.contains("result"));
        json::object inner = body.at("error").as_object();
        EXPECT_FALSE(inner.at("message").as_string().empty());
        inner.erase("message");
        return json::value(inner);
    };
    const auto plain = [](int code, std::string_view name) { return json::value{{"code", code}, {"name", name}}; };
    using enum Refusal;
    EXPECT_EQ(error({.why = BadMessage}), plain(4000, "bad_message"));
    EXPECT_EQ(error({.why = BadArgument, .field = "to"}),
              json::parse(R"({"code":4001,"name":"bad_argument","details":{"field":"to"}})"));
    EXPECT_EQ(error({.why = UnknownType}), plain(4002, "unknown_type"));
    EXPECT_EQ(error({.why = Unsupported}), plain(4004, "unsupported"));
    EXPECT_EQ(error({.why = Unauthenticated}), plain(4010, "unauthenticated"));
    EXPECT_EQ(error({.why = TokenExpired}), plain(4011, "token_expired"));
    EXPECT_EQ(error({.why = Forbidden}), plain(4030, "forbidden"));
    EXPECT_EQ(error({.why = ForbiddenProfile}), plain(4031, "forbidden_profile"));
    EXPECT_EQ(error({.why = SelfCall}), plain(4032, "self_call"));
    EXPECT_EQ(error({.why = PstnForbidden}), plain(4033, "pstn_forbidden"));
    EXPECT_EQ(error({.why = NotFound}), plain(4040, "not_found"));
    EXPECT_EQ(error({.why = WrongState, .state = ParticipantState::Ringing}),
              json::parse(R"({"code":4090,"name":"wrong_state","details":{"state":"ringing"}})"));
    EXPECT_EQ(error({.why = AlreadyAccepted, .connection = connection("c3")}),
              json::parse(R"({"code":4091,"name":"already_accepted","details":{"connectionId":"c3"}})"));
    EXPECT_EQ(error({.why = CallEnded, .end_reason = EndReason::Cancelled}),
              json::parse(R"({"code":4092,"name":"call_ended","details":{"endReason":"cancelled"}})"));
    EXPECT_EQ(error({.why = ChainBusy, .call = CallId("m6")}),
              json::parse(R"({"code":4093,"name":"chain_busy","details":{"callId":"m6"}})"));
    EXPECT_EQ(error({.why = NotActive}), plain(4094, "not_active"));
    EXPECT_EQ(error({.why = Conflict}), plain(4095, "conflict"));
    EXPECT_EQ(error({.why = ConnectionBusy}), plain(4096, "connection_busy"));
    EXPECT_EQ(error({.why = AlreadyCalling}), plain(4097, "already_calling"));
    EXPECT_EQ(error({.why = AlreadyInCall}), plain(4098, "already_in_call"));
    EXPECT_EQ(error({.why = TooLarge}), plain(4130, "too_large"));
    EXPECT_EQ(error({.why = TooMany}), plain(4131, "too_many"));
    EXPECT_EQ(error({.why = RateLimited, .retry_after = 1500ms}),
              json::parse(R"({"code":4290,"name":"rate_limited","details":{"retryAfterMs":1500}})"));
    EXPECT_EQ(error({.why = Internal}), plain(5000, "internal"));
    EXPECT_EQ(error({.why = Unavailable}), plain(5030, "unavailable"));
}

TEST(JsapiEncode, WelcomeTellsTheLimits) {
    Settings limits;
    limits.ping = 7s;
    Welcome welcome;
    welcome.connection = connection("c1");
    welcome.user = UserId("u");
    welcome.profiles = {kProfile};
    welcome.resumed = true;
    welcome.recv = 91;
    welcome.resume_token = "r";
    welcome.expires_in = 1h;
    welcome.connections = 2;
    EXPECT_EQ(json::parse(encode(welcome, 91, limits)),
              json::parse(R"({"type":"welcome","body":{"connectionId":"c1","userId":"u",
        "profiles":[)" + kProfileText +
                          R"(],"resumed":true,"fresh":false,"recv":91,"resumeToken":"r","resumeWindowMs":60000,
        "pingMs":7000,"expiresInMs":3600000,"connections":2,"limits":{"frameBytes":65536,"textBytes":16384,
        "customBytes":255,"receiversPerMessage":256,"participantsPerCall":20,"connectionsPerUser":10,
        "liveCallsPerUser":8,"unansweredCallsPerUser":4,"callsPerMinute":20,"textsPerMinute":120,
        "messagesPerSecond":50}}})"));
}

TEST(JsapiEncode, PlainFrames) {
    EXPECT_EQ(encode(ServerPing{}, 3, {}), R"({"type":"ping","ack":3})");
    EXPECT_EQ(encode(ServerPong{}, 3, {}), R"({"type":"pong","ack":3})");
    EXPECT_EQ(encode(ServerAck{}, 3, {}), R"({"type":"ack","ack":3})");
    const auto error = json::parse(encode(ServerError{{.why = Refusal::BadArgument, .field = "since"}}, 0, {}));
    EXPECT_EQ(error.at("body").at("name"), "bad_argument");
    EXPECT_EQ(error.at("body").at("details").at("field"), "since");
    EXPECT_EQ(json::parse(unsupported_version_text()).at("body").at("code"), 4003);
}

}  // namespace crosspoint::api::jsapi
