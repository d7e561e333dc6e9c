#include <algorithm>

#include "rtc/sctp/association.h"

// How an association begins (RFC 9260 5): INIT, INIT ACK, COOKIE ECHO, COOKIE ACK, from either side or from both.
namespace crosspoint::rtc::sctp {
namespace {

bool acceptable(const InitChunk& init) {
    return init.tag != 0 && init.outbound_streams != 0 && init.inbound_streams != 0;
}

}  // namespace

InitChunk Association::own_init(uint32_t tag, uint32_t initial_tsn) const {
    InitChunk init;
    init.tag = tag;
    init.window = static_cast<uint32_t>(options_.receive_window);
    init.outbound_streams = options_.streams;
    init.inbound_streams = options_.streams;
    init.initial_tsn = initial_tsn;
    init.forward_tsn = true;
    init.reconfig = true;
    return init;
}

void Association::connect(Timestamp now, Output& out) {
    if (state_ != State::Closed) return;
    state_ = State::CookieWait;
    handshake_chunk_ = make_chunk(own_init(own_tag_, own_initial_tsn_), ChunkType::Init, 0);
    timers_.set(Timer::Handshake, now + timeout_.value());
    send_alone(0, handshake_chunk_, out);
}

void Association::handle_init(const RawChunk& chunk, Output& out) {
    const auto init = InitChunk::parse(chunk.body);
    if (!init) return;
    if (!acceptable(*init)) {  // RFC 9260 3.3.2
        if (init->tag != 0)
            send_alone(init->tag, make_chunk(ChunkType::Abort, 0, make_cause(CauseCode::InvalidParameter)), out);
        return;
    }
    if (state_ == State::ShutdownAckSent) {  // 9.2
        send_alone(peer_->tag, make_chunk(ChunkType::ShutdownAck, 0, {}), out);
        return;
    }
    StateCookie cookie;
    cookie.peer = *init;
    cookie.own_tag = own_tag_;
    cookie.own_initial_tsn = own_initial_tsn_;
    const bool opening = state_ == State::Closed || state_ == State::CookieWait || state_ == State::CookieEchoed;
    if (!opening) {
        // 5.2.2: the peer may have lost its state. Nothing changes until it proves that it got our answer.
        cookie.own_tie_tag = own_tag_;
        cookie.peer_tie_tag = peer_->tag;
        do cookie.own_tag = random_.u32();
        while (cookie.own_tag == 0 || cookie.own_tag == own_tag_);
        cookie.own_initial_tsn = random_.u32();
    }
    InitChunk answer = own_init(cookie.own_tag, cookie.own_initial_tsn);  // 5.2.1: while opening, the same as our INIT
    answer.cookie = cookie.write();
    answer.unknown = init->unknown;
    send_alone(init->tag, make_chunk(answer, ChunkType::InitAck, 0), out);
}

void Association::handle_init_ack(Timestamp now, const RawChunk& chunk, Output& out) {
    if (state_ != State::CookieWait) return;  // 5.2.3
    const auto ack = InitChunk::parse(chunk.body);
    if (!ack) return;
    if (!acceptable(*ack) || ack->cookie.empty()) {
        const CauseCode cause = ack->cookie.empty() ? CauseCode::MissingParameter : CauseCode::InvalidParameter;
        if (ack->tag != 0) send_alone(ack->tag, make_chunk(ChunkType::Abort, 0, make_cause(cause)), out);
        return end(Aborted{cause, false}, out);
    }
    meet_peer(*ack);
    state_ = State::CookieEchoed;
    handshake_chunk_ = make_chunk(ChunkType::CookieEcho, 0, ack->cookie);
    timers_.set(Timer::Handshake, now + timeout_.value());
    send_alone(peer_->tag, handshake_chunk_, out);
}

/// RFC 9260 5.1 D and, where an association exists already, the table in 5.2.4.
void Association::handle_cookie_echo(const Packet& packet, const RawChunk& chunk, Output& out) {
    const auto cookie = StateCookie::parse(chunk.body);
    if (!cookie || packet.header.tag != cookie->own_tag) {
        dropped_packets_++;
        return;
    }
    const bool same_own = cookie->own_tag == own_tag_;
    const bool same_peer = peer_ && cookie->peer.tag == peer_->tag;
    const bool fresh = state_ == State::Closed || state_ == State::CookieWait;
    if (same_own && (same_peer || fresh || state_ == State::CookieEchoed)) {
        // B and D, and the first cookie of all. In B both sides began: what this cookie says about the peer is newer.
        if (!same_peer) meet_peer(cookie->peer);
        queue(make_chunk(ChunkType::CookieAck, 0, {}));
        if (fresh || state_ == State::CookieEchoed) open(out);
        return;
    }
    const bool tied = peer_ && cookie->own_tie_tag == own_tag_ && cookie->peer_tie_tag == peer_->tag;
    if (same_own || same_peer || !tied) return;  // C, and what no row of the table names
    if (state_ == State::ShutdownAckSent) {
        queue(make_chunk(ChunkType::ShutdownAck, 0, {}));
        return;
    }
    // A: the peer has begun anew.
    start_over();
    own_tag_ = cookie->own_tag;
    own_initial_tsn_ = cookie->own_initial_tsn;
    sender_ = new_sender();
    meet_peer(cookie->peer);
    queue(make_chunk(ChunkType::CookieAck, 0, {}));
    open(out);
}

void Association::handle_cookie_ack(Output& out) {
    if (state_ == State::CookieEchoed) open(out);
}

void Association::meet_peer(const InitChunk& peer) {
    peer_.emplace(Peer{peer.tag, peer.window, std::min(options_.streams, peer.inbound_streams),
                       std::min(options_.streams, peer.outbound_streams), ReceivedTsns(first_tsn(peer.initial_tsn)),
                       Reassembly(options_.receive_window, options_.message), StreamResets(peer.initial_tsn)});
    sender_.set_peer_window(peer.window);
}

void Association::open(Output& out) {
    state_ = State::Established;
    timers_.clear(Timer::Handshake);
    handshake_chunk_.clear();
    timeout_ = {};  // forget how long the handshake had to wait
    out.events.push_back(Connected{});
}

}  // namespace crosspoint::rtc::sctp
