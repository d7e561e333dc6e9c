#pragma once
#include <openssl/bio.h>
#include <sys/time.h>

#include <memory>
#include <vector>

#include "base/bytes.h"

// OpenSSL's door to the network: one write is one datagram, one read is one record. Its own memory BIO is a stream and
// loses the boundaries.
namespace crosspoint::rtc::dtls {

/// What stands on our side of the BIO. Must outlive it.
struct Wire {
    Bytes incoming;            // what the next read returns
    std::vector<Buffer> sent;  // what was written, not yet taken away
    // Where OpenSSL keeps the end of its own retransmission timer; see `OpensslTransport::resend`. Null in versions
    // that do not show it.
    timeval* library_deadline = nullptr;
};

BIO* make_datagram_bio(Wire& wire);

}  // namespace crosspoint::rtc::dtls
