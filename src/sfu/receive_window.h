#pragma once
#include <array>
#include <cstdint>
#include <optional>

namespace crosspoint::sfu {

/// Which sequence numbers of one stream have come: unwraps them and refuses what came already. A repeat must never
/// reach a subscriber, where it would be sent twice under one SRTP index with different header extensions.
class ReceiveWindow {
public:
    enum class Verdict : uint8_t {
        New,
        Restarted,  // the numbers jumped and two packets in a row confirmed it (RFC 3550 A.1)
        Repeated,
        Outside,  // too old, or the first packet after a jump
    };
    struct Taken {
        Verdict verdict = Verdict::Outside;
        int64_t sequence = 0;
    };

    /// A packet that came under its own number.
    Taken take(uint16_t wire);
    /// A packet that came by retransmission: it never restarts the stream.
    Taken take_recovered(uint16_t wire);

    /// Another source takes over: the next packet restarts the stream, whatever its number.
    void expect_restart() { restarts_ = started_; }

    bool started() const { return started_; }
    int64_t highest() const { return highest_; }

private:
    static constexpr int64_t kSize = 2048;
    static constexpr int64_t kMaxJump = 3000;  // RFC 3550 A.1, MAX_DROPOUT

    Taken place(int64_t sequence);
    Taken restart_or_drop(uint16_t wire);
    Taken restart(uint16_t wire);
    int64_t nearest(uint16_t wire) const;
    void advance(int64_t sequence);
    bool mark(int64_t sequence);

    std::array<uint64_t, kSize / 64> seen_{};
    int64_t highest_ = 0;
    bool started_ = false;
    bool restarts_ = false;
    std::optional<uint16_t> confirms_restart_;
};

}  // namespace crosspoint::sfu
