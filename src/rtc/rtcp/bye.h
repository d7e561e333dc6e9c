#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"

namespace crosspoint::rtc::rtcp {

/// RFC 3550 6.6.
struct Bye {
    std::vector<Ssrc> sources;  // at most 31
    std::string reason;         // at most 255 bytes; empty when none was given

    static std::optional<Bye> parse(uint8_t count, Bytes body);
    void write(ByteWriter& out) const;
    bool operator==(const Bye&) const = default;
};

}  // namespace crosspoint::rtc::rtcp
