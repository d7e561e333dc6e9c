#include "rtc/sctp/association.h"

#include "rtc/sctp/parameter.h"

namespace crosspoint::rtc::sctp {
namespace {

constexpr uint8_t kReflectedTag = 1;  // T bit of ABORT and SHUTDOWN COMPLETE, RFC 9260 8.5.1

}  // namespace

Association::Association(const Options& options, Random& random)
    : options_(options), random_(random), sender_(new_sender()) {
    start_over();
}

/// A new identity, so that late packets to the old one are recognized.
void Association::start_over() {
    state_ = State::Closed;
    timers_ = {};
    timeout_ = {};
    do own_tag_ = random_.u32();
    while (own_tag_ == 0);
    own_initial_tsn_ = random_.u32();
    handshake_chunk_.clear();
    peer_.reset();
    sender_ = new_sender();
    control_.clear();
    data_arrived_ = sack_owed_ = sack_now_ = false;
    shutdown_attempts_ = 0;
}

SendQueue Association::new_sender() const {
    return SendQueue(first_tsn(own_initial_tsn_), {options_.packet, options_.message, options_.send_buffer});
}

void Association::handle_packet(Timestamp now, Bytes bytes, Output& out) {
    const auto packet = Packet::parse(bytes);
    if (!packet || packet->header.source_port != options_.remote_port ||
        packet->header.destination_port != options_.local_port) {
        dropped_packets_++;
        return;
    }
    if (!belongs(*packet)) return handle_out_of_the_blue(*packet, out);
    for (const RawChunk& chunk : packet->chunks)
        if (!handle_chunk(now, *packet, chunk, out)) break;
    if (data_arrived_) schedule_sack(now);
    go_on_with_shutdown(now);
    transmit(now, out);
}

/// RFC 9260 8.5 and 8.5.1.
bool Association::belongs(const Packet& packet) const {
    const RawChunk& first = packet.chunks.front();
    const uint32_t tag = packet.header.tag;
    switch (first.type) {
        case ChunkType::Init: return tag == 0 && packet.chunks.size() == 1;
        case ChunkType::CookieEcho: return true;  // compared with the cookie's
        case ChunkType::Abort:
        case ChunkType::ShutdownComplete:
            if (first.flags & kReflectedTag) return peer_ && tag == peer_->tag;
            break;
        default: break;
    }
    return state_ != State::Closed && tag == own_tag_;
}

/// RFC 9260 8.4. A packet that only carries a wrong tag while we are open may be a late one, so it gets no answer.
void Association::handle_out_of_the_blue(const Packet& packet, Output& out) {
    dropped_packets_++;
    if (state_ != State::Closed) return;
    for (const RawChunk& chunk : packet.chunks)
        if (chunk.type == ChunkType::Abort || chunk.type == ChunkType::ShutdownComplete ||
            chunk.type == ChunkType::Init)
            return;
    const bool closing = packet.chunks.front().type == ChunkType::ShutdownAck;
    const ChunkType answer = closing ? ChunkType::ShutdownComplete : ChunkType::Abort;
    send_alone(packet.header.tag, make_chunk(answer, kReflectedTag, {}), out);
}

/// False when the rest of the packet must not be looked at.
bool Association::handle_chunk(Timestamp now, const Packet& packet, const RawChunk& chunk, Output& out) {
    switch (chunk.type) {
        case ChunkType::Init:
            if (packet.chunks.size() == 1) handle_init(chunk, out);  // RFC 9260 4.3: it travels alone
            return false;
        case ChunkType::InitAck: handle_init_ack(now, chunk, out); return false;
        case ChunkType::CookieEcho:
            handle_cookie_echo(packet, chunk, out);
            return packet.header.tag == own_tag_ && state_ != State::Closed;
        case ChunkType::CookieAck: handle_cookie_ack(out); break;
        case ChunkType::Data: handle_data(chunk, out); break;
        case ChunkType::Sack:
            if (const auto sack = SackChunk::parse(chunk.body)) handle_sack(now, *sack);
            break;
        case ChunkType::ForwardTsn: handle_forward_tsn(chunk, out); break;
        case ChunkType::ReConfig: handle_reconfig(chunk, out); break;
        case ChunkType::Heartbeat:
            if (peer_) queue(make_chunk(ChunkType::HeartbeatAck, 0, chunk.body));
            break;
        case ChunkType::Shutdown: handle_shutdown(now, chunk); break;
        case ChunkType::ShutdownAck: handle_shutdown_ack(out); break;
        case ChunkType::ShutdownComplete:
            if (state_ == State::ShutdownAckSent) end(Closed{}, out);
            return false;
        case ChunkType::Abort: end(Aborted{first_cause(chunk.body), true}, out); break;
        case ChunkType::HeartbeatAck:
        case ChunkType::Error: break;
        default: return handle_unknown(chunk);
    }
    return state_ != State::Closed;
}

bool Association::handle_unknown(const RawChunk& chunk) {
    const UnknownRule rule = unknown_chunk_rule(static_cast<uint8_t>(chunk.type));
    if (rule.report && peer_)
        queue(make_chunk(ChunkType::Error, 0, make_cause(CauseCode::UnrecognizedChunk, chunk.whole)));
    return rule.go_on;
}

void Association::handle_timeout(Timestamp now, Output& out) {
    if (timers_.fired(Timer::Handshake, now)) {
        timeout_.back_off();
        timers_.set(Timer::Handshake, now + timeout_.value());
        send_alone(state_ == State::CookieWait ? 0 : peer_->tag, handshake_chunk_, out);
    }
    if (timers_.fired(Timer::Retransmit, now)) {
        timeout_.back_off();
        sender_.handle_timeout();
    }
    if (timers_.fired(Timer::Sack, now)) sack_now_ = true;
    if (timers_.fired(Timer::Shutdown, now)) handle_shutdown_timeout(now, out);
    transmit(now, out);
}

bool Association::send(Timestamp now, uint16_t stream, uint32_t ppid, Bytes message, Output& out) {
    const bool open = state_ == State::Established;
    if (!open && state_ != State::CookieWait && state_ != State::CookieEchoed) return false;
    if (stream >= (peer_ ? peer_->outbound_streams : options_.streams)) return false;
    // RFC 8831 6.6: SCTP has no empty messages, so one byte travels and the identifier says that it means nothing.
    static constexpr uint8_t kNothing[] = {0};
    if (message.empty()) {
        ppid = ppid == ppid::kString ? ppid::kStringEmpty : ppid::kBinaryEmpty;
        message = kNothing;
    }
    if (!sender_.push(stream, ppid, message)) return false;
    transmit(now, out);
    return true;
}

/// Packets out of everything that may leave now: control chunks, the SACK that is due, data.
void Association::transmit(Timestamp now, Output& out) {
    if (!peer_) return;
    PacketBuilder packet({options_.local_port, options_.remote_port, peer_->tag}, options_.packet);
    for (const Buffer& chunk : control_) {
        if (!packet.fits(chunk.size()) && !packet.empty()) out.packets.push_back(packet.take());
        packet.add(chunk);
    }
    control_.clear();
    const bool may_send_data =
        state_ == State::Established || state_ == State::ShutdownPending || state_ == State::ShutdownReceived;
    if (sack_now_ || (sack_owed_ && may_send_data && sender_.next_size())) {
        const Buffer sack = make_sack();
        if (!packet.fits(sack.size()) && !packet.empty()) out.packets.push_back(packet.take());
        packet.add(sack);
    }
    if (may_send_data) add_data(now, packet, out);
    if (!packet.empty()) out.packets.push_back(packet.take());
}

void Association::add_data(Timestamp now, PacketBuilder& packet, Output& out) {
    while (const auto size = sender_.next_size()) {
        if (!packet.fits(*size) && !packet.empty()) out.packets.push_back(packet.take());
        const DataChunk data = sender_.take(now);
        packet.add(make_chunk(data, ChunkType::Data, data.flags()));
    }
    // RFC 9260 6.3.2 R1, R2.
    if (!sender_.waits_for_sack())
        timers_.clear(Timer::Retransmit);
    else if (!timers_.armed(Timer::Retransmit))
        timers_.set(Timer::Retransmit, now + timeout_.value());
}

void Association::send_alone(uint32_t tag, Bytes chunk, Output& out) const {
    PacketBuilder packet({options_.local_port, options_.remote_port, tag}, options_.packet);
    packet.add(chunk);
    out.packets.push_back(packet.take());
}

void Association::end(Event why, Output& out) {
    start_over();
    out.events.push_back(std::move(why));
}

void Association::fail(CauseCode cause, Output& out) {
    if (peer_) send_alone(peer_->tag, make_chunk(ChunkType::Abort, 0, make_cause(cause)), out);
    end(Aborted{cause, false}, out);
}

void Association::abort(Output& out) {
    if (state_ != State::Closed) fail(CauseCode::UserInitiatedAbort, out);
}

}  // namespace crosspoint::rtc::sctp
