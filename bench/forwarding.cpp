#include <benchmark/benchmark.h>

#include "allocations.h"
#include "base/random.h"
#include "rtc/srtp/session.h"
#include "sfu/plain_outlet.h"
#include "sfu/publisher.h"
#include "sfu/subscriber.h"
#include "sfu/test_media.h"

// One publisher's video packets of 1200 bytes to 1, 10 and 200 subscribers: from the opened packet to the full batch.
// Items are forwarded packets; `allocations` are those of the whole run and must not grow with it.
namespace crosspoint::sfu {
namespace {

using namespace test;

constexpr TrackId kTrack{1};
constexpr size_t kPayload = 1150;
constexpr size_t kTrailer = 16;

/// AES-128-GCM round the packet, in the batch.
class ProtectedOutlet final : public Outlet {
public:
    explicit ProtectedOutlet(const NetAddress& to)
        : to_(to), sender_(rtc::SrtpProfile::AeadAes128Gcm, Buffer(16, 1), Buffer(12, 2)) {}

    bool ready() const override { return true; }
    MutableBytes reserve_rtp(SendBatch& batch, size_t size) override {
        room_ = batch.reserve(size + kTrailer);
        return room_.first(size);
    }
    void commit_rtp(SendBatch& batch, size_t size) override {
        if (const auto sealed = sender_.protect_rtp(room_, size)) batch.commit(to_, *sealed);
    }
    void send_rtcp(SendBatch&, Bytes) override {}

private:
    NetAddress to_;
    MutableBytes room_;
    rtc::srtp::Sender sender_;
};

template <class Kind>
void forward(benchmark::State& state) {
    SeededRandom random(1);
    Switchboard switchboard(random);
    Publisher publisher(switchboard, LinkId{1});
    publisher.set_tracks({published_video(kTrack)});
    std::vector<std::unique_ptr<Kind>> outlets;
    std::vector<std::unique_ptr<Subscriber>> subscribers;
    Timestamp now = Timestamp{} + 1h;
    for (int64_t i = 0; i < state.range(0); ++i) {
        outlets.push_back(std::make_unique<Kind>(NetAddress::v4(192, 0, 2, 1, static_cast<uint16_t>(1000 + i))));
        subscribers.push_back(
            std::make_unique<Subscriber>(switchboard, LinkId{static_cast<uint64_t>(2 + i)}, *outlets.back()));
        subscribers.back()->set_tracks(now, {subscribed_video(kTrack, Ssrc{0x9000})});
    }

    SourceStream stream(kVideoSsrc, kVp8, 0);
    SendBatch batch;
    publisher.handle_rtp(now, stream.packet(vp8_payload(true, kPayload)), batch);
    Buffer packet = stream.packet(vp8_payload(false, kPayload));
    uint16_t sequence = stream.next();
    const uint64_t before = bench::allocations();
    for (auto _ : state) {
        batch.clear();
        packet[2] = static_cast<uint8_t>(sequence >> 8);
        packet[3] = static_cast<uint8_t>(sequence++);
        now += 100us;
        publisher.handle_rtp(now, packet, batch);
        benchmark::DoNotOptimize(batch.transmits().data());
    }
    state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * state.range(0));
    state.counters["allocations"] = static_cast<double>(bench::allocations() - before);
}

BENCHMARK(forward<PlainOutlet>)->Name("forward/plain")->Arg(1)->Arg(10)->Arg(200);
BENCHMARK(forward<ProtectedOutlet>)->Name("forward/aes128gcm")->Arg(1)->Arg(10)->Arg(200);

}  // namespace
}  // namespace crosspoint::sfu
