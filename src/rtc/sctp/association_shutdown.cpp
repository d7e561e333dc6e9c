#include "rtc/sctp/association.h"

// How an association ends in order (RFC 9260 9.2).
namespace crosspoint::rtc::sctp {
namespace {

constexpr int kMaxAttempts = 8;

}  // namespace

void Association::shutdown(Timestamp now, Output& out) {
    switch (state_) {
        case State::CookieWait:
        case State::CookieEchoed: end(Closed{}, out); return;
        case State::Established: state_ = State::ShutdownPending; break;
        case State::Closed:
        case State::ShutdownPending:
        case State::ShutdownSent:
        case State::ShutdownReceived:
        case State::ShutdownAckSent: return;
    }
    go_on_with_shutdown(now);
    transmit(now, out);
}

/// Once everything has arrived.
void Association::go_on_with_shutdown(Timestamp now) {
    if (!sender_.empty()) return;
    if (state_ == State::ShutdownPending)
        state_ = State::ShutdownSent;
    else if (state_ == State::ShutdownReceived)
        state_ = State::ShutdownAckSent;
    else
        return;
    timers_.clear(Timer::Retransmit);
    send_shutdown(now);
}

void Association::send_shutdown(Timestamp now) {
    timers_.set(Timer::Shutdown, now + timeout_.value());
    if (state_ == State::ShutdownAckSent) return queue(make_chunk(ChunkType::ShutdownAck, 0, {}));
    Buffer body(4);
    ByteWriter(body).u32(static_cast<uint32_t>(peer_->received.cumulative()));
    queue(make_chunk(ChunkType::Shutdown, 0, body));
}

void Association::handle_shutdown(Timestamp now, const RawChunk& chunk) {
    ByteReader in(chunk.body);
    SackChunk sack;
    sack.cumulative_tsn = in.u32();
    if (!in.done()) return;
    switch (state_) {
        case State::Established:
        case State::ShutdownPending: state_ = State::ShutdownReceived; break;
        case State::ShutdownSent: state_ = State::ShutdownAckSent; return send_shutdown(now);
        case State::ShutdownAckSent: return send_shutdown(now);
        case State::ShutdownReceived: break;
        case State::Closed:
        case State::CookieWait:
        case State::CookieEchoed: return;
    }
    sack.window = peer_->window;
    handle_sack(now, sack);
}

void Association::handle_shutdown_ack(Output& out) {
    if (state_ != State::ShutdownSent && state_ != State::ShutdownAckSent) return;
    send_alone(peer_->tag, make_chunk(ChunkType::ShutdownComplete, 0, {}), out);
    end(Closed{}, out);
}

void Association::handle_shutdown_timeout(Timestamp now, Output& out) {
    if (++shutdown_attempts_ >= kMaxAttempts) return end(Closed{}, out);
    timeout_.back_off();
    send_shutdown(now);
}

}  // namespace crosspoint::rtc::sctp
