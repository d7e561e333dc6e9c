#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "rtc/sctp/packet.h"

// Type, length, value: parameters of INIT and RE-CONFIG chunks, and error causes (RFC 9260 3.2.1, 3.3.10).
namespace crosspoint::rtc::sctp {

struct Parameter {
    uint16_t type = 0;
    Bytes body;
    Bytes whole;  // with its header, without padding
};

inline constexpr size_t kParameterHeaderSize = 4;

/// The next parameter; nothing when it leaves the chunk, and then `in.done()` is false.
inline std::optional<Parameter> read_parameter(ByteReader& in, Bytes chunk_body) {
    Parameter parameter;
    const size_t start = in.position();
    parameter.type = in.u16();
    const size_t length = in.u16();
    parameter.body = in.bytes(length < kParameterHeaderSize ? chunk_body.size() + 1 : length - kParameterHeaderSize);
    if (!in.done()) return std::nullopt;
    parameter.whole = chunk_body.subspan(start, length);
    in.skip(std::min(padded(length) - length, in.remaining()));
    return parameter;
}

inline size_t parameter_size(size_t body_size) { return padded(kParameterHeaderSize + body_size); }

inline void write_parameter(ByteWriter& out, uint16_t type, Bytes body) {
    const size_t length = kParameterHeaderSize + body.size();
    out.u16(type);
    out.u16(static_cast<uint16_t>(length));
    out.bytes(body);
    out.zeros(padded(length) - length);
}

/// RFC 9260 3.2 and 3.2.1: the two highest bits of an unknown chunk or parameter type say what to do with it.
struct UnknownRule {
    bool go_on = false;   // with what follows it
    bool report = false;  // to the sender
};
inline UnknownRule unknown_chunk_rule(uint8_t type) { return {(type & 0x80) != 0, (type & 0x40) != 0}; }
inline UnknownRule unknown_parameter_rule(uint16_t type) { return {(type & 0x8000) != 0, (type & 0x4000) != 0}; }

}  // namespace crosspoint::rtc::sctp
