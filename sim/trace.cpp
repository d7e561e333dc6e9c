#include "trace.h"

#include <fmt/format.h>

#include "rtc/link/demux.h"

namespace crosspoint::sim {
namespace {

using rtc::link::DatagramKind;

std::string_view name_of(DatagramKind kind) {
    switch (kind) {
        case DatagramKind::Stun: return "stun";
        case DatagramKind::Dtls: return "dtls";
        case DatagramKind::Rtp: return "rtp";
        case DatagramKind::Rtcp: return "rtcp";
        case DatagramKind::Unknown: break;
    }
    return "unknown";
}

/// How much of a datagram everybody can read: the STUN header, a DTLS record's, the RTP header, the first RTCP header.
size_t readable(DatagramKind kind) {
    switch (kind) {
        case DatagramKind::Stun: return 20;
        case DatagramKind::Dtls: return 13;
        case DatagramKind::Rtp: return 12;
        case DatagramKind::Rtcp: return 8;
        case DatagramKind::Unknown: break;
    }
    return 0;
}

double seconds(Timestamp now) { return static_cast<double>(now.time_since_epoch().count()) / 1e6; }

}  // namespace

// FNV-1a, a word at a time.
void Trace::mix(uint64_t number) {
    hash_ ^= number;
    hash_ *= 0x100000001b3;
    hash_ ^= hash_ >> 29;
}

void Trace::mix(Bytes bytes) {
    mix(bytes.size());
    for (const uint8_t byte : bytes) hash_ = (hash_ ^ byte) * 0x100000001b3;
}

void Trace::note(Timestamp now, std::string_view who, std::string_view what, std::string_view detail) {
    mix(static_cast<uint64_t>(now.time_since_epoch().count()));
    mix(as_bytes(who));
    mix(as_bytes(what));
    mix(as_bytes(detail));
    if (print_) fmt::print("{:.6f} {} {} {}\n", seconds(now), who, what, detail);
}

void Trace::datagram(Timestamp now, const NetAddress& from, const NetAddress& to, Bytes bytes, bool arrives) {
    const DatagramKind kind = rtc::link::classify(bytes);
    mix(static_cast<uint64_t>(now.time_since_epoch().count()));
    mix(uint64_t{from.port} << 32 | uint64_t{to.port} << 8 | static_cast<uint64_t>(arrives));
    mix(bytes.size());
    mix(bytes.first(std::min(bytes.size(), readable(kind))));
    if (!print_) return;
    fmt::print("{:.6f} {} > {} {} {} {}\n", seconds(now), from.text(), to.text(), name_of(kind), bytes.size(),
               arrives ? "" : "lost");
}

}  // namespace crosspoint::sim
