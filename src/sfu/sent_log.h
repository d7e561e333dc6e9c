#pragma once
#include <vector>

#include "base/time.h"

namespace crosspoint::sfu {

/// Under which number each of the last packets went out: what a NACK is looked up in.
class SentLog {
public:
    struct Entry {
        int64_t sequence = -1;  // as sent, unwrapped
        int64_t source = 0;
        Timestamp resent{};
        uint32_t absolute_send_time = 0;
        uint16_t transport_sequence = 0;
        uint8_t resends = 0;
    };
    /// As often as browsers ask for a packet. Whoever asks on would turn a few bytes into megabits for ever.
    static constexpr uint8_t kMaxResends = 10;

    bool enabled() const { return !entries_.empty(); }
    void enable() {
        if (!enabled()) entries_.resize(kSize);
    }
    void clear() { entries_.assign(entries_.size(), {}); }
    void add(const Entry& entry) { entries_[static_cast<size_t>(entry.sequence % kSize)] = entry; }
    /// The entry of wire number `sequence`; null when it is none of the last ones.
    Entry* find(uint16_t sequence) {
        Entry& entry = entries_[sequence % kSize];
        return entry.sequence >= 0 && static_cast<uint16_t>(entry.sequence) == sequence ? &entry : nullptr;
    }

private:
    static constexpr int64_t kSize = 512;  // two seconds of video at 2.5 Mbit/s; divides 2^16
    std::vector<Entry> entries_;
};

}  // namespace crosspoint::sfu
