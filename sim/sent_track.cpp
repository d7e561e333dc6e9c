#include "sent_track.h"

#include "rtc/rtp/packet.h"
#include "rtc/rtp/rtx.h"
#include "sfu/ntp.h"

namespace crosspoint::sim {
namespace {

constexpr Duration kAudioInterval = 20ms;
constexpr Duration kVideoInterval = 50ms;
constexpr Duration kReportInterval = 1s;
constexpr uint32_t kAudioTicks = 960;
constexpr uint32_t kVideoTicks = 4500;
constexpr size_t kAudioBytes = 60;
constexpr size_t kVideoBytes = 900;
constexpr uint16_t kDeltaParts = 2;
constexpr uint16_t kKeyParts = 5;
constexpr size_t kHistory = 600;
constexpr uint32_t kPacketsWithMid = 100;  // browsers stop once they know they were understood

const rtc::CodecParameters* find(const rtc::SendParameters& parameters, rtc::Codec codec) {
    for (const rtc::CodecParameters& one : parameters.codecs)
        if (one.codec == codec) return &one;
    return nullptr;
}

}  // namespace

SentTrack::SentTrack(rtc::MediaKind kind, uint32_t source, Random& random, int pace)
    : kind_(kind),
      source_(source),
      random_(random),
      pace_(pace),
      ssrc_(random.u32() | 1),
      rtx_ssrc_(random.u32() | 1),
      sequence_(static_cast<uint16_t>(random.u32() & 0x7fff)),
      rtx_sequence_(static_cast<uint16_t>(random.u32() & 0x7fff)),
      timestamp_(random.u32()),
      picture_id_(static_cast<uint16_t>(random.u32() & 0x7fff)) {}

Timestamp SentTrack::next_timeout() const {
    if (!parameters_ || parameters_->codecs.empty()) return kNever;
    return std::min(next_media_, next_report_);
}

void SentTrack::handle_timeout(Timestamp now, MediaOutlet& outlet) {
    if (next_timeout() > now) return;
    const bool audio = kind_ == rtc::MediaKind::Audio;
    const bool flows = outlet.can_send() && enabled;
    if (next_media_ <= now) {
        // The capture clock runs on, whether the network takes anything or not.
        timestamp_ += (audio ? kAudioTicks : kVideoTicks) * static_cast<uint32_t>(pace_);
        next_media_ = next_media_ == Timestamp{} ? now + Duration(static_cast<int64_t>(random_.below(20'000)))
                                                 : next_media_ + (audio ? kAudioInterval : kVideoInterval) * pace_;
        if (flows && audio) send_audio(outlet);
        if (flows && !audio) send_frame(outlet);
    }
    if (next_report_ <= now) {
        next_report_ = now + kReportInterval;
        if (flows) send_report(now, outlet);
    }
}

void SentTrack::send_audio(MediaOutlet& outlet) {
    Buffer opus(kAudioBytes, 0x55);
    ByteWriter out(opus);
    Content{.source = source_, .counter = counter_++}.write(out);
    const rtc::CodecParameters* inner = find(*parameters_, rtc::Codec::Opus);
    if (parameters_->codecs.front().codec != rtc::Codec::Red || !inner) return send(opus, false, outlet);
    // RFC 2198 3: the frame before travels along.
    Buffer red;
    if (!last_audio_.empty()) {
        const uint32_t header =
            kAudioTicks * static_cast<uint32_t>(pace_) << 10 | static_cast<uint32_t>(last_audio_.size());
        red = {static_cast<uint8_t>(0x80 | inner->payload_type.value), static_cast<uint8_t>(header >> 16),
               static_cast<uint8_t>(header >> 8), static_cast<uint8_t>(header)};
    }
    red.push_back(inner->payload_type.value);
    red.insert(red.end(), last_audio_.begin(), last_audio_.end());
    red.insert(red.end(), opus.begin(), opus.end());
    last_audio_ = std::move(opus);
    send(red, false, outlet);
}

void SentTrack::send_frame(MediaOutlet& outlet) {
    const bool key = std::exchange(key_wanted_, false);
    key_frames_ += key;
    picture_id_ = (picture_id_ + 1) & 0x7fff;
    const uint16_t parts = key ? kKeyParts : kDeltaParts;
    for (uint16_t part = 0; part < parts; ++part) {
        Buffer payload(kVideoBytes, 0x55);
        ByteWriter out(payload);
        out.u8(part == 0 ? 0x90 : 0x80);  // X, and S in the first one (RFC 7741 4.2)
        out.u8(0x80);                     // I
        out.u16(0x8000 | picture_id_);
        Content{
            .key_frame = key, .source = source_, .counter = counter_++, .frame = frame_, .part = part, .parts = parts}
            .write(out);
        send(payload, part + 1 == parts, outlet);
    }
    ++frame_;
}

void SentTrack::send(Bytes payload, bool marker, MediaOutlet& outlet) {
    history_.push_back({sequence_++, to_buffer(payload), timestamp_, marker});
    if (history_.size() > kHistory) history_.pop_front();
    octets_ += static_cast<uint32_t>(payload.size());
    write(history_.back(), std::nullopt, outlet);
}

void SentTrack::write(const Sent& packet, std::optional<uint16_t> rtx_sequence, MediaOutlet& outlet) {
    const rtc::CodecParameters& codec = parameters_->codecs.front();
    const rtc::HeaderExtensions& ids = parameters_->extensions;
    Buffer room(packet.payload.size() + 100);
    rtc::rtp::PacketWriter out(room, {.marker = packet.marker,
                                      .payload_type = rtx_sequence ? *codec.rtx : codec.payload_type,
                                      .sequence = rtx_sequence.value_or(packet.sequence),
                                      .timestamp = packet.timestamp,
                                      .ssrc = rtx_sequence ? rtx_ssrc_ : ssrc_});
    const uint16_t wide = outlet.next_transport_sequence();
    out.extension(ids.transport_sequence, Buffer{static_cast<uint8_t>(wide >> 8), static_cast<uint8_t>(wide)});
    if (counter_ < kPacketsWithMid) out.extension(ids.mid, as_bytes(parameters_->mid));
    if (rtx_sequence)
        rtc::rtp::write_rtx_payload(out, packet.sequence, packet.payload);
    else
        out.payload(packet.payload);
    outlet.send_rtp(out.finish());
}

void SentTrack::send_report(Timestamp now, MediaOutlet& outlet) {
    outlet.send_rtcp(rtc::rtcp::SenderReport{.sender = ssrc_,
                                             .ntp_time = sfu::to_ntp(now),
                                             .rtp_timestamp = timestamp_,
                                             .packets = counter_,
                                             .octets = octets_,
                                             .blocks = {}});
}

void SentTrack::handle_rtcp(const rtc::rtcp::Message& message, MediaOutlet& outlet) {
    if (const auto* pli = std::get_if<rtc::rtcp::Pli>(&message); pli && pli->media == ssrc_) key_wanted_ = true;
    const auto* nack = std::get_if<rtc::rtcp::Nack>(&message);
    if (!nack || nack->media != ssrc_ || !parameters_ || !parameters_->codecs.front().rtx || !outlet.can_send()) return;
    for (const uint16_t lost : nack->lost)
        for (const Sent& packet : history_)
            if (packet.sequence == lost) write(packet, rtx_sequence_++, outlet);
}

}  // namespace crosspoint::sim
