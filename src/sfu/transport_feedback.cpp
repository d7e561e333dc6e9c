#include "sfu/transport_feedback.h"

#include <algorithm>
#include <optional>

namespace crosspoint::sfu {

void TransportFeedbackGenerator::received(Timestamp now, uint16_t transport_sequence) {
    const int64_t sequence = unwrapper_.unwrap(transport_sequence);
    if (!started_) {
        started_ = true;
        first_ = highest_ = sequence;
    }
    if (sequence <= highest_ - kRemembered) return;
    highest_ = std::max(highest_, sequence);
    slot(sequence) = {sequence, now};
    // One that comes after it was reported missing is reported again, with what follows it.
    first_ = std::max(std::min(first_, sequence), highest_ - kRemembered + 1);
    due_ = std::min(due_, now + kInterval);
}

std::vector<rtc::rtcp::TransportFeedback> TransportFeedbackGenerator::collect(Timestamp now, Ssrc sender, Ssrc media) {
    std::vector<rtc::rtcp::TransportFeedback> messages;
    if (now < due_) return messages;
    due_ = kNever;

    std::optional<rtc::rtcp::TransportFeedbackBuilder> builder;
    int64_t begin = first_;
    for (int64_t sequence = first_; sequence <= highest_; ++sequence) {
        const Arrival& arrival = slot(sequence);
        if (arrival.sequence != sequence) continue;
        const bool full = builder && builder->feedback().arrivals.size() == kMaxArrivals;
        if (builder && !full && builder->add(sequence, arrival.at)) continue;
        if (builder) {
            messages.push_back(builder->feedback());
            begin = sequence;
        }
        builder.emplace(sender, media, count_++, begin, arrival.at);
        builder->add(sequence, arrival.at);
    }
    if (builder) messages.push_back(builder->feedback());
    first_ = highest_ + 1;
    return messages;
}

}  // namespace crosspoint::sfu
