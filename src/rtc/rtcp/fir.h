#pragma once
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"

namespace crosspoint::rtc::rtcp {

/// Full intra request, RFC 5104 4.3.1. A repeated sequence number is the same request again.
struct Fir {
    static constexpr uint8_t kFormat = 4;
    struct Request {
        Ssrc media;
        uint8_t sequence = 0;
        bool operator==(const Request&) const = default;
    };

    Ssrc sender;
    std::vector<Request> requests;

    static std::optional<Fir> parse(Bytes body);
    void write(ByteWriter& out) const;
    bool operator==(const Fir&) const = default;
};

}  // namespace crosspoint::rtc::rtcp
