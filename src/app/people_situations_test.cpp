#include <array>

#include "app/people_refusals.h"

// Every message in every situation, through the whole control plane: exactly the errors of jsapi 9.3 and 14, and an
// error changes nothing for anybody.
namespace crosspoint::app {
namespace {

enum Situation { kUndecided, kIgnored, kInThisLeg, kInOtherLeg, kOut, kEnded, kSituations };
constexpr std::array<std::string_view, kSituations> kNames{"undecided",     "ignored", "in, this leg",
                                                           "in, other leg", "out",     "ended"};

struct Row {
    std::string_view type;
    std::array<std::string_view, kSituations> cells;
};
// "winner" stands for the connection that is in: it is compared with c3's. A hold has come before, so that resuming
// does something.
// clang-format off
constexpr std::string_view kInviting = R"(wrong_state {"state":"inviting"})";
constexpr std::string_view kActive = R"(wrong_state {"state":"active"})";
constexpr std::string_view kRejected = R"(wrong_state {"state":"rejected"})";
constexpr std::string_view kOver = R"(call_ended {"endReason":"hangup"})";
constexpr std::string_view kTaken = "already_accepted";
constexpr std::string_view kNotActive = "not_active";
constexpr Row kRows[]{
    {"call.ringing",     {"done",    kInviting, kActive,  kActive,    kRejected, kOver}},
    {"call.accept",      {"done",    "done",    "no-op",  kTaken,     "done",    kOver}},
    {"call.reject",      {"done",    "done",    kTaken,   kTaken,     "no-op",   kOver}},
    {"call.ignore",      {"done",    "no-op",   kTaken,   kTaken,     "no-op",   kOver}},
    {"call.unavailable", {"done",    "no-op",   "no-op",  "no-op",    "no-op",   "no-op"}},
    {"call.hangup",      {kInviting, kInviting, "done",   kNotActive, "no-op",   "no-op"}},
    {"call.activate",    {kInviting, kInviting, "no-op",  "done",     kRejected, kOver}},
    {"call.hold",        {kInviting, kInviting, "no-op",  kNotActive, kRejected, kOver}},
    {"call.resume",      {kInviting, kInviting, "done",   kNotActive, kRejected, kOver}},
    {"call.update",      {kInviting, kInviting, "done",   kNotActive, kRejected, kOver}},
    {"call.invite",      {kInviting, kInviting, "done",   kNotActive, kRejected, kOver}},
    {"call.remove",      {kInviting, kInviting, "forbidden", kNotActive, kRejected, kOver}},
    {"call.pending",     {"no-op",   "no-op",   "no-op",  "no-op",    "no-op",   "no-op"}},
    {"call.sync",        {"tells",   "tells",   "tells",  "tells",    "tells",   "tells"}},
};
// clang-format on

class CallMessages : public PeopleRefusals, public testing::WithParamInterface<Row> {
protected:
    void go_to_situation(Situation situation) {
        call_ = situation == kOut ? call_both() : call(*c1_, "a", "b");
        if (situation == kIgnored) ask(*c4_, "call.ignore", about(call_));
        if (situation == kOut) {
            ask(*c5_, "call.accept", accepting(call_));
            ask(*c4_, "call.reject", body("call.reject", call_));
        }
        if (situation == kInThisLeg || situation == kInOtherLeg || situation == kEnded) {
            ask(*c3_, "call.accept", accepting(call_));
            ask(*c3_, "call.hold", about(call_));
        }
        if (situation == kEnded) ask(*c1_, "call.hangup", about(call_));
    }
    std::string call_both() {
        return std::string(ask(*c1_, "call.init", opening("a", {"b", "c"})).at("callId").as_string());
    }
    json::object body(std::string_view type, const std::string& call) const {
        json::object body = about(call);
        const json::object media{{"audio", true}, {"video", false}};
        if (type == "call.accept" || type == "call.activate" || type == "call.update") body["media"] = media;
        if (type == "call.reject") body["reason"] = "declined";
        if (type == "call.unavailable") body["reason"] = "no_media";
        if (type == "call.activate") body["expect"] = c3_->connection();
        if (type == "call.invite") body["profileIds"] = json::array{"c"};
        if (type == "call.remove") body["profileId"] = "a";
        if (type == "call.sync") body["rev"] = 0;
        return body;
    }
};

std::string name_of_row(const testing::TestParamInfo<Row>& row) {
    std::string name(row.param.type.substr(5));
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return name;
}

TEST_P(CallMessages, AreAnsweredByTheTable) {  // 9.3
    for (int situation = 0; situation < kSituations; ++situation) {
        const std::string place = std::string(kNames[situation]);
        SCOPED_TRACE(place);
        go_to_situation(static_cast<Situation>(situation));
        Client& sender = situation == kInOtherLeg ? *c4_ : *c3_;
        std::string expected(GetParam().cells[situation]);
        if (expected == kTaken) expected = winner(expected);
        EXPECT_EQ(tried(sender, GetParam().type, body(GetParam().type, call_)), expected);
        if (situation != kEnded) admin("DELETE", "calls/" + call_);
        pass(3s);  // rates
    }
}

// SEC-2: of what is not theirs, users learn as much as of what does not exist.
TEST_P(CallMessages, FindNothingWhenTheCallIsNotTheirs) {
    const std::string_view type = GetParam().type;
    const auto error = [&](Client& client, const std::string& call) {
        EXPECT_EQ(tried(client, type, body(type, call)), "not_found");
        return json::serialize(client.last("reply")->at("error"));
    };
    std::set<std::string> forms{error(*c3_, "0000000000000000000000")};
    for (int situation = 0; situation < kSituations; ++situation) {
        SCOPED_TRACE(std::string(kNames[situation]));
        go_to_situation(static_cast<Situation>(situation));
        for (Client* stranger : {c9_, cx_}) forms.insert(error(*stranger, call_));
        if (situation != kEnded) admin("DELETE", "calls/" + call_);
        pass(3s);
    }
    EXPECT_EQ(forms.size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(People, CallMessages, testing::ValuesIn(kRows), name_of_row);

}  // namespace
}  // namespace crosspoint::app
