#pragma once
#include <optional>
#include <span>
#include <vector>

#include "rtc/rtcp/sender_report.h"
#include "rtc/rtp/packet.h"
#include "sfu/control.h"
#include "sfu/outgoing_stream.h"
#include "sfu/outlet.h"
#include "sfu/sent_log.h"
#include "sfu/switchboard.h"

namespace crosspoint::sfu {

struct SourcePacket;

/// What the subscriptions of one link share.
struct Departure {
    Outlet& outlet;
    uint16_t transport_sequence = 0;
    Duration round_trip = 100ms;
    bool report_wanted = false;  // somebody began: the receiver should learn soon how its tracks are in sync
};

/// One receiver of one publication: gives its packets our SSRC, numbers, payload types and header extensions, without
/// gaps where the source changes, and sends again what got lost on the way.
class Subscription {
public:
    Subscription(Switchboard& switchboard, LinkId link, Departure& departure, OutgoingStream& stream,
                 const SubscribedTrack& track);
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

    /// Another source, other payload types, or both. The stream goes on.
    void update(Timestamp now, const SubscribedTrack& track);
    const SubscribedTrack& track() const { return track_; }

    /// The publication came, left or was renegotiated.
    void source_changed();
    /// Packets can be sent from now on: video asks for the key frame it begins with.
    void ask_for_start(Timestamp now);

    /// One packet of the source, onto the wire.
    void forward(const SourcePacket& packet, SendBatch& batch);

    void handle_nack(Timestamp now, std::span<const uint16_t> lost, SendBatch& batch);
    void handle_key_frame_request(Timestamp now);
    /// Nothing while nothing is sent, or before the publisher's own report came (RFC 3550 6.4.1).
    std::optional<rtc::rtcp::SenderReport> sender_report(Timestamp now) const;

private:
    // What to do with one of the source's codecs.
    struct Route {
        enum class Action : uint8_t { Drop, Forward, UnpackRed, ForwardRed };
        Action action = Action::Drop;
        PayloadType payload_type;
        std::optional<PayloadType> rtx;
        PayloadType inner_source;  // what the source calls the codec inside RED
        PayloadType inner_type;    // and the receiver
        uint32_t clock_rate = 0;
        bool nack = false;
    };
    struct Stamps {
        rtc::rtp::OutgoingHeader header;
        uint16_t transport_sequence = 0;
        uint32_t absolute_send_time = 0;
        std::optional<uint16_t> original_sequence;  // of a retransmission
    };

    Publication* publication() const { return source_->publication; }
    Route route_for(const rtc::ReceiveParameters& source, const rtc::CodecParameters& codec) const;
    const rtc::CodecParameters* taken_as(const rtc::CodecParameters& codec) const;
    bool begin(const SourcePacket& packet, const Route& route);
    void send(const SourcePacket& packet, const Route& route, SendBatch& batch);
    void catch_up(const SourcePacket& begun, SendBatch& batch);
    Stamps stamp(const SourcePacket& packet, const Route& route, int64_t sequence);
    bool write(const SourcePacket& packet, const Route& route, const Stamps& stamps, SendBatch& batch);
    bool resend(Timestamp now, SentLog::Entry& entry, SendBatch& batch);

    Switchboard& switchboard_;
    LinkId link_;
    Departure& departure_;
    OutgoingStream& stream_;
    SubscribedTrack track_;
    Track* source_;
    std::vector<Route> routes_;  // by codec of the source
    SentLog sent_;
    bool running_ = false;
    uint32_t clock_rate_ = 0;
};

}  // namespace crosspoint::sfu
