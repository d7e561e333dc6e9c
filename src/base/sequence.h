#pragma once
#include <cstdint>
#include <type_traits>

namespace crosspoint {

/// The 64-bit number nearest to `reference` whose low bits are `wire`.
template <class Wire>
int64_t nearest(int64_t reference, Wire wire) {
    static_assert(std::is_unsigned_v<Wire>);
    return reference + static_cast<std::make_signed_t<Wire>>(static_cast<Wire>(wire - static_cast<Wire>(reference)));
}

/// Makes a counter that wraps (RTP sequence numbers, timestamps, rollover) into a 64-bit one, once, at the border.
/// The first value starts one whole wrap above zero, so that packets from before it stay positive.
template <class Wire>
class Unwrapper {
    static_assert(std::is_unsigned_v<Wire>);

public:
    /// The 64-bit value nearest to the last one taken.
    int64_t peek(Wire wire) const {
        if (!started_) return kWrap + wire;
        return nearest(last_, wire);
    }
    int64_t unwrap(Wire wire) {
        last_ = peek(wire);
        started_ = true;
        return last_;
    }

private:
    static constexpr int64_t kWrap = int64_t{1} << (8 * sizeof(Wire));
    int64_t last_ = 0;
    bool started_ = false;
};

}  // namespace crosspoint
