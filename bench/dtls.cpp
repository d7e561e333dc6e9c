#include <benchmark/benchmark.h>

#include "rtc/dtls/openssl_transport.h"

// What a link's beginning costs: both sides of a handshake, and the parts that can be shared.
namespace crosspoint::rtc::dtls {
namespace {

const std::vector<SrtpProfile> kProfiles = {SrtpProfile::AeadAes128Gcm};

void deliver(Outbox& from, Transport& to, Outbox& answer) {
    for (const Buffer& datagram : from.datagrams) to.handle_datagram(Timestamp{}, datagram, answer);
    from.datagrams.clear();
}

void handshake_pair(benchmark::State& state) {
    const auto certificate = crypto::make_certificate({1'700'000'000'000});
    const std::vector<Fingerprint> fingerprints = {{"sha-256", certificate->sha256_fingerprint()}};
    OpensslTransportFactory factory;
    for (auto _ : state) {
        const auto client = factory.make({DtlsRole::Client, certificate, kProfiles});
        const auto server = factory.make({DtlsRole::Server, certificate, kProfiles});
        Outbox to_server;
        Outbox to_client;
        client->set_remote_fingerprints(fingerprints, to_server);
        server->set_remote_fingerprints(fingerprints, to_client);
        server->start(Timestamp{}, to_client);
        client->start(Timestamp{}, to_server);
        while (!to_server.datagrams.empty() || !to_client.datagrams.empty()) {
            deliver(to_server, *server, to_client);
            deliver(to_client, *client, to_server);
        }
        if (client->state() != State::Connected || server->state() != State::Connected)
            return state.SkipWithError("not connected");
    }
}

void make_certificate(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(crypto::make_certificate({1'700'000'000'000}));
}

void make_context(benchmark::State& state) {
    const auto certificate = crypto::make_certificate({1'700'000'000'000});
    for (auto _ : state) benchmark::DoNotOptimize(make_ssl_context(*certificate, kProfiles));
}

void make_transport(benchmark::State& state) {
    const auto certificate = crypto::make_certificate({1'700'000'000'000});
    OpensslTransportFactory factory;
    for (auto _ : state) benchmark::DoNotOptimize(factory.make({DtlsRole::Server, certificate, kProfiles}));
}

BENCHMARK(handshake_pair)->Unit(benchmark::kMicrosecond);
BENCHMARK(make_certificate)->Unit(benchmark::kMicrosecond);
BENCHMARK(make_context)->Unit(benchmark::kMicrosecond);
BENCHMARK(make_transport)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace crosspoint::rtc::dtls
