#include "rtc/sctp/reassembly.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rtc/sctp/received_tsns.h"
#include "rtc/sctp/stream_resets.h"

namespace crosspoint::rtc::sctp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Verdict = Reassembly::Verdict;

DataChunk part(uint16_t stream, uint16_t ssn, std::string_view text, bool beginning = true, bool end = true) {
    DataChunk data;
    data.stream = stream;
    data.ssn = ssn;
    data.beginning = beginning;
    data.end = end;
    data.payload = as_bytes(text);
    return data;
}
DataChunk unordered(std::string_view text, bool beginning = true, bool end = true) {
    DataChunk data = part(0, 0, text, beginning, end);
    data.unordered = true;
    return data;
}

class ReassemblyTest : public testing::Test {
protected:
    Verdict add(int64_t tsn, const DataChunk& data, bool next_in_order = false) {
        std::vector<Message> messages;
        const Verdict verdict = reassembly_.add(tsn, data, next_in_order, messages);
        take(messages);
        return verdict;
    }
    void forward(int64_t tsn, std::vector<ForwardTsnChunk::Skipped> skipped) {
        std::vector<Message> messages;
        reassembly_.forward(tsn, skipped, messages);
        take(messages);
    }
    void take(const std::vector<Message>& messages) {
        for (const Message& message : messages) heard_.emplace_back(as_text(message.bytes));
    }

    Reassembly reassembly_{100, 60};
    std::vector<std::string> heard_;
};

TEST_F(ReassemblyTest, PartsInAnyOrderMakeOneMessage) {
    add(12, part(0, 0, "c", false, true));
    add(10, part(0, 0, "a", true, false));
    EXPECT_THAT(heard_, IsEmpty());
    add(11, part(0, 0, "b", false, false));
    EXPECT_THAT(heard_, ElementsAre("abc"));
    EXPECT_EQ(reassembly_.window(), 100u);
}

TEST_F(ReassemblyTest, OrderedMessagesWaitForEarlierOnesOfTheirStreamOnly) {
    add(11, part(1, 1, "second"));
    EXPECT_EQ(reassembly_.window(), 94u);
    add(12, part(2, 0, "other"));
    add(13, unordered("urgent"));
    EXPECT_THAT(heard_, ElementsAre("other", "urgent"));
    add(10, part(1, 0, "first"));
    EXPECT_THAT(heard_, ElementsAre("other", "urgent", "first", "second"));
    EXPECT_EQ(reassembly_.window(), 100u);
}

TEST_F(ReassemblyTest, SequenceNumbersWrap) {
    for (int64_t i = 0; i < 0x10002; ++i) EXPECT_EQ(add(i, part(0, static_cast<uint16_t>(i), "x")), Verdict::Taken);
    EXPECT_THAT(heard_, SizeIs(0x10002));
}

TEST_F(ReassemblyTest, AFullWindowTakesOnlyWhatCanEmptyIt) {
    const std::string half(50, 'x');
    EXPECT_EQ(add(12, part(1, 1, half)), Verdict::Taken);
    EXPECT_EQ(add(13, part(1, 2, half)), Verdict::Taken);
    EXPECT_EQ(reassembly_.window(), 0u);
    EXPECT_EQ(add(14, part(1, 3, "y")), Verdict::NoRoom);
    EXPECT_EQ(add(11, part(1, 0, "z"), true), Verdict::Taken);
    EXPECT_THAT(heard_, SizeIs(3));
    EXPECT_EQ(reassembly_.window(), 100u);
}

TEST_F(ReassemblyTest, NothingGrowsWithoutBound) {
    const std::string half(50, 'x');
    for (int64_t i = 0; i < 4; ++i)
        EXPECT_EQ(add(i, part(1, static_cast<uint16_t>(i + 1), half), true), Verdict::Taken);
    EXPECT_EQ(add(4, part(1, 5, "x"), true), Verdict::Violation);
}

TEST_F(ReassemblyTest, AMessageAboveTheMaximumIsRefusedBeforeItIsComplete) {
    EXPECT_EQ(add(10, part(0, 0, std::string(40, 'x'), true, false), true), Verdict::Taken);
    EXPECT_EQ(add(11, part(0, 0, std::string(40, 'x'), false, false), true), Verdict::TooLong);
}

TEST_F(ReassemblyTest, NotEvenTheShortestMessagesPileUp) {
    reassembly_ = Reassembly(1 << 20, 60);
    int64_t tsn = 10;
    uint16_t held = 0;
    for (bool taken = true; taken && held < 10000; ++tsn) {
        ++held;  // number 0 never comes
        taken = add(tsn, part(1, held, "x"), true) == Verdict::Taken;
    }
    EXPECT_EQ(held, 4097);
    EXPECT_THAT(heard_, IsEmpty());
    reassembly_.reset({});
    EXPECT_EQ(add(tsn++, part(1, 0, "x"), true), Verdict::Taken);
    EXPECT_THAT(heard_, SizeIs(1));
}

TEST_F(ReassemblyTest, ContradictionsAreViolations) {
    EXPECT_EQ(add(10, part(0, 0, "a", true, false)), Verdict::Taken);
    EXPECT_EQ(add(11, part(0, 0, "b", true, false)), Verdict::Violation);
    EXPECT_EQ(add(20, part(0, 1, "a", true, false)), Verdict::Taken);
    EXPECT_EQ(add(21, part(1, 1, "b", false, true)), Verdict::Violation);
    EXPECT_EQ(add(31, unordered("b", false, true)), Verdict::Taken);
    EXPECT_EQ(add(30, part(0, 0, "a", true, false)), Verdict::Violation);
    EXPECT_EQ(add(40, part(5, 0, "a")), Verdict::Taken);
    EXPECT_EQ(add(41, part(5, 0, "a")), Verdict::Violation);
}

TEST_F(ReassemblyTest, WhatWasGivenUpIsSkipped) {
    add(10, part(1, 0, "lost", true, false));
    add(13, part(1, 2, "kept"));
    add(14, part(2, 1, "other"));
    EXPECT_THAT(heard_, IsEmpty());
    forward(12, {{1, 1}});
    EXPECT_THAT(heard_, ElementsAre("kept"));
    forward(13, {{2, 0}});
    EXPECT_THAT(heard_, ElementsAre("kept", "other"));
    EXPECT_EQ(reassembly_.window(), 100u);
}

TEST_F(ReassemblyTest, AResetStreamBeginsAgain) {
    add(10, part(1, 0, "a"));
    add(11, part(1, 2, "never"));
    reassembly_.reset(std::vector<uint16_t>{1, 9});
    EXPECT_EQ(reassembly_.window(), 100u);
    add(12, part(1, 0, "b"));
    reassembly_.reset({});
    add(13, part(1, 0, "c"));
    EXPECT_THAT(heard_, ElementsAre("a", "b", "c"));
}

using Gaps = std::vector<SackChunk::Gap>;

TEST(ReceivedTsns, SaysWhatIsMissingFromEveryStart) {
    for (const uint32_t start : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xfffffffcu, 0xffffffffu}) {
        const int64_t first = first_tsn(start);
        ReceivedTsns received(first);
        for (const int64_t offset : {0, 2, 3, 6, 5}) received.add(first + offset);
        received.add_duplicate(start);
        SackChunk sack = received.take_sack(77);
        EXPECT_EQ(sack.cumulative_tsn, start);
        EXPECT_EQ(sack.window, 77u);
        EXPECT_EQ(sack.gaps, (Gaps{{2, 3}, {5, 6}}));
        EXPECT_THAT(sack.duplicates, ElementsAre(start));
        EXPECT_TRUE(received.contains(first + 3));
        EXPECT_FALSE(received.contains(first + 4));
        received.add(first + 1);
        sack = received.take_sack(0);
        EXPECT_EQ(sack.cumulative_tsn, start + 3);
        EXPECT_EQ(sack.gaps, (Gaps{{2, 3}}));
        EXPECT_THAT(sack.duplicates, IsEmpty());
        received.forward(first + 5);
        EXPECT_EQ(received.cumulative(), first + 6);
        EXPECT_FALSE(received.has_gaps());
    }
}

TEST(ReceivedTsns, AFloodOfHolesMakesNoHugeSack) {
    ReceivedTsns received(first_tsn(0));
    for (int64_t i = 1; received.in_reach(first_tsn(0) + i); i += 2) received.add(first_tsn(0) + i);
    for (uint32_t i = 0; i < 1000; ++i) received.add_duplicate(i);
    EXPECT_LE(received.take_sack(0).size(), 512u);
}

TEST(StreamResets, EachRequestIsCarriedOutOnce) {
    StreamResets resets(100);
    const OutgoingReset reset{100, 0, 50, {1}};
    const auto first = resets.handle(reset, 50, 10);
    EXPECT_EQ(first->response.result, ResetResult::Performed);
    EXPECT_THAT(*first->reset, ElementsAre(1));
    const auto again = resets.handle(reset, 50, 10);
    EXPECT_EQ(again->response.result, ResetResult::Performed);
    EXPECT_FALSE(again->reset);
    EXPECT_EQ(resets.handle(OutgoingReset{105, 0, 50, {1}}, 50, 10)->response.result, ResetResult::BadSequenceNumber);
    EXPECT_EQ(resets.handle(OutgoingReset{101, 0, 50, {10}}, 50, 10)->response.result, ResetResult::Denied);
    EXPECT_EQ(resets.handle(OtherRequest{102}, 50, 10)->response.result, ResetResult::Denied);
    EXPECT_FALSE(resets.handle(ResetResponse{1, ResetResult::Denied}, 50, 10));
}

TEST(StreamResets, WaitsForWhatWasSentBefore) {
    for (const uint32_t second_request : {100u, 101u}) {
        StreamResets resets(100);
        EXPECT_EQ(resets.handle(OutgoingReset{100, 0, 51, {}}, 50, 10)->response.result, ResetResult::InProgress);
        const auto later = resets.handle(OutgoingReset{second_request, 0, 51, {}}, 51, 10);
        EXPECT_EQ(later->response.result, ResetResult::Performed);
        EXPECT_TRUE(later->reset);
    }
}

}  // namespace
}  // namespace crosspoint::rtc::sctp
