#include "chains/local_ids.h"

#include <algorithm>

#include "chains/canonical.h"

namespace crosspoint::chains {
namespace {

// FNV-1a. It is enough that no user makes two of its own equal by accident.
uint64_t hash(std::string_view text) {
    uint64_t value = 0xcbf29ce484222325;
    for (unsigned char c : text) value = (value ^ c) * 0x100000001b3;
    return value;
}

int64_t hour_of(WallTime time) { return time.unix_seconds() / 3600; }

}  // namespace

std::string digest_of(const OpenRequest& open) {
    CanonicalWriter writer(Now{}, Counters::Kept);
    writer('c', open.from, open.to, open.chain, open.options.audio, open.options.video, open.replace, open.hold_others,
           open.ring_timeout.value_or(0ms).count());
    return std::to_string(hash(writer.take()));
}

std::string digest_of(const AddText& add) {
    CanonicalWriter writer(Now{}, Counters::Kept);
    writer('t', add.sender, add.receivers, add.chain, add.text);
    return std::to_string(hash(writer.take()));
}

void add_local_id(std::vector<UsedLocalId>& ids, std::string_view local_id, WallTime used) {
    const UsedLocalId id{hash(local_id), hour_of(used)};
    const auto place = std::ranges::lower_bound(ids, id.hash, {}, &UsedLocalId::hash);
    if (place != ids.end() && place->hash == id.hash) {
        place->hour = id.hour;
    } else {
        ids.insert(place, id);
    }
}

bool has_local_id(const std::vector<UsedLocalId>& ids, std::string_view local_id) {
    const uint64_t wanted = hash(local_id);
    const auto place = std::ranges::lower_bound(ids, wanted, {}, &UsedLocalId::hash);
    return place != ids.end() && place->hash == wanted;
}

void forget_local_ids(std::vector<UsedLocalId>& ids, int64_t before_hour) {
    std::erase_if(ids, [&](const UsedLocalId& id) { return id.hour < before_hour; });
}

}  // namespace crosspoint::chains
