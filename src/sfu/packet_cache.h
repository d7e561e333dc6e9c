#pragma once
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "sfu/source_packet.h"

namespace crosspoint::sfu {

/// The last packets of one publication, kept once for all its subscribers to be retransmitted from. Bounded in bytes,
/// packets and time; its memory is taken at the beginning.
class PacketCache {
public:
    struct Limits {
        size_t bytes = 512 * 1024;  // 1.7 s at 2.5 Mbit/s
        size_t packets = 1024;
        Duration age = 2s;
    };

    explicit PacketCache(const Limits& limits);
    void clear() { entries_.assign(entries_.size(), {}); }
    void put(const SourcePacket& packet);
    /// Views into the cache, valid until the next `put`.
    std::optional<SourcePacket> find(Timestamp now, int64_t sequence) const;

private:
    struct Entry {
        int64_t sequence = -1;
        uint64_t at = 0;  // in bytes ever written
        Timestamp arrival;
        uint32_t timestamp = 0;
        uint16_t extension_profile = 0;
        uint16_t extension_size = 0;
        uint16_t payload_size = 0;
        uint8_t codec = 0;
        bool marker = false;
    };

    Duration age_;
    Buffer ring_;
    std::vector<Entry> entries_;
    uint64_t written_ = 0;
};

}  // namespace crosspoint::sfu
