#pragma once
#include "app/people_story.h"

namespace crosspoint::app {

/// 14, those that the server says in replies.
inline const std::map<std::string, int> kErrorCodes{
    {"bad_message", 4000},      {"bad_argument", 4001},    {"unknown_type", 4002},    {"unsupported", 4004},
    {"unauthenticated", 4010},  {"token_expired", 4011},   {"forbidden", 4030},       {"forbidden_profile", 4031},
    {"self_call", 4032},        {"pstn_forbidden", 4033},  {"not_found", 4040},       {"wrong_state", 4090},
    {"already_accepted", 4091}, {"call_ended", 4092},      {"chain_busy", 4093},      {"not_active", 4094},
    {"conflict", 4095},         {"connection_busy", 4096}, {"already_calling", 4097}, {"already_in_call", 4098},
    {"too_large", 4130},        {"too_many", 4131},        {"rate_limited", 4290}};

class PeopleRefusals : public PeopleStory {
protected:
    /// A's devices c1 and c2, B's c3 and c4, C's c5; Z's c9 has nothing to do with any of it, and neither has X's,
    /// which is of another app.
    PeopleRefusals() {
        for (const char* user : {"A", "B", "C", "Z"}) add(user, name_of(user));
        add("X", "x", "other");
        c1_ = &connect("A");
        c2_ = &connect("A");
        c3_ = &connect("B");
        c4_ = &connect("B");
        c5_ = &connect("C");
        c9_ = &connect("Z");
        cx_ = &connect_with(token("X", {}, "other"), {{"appId", "other"}});
    }
    static std::string name_of(std::string user) { return std::string(1, static_cast<char>(user[0] - 'A' + 'a')); }

    /// "done" or "no-op", or an error's name and details.
    std::string tried(Client& client, std::string_view type, const json::value& body) {
        Standing before = standing();
        const size_t frames = client.frames.size();
        const json::object reply = reply_to(client, type, body);
        const size_t told = client.frames.size() - frames;
        if (reply.empty()) return "no reply";
        Standing after = standing(&client, told);
        // Whom a chain has turned away it keeps in mind, should that come again (OWN-3).
        if (says(reply, "chain_busy"))
            for (Standing* each : {&before, &after}) each->rows.erase("calls");
        const bool unchanged = after == before;
        if (reply.at("ok").as_bool()) return unchanged && told == 1 ? "no-op" : unchanged ? "tells" : "done";
        const json::object& error = reply.at("error").as_object();
        const std::string name(error.at("name").as_string());
        EXPECT_EQ(error.at("code"), kErrorCodes.at(name)) << name;
        EXPECT_FALSE(error.at("message").as_string().empty());
        EXPECT_TRUE(unchanged) << type << " was refused with " << name
                               << " and changed something (SEQ-6): " << difference(before, after);
        EXPECT_EQ(told, 1U) << type;
        return error.contains("details") ? name + " " + json::serialize(error.at("details")) : name;
    }
    static bool says(const json::object& reply, std::string_view error) {
        return !reply.at("ok").as_bool() && reply.at("error").at("name").as_string() == error;
    }
    std::string winner(const std::string& error) { return error + " {\"connectionId\":\"" + c3_->connection() + "\"}"; }

    Client* c1_ = nullptr;
    Client* c2_ = nullptr;
    Client* c3_ = nullptr;
    Client* c4_ = nullptr;
    Client* c5_ = nullptr;
    Client* c9_ = nullptr;
    Client* cx_ = nullptr;
    std::string call_;
};

}  // namespace crosspoint::app
