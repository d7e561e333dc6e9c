#include "rtc/sctp/received_tsns.h"

#include "base/verify.h"

namespace crosspoint::rtc::sctp {

bool ReceivedTsns::contains(int64_t tsn) const {
    if (tsn <= cumulative_) return true;
    const auto after = beyond_.upper_bound(tsn);
    return after != beyond_.begin() && std::prev(after)->second >= tsn;
}

void ReceivedTsns::add(int64_t tsn) {
    VERIFY(in_reach(tsn));
    if (contains(tsn)) return;
    int64_t first = tsn;
    int64_t last = tsn;
    const auto after = beyond_.upper_bound(tsn);
    if (after != beyond_.end() && after->first == tsn + 1) last = after->second;
    if (after != beyond_.begin() && std::prev(after)->second == tsn - 1) first = std::prev(after)->first;
    if (last != tsn) beyond_.erase(after);
    beyond_[first] = last;
    join_cumulative();
}

void ReceivedTsns::add_duplicate(uint32_t tsn) {
    if (duplicates_.size() < kMaxDuplicates) duplicates_.push_back(tsn);
}

void ReceivedTsns::forward(int64_t tsn) {
    if (tsn <= cumulative_) return;
    cumulative_ = tsn;
    join_cumulative();
}

void ReceivedTsns::join_cumulative() {
    while (!beyond_.empty() && beyond_.begin()->first <= cumulative_ + 1) {
        cumulative_ = std::max(cumulative_, beyond_.begin()->second);
        beyond_.erase(beyond_.begin());
    }
}

SackChunk ReceivedTsns::take_sack(uint32_t window) {
    SackChunk sack;
    sack.cumulative_tsn = static_cast<uint32_t>(cumulative_);
    sack.window = window;
    for (const auto& [first, last] : beyond_) {
        if (sack.gaps.size() == kMaxGaps) break;
        sack.gaps.push_back({static_cast<uint16_t>(first - cumulative_), static_cast<uint16_t>(last - cumulative_)});
    }
    sack.duplicates = std::exchange(duplicates_, {});
    return sack;
}

}  // namespace crosspoint::rtc::sctp
