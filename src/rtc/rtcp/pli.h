#pragma once
#include <optional>

#include "base/bytes.h"
#include "base/ids.h"

namespace crosspoint::rtc::rtcp {

/// Picture loss indication, RFC 4585 6.3.1: asks for a key frame.
struct Pli {
    static constexpr uint8_t kFormat = 1;

    Ssrc sender;
    Ssrc media;

    static std::optional<Pli> parse(Bytes body);
    void write(ByteWriter& out) const;
    bool operator==(const Pli&) const = default;
};

}  // namespace crosspoint::rtc::rtcp
