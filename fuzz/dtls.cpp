#include "base/verify.h"
#include "rtc/dtls/openssl_transport.h"

// The input is a row of datagrams, each behind its length in two bytes, at a server in its handshake.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace crosspoint;
    using namespace crosspoint::rtc;
    static const auto certificate = crypto::make_certificate({1'700'000'000'000});
    static dtls::OpensslTransportFactory factory;
    const auto server = factory.make({DtlsRole::Server, certificate, {SrtpProfile::AeadAes128Gcm}});
    dtls::Outbox out;
    server->set_remote_fingerprints({{"sha-256", certificate->sha256_fingerprint()}}, out);
    server->start(Timestamp{}, out);
    ByteReader in({data, size});
    while (in.remaining() > 2) {
        const size_t length = in.u16();
        server->handle_datagram(Timestamp{}, in.bytes(std::min(length, in.remaining())), out);
    }
    if (server->next_timeout() != kNever) server->handle_timeout(server->next_timeout(), out);
    VERIFY(server->state() != dtls::State::Connected);
    for (const Buffer& datagram : out.datagrams) VERIFY(datagram.size() <= 1200);
    return 0;
}
