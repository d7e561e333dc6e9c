#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace crosspoint::rtc::sctp {

/// DATA, RFC 9260 3.3.1: a message or a part of one.
struct DataChunk {
    uint32_t tsn = 0;
    uint16_t stream = 0;
    uint16_t ssn = 0;  // without meaning when unordered
    uint32_t ppid = 0;
    bool beginning = true;
    bool end = true;
    bool unordered = false;
    bool immediate = false;  // asks for a SACK without delay
    Bytes payload;           // may be empty here; RFC 9260 6.2 forbids that

    static std::optional<DataChunk> parse(uint8_t flags, Bytes body);
    uint8_t flags() const;
    size_t size() const { return kFixedSize + payload.size(); }
    void write(ByteWriter& out) const;

    static constexpr size_t kFixedSize = 12;
};

}  // namespace crosspoint::rtc::sctp
