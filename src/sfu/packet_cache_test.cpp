#include "sfu/packet_cache.h"

#include <gtest/gtest.h>

namespace crosspoint::sfu {

namespace {
constexpr Timestamp kStart = Timestamp{} + 1h;

SourcePacket packet(int64_t sequence, Bytes payload, Timestamp arrival = kStart) {
    static const Buffer extensions{0x10, 0xaa, 0, 0};
    SourcePacket source;
    source.rtp.marker = sequence % 2 == 0;
    source.rtp.sequence = static_cast<uint16_t>(sequence);
    source.rtp.timestamp = static_cast<uint32_t>(sequence * 10);
    source.rtp.extension_profile = 0xbede;
    source.rtp.extension_block = extensions;
    source.rtp.payload = payload;
    source.sequence = sequence;
    source.codec = 3;
    source.arrival = arrival;
    return source;
}
}  // namespace

TEST(PacketCache, GivesBackWhatWasPut) {
    PacketCache cache({.bytes = 1000, .packets = 8, .age = 1s});
    const Buffer payload{1, 2, 3};
    cache.put(packet(70'000, payload));
    const auto found = cache.find(kStart, 70'000);
    ASSERT_TRUE(found);
    EXPECT_EQ(to_buffer(found->rtp.payload), payload);
    EXPECT_EQ(to_buffer(found->rtp.extension(1)), Buffer{0xaa});
    EXPECT_TRUE(found->rtp.marker);
    EXPECT_EQ(found->rtp.timestamp, 700'000u);
    EXPECT_EQ(found->codec, 3);
    EXPECT_FALSE(cache.find(kStart, 70'008));
    EXPECT_FALSE(cache.find(kStart + 1001ms, 70'000)) << "too old";
    cache.clear();
    EXPECT_FALSE(cache.find(kStart, 70'000));
}

TEST(PacketCache, NeverGivesWhatWasOverwritten) {
    PacketCache cache({.bytes = 1000, .packets = 64, .age = 1s});
    for (int64_t sequence = 70'000; sequence < 70'500; ++sequence) {
        const Buffer payload(static_cast<size_t>(50 + sequence % 97), static_cast<uint8_t>(sequence));
        cache.put(packet(sequence, payload));
        int kept = 0;
        for (int64_t older = sequence; older > sequence - 40 && older >= 70'000; --older) {
            const auto found = cache.find(kStart, older);
            if (!found) continue;
            ++kept;
            ASSERT_EQ(found->rtp.payload.size(), static_cast<size_t>(50 + older % 97));
            for (const uint8_t byte : found->rtp.payload) ASSERT_EQ(byte, static_cast<uint8_t>(older));
        }
        ASSERT_GE(kept, std::min<int64_t>(sequence - 69'999, 5));
    }
}

TEST(PacketCache, APacketLargerThanItIsNotKept) {
    PacketCache cache({.bytes = 100, .packets = 8, .age = 1s});
    cache.put(packet(70'000, Buffer(200)));
    EXPECT_FALSE(cache.find(kStart, 70'000));
}

}  // namespace crosspoint::sfu
