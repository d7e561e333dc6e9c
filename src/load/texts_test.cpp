#include "load/texts.h"

#include <gtest/gtest.h>

namespace crosspoint::load {
namespace {

constexpr Timestamp kStart{1s};

/// Four people, a text a second: the first pair has those of even seconds, the second the others.
class TextsStory : public testing::Test {
protected:
    json::object sent(Duration after) {
        std::vector<Ask> asks;
        texts.handle_timeout(kStart + after, asks);
        EXPECT_EQ(asks.size(), 1U);
        last_sender = asks.at(0).who;
        return asks.at(0).body;
    }
    /// The fan-out of what was sent, as the server makes it.
    json::object told(json::object body, int64_t pos) {
        if (!body.if_contains("chainId")) body["chainId"] = "chain";
        body["pos"] = pos;
        return body;
    }
    void to_both(const json::object& body) {
        texts.hear(kStart, last_sender, body);
        texts.hear(kStart, other_of(last_sender), body);
    }

    std::vector<std::string> names{"a", "b", "c", "d"};
    SeededRandom random{1};
    Texts texts{names, Pace(1, kStart, 6s), random};
    Person last_sender = 0;
};

TEST_F(TextsStory, GoBothWaysInOneChain) {
    const json::object first = sent(0s);
    EXPECT_EQ(first.at("sender"), "a");
    EXPECT_EQ(first.at("receivers"), json::array{"b"});
    EXPECT_FALSE(first.contains("chainId"));
    to_both(told(first, 1));
    EXPECT_EQ(sent(1s).at("sender"), "c");
    const json::object second = sent(2s);
    EXPECT_EQ(second.at("sender"), "b");
    EXPECT_EQ(second.at("chainId"), "chain");
}

TEST_F(TextsStory, EveryOneOnceAndInOrderIsFlawless) {
    for (int second = 0; second < 6; ++second) {
        EXPECT_FALSE(texts.done());
        to_both(told(sent(second * 1s), second));
    }
    EXPECT_TRUE(texts.done());
    const TextFigures figures = texts.figures();
    EXPECT_EQ(figures.sent, 6U);
    EXPECT_EQ(figures.delivered, 6U);
    EXPECT_EQ(figures.lost + figures.duplicated + figures.out_of_order, 0U);
}

TEST_F(TextsStory, LatencyCountsFromTheMomentItWasDue) {
    std::vector<Ask> late;
    texts.handle_timeout(kStart + 30ms, late);
    const json::object body = told(late.at(0).body, 1);
    texts.hear(kStart + 35ms, 0, body);
    EXPECT_EQ(texts.figures().took.count(), 0U);
    texts.hear(kStart + 40ms, 1, body);
    EXPECT_EQ(texts.figures().took.longest(), 40ms);
}

TEST_F(TextsStory, OneThatReachesOnlyOneOfThemIsLost) {
    const json::object body = told(sent(0s), 1);
    texts.hear(kStart, 0, body);
    EXPECT_EQ(texts.figures().lost, 1U);
    EXPECT_EQ(texts.figures().delivered, 0U);
}

TEST_F(TextsStory, OneThatComesTwiceIsNoticedWhetherTheOtherHasItOrNot) {
    const json::object body = told(sent(0s), 1);
    texts.hear(kStart, 1, body);
    texts.hear(kStart, 1, body);
    EXPECT_EQ(texts.figures().duplicated, 1U);
    texts.hear(kStart, 0, body);
    texts.hear(kStart, 1, body);
    EXPECT_EQ(texts.figures().duplicated, 2U);
}

TEST_F(TextsStory, OvertakingIsOutOfOrder) {
    to_both(told(sent(0s), 1));
    to_both(told(sent(1s), 1));
    const json::object second = told(sent(2s), 2);  // of b
    sent(3s);
    const json::object third = told(sent(4s), 3);  // of a
    texts.hear(kStart, 0, third);
    texts.hear(kStart, 0, second);
    EXPECT_EQ(texts.figures().out_of_order, 1U);
}

TEST_F(TextsStory, AnotherChainIsOutOfOrder) {
    to_both(told(sent(0s), 1));
    to_both(told(sent(1s), 1));
    json::object second = told(sent(2s), 2);
    second["chainId"] = "another";
    texts.hear(kStart, 0, second);
    EXPECT_EQ(texts.figures().out_of_order, 1U);
}

TEST_F(TextsStory, WaitsForTheChainsToBeOpened) {
    sent(0s);
    sent(1s);
    std::vector<Ask> asks;
    texts.handle_timeout(kStart + 2s, asks);
    EXPECT_TRUE(asks.empty());
    EXPECT_EQ(texts.next_timeout(), kNever);
    json::object opened{{"sender", "a"}, {"chainId", "chain"}, {"pos", 1}, {"content", {{"text", "1 of a"}}}};
    texts.hear(kStart + 2s, 1, opened);
    EXPECT_EQ(texts.next_timeout(), kStart + 2s);
    EXPECT_EQ(sent(2s).at("sender"), "b");
}

}  // namespace
}  // namespace crosspoint::load
