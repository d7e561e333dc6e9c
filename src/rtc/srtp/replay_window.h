#pragma once
#include <bitset>
#include <cstdint>
#include <optional>

namespace crosspoint::rtc::srtp {

/// Which packets of one SSRC were there already (RFC 3711 3.3.2). Indices are counted without wrap. Ask with `fresh`
/// before the packet is authenticated, `add` only what was.
class ReplayWindow {
public:
    /// Browsers keep 1024 for video: a burst of retransmissions may reach far back. RFC 3711 wants at least 64.
    static constexpr uint64_t kSize = 1024;

    bool fresh(uint64_t index) const {
        if (!highest_ || index > *highest_) return true;
        return *highest_ - index < kSize && !seen_[index % kSize];
    }

    void add(uint64_t index) {
        if (!highest_) highest_ = index;
        if (index > *highest_) move_to(index);
        seen_[index % kSize] = true;
    }

    /// The highest index added.
    std::optional<uint64_t> highest() const { return highest_; }

private:
    void move_to(uint64_t index) {
        if (index - *highest_ >= kSize)
            seen_.reset();
        else
            for (uint64_t at = *highest_ + 1; at <= index; ++at) seen_[at % kSize] = false;
        highest_ = index;
    }

    std::bitset<kSize> seen_;
    std::optional<uint64_t> highest_;
};

}  // namespace crosspoint::rtc::srtp
