#include "sfu/packet_cache.h"

#include <algorithm>

namespace crosspoint::sfu {

PacketCache::PacketCache(const Limits& limits) : age_(limits.age), ring_(limits.bytes), entries_(limits.packets) {}

void PacketCache::put(const SourcePacket& packet) {
    const Bytes extensions = packet.rtp.extension_block;
    const Bytes payload = packet.rtp.payload;
    const size_t size = extensions.size() + payload.size();
    if (size > ring_.size() || size > UINT16_MAX) return;
    const size_t until_end = ring_.size() - written_ % ring_.size();
    if (size > until_end) written_ += until_end;  // a packet is never cut in two

    const uint64_t at = written_;
    const auto target = ring_.begin() + static_cast<ptrdiff_t>(at % ring_.size());
    std::ranges::copy(payload, std::ranges::copy(extensions, target).out);
    written_ += size;
    entries_[static_cast<size_t>(packet.sequence) % entries_.size()] = {
        .sequence = packet.sequence,
        .at = at,
        .arrival = packet.arrival,
        .timestamp = packet.rtp.timestamp,
        .extension_profile = packet.rtp.extension_profile,
        .extension_size = static_cast<uint16_t>(extensions.size()),
        .payload_size = static_cast<uint16_t>(payload.size()),
        .codec = packet.codec,
        .marker = packet.rtp.marker,
    };
}

std::optional<SourcePacket> PacketCache::find(Timestamp now, int64_t sequence) const {
    const Entry& entry = entries_[static_cast<size_t>(sequence) % entries_.size()];
    if (entry.sequence != sequence || now - entry.arrival > age_) return std::nullopt;
    if (written_ - entry.at > ring_.size()) return std::nullopt;  // overwritten since

    const Bytes stored =
        Bytes(ring_).subspan(entry.at % ring_.size(), size_t{entry.extension_size} + entry.payload_size);
    SourcePacket packet;
    packet.rtp.marker = entry.marker;
    packet.rtp.sequence = static_cast<uint16_t>(sequence);
    packet.rtp.timestamp = entry.timestamp;
    packet.rtp.extension_profile = entry.extension_profile;
    packet.rtp.extension_block = stored.first(entry.extension_size);
    packet.rtp.payload = stored.subspan(entry.extension_size);
    packet.sequence = sequence;
    packet.codec = entry.codec;
    packet.arrival = entry.arrival;
    return packet;
}

}  // namespace crosspoint::sfu
