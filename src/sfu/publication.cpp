#include "sfu/publication.h"

#include "rtc/rtp/key_frame.h"
#include "rtc/rtp/rtx.h"
#include "sfu/ntp.h"
#include "sfu/subscription.h"

namespace crosspoint::sfu {
namespace {

// Audio is retransmitted only where a browser asked for it, and is small.
PacketCache::Limits cache_limits(rtc::MediaKind kind) {
    if (kind == rtc::MediaKind::Video) return {};
    return {.bytes = 32 * 1024, .packets = 128, .age = 1s};
}

}  // namespace

Publication::Publication(Switchboard& switchboard, LinkId link, const PublishedTrack& track,
                         const PublisherClock& clock)
    : switchboard_(switchboard),
      link_(link),
      id_(track.track),
      track_(switchboard.track(track.track)),
      publisher_clock_(clock),
      cache_(cache_limits(track.parameters.kind)) {
    update(track.parameters);
}

Publication::~Publication() { switchboard_.withdraw(id_, *this); }

void Publication::update(const rtc::ReceiveParameters& parameters) {
    if (parameters.ssrc && parameters.ssrc != ssrc_) {
        if (ssrc_) restart_pending_ = true;
        ssrc_ = parameters.ssrc;
    }
    if (parameters.rtx_ssrc) rtx_ssrc_ = parameters.rtx_ssrc;
    if (parameters.codecs != parameters_.codecs) cache_.clear();  // its packets name codecs by position
    parameters_ = parameters;
    roles_.fill({});
    for (size_t i = 0; i < parameters.codecs.size() && i < kNoCodec; ++i) {
        const rtc::CodecParameters& codec = parameters.codecs[i];
        roles_[codec.payload_type.value & 0x7f] = {static_cast<uint8_t>(i), false};
        if (codec.rtx) roles_[codec.rtx->value & 0x7f] = {static_cast<uint8_t>(i), true};
    }
    switchboard_.publish(id_, *this);
}

bool Publication::latch(Timestamp now, const rtc::rtp::Packet& packet) {
    const PayloadRole role = roles_[packet.payload_type.value];
    if (role.codec == kNoCodec) return false;
    if (role.rtx) {
        rtx_ssrc_ = packet.ssrc;
        return true;
    }
    if (ssrc_ && window_.started() && now - heard_ < kSsrcHold) return false;
    if (ssrc_) restart_pending_ = true;
    ssrc_ = packet.ssrc;
    return true;
}

void Publication::receive(Timestamp now, const rtc::rtp::Packet& packet, SendBatch& batch) {
    const PayloadRole role = roles_[packet.payload_type.value];
    if (role.codec == kNoCodec) {
        ++switchboard_.counters().rtp_unknown_payload_type;
        return;
    }
    if (role.rtx)
        receive_rtx(now, packet, role.codec, batch);
    else
        receive_media(now, packet, batch);
}

void Publication::start_source() {
    restart_pending_ = false;
    window_.expect_restart();
    clock_.restart();
}

void Publication::receive_media(Timestamp now, const rtc::rtp::Packet& packet, SendBatch& batch) {
    if (restart_pending_) start_source();
    doubt_clock(now, packet, parameters_.codecs[roles_[packet.payload_type.value].codec].clock_rate);
    heard_ = now;
    const ReceiveWindow::Taken taken = window_.take(packet.sequence);
    if (!count_unless_fresh(taken.verdict)) return;

    SourcePacket source;
    source.rtp = packet;
    source.sequence = taken.sequence;
    source.codec = roles_[packet.payload_type.value].codec;
    source.restart = taken.verdict == ReceiveWindow::Verdict::Restarted;
    source.arrival = now;
    const rtc::CodecParameters& codec = parameters_.codecs[source.codec];
    source.key_frame = video() && rtc::rtp::starts_key_frame(codec.codec, packet.payload);
    if (source.restart) statistics_.restart(taken.sequence);
    statistics_.received(now, taken.sequence, packet.timestamp, codec.clock_rate);
    notice_gaps(now, source);
    hand_on(source, batch);
}

// A microphone that was switched off goes on with the timestamps where it stopped, and what its last report says of
// them is not so any more: until the next one nothing is known of their time.
void Publication::doubt_clock(Timestamp now, const rtc::rtp::Packet& packet, uint32_t clock_rate) {
    if (now - heard_ < kPause) return;
    const auto expected = rtp_at(now, clock_rate);
    if (!expected) return;
    const auto behind = static_cast<int32_t>(*expected - packet.timestamp);
    if (behind > static_cast<int32_t>(rtp_ticks(kStanding.count(), clock_rate))) clock_.restart();
}

void Publication::receive_rtx(Timestamp now, const rtc::rtp::Packet& packet, uint8_t codec, SendBatch& batch) {
    const auto rtx = rtc::rtp::Rtx::parse(packet.payload);
    if (!rtx || rtx->payload.empty()) {
        ++switchboard_.counters().rtp_padding;
        return;
    }
    const ReceiveWindow::Taken taken = window_.take_recovered(rtx->original_sequence);
    if (!count_unless_fresh(taken.verdict)) return;
    ++switchboard_.counters().rtp_recovered;

    SourcePacket source;
    source.rtp = packet;
    source.rtp.payload = rtx->payload;
    source.rtp.sequence = rtx->original_sequence;
    source.rtp.payload_type = parameters_.codecs[codec].payload_type;
    source.sequence = taken.sequence;
    source.codec = codec;
    source.arrival = now;
    source.key_frame = video() && rtc::rtp::starts_key_frame(parameters_.codecs[codec].codec, rtx->payload);
    notice_gaps(now, source);
    hand_on(source, batch);
}

bool Publication::count_unless_fresh(ReceiveWindow::Verdict verdict) {
    switch (verdict) {
        case ReceiveWindow::Verdict::New:
        case ReceiveWindow::Verdict::Restarted: return true;
        case ReceiveWindow::Verdict::Repeated: ++switchboard_.counters().rtp_repeated; return false;
        case ReceiveWindow::Verdict::Outside: ++switchboard_.counters().rtp_outside; return false;
    }
    return false;
}

void Publication::notice_gaps(Timestamp now, const SourcePacket& packet) {
    if (packet.key_frame) key_frames_.key_frame_began();
    if (!parameters_.codecs[packet.codec].nack) return;
    if (packet.restart) nacks_.restart(packet.sequence);
    if (nacks_.received(now, packet.sequence) == NackGenerator::Noticed::TooMuch && video()) key_frames_.request(now);
    if (packet.key_frame) nacks_.forget_before(packet.sequence);
}

void Publication::hand_on(SourcePacket& packet, SendBatch& batch) {
    if (track_.publication != this) return;  // the publisher came back on another link
    find_extensions(packet);
    if (!track_.subscriptions.empty()) cache_.put(packet);
    for (Subscription* subscription : track_.subscriptions) subscription->forward(packet, batch);
}

void Publication::find_extensions(SourcePacket& packet) const {
    constexpr size_t kLongest = 160;  // of a dependency descriptor with its template structure
    const rtc::HeaderExtensions& ids = parameters_.extensions;
    packet.audio_level = packet.rtp.extension(ids.audio_level);
    packet.video_orientation = packet.rtp.extension(ids.video_orientation);
    packet.dependency_descriptor = packet.rtp.extension(ids.dependency_descriptor);
    if (packet.audio_level.size() > 1) packet.audio_level = packet.audio_level.first(1);
    if (packet.video_orientation.size() > 1) packet.video_orientation = packet.video_orientation.first(1);
    if (packet.dependency_descriptor.size() > kLongest) packet.dependency_descriptor = {};
}

void Publication::request_key_frame(Timestamp now) {
    if (!video()) return;
    key_frames_.request(now);
    switchboard_.wake(link_);
}

void Publication::collect_feedback(Timestamp now, Ssrc sender, std::vector<rtc::rtcp::Message>& out) {
    if (now < next_timeout()) return;
    lost_.clear();
    nacks_.collect(now, lost_);
    if (!lost_.empty()) {
        switchboard_.counters().nacks_sent += lost_.size();
        out.emplace_back(rtc::rtcp::Nack{.sender = sender, .media = *ssrc_, .lost = lost_});
    }
    if (key_frames_.collect(now)) {
        ++switchboard_.counters().key_frame_requests_sent;
        out.emplace_back(rtc::rtcp::Pli{.sender = sender, .media = *ssrc_});
    }
}

Timestamp Publication::next_timeout() const {
    // Before the first packet there is nobody to ask, and what comes first is a key frame anyway.
    if (!ssrc_ || !window_.started()) return kNever;
    return std::min(nacks_.next_timeout(), key_frames_.next_timeout());
}

std::optional<rtc::rtcp::ReportBlock> Publication::report(Timestamp now) {
    if (!ssrc_ || !statistics_.started()) return std::nullopt;
    rtc::rtcp::ReportBlock block = statistics_.report();
    block.source = *ssrc_;
    clock_.acknowledge(now, block);
    return block;
}

std::optional<SourcePacket> Publication::find(Timestamp now, int64_t sequence) const {
    std::optional<SourcePacket> packet = cache_.find(now, sequence);
    if (!packet || packet->codec >= parameters_.codecs.size()) return std::nullopt;
    find_extensions(*packet);
    return packet;
}

std::optional<uint32_t> Publication::rtp_at(Timestamp now, uint32_t clock_rate) const {
    if (!publisher_clock_.known()) return std::nullopt;
    return clock_.rtp_at(publisher_clock_.at(now), clock_rate);
}

}  // namespace crosspoint::sfu
