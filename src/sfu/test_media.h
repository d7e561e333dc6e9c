#pragma once
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "rtc/rtp/packet.h"
#include "sfu/control.h"

// Tracks and packets for tests and benchmarks: a publisher and a receiver as browsers negotiate them.
namespace crosspoint::sfu::test {

inline constexpr Ssrc kVideoSsrc{0x1000}, kVideoRtxSsrc{0x1001}, kAudioSsrc{0x2000};

// What the publisher calls things, and what we call them towards subscribers: all different.
inline constexpr uint8_t kVp8 = 96, kVp8Rtx = 97, kOpus = 111, kRed = 63, kDtmf = 110;
inline constexpr uint8_t kVp8Out = 100, kVp8RtxOut = 101, kOpusOut = 109, kRedOut = 61, kDtmfOut = 126;

inline rtc::HeaderExtensions publisher_extensions() {
    return {.mid = 4, .transport_sequence = 3, .absolute_send_time = 2, .audio_level = 1, .video_orientation = 13};
}
inline rtc::HeaderExtensions subscriber_extensions() {
    return {.mid = 1, .transport_sequence = 2, .absolute_send_time = 3, .audio_level = 5, .video_orientation = 6};
}

inline rtc::CodecParameters vp8(uint8_t type, uint8_t rtx) {
    rtc::CodecParameters codec;
    codec.codec = rtc::Codec::Vp8;
    codec.payload_type = PayloadType{type};
    codec.clock_rate = 90'000;
    codec.rtx = PayloadType{rtx};
    codec.nack = codec.pli = codec.transport_cc = true;
    return codec;
}
inline rtc::CodecParameters audio(rtc::Codec name, uint8_t type) {
    rtc::CodecParameters codec;
    codec.codec = name;
    codec.payload_type = PayloadType{type};
    codec.clock_rate = 48'000;
    codec.channels = 2;
    return codec;
}

inline PublishedTrack published_video(TrackId id) {
    rtc::ReceiveParameters video;
    video.kind = rtc::MediaKind::Video;
    video.mid = "1";
    video.codecs = {vp8(kVp8, kVp8Rtx)};
    video.extensions = publisher_extensions();
    video.ssrc = kVideoSsrc;
    video.rtx_ssrc = kVideoRtxSsrc;
    return {id, video};
}
inline PublishedTrack published_audio(TrackId id) {
    rtc::ReceiveParameters sound;
    sound.mid = "0";
    sound.codecs = {audio(rtc::Codec::Red, kRed), audio(rtc::Codec::Opus, kOpus),
                    audio(rtc::Codec::TelephoneEvent, kDtmf)};
    sound.extensions = publisher_extensions();
    sound.ssrc = kAudioSsrc;
    return {id, sound};
}
inline SubscribedTrack subscribed_video(TrackId id, Ssrc ssrc) {
    rtc::SendParameters video;
    video.kind = rtc::MediaKind::Video;
    video.mid = "v";
    video.codecs = {vp8(kVp8Out, kVp8RtxOut)};
    video.extensions = subscriber_extensions();
    video.ssrc = ssrc;
    video.rtx_ssrc = Ssrc{ssrc.value + 1};
    video.cname = "room";
    return {id, video};
}
inline SubscribedTrack subscribed_audio(TrackId id, Ssrc ssrc, bool red) {
    rtc::SendParameters sound;
    sound.mid = "a";
    sound.codecs = {audio(rtc::Codec::Opus, kOpusOut), audio(rtc::Codec::TelephoneEvent, kDtmfOut)};
    if (red) sound.codecs.insert(sound.codecs.begin(), audio(rtc::Codec::Red, kRedOut));
    sound.extensions = subscriber_extensions();
    sound.ssrc = ssrc;
    sound.cname = "room";
    return {id, sound};
}

/// The packets of one SSRC, one after the other.
class SourceStream {
public:
    SourceStream(Ssrc ssrc, uint8_t type, uint16_t first, uint32_t timestamp = 1000)
        : ssrc_(ssrc), type_(type), next_(first), timestamp_(timestamp) {}

    uint16_t next() const { return next_; }
    uint32_t timestamp() const { return timestamp_; }
    void new_frame(uint32_t ticks) { timestamp_ += ticks; }
    void jump(uint16_t to) { next_ = to; }

    Buffer packet(Bytes payload, bool marker = false) { return packet_of(type_, payload, marker); }
    Buffer packet_of(uint8_t type, Bytes payload, bool marker = false) {
        Buffer room(payload.size() + 100);
        rtc::rtp::PacketWriter out(room, {.marker = marker,
                                          .payload_type = PayloadType{type},
                                          .sequence = next_++,
                                          .timestamp = timestamp_,
                                          .ssrc = ssrc_});
        const auto transport = transport_sequence_++;
        const Buffer wide{static_cast<uint8_t>(transport >> 8), static_cast<uint8_t>(transport)};
        out.extension(3, wide);
        out.extension(2, Buffer{1, 2, 3});
        if (!mid_.empty()) out.extension(4, as_bytes(mid_));
        out.extension(1, Buffer{0x85});
        out.payload(payload);
        return to_buffer(out.finish());
    }
    void carry_mid(std::string mid) { mid_ = std::move(mid); }

private:
    Ssrc ssrc_;
    uint8_t type_;
    uint16_t next_;
    uint32_t timestamp_;
    uint16_t transport_sequence_ = 0;
    std::string mid_;
};

/// A VP8 payload with an otherwise meaningless body; the first packet of a key frame when `key`.
inline Buffer vp8_payload(bool key, size_t size = 100) {
    Buffer payload(size, 0x55);
    payload[0] = 0x10;
    payload[1] = key ? 0x00 : 0x01;
    return payload;
}

/// Older Opus frame "old", primary "new".
inline Buffer red_payload(uint8_t inner) {
    Buffer payload{static_cast<uint8_t>(0x80 | inner), 0x0f, 0x00, 0x03, inner};
    for (const char c : std::string_view("oldnew")) payload.push_back(static_cast<uint8_t>(c));
    return payload;
}

}  // namespace crosspoint::sfu::test
