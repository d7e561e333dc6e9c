#include "rtc/sctp/association.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "rtc/sctp/association_end.h"

namespace crosspoint::rtc::sctp {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

/// Two associations and a network between them that loses, delays and reorders by a seed, on a clock of its own.
class World {
public:
    explicit World(uint64_t seed, int loss_percent = 0, Duration jitter = 0ms, const Options& options = {})
        : a(options, seed * 2), b(options, seed * 2 + 1), random_(seed), loss_percent_(loss_percent), jitter_(jitter) {}

    void connect() { a.association.connect(now, a.out); }
    bool send(End& from, uint16_t stream, std::string_view text, uint32_t kind = ppid::kString) {
        return from.association.send(now, stream, kind, as_bytes(text), from.out);
    }
    void inject(End& to, Bytes packet) { to.association.handle_packet(now, packet, to.out); }

    void flush(End& from, End& to) {
        for (Buffer& packet : from.out.packets) {
            EXPECT_LE(packet.size(), 1191u);
            packets++;
            if (random_.below(100) < static_cast<uint64_t>(loss_percent_) || cut) continue;
            const Duration delay = 10ms + Duration(jitter_.count() ? random_.below(jitter_.count()) : 0);
            network_.emplace(now + delay, std::pair{&to, std::move(packet)});
        }
        from.out.packets.clear();
        std::move(from.out.events.begin(), from.out.events.end(), std::back_inserter(from.events));
        from.out.events.clear();
    }

    /// One step: the next packet or timer. False when nothing will ever happen again.
    bool step() {
        flush(a, b);
        flush(b, a);
        const Timestamp arrival = network_.empty() ? kNever : network_.begin()->first;
        const Timestamp next = std::min({arrival, a.association.next_timeout(), b.association.next_timeout()});
        if (next == kNever) return false;
        now = std::max(now, next);
        if (arrival <= now) {
            auto [to, packet] = std::move(network_.begin()->second);
            network_.erase(network_.begin());
            to->association.handle_packet(now, packet, to->out);
        }
        for (End* end : {&a, &b})
            if (end->association.next_timeout() <= now) end->association.handle_timeout(now, end->out);
        flush(a, b);
        flush(b, a);
        return true;
    }
    void run(Duration limit = 600s) {
        const Timestamp end = now + limit;
        while (now < end && step()) {}
    }
    template <class Condition>
    bool run_until(const Condition& condition, Duration limit = 600s) {
        const Timestamp end = now + limit;
        while (!condition() && now < end && step()) {}
        return condition();
    }
    void open() {
        connect();
        ASSERT_TRUE(run_until([&] { return a.association.connected() && b.association.connected(); }));
        run(1s);
        a.events.clear();
        b.events.clear();
    }

    Timestamp now{1s};
    End a;
    End b;
    size_t packets = 0;
    bool cut = false;

private:
    SeededRandom random_;
    int loss_percent_;
    Duration jitter_;
    std::multimap<Timestamp, std::pair<End*, Buffer>> network_;
};

TEST(SctpAssociation, ConnectsAndCarriesMessagesBothWays) {
    World world(1);
    world.connect();
    EXPECT_TRUE(world.send(world.a, 0, "early"));
    EXPECT_FALSE(world.send(world.b, 0, "not yet"));
    world.run();
    EXPECT_TRUE(world.send(world.b, 1, "PING"));
    world.run();
    EXPECT_EQ(count_of<Connected>(world.a.events), 1u);
    EXPECT_EQ(count_of<Connected>(world.b.events), 1u);
    EXPECT_THAT(world.b.texts(0), ElementsAre("early"));
    EXPECT_THAT(world.a.texts(1), ElementsAre("PING"));
    EXPECT_EQ(world.a.association.next_timeout(), kNever);
    EXPECT_LE(world.packets, 8u);  // INIT, INIT ACK, COOKIE ECHO, COOKIE ACK, twice DATA and SACK
}

TEST(SctpAssociation, BothSidesMayBegin) {
    for (uint64_t seed = 0; seed < 50; ++seed) {
        World world(seed, seed % 2 ? 20 : 0, 30ms);
        world.connect();
        world.b.association.connect(world.now, world.b.out);
        EXPECT_TRUE(world.send(world.a, 0, "from a"));
        EXPECT_TRUE(world.send(world.b, 0, "from b"));
        world.run();
        EXPECT_EQ(count_of<Connected>(world.a.events), 1u) << seed;
        EXPECT_EQ(count_of<Connected>(world.b.events), 1u) << seed;
        EXPECT_THAT(world.b.texts(0), ElementsAre("from a")) << seed;
        EXPECT_THAT(world.a.texts(0), ElementsAre("from b")) << seed;
    }
}

TEST(SctpAssociation, EmptyMessagesStayEmptyAndKeepTheirKind) {
    World world(1);
    world.open();
    world.send(world.a, 0, "", ppid::kString);
    world.send(world.a, 0, "", ppid::kBinary);
    world.run();
    EXPECT_THAT(world.b.events, ElementsAre(testing::VariantWith<Message>(Message{0, ppid::kString, {}}),
                                            testing::VariantWith<Message>(Message{0, ppid::kBinary, {}})));
}

TEST(SctpAssociation, EverythingArrivesOnceAndInOrderWhateverTheNetworkLoses) {
    for (uint64_t seed = 0; seed < 60; ++seed) {
        const int loss = static_cast<int>(seed % 7) * 5;
        World world(seed, loss, seed % 3 ? 40ms : 0ms);
        world.connect();
        std::vector<std::string> sent[2];
        SeededRandom sizes(seed);
        for (size_t i = 0; i < 40; ++i) {
            const size_t size = i % 8 == 7 ? sizes.below(20000) : sizes.below(300);
            const size_t stream = sizes.below(2);
            const std::string text = text_of_size(size, i);
            ASSERT_TRUE(world.send(world.a, static_cast<uint16_t>(stream), text));
            sent[stream].push_back(text);
        }
        const auto arrived = [&] {
            return world.b.texts(0).size() + world.b.texts(1).size() >= 40 &&
                   world.a.association.next_timeout() == kNever;
        };
        EXPECT_TRUE(world.run_until(arrived, 900s)) << "seed " << seed;
        EXPECT_EQ(world.b.texts(0), sent[0]) << "seed " << seed;
        EXPECT_EQ(world.b.texts(1), sent[1]) << "seed " << seed;
    }
}

TEST(SctpAssociation, TheLongestMessageArrives) {
    World world(3, 5, 20ms);
    world.open();
    const std::string longest = text_of_size(64 * 1024, 1);
    EXPECT_TRUE(world.send(world.a, 0, longest));
    EXPECT_FALSE(world.send(world.a, 0, longest + "x"));
    world.run();
    EXPECT_THAT(world.b.texts(0), ElementsAre(longest));
}

TEST(SctpAssociation, SendingHasLimits) {
    World world(3);
    world.open();
    EXPECT_FALSE(world.send(world.a, 1024, "x"));
    const std::string longest = text_of_size(64 * 1024, 1);
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(world.send(world.a, 0, longest));
    EXPECT_FALSE(world.send(world.a, 0, "x"));
    world.run();
    EXPECT_TRUE(world.send(world.a, 0, "x"));
}

TEST(SctpAssociation, OneLossIsRepairedWithoutWaitingForTheTimer) {
    World world(3);
    world.open();
    world.send(world.a, 0, text_of_size(1000, 0));
    world.run(1s);
    for (int i = 0; i < 4; ++i) {
        world.cut = i == 0;
        world.send(world.a, 0, text_of_size(1000, i));
        world.flush(world.a, world.b);
    }
    const Timestamp begun = world.now;
    EXPECT_TRUE(world.run_until([&] { return world.b.texts(0).size() == 5; }));
    EXPECT_LT(world.now - begun, 100ms);
}

TEST(SctpAssociation, GoesOnAfterThePathWasCutForLong) {
    World world(3);
    world.open();
    world.cut = true;
    world.send(world.a, 0, "during");
    world.run(120s);
    world.cut = false;
    EXPECT_TRUE(world.run_until([&] { return world.b.texts(0).size() == 1; }, 11s));
    EXPECT_TRUE(world.a.association.connected());
}

TEST(SctpAssociation, ShutsDownAfterTheLastMessage) {
    for (uint64_t seed = 0; seed < 40; ++seed) {
        World world(seed, seed % 2 ? 25 : 0, 20ms);
        world.open();
        world.send(world.a, 0, text_of_size(5000, 0));
        if (seed % 3 == 0) world.send(world.b, 0, text_of_size(5000, 0));
        world.a.association.shutdown(world.now, world.a.out);
        EXPECT_FALSE(world.send(world.a, 0, "too late"));
        if (seed % 5 == 0) world.b.association.shutdown(world.now, world.b.out);
        world.run();
        EXPECT_EQ(count_of<Closed>(world.a.events), 1u) << seed;
        EXPECT_EQ(count_of<Closed>(world.b.events), 1u) << seed;
        EXPECT_THAT(world.b.texts(0), SizeIs(1)) << seed;
        EXPECT_EQ(world.a.association.next_timeout(), kNever);
    }
}

TEST(SctpAssociation, AbortEndsBothSides) {
    World world(1);
    world.open();
    world.a.association.abort(world.a.out);
    world.run();
    ASSERT_EQ(count_of<Aborted>(world.a.events), 1u);
    ASSERT_EQ(count_of<Aborted>(world.b.events), 1u);
    EXPECT_FALSE(std::get<Aborted>(world.a.events.back()).by_peer);
    EXPECT_TRUE(std::get<Aborted>(world.b.events.back()).by_peer);
    EXPECT_EQ(std::get<Aborted>(world.b.events.back()).cause, CauseCode::UserInitiatedAbort);
    world.connect();
    world.run();
    EXPECT_TRUE(world.a.association.connected());
    EXPECT_TRUE(world.b.association.connected());
}

TEST(SctpAssociation, APeerThatLostItsStateMayBeginAnew) {
    World world(1);
    world.open();
    world.send(world.a, 0, "before");
    world.run();
    End reborn({}, 99);
    const auto exchange = [&] {
        while (!world.a.out.packets.empty() || !reborn.out.packets.empty()) {
            for (const Buffer& packet : std::exchange(reborn.out.packets, {})) world.inject(world.a, packet);
            for (const Buffer& packet : std::exchange(world.a.out.packets, {})) world.inject(reborn, packet);
        }
    };
    reborn.association.connect(world.now, reborn.out);
    exchange();
    EXPECT_EQ(count_of<Connected>(world.a.out.events), 1u);
    EXPECT_TRUE(reborn.association.connected());
    world.send(world.a, 0, "after");
    world.send(reborn, 0, "hello");
    exchange();
    ASSERT_EQ(count_of<Message>(reborn.out.events), 1u);
    EXPECT_EQ(as_text(std::get<Message>(reborn.out.events.back()).bytes), "after");
    EXPECT_EQ(as_text(std::get<Message>(world.a.out.events.back()).bytes), "hello");
}

}  // namespace
}  // namespace crosspoint::rtc::sctp
