#include "base/verify.h"
#include "rtc/rtp/key_frame.h"
#include "rtc/rtp/packet.h"
#include "rtc/rtp/red.h"
#include "rtc/rtp/rtx.h"
#include "rtc/rtp/vp8.h"

namespace {

using namespace crosspoint;
using namespace crosspoint::rtc;

void look_into(Bytes payload) {
    for (int codec = 0; codec <= static_cast<int>(Codec::Rtx); ++codec)
        rtp::starts_key_frame(static_cast<Codec>(codec), payload);
    if (const auto vp8 = rtp::Vp8Descriptor::parse(payload)) VERIFY(vp8->size < payload.size());
    if (const auto rtx = rtp::Rtx::parse(payload)) VERIFY(rtx->payload.size() + 2 == payload.size());
    if (const auto red = rtp::Red::parse(payload)) {
        size_t total = red->primary.data.size() + 1;
        for (const auto& block : red->redundant()) total += block.data.size() + 4;
        VERIFY(total == payload.size());
    }
}

// What was read can be written and read again, the same.
void write_again(const rtp::Packet& packet) {
    static Buffer memory(1 << 17);
    rtp::PacketWriter writer(memory,
                             {packet.marker, packet.payload_type, packet.sequence, packet.timestamp, packet.ssrc});
    std::vector<uint8_t> ids;
    size_t room = 256;
    for (int id = 1; id < 256 && ids.size() < 16; ++id) {
        const Bytes data = packet.extension(static_cast<uint8_t>(id));
        if (data.empty() || data.size() > room) continue;
        room -= data.size();
        ids.push_back(static_cast<uint8_t>(id));
        writer.extension(ids.back(), data);
    }
    writer.payload(packet.payload);
    const auto again = rtp::Packet::parse(writer.finish());
    VERIFY(again && std::ranges::equal(again->payload, packet.payload));
    for (const uint8_t id : ids) VERIFY(std::ranges::equal(packet.extension(id), again->extension(id)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto packet = rtp::Packet::parse({data, size});
    if (!packet) return 0;
    look_into(packet->payload);
    write_again(*packet);
    return 0;
}
