#include "app/people_refusals.h"

// What is refused whatever state a call is in: senders who may not, and more than is allowed (jsapi 8.1, 13, 14, 15).
namespace crosspoint::app {
namespace {

/// Another message of each kind, right in every field, as A would send it. `call` is a call between a and b in which c1
/// is active.
std::map<std::string, json::object> right_messages(const std::string& call, const std::string& text,
                                                   const std::string& chain) {
    const json::object media{{"audio", true}, {"video", true}};
    const json::object about{{"callId", call}};
    const auto with = [&](json::object more) {
        more["callId"] = call;
        return more;
    };
    const std::string local_id = "6f1c2f9e-8a44-4c1b-9b0e-1f2a3b4c5d6e";
    return {{"profile.list", {}},
            {"profile.set", {{"profileId", "a"}, {"nickname", "Ann"}}},
            {"text.add_message",
             {{"localId", local_id}, {"sender", "a"}, {"receivers", {"b"}}, {"content", {{"text", "hey"}}}}},
            {"text.edit_message", {{"id", text}, {"content", {{"text", "hello"}}}}},
            {"text.remove_message", {{"id", text}}},
            {"custom.message", {{"from", "a"}, {"to", {"b"}}, {"content", "typing"}}},
            {"chain.history", {{"profileId", "a"}, {"chainId", chain}, {"limit", 10}}},
            {"chain.list", {{"profileId", "a"}, {"limit", 10}}},
            {"call.init", {{"localId", local_id}, {"from", "a"}, {"to", {"c"}}, {"options", media}}},
            {"call.pending", about},
            {"call.ringing", about},
            {"call.accept", with({{"media", media}})},
            {"call.reject", with({{"reason", "declined"}})},
            {"call.ignore", about},
            {"call.unavailable", with({{"reason", "no_media"}})},
            {"call.hangup", about},
            {"call.activate", with({{"expect", "c1"}, {"media", media}})},
            {"call.hold", about},
            {"call.resume", about},
            {"call.update", with({{"media", media}})},
            {"call.invite", with({{"profileIds", {"c"}}})},
            {"call.remove", with({{"profileId", "b"}})},
            {"call.sync", with({{"rev", 1}})}};
}

class PeopleRefusalsTest : public PeopleRefusals {
protected:
    /// c1 talks to c3, and has sent b a text.
    void talk() {
        call_ = call(*c1_, "a", "b");
        ask(*c3_, "call.accept", accepting(call_));
        const json::object added = ask(*c1_, "text.add_message", text("a", "b", "hey"));
        text_ = std::string(added.at("id").as_string());
        chain_ = std::string(added.at("chainId").as_string());
    }
    Client& with_token(const json::object& wishes) { return connect_with(token("A", wishes)); }
    std::map<std::string, json::object> messages() const { return right_messages(call_, text_, chain_); }

    std::string text_;
    std::string chain_;
};

bool begins_with(std::string_view type, std::initializer_list<std::string_view> kinds) {
    return std::ranges::any_of(kinds, [&](std::string_view kind) { return type.starts_with(kind); });
}

TEST_F(PeopleRefusalsTest, AScopeThatIsMissingForbidsItsMessages) {  // CON-2
    talk();
    Client& no_calls = with_token({{"scope", {{"text", true}, {"pstn", true}}}});
    Client& no_texts = with_token({{"scope", {{"call", true}}}});
    for (const auto& [type, body] : messages()) {
        EXPECT_EQ(tried(no_calls, type, body) == "forbidden", begins_with(type, {"call."})) << type;
        const bool forbidden = begins_with(type, {"text.", "custom."});
        if (type != "call.hangup" && type != "call.activate") {
            EXPECT_EQ(tried(no_texts, type, body) == "forbidden", forbidden) << type;
        }
        pass(1s);
    }
}

TEST_F(PeopleRefusalsTest, TelephonesNeedAScope) {  // PST-1
    Client& no_phone = with_token({{"scope", {{"call", true}, {"text", true}}}});
    EXPECT_EQ(tried(no_phone, "call.init", opening("a", {"tel:+15551230100"})), "pstn_forbidden");
    EXPECT_EQ(tried(no_phone, "call.init", opening("a", {"b", "tel:+15551230100"})), "pstn_forbidden");
    call_ = call(no_phone, "a", "b");
    json::object invite = about(call_);
    invite["profileIds"] = json::array{"tel:+15551230100"};
    EXPECT_EQ(tried(no_phone, "call.invite", invite), "pstn_forbidden");
    EXPECT_EQ(tried(no_phone, "text.add_message", text("a", "tel:+15551230100", "hey")), "unsupported");  // PST-5
}

TEST_F(PeopleRefusalsTest, ATokenForOneProfileDoesNothingInTheNameOfAnother) {  // CON-2, SEC-2
    EXPECT_EQ(admin("PUT", "users/A/profiles/a2").status, 201);
    talk();
    Client& only_a2 = with_token({{"profiles", json::array{"a2"}}});
    const auto expected = [](std::string_view type) -> std::string {
        if (type == "profile.list") return "tells";
        if (begins_with(type, {"text.add", "custom.", "profile.set", "chain.", "call.init"}))
            return "forbidden_profile";
        return "not_found";
    };
    for (const auto& [type, body] : messages()) {
        if (type == "profile.list") continue;
        EXPECT_EQ(tried(only_a2, type, body), expected(type)) << type;
    }
    EXPECT_EQ(ask(only_a2, "profile.list", {}).at("profiles").as_array().size(), 1U);
    ask(*c1_, "call.hangup", about(call_));
    for (const auto& [type, body] : messages())
        if (begins_with(type, {"call."}) && type != "call.init") {
            EXPECT_EQ(tried(only_a2, type, body), "not_found") << type << " of a call that has ended";
        }
}

TEST_F(PeopleRefusalsTest, NobodyActsForAProfileOfAnother) {  // SEC-1, A50
    talk();
    for (const char* foreign : {"b", "x", "nobody"}) {
        SCOPED_TRACE(foreign);
        EXPECT_EQ(tried(*c9_, "call.init", opening(foreign, {"c"})), "forbidden_profile");
        EXPECT_EQ(tried(*c9_, "text.add_message", text(foreign, "c", "hey")), "forbidden_profile");
        for (const char* type : {"custom.message", "profile.set", "chain.history", "chain.list"}) {
            json::object body = messages().at(type);
            body[type == std::string("custom.message") ? "from" : "profileId"] = foreign;
            EXPECT_EQ(tried(*c9_, type, body), "forbidden_profile") << type;
        }
    }
}

TEST_F(PeopleRefusalsTest, WhatBelongsToOthersIsNotFoundLikeWhatDoesNotExist) {  // SEC-2, CHN-3
    talk();
    std::set<std::string> forms;
    const auto refuses = [&](std::string_view type, const json::object& body, Client& client) {
        EXPECT_EQ(tried(client, type, body), "not_found") << type << json::serialize(body);
        forms.insert(json::serialize(client.last("reply")->at("error")));
    };
    const std::string unknown = "0000000000000000000000";
    for (const std::string& other : {text_, unknown, call_}) {
        refuses("text.edit_message", {{"id", other}, {"content", {{"text", "mine"}}}}, *c9_);
        refuses("text.remove_message", {{"id", other}}, *c9_);
        refuses("text.edit_message", {{"id", other}, {"content", {{"text", "mine"}}}}, *c3_);
        refuses("text.remove_message", {{"id", other}}, *c3_);
        refuses("text.remove_message", {{"id", other}}, *cx_);
    }
    for (const std::string& other : {chain_, unknown, call_}) {
        refuses("chain.history", {{"profileId", "z"}, {"chainId", other}, {"limit", 10}}, *c9_);
        json::object in_chain = text("z", "a", "hey");
        in_chain["chainId"] = other;
        refuses("text.add_message", in_chain, *c9_);
        in_chain = opening("z", {"c"});
        in_chain["chainId"] = other;
        refuses("call.init", in_chain, *c9_);
    }
    for (const char* nobody : {"x", "nobody"}) {  // another app's, and none
        refuses("call.init", opening("z", {nobody}), *c9_);
        refuses("call.init", opening("z", {"c", nobody}), *c9_);
        refuses("text.add_message", text("z", nobody, "hey"), *c9_);
        refuses("custom.message", {{"from", "z"}, {"to", {nobody}}, {"content", "hey"}}, *c9_);
        refuses("call.invite", {{"callId", call_}, {"profileIds", {nobody}}}, *c1_);
        refuses("call.remove", {{"callId", call_}, {"profileId", nobody}}, *c1_);
    }
    EXPECT_EQ(forms.size(), 1U);
}

TEST_F(PeopleRefusalsTest, WhatDoesNotExistIsNotKept) {  // SEC-2, SEC-7
    talk();
    const size_t owners = control_->people().chain_owners().size();
    for (int i = 10; i < 30; ++i) {
        const std::string unknown = "00000000000000000000" + std::to_string(i);
        EXPECT_EQ(tried(*c9_, "call.sync", {{"callId", unknown}, {"rev", 1}}), "not_found");
        EXPECT_EQ(tried(*c9_, "text.remove_message", {{"id", unknown}}), "not_found");
        json::object in_chain = text("z", "a", "hey");
        in_chain["chainId"] = unknown;
        EXPECT_EQ(tried(*c9_, "text.add_message", in_chain), "not_found");
    }
    EXPECT_EQ(control_->people().chain_owners().size(), owners);
}

TEST_F(PeopleRefusalsTest, TheInitiatorsOwnSituations) {  // 9.3, HAND-1
    call_ = call(*c1_, "a", "b");
    const auto cell = [&](Client& client, const std::string& type) { return tried(client, type, messages().at(type)); };
    const std::string c1 = " {\"connectionId\":\"" + c1_->connection() + "\"}";
    for (const char* type : {"call.accept", "call.reject", "call.ignore"})
        EXPECT_EQ(cell(*c2_, type), "already_accepted" + c1) << type;
    for (const char* type : {"call.hangup", "call.hold", "call.resume", "call.update", "call.invite", "call.remove"})
        EXPECT_EQ(cell(*c2_, type), "not_active") << type;
    EXPECT_EQ(cell(*c2_, "call.ringing"), R"(wrong_state {"state":"active"})");
    EXPECT_EQ(cell(*c2_, "call.activate"), "conflict" + c1);
    EXPECT_EQ(cell(*c2_, "call.pending"), "done");
    EXPECT_EQ(cell(*c2_, "call.pending"), "no-op");
    EXPECT_EQ(cell(*c1_, "call.pending"), "no-op");
}

TEST_F(PeopleRefusalsTest, OnlyWhoOpenedTheCallRemovesAndWhoWasRemovedKnowsNothing) {  // GRP-6, A56
    call_ = std::string(ask(*c1_, "call.init", opening("a", {"b", "c"})).at("callId").as_string());
    for (Client* client : {c3_, c5_}) ask(*client, "call.accept", accepting(call_));
    EXPECT_EQ(tried(*c3_, "call.remove", {{"callId", call_}, {"profileId", "c"}}), "forbidden");
    EXPECT_EQ(tried(*c1_, "call.remove", {{"callId", call_}, {"profileId", "c"}}), "done");
    EXPECT_EQ(tried(*c1_, "call.remove", {{"callId", call_}, {"profileId", "z"}}), "not_found");
    for (const auto& [type, body] : messages())
        if (begins_with(type, {"call."}) && type != "call.init") {
            EXPECT_EQ(tried(*c5_, type, body), "not_found") << type;
        }
}

TEST_F(PeopleRefusalsTest, ASecondCallWhereThereIsOne) {  // LAST-1, SLOT-1, GLR-7, OPEN-3, A5, A62
    call_ = call(*c1_, "a", "b");
    const std::string it = " {\"callId\":\"" + call_ + "\"}";
    EXPECT_EQ(tried(*c2_, "call.init", opening("a", {"b"})), "already_calling" + it);
    EXPECT_EQ(tried(*c1_, "call.init", opening("a", {"c"})), "connection_busy" + it);
    EXPECT_EQ(tried(*c2_, "call.init", opening("a", {"a"})), "self_call");
    EXPECT_EQ(tried(*c2_, "call.init", opening("a", {"c", "a"})), "self_call");
    json::object in_chain = opening("a", {"c"});
    in_chain["chainId"] = call_;
    EXPECT_EQ(tried(*c2_, "call.init", in_chain), "chain_busy" + it);
    in_chain["replace"] = true;  // A6: from c2, which is not active
    EXPECT_EQ(tried(*c2_, "call.init", in_chain), "chain_busy" + it);
    ask(*c3_, "call.accept", accepting(call_));
    EXPECT_EQ(tried(*c2_, "call.init", opening("a", {"b"})), "already_in_call" + it);
    EXPECT_EQ(tried(*c4_, "call.init", opening("b", {"a"})), "already_in_call" + it);

    const std::string other = call(*c9_, "z", "b");
    EXPECT_EQ(tried(*c3_, "call.accept", accepting(other)), "connection_busy" + it);
    EXPECT_EQ(tried(*c4_, "call.accept", accepting(other)), "done");
}

TEST_F(PeopleRefusalsTest, AnIdIsForOneThing) {  // SEQ-7
    json::object open = opening("a", {"b"});
    ask(*c1_, "call.init", open);
    open["to"] = json::array{"c"};
    EXPECT_EQ(tried(*c1_, "call.init", open), "conflict");
    json::object add = text("a", "b", "hey");
    const json::object first = ask(*c1_, "text.add_message", add);
    EXPECT_EQ(ask(*c2_, "text.add_message", add), first);
    add["content"] = json::object{{"text", "other"}};
    EXPECT_EQ(tried(*c2_, "text.add_message", add), "conflict");
}

TEST_F(PeopleRefusalsTest, CallsOfOneUserAreCounted) {  // 13
    EXPECT_EQ(admin("PUT", "users/D").status, 201);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(admin("PUT", "users/D/profiles/d" + std::to_string(i)).status, 201);
    std::vector<Client*> devices;
    for (int i = 0; i < 5; ++i) devices.push_back(&connect("A"));
    // To different profiles, though of one user: nobody may learn that from an error (PRO-1).
    for (int i = 0; i < 4; ++i) call(*devices[static_cast<size_t>(i)], "a", "d" + std::to_string(i));
    EXPECT_EQ(tried(*devices[4], "call.init", opening("a", {"d4"})), "too_many");
}

// ---- floods (13) ----

TEST_F(PeopleRefusalsTest, TwentyCallsAMinuteAreEnough) {  // A62
    const std::string live = call(*c3_, "b", "c");
    const auto cancelled = [&] { ask(*c1_, "call.hangup", about(call(*c1_, "a", "b"))); };
    for (int i = 0; i < 20; ++i) cancelled();
    // On whichever device: the rate is the user's. The next one is let through after a twentieth of a minute.
    for (Client* client : {c1_, c2_})
        EXPECT_EQ(tried(*client, "call.init", opening("a", {"b"})), R"(rate_limited {"retryAfterMs":3000})");
    EXPECT_EQ(json::parse(admin("GET", "calls").body).at("calls").at(0).at("id"), live.c_str());
    pass(3s);
    cancelled();
}

TEST_F(PeopleRefusalsTest, AHundredAndTwentyTextsAMinuteAreEnough) {
    for (int i = 0; i < 120; ++i) ask(i % 2 == 0 ? *c1_ : *c2_, "text.add_message", text("a", "b", "hey"));
    EXPECT_EQ(c3_->count("text.add_message"), 120U);
    EXPECT_EQ(tried(*c1_, "text.add_message", text("a", "b", "hey")), R"(rate_limited {"retryAfterMs":500})");
    pass(500ms);
    EXPECT_EQ(tried(*c2_, "text.add_message", text("a", "b", "hey")), "done");
}

TEST_F(PeopleRefusalsTest, FiftyOtherMessagesASecondAreEnough) {
    talk();
    for (const auto& [type, body] : messages()) {
        if (type == "call.init" || type == "text.add_message" || type == "text.edit_message") continue;
        SCOPED_TRACE(type);
        pass(5s);
        for (int i = 0; i < 50; ++i) ask(*c9_, "profile.list", {});
        EXPECT_EQ(tried(*c9_, type, body), R"(rate_limited {"retryAfterMs":20})");
    }
    EXPECT_EQ(tried(*c9_, "no.such_type", json::object()), R"(rate_limited {"retryAfterMs":20})");
    pass(20ms);
    ask(*c9_, "profile.list", {});
    EXPECT_TRUE(c9_->last("reply")->at("ok").as_bool());
}

TEST_F(PeopleRefusalsTest, WhoDoesNotStopIsClosedAndStaysInItsCall) {  // 2.2: 4429
    talk();
    std::optional<json::object> last;
    for (int i = 0; i < 1000 && !c1_->closed; ++i)
        say(*c1_, {{"type", "profile.list"}, {"seq", ++c1_->seq}, {"body", json::object()}});
    EXPECT_EQ(c1_->closed, 4429);
    EXPECT_EQ(c3_->last("call.reconnecting")->at("profileId"), "a");
    EXPECT_EQ(c3_->count("call.end"), 0U);
    for (int i = 0; i < 1000 && !c2_->closed; ++i)  // also with what has a rate of its own
        say(*c2_, {{"type", "call.init"}, {"seq", ++c2_->seq}, {"body", opening("a", {"c"})}});
    EXPECT_EQ(c2_->closed, 4429);
}

}  // namespace
}  // namespace crosspoint::app
