#pragma once
#include <map>
#include <optional>
#include <string>

#include "media_content.h"
#include "rtc/rtcp/compound.h"
#include "rtc/rtp/packet.h"
#include "rtc/sdp/client.h"
#include "sent_track.h"
#include "sfu/nack_generator.h"
#include "sfu/receive_window.h"
#include "sfu/reception_statistics.h"

namespace crosspoint::sim {

/// What came of one track since measuring began.
struct Figures {
    uint32_t packets = 0;
    uint32_t frames = 0;      // video: shown, each whole and with all it depends on
    uint32_t frames_due = 0;  // video: from the first shown one to the last one that should have been
    uint32_t lost = 0;        // audio: packets that never came, nor as the older block of the next
    Duration longest_pause{};
    Timestamp last{};  // when something was heard or shown
};

/// One received track: an audio player or a video decoder with its jitter buffer, NACKs and key-frame requests.
class HeardTrack {
public:
    HeardTrack(rtc::sdp::OfferedTrack offered, Ssrc own) : offered_(std::move(offered)), own_(own) {}

    const rtc::sdp::OfferedTrack& offered() const { return offered_; }
    rtc::MediaKind kind() const { return offered_.parameters.kind; }
    bool owns(Ssrc ssrc) const { return offered_.parameters.ssrc == ssrc || offered_.parameters.rtx_ssrc == ssrc; }

    void handle_rtp(Timestamp now, const rtc::rtp::Packet& packet);
    void handle_rtcp(Timestamp now, const rtc::rtcp::Message& message);
    void handle_timeout(Timestamp now, MediaOutlet& outlet);
    /// The server has begun anew: its numbers may jump.
    void expect_restart();
    Timestamp next_timeout() const { return std::min(nacks_.next_timeout(), next_check_); }
    std::optional<rtc::rtcp::ReportBlock> report(Timestamp now);

    /// Whose media this is; nothing before the first packet.
    std::optional<uint32_t> source() const { return source_; }
    const Figures& figures() const { return figures_; }
    void measure_anew();
    int sender_reports() const { return sender_reports_; }

    /// What the server did that it must not do; empty when all is well.
    std::string complaint;

private:
    struct Frame {
        bool key = false;
        uint16_t parts = 0;
        uint16_t come = 0;
    };
    void take(Timestamp now, int64_t sequence, const rtc::rtp::Packet& packet, Bytes payload);
    void check_order(int64_t sequence, const Content& content);
    void start_over(int64_t sequence);
    void take_audio(Timestamp now, int64_t sequence, PayloadType type, Bytes payload);
    void play(Timestamp now, Bytes opus);
    void take_video(Timestamp now, const Content& content);
    void show(Timestamp now);
    void shown(Timestamp now);

    rtc::sdp::OfferedTrack offered_;
    Ssrc own_;
    sfu::ReceiveWindow window_;
    sfu::NackGenerator nacks_;
    sfu::ReceptionStatistics statistics_;
    std::optional<uint32_t> source_;
    int64_t newest_ = 0;
    int64_t newest_offset_ = 0;
    std::map<uint32_t, Frame> frames_;
    std::optional<uint32_t> next_frame_;
    std::optional<uint32_t> next_audio_;
    std::optional<uint32_t> first_frame_;
    Timestamp next_check_ = kNever;
    Timestamp asked_{};
    Figures figures_;
    int sender_reports_ = 0;
    uint32_t last_report_ = 0;
    Timestamp last_report_at_{};
};

}  // namespace crosspoint::sim
