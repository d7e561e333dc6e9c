#pragma once
#include <array>
#include <optional>
#include <vector>

#include "base/send_batch.h"
#include "rtc/rtcp/compound.h"
#include "sfu/control.h"
#include "sfu/key_frame_requester.h"
#include "sfu/nack_generator.h"
#include "sfu/packet_cache.h"
#include "sfu/receive_window.h"
#include "sfu/reception_statistics.h"
#include "sfu/source_clock.h"
#include "sfu/switchboard.h"

namespace crosspoint::sfu {

/// One published track: takes its packets in, notices what is missing, keeps what may be asked for again and hands
/// everything to the subscriptions.
class Publication {
public:
    Publication(Switchboard& switchboard, LinkId link, const PublishedTrack& track, const PublisherClock& clock);
    ~Publication();
    Publication(const Publication&) = delete;
    Publication& operator=(const Publication&) = delete;

    void update(const rtc::ReceiveParameters& parameters);

    TrackId id() const { return id_; }
    const rtc::ReceiveParameters& parameters() const { return parameters_; }
    bool video() const { return parameters_.kind == rtc::MediaKind::Video; }

    /// SSRCs that are known by now: announced, or latched onto from packets that carried our MID.
    std::optional<Ssrc> ssrc() const { return ssrc_; }
    std::optional<Ssrc> rtx_ssrc() const { return rtx_ssrc_; }
    /// A packet with our MID and an SSRC nobody knows. True when it is (now) one of ours; an SSRC that is still being
    /// heard keeps its place.
    bool latch(Timestamp now, const rtc::rtp::Packet& packet);

    void receive(Timestamp now, const rtc::rtp::Packet& packet, SendBatch& batch);
    void handle_sender_report(Timestamp now, const rtc::rtcp::SenderReport& report) {
        clock_.handle_report(now, report);
    }

    void request_key_frame(Timestamp now);
    bool key_frame_pending() const { return key_frames_.pending(); }

    /// Feedback to the publisher that is due: NACKs and key frame requests.
    void collect_feedback(Timestamp now, Ssrc sender, std::vector<rtc::rtcp::Message>& out);
    Timestamp next_timeout() const;
    /// The block of a receiver report; nothing before the first packet.
    std::optional<rtc::rtcp::ReportBlock> report(Timestamp now);

    /// The newest packet that came.
    int64_t highest() const { return window_.highest(); }
    /// A packet that is still kept, as it came.
    std::optional<SourcePacket> find(Timestamp now, int64_t sequence) const;
    /// Our RTP timestamp at `now`, if the publisher has told how its clocks run.
    std::optional<uint32_t> rtp_at(Timestamp now, uint32_t clock_rate) const;

private:
    static constexpr uint8_t kNoCodec = 0xff;
    static constexpr Duration kSsrcHold = 2s;     // an SSRC heard within this time is not given up for another
    static constexpr Duration kPause = 250ms;     // a source that is not heard for so long may have stopped its clock
    static constexpr Duration kStanding = 200ms;  // and has, if it is behind by this

    struct PayloadRole {
        uint8_t codec = kNoCodec;
        bool rtx = false;
    };

    void receive_media(Timestamp now, const rtc::rtp::Packet& packet, SendBatch& batch);
    void receive_rtx(Timestamp now, const rtc::rtp::Packet& packet, uint8_t codec, SendBatch& batch);
    void doubt_clock(Timestamp now, const rtc::rtp::Packet& packet, uint32_t clock_rate);
    bool count_unless_fresh(ReceiveWindow::Verdict verdict);
    void notice_gaps(Timestamp now, const SourcePacket& packet);
    void hand_on(SourcePacket& packet, SendBatch& batch);
    void find_extensions(SourcePacket& packet) const;
    void start_source();

    Switchboard& switchboard_;
    LinkId link_;
    TrackId id_;
    Track& track_;
    const PublisherClock& publisher_clock_;
    rtc::ReceiveParameters parameters_;
    std::array<PayloadRole, 128> roles_;

    std::optional<Ssrc> ssrc_;
    std::optional<Ssrc> rtx_ssrc_;
    Timestamp heard_;
    bool restart_pending_ = false;  // another SSRC took over

    ReceiveWindow window_;
    ReceptionStatistics statistics_;
    NackGenerator nacks_;
    KeyFrameRequester key_frames_;
    SourceClock clock_;
    PacketCache cache_;
    std::vector<uint16_t> lost_;  // reused
};

}  // namespace crosspoint::sfu
