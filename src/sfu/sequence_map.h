#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace crosspoint::sfu {

/// Gives a source's packets the sequence numbers of our own stream: without a gap where we drop something or where one
/// source follows another, and with the gaps that the network made, so that the receiver asks for what is missing and
/// what comes late still finds its place.
class SequenceMap {
public:
    explicit SequenceMap(uint16_t first) : next_(kWrap + first) {}

    /// From `source` on follows what was sent last. Whatever is older will not be sent.
    void begin(int64_t source);
    /// The number to send `source` under, unwrapped; nothing when it is from before the beginning.
    std::optional<int64_t> map(int64_t source);
    /// `source` will not be sent: close the gap, unless something newer has been sent already.
    void skip(int64_t source);

private:
    static constexpr int64_t kWrap = 65536;
    static constexpr size_t kSegments = 32;

    struct Segment {
        int64_t from = 0;
        int64_t offset = 0;
    };
    Segment& newest() { return segments_[(count_ - 1) % kSegments]; }

    std::array<Segment, kSegments> segments_{};
    size_t count_ = 0;  // ever added since begin(); the last kSegments are kept
    int64_t next_;      // above everything sent
    int64_t highest_source_ = 0;
};

/// The same for RTP timestamps: where one source follows another, the time that passed between them passes in our
/// timestamps too (RFC 3550 5.1).
class TimestampMap {
public:
    explicit TimestampMap(uint32_t first) : last_(first) {}

    void begin(uint32_t source, Timestamp now, uint32_t clock_rate);
    uint32_t map(uint32_t source, Timestamp now);
    /// What to add to the source's timestamps now, modulo 2^32.
    uint32_t offset() const { return offset_; }

private:
    uint32_t offset_ = 0;
    uint32_t last_;
    Timestamp last_at_{};
    bool started_ = false;
};

}  // namespace crosspoint::sfu
