#include "rtc/dtls/datagram_bio.h"

#include <openssl/crypto.h>

#include "base/verify.h"

namespace crosspoint::rtc::dtls {
namespace {

Wire& wire_of(BIO* bio) { return *static_cast<Wire*>(BIO_get_data(bio)); }

int read_datagram(BIO* bio, char* out, int size) {
    BIO_clear_retry_flags(bio);
    Bytes& incoming = wire_of(bio).incoming;
    if (incoming.empty()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const size_t count = std::min(incoming.size(), static_cast<size_t>(size));
    std::memcpy(out, incoming.data(), count);
    incoming = {};
    return static_cast<int>(count);
}

int write_datagram(BIO* bio, const char* data, int size) {
    BIO_clear_retry_flags(bio);
    wire_of(bio).sent.push_back(to_buffer(as_bytes({data, static_cast<size_t>(size)})));
    return size;
}

// Up to 3.1 the timer's own field is passed here, later a copy on the stack.
bool library_shows_its_deadline() { return OPENSSL_version_major() == 3 && OPENSSL_version_minor() < 2; }

long control(BIO* bio, int command, long, void* pointer) {
    switch (command) {
        case BIO_CTRL_FLUSH: return 1;
        case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT:
            if (library_shows_its_deadline()) wire_of(bio).library_deadline = static_cast<timeval*>(pointer);
            return 1;
        default: return 0;  // no MTU to ask for, no overhead, nothing pending
    }
}

struct MethodDeleter {
    void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
};
using Method = std::unique_ptr<BIO_METHOD, MethodDeleter>;

Method make_method() {
    Method method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagram"));
    VERIFY(method != nullptr);
    BIO_meth_set_read(method.get(), read_datagram);
    BIO_meth_set_write(method.get(), write_datagram);
    BIO_meth_set_ctrl(method.get(), control);
    return method;
}

}  // namespace

BIO* make_datagram_bio(Wire& wire) {
    static const Method method = make_method();
    BIO* bio = BIO_new(method.get());
    VERIFY(bio != nullptr);
    BIO_set_data(bio, &wire);
    BIO_set_init(bio, 1);
    return bio;
}

}  // namespace crosspoint::rtc::dtls
