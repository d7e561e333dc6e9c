#pragma once
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/time.h"

namespace crosspoint::rtc::rtcp {

/// Which packets of the transport-wide sequence arrived, and when: draft-holmer-rmcat-transport-wide-cc-extensions-01
/// 3.1. Sequence numbers from `base_sequence` on, `status_count` of them; those without an arrival were not received.
struct TransportFeedback {
    static constexpr uint8_t kFormat = 15;
    static constexpr Duration kReferenceUnit = 64ms;
    static constexpr Duration kDeltaUnit = 250us;

    struct Arrival {
        uint16_t sequence = 0;
        int16_t delta = 0;  // in units of 250 us since the arrival before; the first, since the reference time
        bool operator==(const Arrival&) const = default;
    };

    Ssrc sender;
    Ssrc media;
    uint16_t base_sequence = 0;
    uint16_t status_count = 0;
    int32_t reference_time = 0;  // in units of 64 ms on the receiver's clock, 24 bits, signed
    uint8_t feedback_count = 0;
    std::vector<Arrival> arrivals;  // ascending from base_sequence

    static std::optional<TransportFeedback> parse(Bytes body);
    /// Chooses run lengths, one-bit or two-bit vectors, whichever says more with the next two bytes.
    void write(ByteWriter& out) const;
    bool operator==(const TransportFeedback&) const = default;
};

/// Collects arrivals for one feedback. Start another when `add` refuses.
class TransportFeedbackBuilder {
public:
    /// `first` is the (unwrapped) sequence number that the feedback begins with, whether it arrived or not; it is
    /// reported relative to `reference`, which must not be later than the first arrival.
    TransportFeedbackBuilder(Ssrc sender, Ssrc media, uint8_t feedback_count, int64_t first, Timestamp reference);
    /// False, and nothing changed, when the number is not above the last one or more than 65535 above the first, or
    /// when the time since the arrival before does not fit 16 bits of 250 us.
    bool add(int64_t sequence, Timestamp arrival);
    const TransportFeedback& feedback() const { return feedback_; }

private:
    TransportFeedback feedback_;
    int64_t first_;
    int64_t next_;
    Timestamp last_;  // as the reader will compute it, so that rounding does not add up
};

}  // namespace crosspoint::rtc::rtcp
