#pragma once
#include <cstdint>
#include <vector>

#include "base/time.h"

namespace crosspoint::sfu {

/// Notices what one stream lost and says when to ask for it again (RFC 4585 6.2.1). Waits a moment first, since packets
/// overtake each other; then asks once per round trip, a bounded number of times.
class NackGenerator {
public:
    enum class Noticed : uint8_t { Nothing, TooMuch };

    /// A packet came, by itself or by retransmission. `TooMuch`: more is missing than is worth asking for, so the list
    /// was given up and only a key frame helps.
    Noticed received(Timestamp now, int64_t sequence);
    /// What came before a key frame is not worth asking for any more.
    void forget_before(int64_t sequence);
    /// The numbers jumped: nothing that was missing can be meant.
    void restart(int64_t sequence);

    /// Appends what to ask for now; each counts as asked.
    void collect(Timestamp now, std::vector<uint16_t>& lost);
    Timestamp next_timeout() const { return next_; }

    /// Round trip to the sender, learnt from how long what was asked for once took to come.
    Duration round_trip() const { return round_trip_; }
    size_t missing() const { return missing_.size(); }

private:
    static constexpr size_t kMaxMissing = 400;
    static constexpr size_t kMaxAtOnce = 250;  // one message in one datagram, however scattered
    static constexpr uint8_t kMaxTries = 10;
    static constexpr Duration kReordering = 8ms;
    static constexpr Duration kShortestRetry = 20ms;
    static constexpr Duration kLongestRetry = 500ms;

    struct Missing {
        int64_t sequence;
        Timestamp ask;
        Timestamp asked;
        uint8_t tries;
    };

    void recovered(Timestamp now, int64_t sequence);
    Duration retry_after() const;
    void find_next();

    std::vector<Missing> missing_;  // by sequence
    int64_t highest_ = 0;
    bool started_ = false;
    Timestamp next_ = kNever;
    Duration round_trip_ = 100ms;
};

}  // namespace crosspoint::sfu
