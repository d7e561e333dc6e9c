#include "rtc/sctp/stream_resets.h"

#include <algorithm>

#include "base/sequence.h"

namespace crosspoint::rtc::sctp {
namespace {

ResetResult judge(const ReConfigChunk::Item& item, int64_t cumulative_tsn, uint16_t inbound_streams) {
    const auto* reset = std::get_if<OutgoingReset>(&item);
    if (!reset) return ResetResult::Denied;
    for (const uint16_t stream : reset->streams)
        if (stream >= inbound_streams) return ResetResult::Denied;
    // RFC 6525 5.2.2 E3: messages of the time before are still on their way.
    if (nearest(cumulative_tsn, reset->last_tsn) > cumulative_tsn) return ResetResult::InProgress;
    return ResetResult::Performed;
}

}  // namespace

std::optional<StreamResets::Answer> StreamResets::handle(const ReConfigChunk::Item& item, int64_t cumulative_tsn,
                                                         uint16_t inbound_streams) {
    if (std::holds_alternative<ResetResponse>(item)) return std::nullopt;  // we ask for nothing
    const auto* reset = std::get_if<OutgoingReset>(&item);
    const uint32_t request = reset ? reset->request : std::get<OtherRequest>(item).request;
    const bool repeated = request == next_request_ - 1;
    if (request != next_request_ && !repeated) return Answer{{request, ResetResult::BadSequenceNumber}, {}};
    // One that was in progress comes again under its old or under a new number; both are judged anew.
    if (repeated && last_result_ != ResetResult::InProgress) return Answer{{request, last_result_}, {}};
    next_request_ = request + 1;
    last_result_ = judge(item, cumulative_tsn, inbound_streams);
    Answer answer{{request, last_result_}, {}};
    if (last_result_ == ResetResult::Performed) answer.reset = reset->streams;
    return answer;
}

}  // namespace crosspoint::rtc::sctp
