#include "app/people_refusals.h"

// Damaged messages, field by field, and damaged frames (jsapi 3, 14). What is refused here for its form must not be
// valid by spec/asyncapi.yaml either: e2e/lib/recorded.test.ts looks at it.
namespace crosspoint::app {
namespace {

/// What a field holds.
enum class Kind {
    Id,
    OptionalId,
    Profile,
    Profiles,
    LocalId,
    Boolean,
    Media,
    Options,
    Reason,
    Text,
    Number,
    Count,
    Position
};

/// Values that are wrong, each with the field that is named for it when it is not this one.
struct Wrong {
    Wrong(json::value is, std::string named = {}) : value(std::move(is)), inner(std::move(named)) {}
    json::value value;
    std::string inner;
};

std::vector<Wrong> wrong_values(Kind kind) {
    const json::value long_id = json::string(65, 'x');
    std::vector<Wrong> ids{{7}, {""}, {"a b"}, {"é"}, {long_id}, {json::object()}, {json::string("a\0b", 3)}};
    const auto and_absent = [](std::vector<Wrong> values) {
        values.push_back({nullptr});
        return values;
    };
    switch (kind) {
        case Kind::Id: return and_absent(ids);
        case Kind::OptionalId: return ids;
        case Kind::Profile: return and_absent({{7}, {""}, {"a b"}, {long_id}, {"tel:"}, {"tel:1"}, {"tel:+0555"}});
        case Kind::Profiles:
            return and_absent({{"b"}, {json::array()}, {json::array{7}}, {json::array{"a b"}}, {json::object()}});
        case Kind::LocalId: return and_absent({{7}, {"x"}, {"6f1c2f9e-8a44-1c1b-9b0e-1f2a3b4c5d6e"}});  // of version 1
        case Kind::Boolean: return {{1}, {"true"}, {json::array()}};
        case Kind::Media:
            return and_absent({{true},
                               {json::array()},
                               {json::object{{"audio", true}}, ".video"},
                               {json::object{{"audio", 1}, {"video", true}}, ".audio"}});
        case Kind::Options:
            return {{true}, {json::object{{"audio", "yes"}}, ".audio"}, {json::object{{"audio", false}}}};
        case Kind::Reason: return {{7}, {"because"}, {""}};
        case Kind::Text: return {{7}, {json::array()}};
        case Kind::Number: return and_absent({{"1"}, {-1}, {1.5}});
        case Kind::Count: return {{0}, {101}, {"10"}};
        case Kind::Position: return {{0}, {-1}, {1.5}, {"10"}};
    }
    return {};
}

struct Message {
    std::string_view type;
    json::object right;  // in every field
    std::vector<std::pair<std::string, Kind>> fields;
};

const std::string kLocalId = "6f1c2f9e-8a44-4c1b-9b0e-1f2a3b4c5d6e";
const json::object kMedia{{"audio", true}, {"video", true}};

json::object of_call(json::object more = {}) {
    more["callId"] = "m7";
    return more;
}

const std::vector<Message>& messages() {
    using enum Kind;
    static const std::vector<Message> all{
        {"profile.set",
         {{"profileId", "a"}},
         {{"profileId", Profile},
          {"nickname", Text},
          {"dnd", Boolean},
          {"busyPolicy", Reason},
          {"callPolicy", Reason}}},
        {"text.add_message",
         {{"localId", kLocalId}, {"sender", "a"}, {"receivers", {"b"}}, {"content", {{"text", "hey"}}}},
         {{"localId", LocalId}, {"sender", Profile}, {"receivers", Profiles}, {"chainId", OptionalId}}},
        {"text.edit_message", {{"id", "m1"}, {"content", {{"text", "hey"}}}}, {{"id", Id}}},
        {"text.remove_message", {{"id", "m1"}}, {{"id", Id}}},
        {"custom.message",
         {{"from", "a"}, {"to", {"b"}}, {"content", "typing"}},
         {{"from", Profile}, {"to", Profiles}, {"content", Text}}},
        {"chain.history",
         {{"profileId", "a"}, {"chainId", "m1"}, {"limit", 10}},
         {{"profileId", Profile}, {"chainId", Id}, {"before", Position}, {"limit", Count}}},
        {"chain.list",
         {{"profileId", "a"}, {"limit", 10}},
         {{"profileId", Profile}, {"before", Text}, {"limit", Count}}},
        {"call.init",
         {{"localId", kLocalId}, {"from", "a"}, {"to", {"b"}}, {"options", kMedia}},
         {{"localId", LocalId},
          {"from", Profile},
          {"to", Profiles},
          {"chainId", OptionalId},
          {"options", Options},
          {"replace", Boolean},
          {"holdOthers", Boolean},
          {"ringTimeoutMs", Count}}},
        {"call.pending", of_call(), {{"callId", Id}}},
        {"call.ringing", of_call(), {{"callId", Id}}},
        {"call.accept", of_call({{"media", kMedia}}), {{"callId", Id}, {"media", Media}, {"holdOthers", Boolean}}},
        {"call.reject", of_call({{"reason", "busy"}}), {{"callId", Id}, {"reason", Reason}}},
        {"call.ignore", of_call(), {{"callId", Id}}},
        {"call.unavailable", of_call({{"reason", "busy"}}), {{"callId", Id}, {"reason", Reason}}},
        {"call.hangup", of_call(), {{"callId", Id}, {"connectionId", OptionalId}}},
        {"call.activate",
         of_call({{"expect", "c1"}, {"media", kMedia}}),
         {{"callId", Id}, {"expect", Id}, {"media", Media}, {"holdOthers", Boolean}}},
        {"call.hold", of_call(), {{"callId", Id}}},
        {"call.resume", of_call(), {{"callId", Id}, {"holdOthers", Boolean}}},
        {"call.update", of_call({{"media", kMedia}}), {{"callId", Id}, {"media", Media}}},
        {"call.invite", of_call({{"profileIds", {"c"}}}), {{"callId", Id}, {"profileIds", Profiles}}},
        {"call.remove", of_call({{"profileId", "b"}}), {{"callId", Id}, {"profileId", Profile}}},
        {"call.sync", of_call({{"rev", 1}}), {{"callId", Id}, {"rev", Number}}},
        {"auth.refresh", {{"token", "x"}}, {{"token", Text}}}};
    return all;
}

class PeopleFieldsTest : public PeopleRefusals {
protected:
    void refuses_field(std::string_view type, const json::object& body, std::string_view field) {
        const std::string details = json::serialize(json::object{{"field", field}});
        EXPECT_EQ(tried(*c1_, type, body), "bad_argument " + details) << type << " " << json::serialize(body);
        pass(20ms);  // the rate
    }
};

TEST_F(PeopleFieldsTest, AWrongValueIsNamedInEveryMessage) {
    for (const Message& message : messages())
        for (const auto& [field, kind] : message.fields)
            for (const Wrong& wrong : wrong_values(kind)) {
                json::object body = message.right;
                body[field] = wrong.value;
                refuses_field(message.type, body, field + wrong.inner);
            }
    for (const char* type : {"text.add_message", "text.edit_message"})
        for (const json::value& content : {json::value(), json::value("hey"), json::value(json::array())}) {
            json::object body = std::ranges::find(messages(), type, &Message::type)->right;
            body["content"] = content;
            refuses_field(type, body, "content");
            body["content"] = json::object{{"text", content.is_string() ? json::value(7) : content}};
            refuses_field(type, body, "content.text");
        }
}

TEST_F(PeopleFieldsTest, WhatIsTooMuchIsSaidToBe) {  // 13
    const std::string longest_text(16 * 1024, 'x');
    const auto too_large = [](const std::string& field) { return "too_large {\"field\":\"" + field + "\"}"; };
    const auto too_many = [](const std::string& field) { return "too_many {\"field\":\"" + field + "\"}"; };
    const auto add = [&](const std::string& content) {
        return tried(*c1_, "text.add_message", text("a", "b", content));
    };
    EXPECT_EQ(add(longest_text + "x"), too_large("content.text"));
    EXPECT_EQ(add(longest_text), "done");
    const std::string id(c1_->last("text.add_message")->at("id").as_string());
    EXPECT_EQ(tried(*c1_, "text.edit_message", {{"id", id}, {"content", {{"text", longest_text + "x"}}}}),
              too_large("content.text"));
    const auto custom = [&](const std::string& content) {
        return tried(*c1_, "custom.message", {{"from", "a"}, {"to", {"b"}}, {"content", content}});
    };
    EXPECT_EQ(custom(std::string(256, 'x')), too_large("content"));
    EXPECT_EQ(custom(std::string(255, 'x')), "done");
    refuses_field("profile.set", {{"profileId", "a"}, {"nickname", std::string(256, 'x')}}, "nickname");

    json::array many;
    for (int i = 0; i < 257; ++i) many.emplace_back("n" + std::to_string(i));
    json::object body = text("a", "b", "hey");
    body["receivers"] = many;
    EXPECT_EQ(tried(*c1_, "text.add_message", body), too_many("receivers"));
    EXPECT_EQ(tried(*c1_, "custom.message", {{"from", "a"}, {"to", many}, {"content", "x"}}), too_many("to"));
    many.resize(20);
    body = opening("a", {"b"});
    body["to"] = many;
    EXPECT_EQ(tried(*c1_, "call.init", body), too_many("to"));
    EXPECT_EQ(tried(*c1_, "call.invite", {{"callId", "m7"}, {"profileIds", many}}), too_many("profileIds"));
}

TEST_F(PeopleFieldsTest, ACallHasTwentyPlaces) {  // 13: participants
    for (int i = 0; i < 19; ++i) EXPECT_EQ(admin("PUT", "users/Z/profiles/z" + std::to_string(i)).status, 201);
    std::vector<std::string> all;
    for (int i = 0; i < 18; ++i) all.push_back("z" + std::to_string(i));
    all.push_back("b");
    call_ = std::string(ask(*c1_, "call.init", opening("a", all)).at("callId").as_string());
    EXPECT_EQ(tried(*c1_, "call.invite", {{"callId", call_}, {"profileIds", {"c"}}}), "too_many");
    EXPECT_EQ(tried(*c1_, "call.invite", {{"callId", call_}, {"profileIds", {"b"}}}), "no-op");
}

TEST_F(PeopleFieldsTest, ABodyThatIsNoObjectIsMalformed) {
    for (const Message& message : messages())
        for (const json::value& body : {json::value(), json::value("hey"), json::value(json::array())}) {
            EXPECT_EQ(tried(*c1_, message.type, body), "bad_message") << message.type;
            pass(20ms);
        }
}

TEST_F(PeopleFieldsTest, ATypeThatIsUnknownIsSaidToBe) {  // CON-1
    for (const char* type : {"", "call", "call.end", "call.init ", "CALL.INIT", "welcome", "hello", "reply", "ping"})
        EXPECT_EQ(tried(*c1_, type, json::object()), "unknown_type") << type;
}

TEST_F(PeopleFieldsTest, UnknownFieldsAreIgnored) {  // CON-1
    json::object body = opening("a", {"b"});
    body["colour"] = "red";
    EXPECT_EQ(tried(*c1_, "call.init", body), "done");
}

TEST_F(PeopleFieldsTest, AFrameThatIsNoneEndsTheTransportAndNothingElse) {  // SEQ-2, CON-1
    const char* const frames[] = {"",
                                  "{",
                                  "[]",
                                  "7",
                                  "null",
                                  R"({"seq":1,"body":{}})",
                                  R"({"type":7,"seq":1,"body":{}})",
                                  R"({"type":"profile.list","seq":0,"body":{}})",
                                  R"({"type":"profile.list","seq":-1,"body":{}})",
                                  R"({"type":"profile.list","seq":1.5,"body":{}})",
                                  R"({"type":"profile.list","seq":"1","body":{}})",
                                  R"({"type":"profile.list","seq":2,"body":{}})",
                                  R"({"type":"profile.list","body":{}})",
                                  R"({"type":"profile.list","seq":18446744073709551615,"body":{}})",
                                  R"({"type":"ack"})",
                                  R"({"type":"ack","ack":1000000})",
                                  R"({"type":"ack","ack":-1})",
                                  R"({"type":"ack","ack":"1"})",
                                  R"({"type":"unheard_of"})",
                                  R"({"type":"hello","body":{"version":1}})",
                                  "{\"type\":\"ping\"}\xff"};
    for (const char* frame : frames) {
        Client& client = connect("C");
        const size_t told = client.frames.size();
        handle(SocketText{client.socket, frame});
        EXPECT_EQ(client.closed, 4400) << frame;
        EXPECT_EQ(client.frames.size(), told) << frame;
        const json::value all = json::parse(admin("GET", "connections").body).at("connections");
        const auto its = std::ranges::find_if(all.as_array(), [&](const json::value& connection) {
            return connection.at("id").as_string() == client.connection();
        });
        ASSERT_NE(its, all.as_array().end()) << "detached, and not gone: " << frame;
        EXPECT_EQ(its->at("attached"), false);
        pass(61s);
    }
}

TEST_F(PeopleFieldsTest, WhatWasSaidTwiceIsDoneOnce) {  // SEQ-1, A42
    const json::object frame{{"type", "call.init"}, {"seq", 1}, {"body", opening("a", {"b"})}};
    say(*c1_, frame);
    const Standing before = standing(c1_, 0);
    say(*c1_, frame);
    EXPECT_EQ(c1_->frames.back().at("type"), "ack");
    EXPECT_EQ(standing(c1_, 1), before);
}

}  // namespace
}  // namespace crosspoint::app
