#pragma once
#include <optional>

#include "base/bytes.h"

namespace crosspoint::rtc::dtls {

enum class ContentType : uint8_t { ChangeCipherSpec = 20, Alert = 21, Handshake = 22, ApplicationData = 23 };

/// One DTLS record as it stands in its datagram (RFC 6347 4.1): type | version | epoch | sequence | length | fragment.
struct Record {
    static constexpr size_t kHeaderSize = 13;
    /// RFC 6347 4.1 with RFC 5246 6.2.3: 2^14 and what protection may add.
    static constexpr size_t kMaxFragment = (1 << 14) + 2048;

    ContentType type = ContentType::Handshake;
    uint16_t epoch = 0;
    uint64_t sequence = 0;  // 48 bits
    Bytes bytes;            // header and fragment
};

/// Takes the first record off `datagram`. Nothing when no whole record of a known type and version is there.
std::optional<Record> take_record(Bytes& datagram);

}  // namespace crosspoint::rtc::dtls
