#include "base/sequence.h"
#include "rtc/sctp/association.h"

// Data and its acknowledgements while an association is open (RFC 9260 6), and what changes the streams meanwhile.
namespace crosspoint::rtc::sctp {
namespace {

constexpr Duration kSackDelay = 200ms;  // RFC 9260 6.2

}  // namespace

bool Association::may_receive_data() const {
    return state_ == State::Established || state_ == State::ShutdownPending || state_ == State::ShutdownSent;
}

void Association::handle_data(const RawChunk& chunk, Output& out) {
    if (!may_receive_data()) return;
    const auto data = DataChunk::parse(chunk.flags, chunk.body);
    if (!data) return;
    if (data->payload.empty()) return fail(CauseCode::NoUserData, out);  // RFC 9260 6.2
    data_arrived_ = true;
    if (data->immediate) sack_now_ = true;
    const int64_t tsn = nearest(peer_->received.cumulative(), data->tsn);
    if (peer_->received.contains(tsn)) {
        peer_->received.add_duplicate(data->tsn);
        sack_now_ = true;
    } else if (peer_->received.in_reach(tsn)) {
        take_data(tsn, *data, out);
    }
}

void Association::take_data(int64_t tsn, const DataChunk& data, Output& out) {
    if (data.stream >= peer_->inbound_streams) {  // RFC 9260 6.5: acknowledged, reported and dropped
        peer_->received.add(tsn);
        Buffer information(4);
        ByteWriter(information).u16(data.stream);
        queue(make_chunk(ChunkType::Error, 0, make_cause(CauseCode::InvalidStream, information)));
        return;
    }
    std::vector<Message> messages;
    const bool next_in_order = tsn == peer_->received.cumulative() + 1;
    const auto verdict = peer_->reassembly.add(tsn, data, next_in_order, messages);
    switch (verdict) {
        case Reassembly::Verdict::NoRoom: return;
        case Reassembly::Verdict::TooLong: return fail(CauseCode::OutOfResource, out);
        case Reassembly::Verdict::Violation: return fail(CauseCode::ProtocolViolation, out);
        case Reassembly::Verdict::Taken: break;
    }
    peer_->received.add(tsn);
    report(std::move(messages), out);
}

void Association::report(std::vector<Message> messages, Output& out) const {
    for (Message& message : messages) {
        if (message.ppid == ppid::kStringEmpty || message.ppid == ppid::kBinaryEmpty) {  // RFC 8831 6.6
            message.ppid = message.ppid == ppid::kStringEmpty ? ppid::kString : ppid::kBinary;
            message.bytes.clear();
        }
        out.events.push_back(std::move(message));
    }
}

/// RFC 9260 6.2 and 6.7: at once when something is missing, else for every second packet or after a moment.
void Association::schedule_sack(Timestamp now) {
    data_arrived_ = false;
    if (sack_owed_ || peer_->received.has_gaps() || state_ == State::ShutdownSent) sack_now_ = true;
    sack_owed_ = true;
    if (!timers_.armed(Timer::Sack)) timers_.set(Timer::Sack, now + kSackDelay);
}

Buffer Association::make_sack() {
    sack_owed_ = sack_now_ = false;
    timers_.clear(Timer::Sack);
    const auto window = static_cast<uint32_t>(peer_->reassembly.window());
    return make_chunk(peer_->received.take_sack(window), ChunkType::Sack, 0);
}

void Association::handle_sack(Timestamp now, const SackChunk& sack) {
    const bool sending =
        state_ == State::Established || state_ == State::ShutdownPending || state_ == State::ShutdownReceived;
    if (!sending) return;
    const int64_t before = sender_.last_acknowledged();
    const auto result = sender_.handle_sack(now, sack);
    if (!result) return;
    peer_->window = sack.window;
    if (result->round_trip) timeout_.measured(*result->round_trip);
    if (sender_.last_acknowledged() > before) timers_.clear(Timer::Retransmit);  // 6.3.2 R3: transmit sets it again
}

void Association::handle_forward_tsn(const RawChunk& chunk, Output& out) {
    if (!may_receive_data()) return;
    const auto forward = ForwardTsnChunk::parse(chunk.body);
    if (!forward) return;
    sack_now_ = true;  // RFC 3758 3.6
    const int64_t tsn = nearest(peer_->received.cumulative(), forward->new_cumulative_tsn);
    if (tsn <= peer_->received.cumulative()) return;
    std::vector<ForwardTsnChunk::Skipped> skipped = forward->skipped;
    std::erase_if(skipped, [&](const auto& skip) { return skip.stream >= peer_->inbound_streams; });
    std::vector<Message> messages;
    peer_->received.forward(tsn);
    peer_->reassembly.forward(tsn, skipped, messages);
    report(std::move(messages), out);
}

void Association::handle_reconfig(const RawChunk& chunk, Output& out) {
    if (!may_receive_data()) return;
    const auto reconfig = ReConfigChunk::parse(chunk.body);
    if (!reconfig) return;
    ReConfigChunk answers;
    for (const ReConfigChunk::Item& item : reconfig->items) {
        auto answer = peer_->resets.handle(item, peer_->received.cumulative(), peer_->inbound_streams);
        if (!answer) continue;
        answers.items.push_back(answer->response);
        if (!answer->reset) continue;
        peer_->reassembly.reset(*answer->reset);
        out.events.push_back(StreamReset{std::move(*answer->reset)});
    }
    if (!answers.items.empty()) queue(make_chunk(answers, ChunkType::ReConfig, 0));
}

}  // namespace crosspoint::rtc::sctp
