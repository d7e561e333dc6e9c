#pragma once
#include <deque>
#include <optional>

#include "base/random.h"
#include "base/time.h"
#include "media_content.h"
#include "rtc/media.h"
#include "rtc/rtcp/compound.h"

namespace crosspoint::sim {

/// Where a track's packets go.
class MediaOutlet {
public:
    virtual ~MediaOutlet() = default;
    virtual bool can_send() const = 0;
    virtual uint16_t next_transport_sequence() = 0;
    virtual void send_rtp(Bytes packet) = 0;
    virtual void send_rtcp(const rtc::rtcp::Message& message) = 0;
};

/// A microphone or camera behind a browser's encoder: Opus in RED every 20 ms, or VP8 at 20 frames a second with key
/// frames on demand, retransmissions and sender reports.
class SentTrack {
public:
    /// `pace`: so many times fewer packets a second, each as much longer; at most 17, as RED can say no more.
    SentTrack(rtc::MediaKind kind, uint32_t source, Random& random, int pace = 1);

    /// What the answer said; nothing when the server does not take it.
    void negotiate(std::optional<rtc::SendParameters> parameters) { parameters_ = std::move(parameters); }
    bool accepted() const { return parameters_.has_value(); }

    void handle_timeout(Timestamp now, MediaOutlet& outlet);
    Timestamp next_timeout() const;
    void handle_rtcp(const rtc::rtcp::Message& message, MediaOutlet& outlet);

    rtc::MediaKind kind() const { return kind_; }
    Ssrc ssrc() const { return ssrc_; }
    Ssrc rtx_ssrc() const { return rtx_ssrc_; }
    uint32_t source() const { return source_; }
    uint32_t packets() const { return counter_; }
    uint32_t frames() const { return frame_; }
    uint32_t key_frames() const { return key_frames_; }

    bool enabled = true;  // setMicEnabled, setCameraEnabled: off sends nothing here

private:
    struct Sent {
        uint16_t sequence;
        Buffer payload;
        uint32_t timestamp;
        bool marker;
    };
    void send_audio(MediaOutlet& outlet);
    void send_frame(MediaOutlet& outlet);
    void send_report(Timestamp now, MediaOutlet& outlet);
    void send(Bytes payload, bool marker, MediaOutlet& outlet);
    void write(const Sent& packet, std::optional<uint16_t> rtx_sequence, MediaOutlet& outlet);

    rtc::MediaKind kind_;
    uint32_t source_;
    Random& random_;
    int pace_;
    Ssrc ssrc_;
    Ssrc rtx_ssrc_;
    std::optional<rtc::SendParameters> parameters_;
    uint16_t sequence_;
    uint16_t rtx_sequence_;
    uint32_t timestamp_;
    uint32_t counter_ = 0;
    uint32_t frame_ = 0;
    uint32_t key_frames_ = 0;
    uint32_t octets_ = 0;
    uint16_t picture_id_;
    bool key_wanted_ = true;
    Buffer last_audio_;
    std::deque<Sent> history_;
    Timestamp next_media_{};
    Timestamp next_report_{};
};

}  // namespace crosspoint::sim
