#include <gtest/gtest.h>

#include "base/deadline_queue.h"
#include "base/encoding.h"
#include "base/net_address.h"
#include "base/random.h"
#include "base/result.h"
#include "base/sequence.h"
#include "base/timers.h"

namespace crosspoint {

TEST(Encoding, Base64MatchesTheVectorsOfRfc4648) {
    const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : vectors) {
        EXPECT_EQ(base64(as_bytes(plain)), coded);
        EXPECT_EQ(as_text(*from_base64(coded)), plain);
    }
    EXPECT_FALSE(from_base64("a"));
    EXPECT_FALSE(from_base64("a*cd"));
    EXPECT_EQ(base64url(Buffer{0xff, 0xef}), "_-8");
    EXPECT_EQ(*from_base64url("_-8"), (Buffer{0xff, 0xef}));
    EXPECT_FALSE(from_base64url("/+8"));
}

TEST(Encoding, HexGoesBothWays) {
    EXPECT_EQ(hex(Buffer{0, 0xab, 0x7f}), "00ab7f");
    EXPECT_EQ(*from_hex("00AB7f"), (Buffer{0, 0xab, 0x7f}));
    EXPECT_FALSE(from_hex("0"));
    EXPECT_FALSE(from_hex("0g"));
}

TEST(Random, UuidsAreOfVersionFourAndRepeatFromTheirSeed) {
    SeededRandom random(1);
    const std::string uuid = random.uuid();
    ASSERT_EQ(uuid.size(), 36u);
    EXPECT_EQ(uuid[14], '4');
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
    EXPECT_NE(random.uuid(), uuid);
    EXPECT_EQ(SeededRandom(1).uuid(), uuid);
}

TEST(Random, BelowStaysBelow) {
    SeededRandom random(7);
    std::set<uint64_t> seen;
    for (int i = 0; i < 200; ++i) {
        const uint64_t value = random.below(5);
        ASSERT_LT(value, 5u);
        seen.insert(value);
    }
    EXPECT_EQ(seen.size(), 5u);
}

TEST(DeadlineQueue, GivesWhatIsDueInOrder) {
    const Timestamp start{};
    DeadlineQueue<int> queue;
    EXPECT_EQ(queue.next(), kNever);
    queue.set(1, start + 30ms);
    queue.set(2, start + 10ms);
    queue.set(3, start + 20ms);
    queue.set(1, start + 5ms);
    queue.set(3, kNever);
    EXPECT_EQ(queue.next(), start + 5ms);
    EXPECT_FALSE(queue.pop_due(start + 4ms));
    EXPECT_EQ(queue.pop_due(start + 10ms), 1);
    EXPECT_EQ(queue.pop_due(start + 10ms), 2);
    EXPECT_FALSE(queue.pop_due(start + 1h));
    EXPECT_EQ(queue.size(), 0u);
}

TEST(Timers, FireOnce) {
    enum class Timer { A, B, kCount };
    Timers<Timer> timers;
    const Timestamp start{};
    timers.set(Timer::A, start + 1s);
    timers.set(Timer::B, start + 2s);
    EXPECT_EQ(timers.next(), start + 1s);
    EXPECT_FALSE(timers.fired(Timer::A, start));
    EXPECT_TRUE(timers.fired(Timer::A, start + 1s));
    EXPECT_FALSE(timers.fired(Timer::A, start + 1s));
    EXPECT_EQ(timers.next(), start + 2s);
}

TEST(Unwrapper, WorksFromEveryStart) {
    for (uint16_t start : std::to_array<uint16_t>({0, 1, 127, 32767, 32768, 65535})) {
        Unwrapper<uint16_t> unwrapper;
        const int64_t first = unwrapper.unwrap(start);
        EXPECT_EQ(unwrapper.peek(static_cast<uint16_t>(start - 1)), first - 1);
        for (int i = 1; i < 140000; i += 7) ASSERT_EQ(unwrapper.unwrap(static_cast<uint16_t>(start + i)), first + i);
    }
}

TEST(NetAddress, ParsesAndPrintsBothFamilies) {
    EXPECT_EQ(NetAddress::parse("127.0.0.1", 80)->text(), "127.0.0.1:80");
    EXPECT_EQ(NetAddress::parse("2001:db8::1", 80)->text(), "[2001:db8::1]:80");
    EXPECT_TRUE(NetAddress::parse("127.9.9.9", 1)->is_loopback());
    EXPECT_TRUE(NetAddress::parse("::1", 1)->is_loopback());
    EXPECT_FALSE(NetAddress::parse("192.0.2.1", 1)->is_loopback());
    EXPECT_FALSE(NetAddress::parse("example.org", 1));
    EXPECT_EQ(*NetAddress::parse("192.0.2.7", 5), NetAddress::v4(192, 0, 2, 7, 5));
}

TEST(Result, HoldsOneOfTwo) {
    enum class Why { Full };
    const Result<int, Why> good(3);
    const Result<int, Why> bad(Why::Full);
    EXPECT_EQ(*good, 3);
    EXPECT_EQ(bad.error(), Why::Full);
    EXPECT_TRUE((Result<void, Why>{}).ok());
}

}  // namespace crosspoint
