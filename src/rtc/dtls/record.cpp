#include "rtc/dtls/record.h"

namespace crosspoint::rtc::dtls {

std::optional<Record> take_record(Bytes& datagram) {
    ByteReader in(datagram);
    const uint8_t type = in.u8();
    const uint8_t major_version = in.u8();
    in.skip(1);
    Record record;
    record.epoch = in.u16();
    record.sequence = uint64_t{in.u16()} << 32;
    record.sequence |= in.u32();
    const size_t length = in.u16();
    in.skip(length);
    // All versions of DTLS are 254.x, and the first ClientHello may carry 1.0 (RFC 6347 4.2.1).
    if (!in.done() || major_version != 254 || length > Record::kMaxFragment) return std::nullopt;
    if (type < static_cast<uint8_t>(ContentType::ChangeCipherSpec) ||
        type > static_cast<uint8_t>(ContentType::ApplicationData))
        return std::nullopt;
    record.type = static_cast<ContentType>(type);
    record.bytes = datagram.first(in.position());
    datagram = datagram.subspan(in.position());
    return record;
}

}  // namespace crosspoint::rtc::dtls
