#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "rtc/sctp/sack_chunk.h"

namespace crosspoint::rtc::sctp {

/// The 64-bit form of an initial TSN: one wrap above zero, so that those before it stay positive.
inline int64_t first_tsn(uint32_t wire) { return (int64_t{1} << 32) + wire; }

/// Which TSNs have arrived, and the SACK that says so (RFC 9260 6.2). TSNs are 64-bit here.
class ReceivedTsns {
public:
    explicit ReceivedTsns(int64_t initial_tsn) : cumulative_(initial_tsn - 1) {}

    /// Everything up to here has arrived.
    int64_t cumulative() const { return cumulative_; }
    bool has_gaps() const { return !beyond_.empty(); }
    bool contains(int64_t tsn) const;
    /// Close enough to be remembered.
    bool in_reach(int64_t tsn) const { return tsn - cumulative_ <= kReach; }

    void add(int64_t tsn);
    /// Remembers to report it in the next SACK.
    void add_duplicate(uint32_t tsn);
    /// RFC 3758 3.6: everything up to `tsn` counts as arrived.
    void forward(int64_t tsn);

    /// Forgets the duplicates.
    SackChunk take_sack(uint32_t window);

private:
    static constexpr int64_t kReach = 8192;  // bounds the map; far more than a window of full packets
    static constexpr size_t kMaxGaps = 64;   // what is not reported now is reported later
    static constexpr size_t kMaxDuplicates = 16;

    void join_cumulative();

    int64_t cumulative_;
    std::map<int64_t, int64_t> beyond_;  // first to last of each run above `cumulative_` + 1, none adjacent
    std::vector<uint32_t> duplicates_;
};

}  // namespace crosspoint::rtc::sctp
