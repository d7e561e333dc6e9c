#include <benchmark/benchmark.h>

#include "rtc/srtp/session.h"

// What protecting and opening a packet of 1200 bytes costs.
namespace crosspoint::rtc::srtp {
namespace {

constexpr size_t kPacketSize = 1200;

Buffer master(size_t size) { return Buffer(size, 0x42); }

void write_header(MutableBytes packet, uint32_t ssrc, uint16_t sequence) {
    ByteWriter out(packet);
    out.u16(0x8060);
    out.u16(sequence);
    out.u32(90'000);
    out.u32(ssrc);
}

void protect(benchmark::State& state, SrtpProfile profile) {
    Sender sender(profile, master(sizes_of(profile).key), master(sizes_of(profile).salt));
    Buffer packet(kPacketSize + kMaxTrailer);
    uint32_t count = 0;
    for (auto _ : state) {
        // 64 streams, as on a link with many subscriptions.
        write_header(packet, count % 64, static_cast<uint16_t>(count / 64));
        ++count;
        benchmark::DoNotOptimize(sender.protect_rtp(packet, kPacketSize));
    }
}

void unprotect(benchmark::State& state, SrtpProfile profile) {
    const ProfileSizes sizes = sizes_of(profile);
    Sender sender(profile, master(sizes.key), master(sizes.salt));
    Receiver receiver(profile, master(sizes.key), master(sizes.salt));
    std::vector<Buffer> packets(512, Buffer(kPacketSize + kMaxTrailer));
    uint16_t sequence = 0;
    for (auto _ : state) {
        if (sequence % packets.size() == 0) {
            state.PauseTiming();
            for (size_t i = 0; i < packets.size(); ++i) {
                write_header(packets[i], 1, static_cast<uint16_t>(sequence + i));
                packets[i].resize(kPacketSize + kMaxTrailer);
                packets[i].resize(sender.protect_rtp(packets[i], kPacketSize).value());
            }
            state.ResumeTiming();
        }
        const auto opened = receiver.unprotect_rtp(packets[sequence % packets.size()]);
        if (!opened) return state.SkipWithError("refused");
        ++sequence;
    }
}

BENCHMARK_CAPTURE(protect, aes_128_gcm, SrtpProfile::AeadAes128Gcm);
BENCHMARK_CAPTURE(protect, aes_256_gcm, SrtpProfile::AeadAes256Gcm);
BENCHMARK_CAPTURE(protect, aes_128_cm_sha1_80, SrtpProfile::Aes128CmSha1_80);
BENCHMARK_CAPTURE(unprotect, aes_128_gcm, SrtpProfile::AeadAes128Gcm);
BENCHMARK_CAPTURE(unprotect, aes_256_gcm, SrtpProfile::AeadAes256Gcm);
BENCHMARK_CAPTURE(unprotect, aes_128_cm_sha1_80, SrtpProfile::Aes128CmSha1_80);

}  // namespace
}  // namespace crosspoint::rtc::srtp
