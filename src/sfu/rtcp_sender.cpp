#include "sfu/rtcp_sender.h"

#include <array>

#include "base/verify.h"

namespace crosspoint::sfu {

namespace {
constexpr size_t kMaxDatagram = 1200;
}

void send_rtcp(std::span<const rtc::rtcp::Message> messages, Outlet& outlet, SendBatch& batch) {
    std::array<uint8_t, kMaxDatagram> room;
    size_t used = 0;
    const auto flush = [&] {
        if (used > 0) outlet.send_rtcp(batch, Bytes(room).first(used));
        used = 0;
    };
    for (const rtc::rtcp::Message& message : messages) {
        ByteWriter out(MutableBytes(room).subspan(used));
        rtc::rtcp::write(out, message);
        if (!out.done()) {
            flush();
            out = ByteWriter(room);
            rtc::rtcp::write(out, message);
            if (!SHOULD(out.done())) continue;
        }
        used += out.written().size();
    }
    flush();
}

}  // namespace crosspoint::sfu
