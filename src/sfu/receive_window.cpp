#include "sfu/receive_window.h"

namespace crosspoint::sfu {

namespace {
constexpr int64_t kWrap = 65536;
}

ReceiveWindow::Taken ReceiveWindow::take(uint16_t wire) {
    if (!started_) {
        started_ = true;
        highest_ = kWrap + wire;  // one wrap above zero, so that what was sent before it stays positive
        mark(highest_);
        return {Verdict::New, highest_};
    }
    if (restarts_) return restart(wire);
    const int64_t sequence = nearest(wire);
    if (sequence > highest_ + kMaxJump || sequence <= highest_ - kSize) return restart_or_drop(wire);
    confirms_restart_.reset();
    return place(sequence);
}

ReceiveWindow::Taken ReceiveWindow::take_recovered(uint16_t wire) {
    if (!started_ || restarts_) return {};
    const int64_t sequence = nearest(wire);
    if (sequence > highest_ + kMaxJump || sequence <= highest_ - kSize) return {};
    return place(sequence);
}

ReceiveWindow::Taken ReceiveWindow::place(int64_t sequence) {
    if (sequence > highest_) advance(sequence);
    return {mark(sequence) ? Verdict::New : Verdict::Repeated, sequence};
}

ReceiveWindow::Taken ReceiveWindow::restart_or_drop(uint16_t wire) {
    if (confirms_restart_ != wire) {
        confirms_restart_ = static_cast<uint16_t>(wire + 1);
        return {};
    }
    return restart(wire);
}

ReceiveWindow::Taken ReceiveWindow::restart(uint16_t wire) {
    restarts_ = false;
    confirms_restart_.reset();
    const auto ahead = static_cast<uint16_t>(wire - static_cast<uint16_t>(highest_));
    highest_ += ahead == 0 ? kWrap : ahead;  // our numbers never go back
    seen_.fill(0);
    mark(highest_);
    return {Verdict::Restarted, highest_};
}

int64_t ReceiveWindow::nearest(uint16_t wire) const {
    return highest_ + static_cast<int16_t>(static_cast<uint16_t>(wire - static_cast<uint16_t>(highest_)));
}

void ReceiveWindow::advance(int64_t sequence) {
    if (sequence - highest_ >= kSize) {
        seen_.fill(0);
    } else {
        for (int64_t between = highest_ + 1; between <= sequence; ++between) {
            const auto bit = static_cast<uint64_t>(between % kSize);
            seen_[bit / 64] &= ~(uint64_t{1} << (bit % 64));
        }
    }
    highest_ = sequence;
}

bool ReceiveWindow::mark(int64_t sequence) {
    const auto bit = static_cast<uint64_t>(sequence % kSize);
    const uint64_t mask = uint64_t{1} << (bit % 64);
    if (seen_[bit / 64] & mask) return false;
    seen_[bit / 64] |= mask;
    return true;
}

}  // namespace crosspoint::sfu
