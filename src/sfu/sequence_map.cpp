#include "sfu/sequence_map.h"

#include <algorithm>

#include "sfu/ntp.h"

namespace crosspoint::sfu {

void SequenceMap::begin(int64_t source) {
    count_ = 1;
    newest() = {source, next_ - source};
    highest_source_ = source - 1;
}

std::optional<int64_t> SequenceMap::map(int64_t source) {
    const size_t kept = std::min(count_, kSegments);
    for (size_t back = 1; back <= kept; ++back) {
        const Segment& segment = segments_[(count_ - back) % kSegments];
        if (source < segment.from) continue;
        const int64_t out = source + segment.offset;
        next_ = std::max(next_, out + 1);
        highest_source_ = std::max(highest_source_, source);
        return out;
    }
    return std::nullopt;
}

void SequenceMap::skip(int64_t source) {
    if (count_ == 0 || source <= highest_source_) return;
    highest_source_ = source;
    const Segment last = newest();
    if (last.from != source) ++count_;
    newest() = {source + 1, last.offset - 1};
}

void TimestampMap::begin(uint32_t source, Timestamp now, uint32_t clock_rate) {
    uint32_t first = last_;
    if (started_) {
        const uint32_t passed = rtp_ticks(std::max<int64_t>((now - last_at_).count(), 0), clock_rate);
        first += std::max(passed, 1u);
    }
    offset_ = first - source;
    last_ = first;
    last_at_ = now;
    started_ = true;
}

uint32_t TimestampMap::map(uint32_t source, Timestamp now) {
    const uint32_t out = source + offset_;
    if (static_cast<int32_t>(out - last_) > 0) {
        last_ = out;
        last_at_ = now;
    }
    return out;
}

}  // namespace crosspoint::sfu
