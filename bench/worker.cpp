#include <benchmark/benchmark.h>

#include "allocations.h"
#include "sfu/test_media.h"
#include "sfu/test_network.h"

// The whole way of a packet: one protected video datagram of a publisher in, one protected datagram for each of 1, 10
// and 200 subscribers out. Items are forwarded packets.
namespace crosspoint::sfu {
namespace {

using namespace test;

constexpr TrackId kTrack{1};
constexpr size_t kPayload = 1150;

/// A connection that is up and otherwise still.
class Still : public Browser {
public:
    using Browser::Browser;
    /// One protected packet, as it would arrive.
    Buffer protect(Bytes packet) {
        batch().clear();
        send_rtp(packet);
        return batch().transmits().empty() ? Buffer{} : to_buffer(batch().datagram(batch().transmits()[0]));
    }

private:
    void heard(Timestamp, const rtc::link::Received&) override {}
    void media(Timestamp) override {}
    Timestamp media_timeout() const override { return kNever; }
};

void worker(benchmark::State& state) {
    Network network(1);
    const auto add = [&](uint64_t id, LinkPurpose purpose) -> Still& {
        return network.add(std::make_unique<Still>(LinkId{id}, purpose, network.random, network.transports));
    };
    Still& publisher = add(1, LinkPurpose::Publishing);
    network.command(SetPublications{LinkId{1}, {published_video(kTrack)}});
    for (int64_t i = 0; i < state.range(0); ++i) {
        const LinkId link{static_cast<uint64_t>(2 + i)};
        add(link.value, LinkPurpose::Subscribing);
        network.command(SetSubscriptions{link, {subscribed_video(kTrack, Ssrc{0x9000})}});
    }
    network.run_for(3s);

    SourceStream stream(kVideoSsrc, kVp8, 0);
    Output out;
    uint64_t forwarded = 0;
    const auto forward = [&](bool key) {
        Buffer datagram = publisher.protect(stream.packet(vp8_payload(key, kPayload)));
        out.batch.clear();
        return datagram;
    };
    Buffer first = forward(true);
    network.worker.handle_datagram(network.now, publisher.address, first, out);
    uint64_t allocated = 0;
    for (auto _ : state) {
        state.PauseTiming();
        Buffer datagram = forward(false);
        network.now += 20us;
        const uint64_t before = bench::allocations();
        state.ResumeTiming();
        network.worker.handle_datagram(network.now, publisher.address, datagram, out);
        forwarded += out.batch.transmits().size();
        state.PauseTiming();
        allocated += bench::allocations() - before;
        state.ResumeTiming();
    }
    state.SetItemsProcessed(static_cast<int64_t>(forwarded));
    state.counters["allocations/packet"] = static_cast<double>(allocated) / static_cast<double>(state.iterations());
}

BENCHMARK(worker)->Arg(1)->Arg(10)->Arg(200);

}  // namespace
}  // namespace crosspoint::sfu
