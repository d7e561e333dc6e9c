#include "load/calls.h"

#include <gtest/gtest.h>

namespace crosspoint::load {
namespace {

constexpr Timestamp kStart{1s};

/// Two people and one call: 0 calls 1.
class CallsStory : public testing::Test {
protected:
    void SetUp() override {
        pass(0ms);
        ASSERT_EQ(asks.size(), 1U);
    }
    void pass(Duration after) {
        now = kStart + after;
        asks.clear();
        calls.handle_timeout(now, asks);
    }
    void hear(Person who, std::string type, json::object body = {}) {
        body["callId"] = "call";
        asks.clear();
        calls.hear(now, who, {std::move(type), std::move(body), ""}, asks);
    }
    void both(const std::string& type, const json::object& body = {}) {
        hear(0, type, body);
        hear(1, type, body);
    }
    /// What the last step made somebody say: "1 call.ringing".
    std::string said() const {
        return asks.empty() ? "" : std::to_string(asks[0].who) + " " + std::string(asks[0].type);
    }
    void ring() {
        both("call.init");
        both("call.ringing");
    }
    void answer() {
        pass(500ms);
        both("call.accept");
        both("call.media");
    }

    std::vector<std::string> names{"a", "b"};
    SeededRandom random{1};
    Calls calls{names, Pace(1, kStart, 1s), random};
    Timestamp now = kStart;
    std::vector<Ask> asks;
};

TEST_F(CallsStory, IsOpenedRungAnsweredAndEnded) {
    EXPECT_EQ(said(), "0 call.init");
    EXPECT_EQ(asks[0].body.at("to"), json::array{"b"});
    hear(0, "call.init");
    EXPECT_EQ(said(), "");
    hear(1, "call.init");
    EXPECT_EQ(said(), "1 call.ringing");
    both("call.ringing");
    pass(499ms);
    EXPECT_EQ(said(), "");
    pass(500ms);
    EXPECT_EQ(said(), "1 call.accept");
    both("call.accept");
    both("call.media");
    pass(1500ms);
    EXPECT_EQ(said(), "0 call.hangup");
    EXPECT_FALSE(calls.done());
    both("call.hangup");
    both("call.end", {{"endReason", "hangup"}});
    EXPECT_TRUE(calls.done());
    EXPECT_EQ(calls.figures().ended, 1U);
    EXPECT_EQ(calls.figures().failed + calls.figures().unfinished, 0U);
    EXPECT_EQ(calls.figures().lasting.longest(), 1500ms);
    EXPECT_TRUE(calls.figures().errors.empty());
}

TEST_F(CallsStory, OneThatIsNotOverInTimeIsGivenUp) {
    ring();
    answer();
    pass(1500ms);
    both("call.hangup");
    EXPECT_EQ(calls.next_timeout(), kStart + 10s);
    pass(10s);
    EXPECT_EQ(calls.figures().unfinished, 1U);
    EXPECT_TRUE(calls.done());
}

TEST_F(CallsStory, OneThatNobodyRingsForIsGivenUp) {
    pass(10s);
    EXPECT_EQ(calls.figures().unfinished, 1U);
    EXPECT_TRUE(calls.done());
}

TEST_F(CallsStory, RefusalsAreErrors) {
    calls.hear(now, 0, {"reply", {{"ok", false}, {"error", {{"name", "rate_limited"}}}}, "call.init"}, asks);
    EXPECT_EQ(calls.figures().errors, (std::map<std::string, uint64_t>{{"call.init: rate_limited", 1}}));
    EXPECT_EQ(calls.figures().failed, 1U);
    EXPECT_TRUE(calls.done());
}

TEST_F(CallsStory, AnotherCourseOrEndIsAnError) {
    ring();
    hear(0, "call.init_timeout");
    EXPECT_EQ(calls.figures().errors.count("call.init_timeout"), 1U);
    EXPECT_EQ(calls.figures().failed, 1U);
}

TEST_F(CallsStory, AnEndThatNobodyAskedForIsAnError) {
    ring();
    hear(1, "call.end", {{"endReason", "unreachable"}});
    EXPECT_EQ(calls.figures().errors.count("ended: unreachable"), 1U);
}

TEST_F(CallsStory, MissingMediaIsAnError) {
    ring();
    pass(500ms);
    both("call.accept");
    hear(0, "call.media");
    pass(1500ms);
    both("call.end", {{"endReason", "hangup"}});
    EXPECT_EQ(calls.figures().errors.count("call.media is missing"), 1U);
    EXPECT_EQ(calls.figures().ended, 0U);
}

}  // namespace
}  // namespace crosspoint::load
