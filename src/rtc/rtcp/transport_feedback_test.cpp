#include "rtc/rtcp/transport_feedback.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/random.h"

namespace crosspoint::rtc::rtcp {
namespace {

constexpr size_t kHeader = 4;

Buffer written(const TransportFeedback& feedback) {
    Buffer memory(1 << 17);
    ByteWriter out(memory);
    feedback.write(out);
    EXPECT_TRUE(out.done());
    return to_buffer(out.written());
}

std::optional<TransportFeedback> parsed(const Buffer& packet) {
    return TransportFeedback::parse(Bytes(packet).subspan(kHeader));
}

std::optional<TransportFeedback> parsed(std::string_view chunks_and_deltas, std::string_view count) {
    return TransportFeedback::parse(
        *from_hex("0000000100000002"
                  "fffe" +
                  std::string(count) + "00000a07" + std::string(chunks_and_deltas)));
}

// The two bytes of the first chunk.
std::string first_chunk(const TransportFeedback& feedback) { return hex(Bytes(written(feedback)).subspan(20, 2)); }

TransportFeedback with(const std::vector<int>& deltas) {  // -1: not received, above 255: a large one
    TransportFeedback feedback{Ssrc{1}, Ssrc{2}, 65530, static_cast<uint16_t>(deltas.size()), 10, 7, {}};
    for (size_t i = 0; i < deltas.size(); ++i)
        if (deltas[i] >= 0)
            feedback.arrivals.push_back({static_cast<uint16_t>(65530 + i), static_cast<int16_t>(deltas[i])});
    return feedback;
}

}  // namespace

TEST(TransportFeedback, ReadsRunLengths) {
    const auto feedback = parsed(
        "2003010203"
        "000000",
        "0003");
    ASSERT_TRUE(feedback);
    EXPECT_EQ(feedback->reference_time, 10);
    EXPECT_EQ(feedback->feedback_count, 7);
    EXPECT_EQ(feedback->arrivals, (std::vector<TransportFeedback::Arrival>{{65534, 1}, {65535, 2}, {0, 3}}));
}

TEST(TransportFeedback, ReadsOneBitAndTwoBitVectors) {
    // 1 0 10100000000000: first and third of fourteen; 1 1 01 00 10 ...: the fifteenth small, the seventeenth large.
    const auto feedback = parsed("a800d20001020384d0", "0015");
    ASSERT_TRUE(feedback);
    EXPECT_EQ(feedback->arrivals, (std::vector<TransportFeedback::Arrival>{{65534, 1}, {0, 2}, {12, 3}, {14, -31536}}));
}

TEST(TransportFeedback, StatusesBeyondTheCountAreFilling) {
    const auto feedback = parsed("3fff0102", "0002");
    ASSERT_TRUE(feedback);
    EXPECT_EQ(feedback->arrivals.size(), 2u);
}

TEST(TransportFeedback, DamageIsRefused) {
    EXPECT_FALSE(parsed("", "0000"));                                     // says nothing
    EXPECT_FALSE(parsed("6001", "0001"));                                 // reserved symbol
    EXPECT_FALSE(parsed("f000", "0001"));                                 // reserved symbol in a vector
    EXPECT_FALSE(parsed("2003", "0003"));                                 // no deltas
    EXPECT_FALSE(parsed("40020001", "0002"));                             // half the deltas
    EXPECT_FALSE(parsed("00010000", "ffff"));                             // not enough chunks
    EXPECT_TRUE(parsed("1fff1fff1fff1fff1fff1fff1fff1fff1fff", "ffff"));  // 65535 lost packets cost nothing
}

TEST(TransportFeedback, TheWriterChoosesTheShortestChunk) {
    EXPECT_EQ(first_chunk(with(std::vector<int>(20, 4))), "2014");
    EXPECT_EQ(first_chunk(with({4, -1, 4, -1})), "a800");
    EXPECT_EQ(first_chunk(with({4, -1, 900, -1, 4})), "d210");
    EXPECT_EQ(first_chunk(with({900, 900})), "4002");
    std::vector<int> eight_then_large(8, 4);
    eight_then_large.push_back(900);
    EXPECT_EQ(first_chunk(with(eight_then_large)), "2008");
}

TEST(TransportFeedback, AnyPatternSurvivesTheWire) {
    SeededRandom random(1);
    for (int round = 0; round < 300; ++round) {
        std::vector<int> deltas;
        const uint64_t kinds = random.below(4);
        const uint64_t length = 1 + random.below(60);
        int repeated = -1;
        for (uint64_t i = 0; i < length; ++i) {
            if (kinds == 0 || random.below(6) == 0) repeated = static_cast<int>(random.below(3) * 300) - 1;
            deltas.push_back(repeated);
        }
        const TransportFeedback feedback = with(deltas);
        const Buffer whole = written(feedback);
        EXPECT_EQ(whole.size() % 4, 0u);
        EXPECT_EQ(parsed(whole), feedback);
    }
}

TEST(TransportFeedback, TheBuilderKeepsTimesToAQuarterMillisecond) {
    const Timestamp start = Timestamp{} + 100h + 123'456us;
    TransportFeedbackBuilder builder(Ssrc{1}, Ssrc{2}, 3, 65534, start);
    std::vector<Timestamp> arrivals;
    Timestamp now = start;
    for (int i = 0; i < 500; ++i) {
        now += i == 250 ? Duration{2s} : Duration{333us};
        if (i % 7 == 3) continue;
        ASSERT_TRUE(builder.add(65534 + i, now));
        arrivals.push_back(now);
    }
    const auto feedback = parsed(written(builder.feedback()));
    ASSERT_TRUE(feedback);
    ASSERT_EQ(feedback->arrivals.size(), arrivals.size());
    // The reference wraps after 12.4 days; relative to the first arrival nothing of that is seen.
    Duration at{};
    Duration first{};
    for (size_t i = 0; i < arrivals.size(); ++i) {
        at += feedback->arrivals[i].delta * TransportFeedback::kDeltaUnit;
        if (i == 0) first = at;
        const Duration error = (at - first) - (arrivals[i] - arrivals[0]);
        EXPECT_LE(std::chrono::abs(error), 250us) << i;
    }
    EXPECT_EQ(feedback->arrivals[2].sequence, 0);
}

TEST(TransportFeedback, TheBuilderRefusesWhatDoesNotFit) {
    const Timestamp start = Timestamp{} + 10s;
    TransportFeedbackBuilder builder(Ssrc{1}, Ssrc{2}, 0, 100, start);
    EXPECT_FALSE(builder.add(99, start));
    EXPECT_TRUE(builder.add(105, start));
    EXPECT_FALSE(builder.add(105, start));
    EXPECT_FALSE(builder.add(106, start + 9s));
    EXPECT_TRUE(builder.add(106, start + 8s));
    EXPECT_TRUE(builder.add(107, start));
    EXPECT_FALSE(builder.add(100 + 65535, start));
    EXPECT_EQ(builder.feedback().status_count, 8);
}

}  // namespace crosspoint::rtc::rtcp
