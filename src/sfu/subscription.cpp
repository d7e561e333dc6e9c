#include "sfu/subscription.h"

#include <array>

#include "rtc/rtp/red.h"
#include "rtc/rtp/rtx.h"
#include "rtc/sdp/codec_match.h"
#include "sfu/ntp.h"
#include "sfu/publication.h"

namespace crosspoint::sfu {
namespace {

constexpr size_t kLongestMid = 16;  // ours are short
// RTP header, the extensions below in their longest form with their block header, the original sequence number.
constexpr size_t kLongestHead = 12 + 4 + 220 + 2;

// Seconds in 6.18 fixed point: the abs-send-time header extension.
uint32_t absolute_send_time(Timestamp now) { return rtp_ticks(now.time_since_epoch().count(), 1u << 18) & 0xffffff; }

template <size_t kSize>
std::array<uint8_t, kSize> big_endian(uint32_t value) {
    std::array<uint8_t, kSize> bytes;
    for (size_t i = 0; i < kSize; ++i) bytes[kSize - 1 - i] = static_cast<uint8_t>(value >> (8 * i));
    return bytes;
}

// RFC 2198 3: four bytes of header for each older block, one for the primary. Each names its codec by payload type.
void write_red(rtc::rtp::PacketWriter& out, const rtc::rtp::Red& red, Bytes payload, PayloadType from, PayloadType to) {
    std::array<uint8_t, 4 * rtc::rtp::Red::kMaxRedundant + 1> headers;
    const size_t size = 4 * red.older_count + 1;
    std::ranges::copy(payload.first(size), headers.begin());
    for (size_t at = 0; at < size; at += 4)
        if ((headers[at] & 0x7f) == from.value) headers[at] = static_cast<uint8_t>((headers[at] & 0x80) | to.value);
    out.payload(Bytes(headers).first(size));
    out.payload(payload.subspan(size));
}

}  // namespace

Subscription::Subscription(Switchboard& switchboard, LinkId link, Departure& departure, OutgoingStream& stream,
                           const SubscribedTrack& track)
    : switchboard_(switchboard),
      link_(link),
      departure_(departure),
      stream_(stream),
      track_(track),
      source_(&switchboard.track(track.source)) {
    switchboard_.subscribe(track_.source, *this);
    source_changed();
}

Subscription::~Subscription() { switchboard_.unsubscribe(track_.source, *this); }

void Subscription::update(Timestamp now, const SubscribedTrack& track) {
    if (track == track_) return;
    if (track.source != track_.source) {
        switchboard_.unsubscribe(track_.source, *this);
        source_ = &switchboard_.track(track.source);
        switchboard_.subscribe(track.source, *this);
    }
    track_ = track;
    source_changed();
    ask_for_start(now);
}

void Subscription::source_changed() {
    running_ = false;
    routes_.clear();
    sent_.clear();
    if (!publication()) return;
    const rtc::ReceiveParameters& source = publication()->parameters();
    for (const rtc::CodecParameters& codec : source.codecs) {
        routes_.push_back(route_for(source, codec));
        if (routes_.back().nack) sent_.enable();
    }
}

const rtc::CodecParameters* Subscription::taken_as(const rtc::CodecParameters& codec) const {
    const auto& ours = track_.parameters.codecs;
    const auto found = std::ranges::find_if(ours, [&](const auto& sink) { return rtc::sdp::forwardable(codec, sink); });
    return found == ours.end() ? nullptr : &*found;
}

Subscription::Route Subscription::route_for(const rtc::ReceiveParameters& source,
                                            const rtc::CodecParameters& codec) const {
    Route route;
    const rtc::CodecParameters* sink = taken_as(codec);
    if (sink) {
        route.action = Route::Action::Forward;
        route.payload_type = sink->payload_type;
        route.rtx = sink->rtx;
        route.clock_rate = sink->clock_rate;
        route.nack = sink->nack;
    }
    if (codec.codec != rtc::Codec::Red) return route;

    const auto inside = std::ranges::find(source.codecs, rtc::Codec::Opus, &rtc::CodecParameters::codec);
    const rtc::CodecParameters* inner = inside == source.codecs.end() ? nullptr : taken_as(*inside);
    if (!inner) return {};
    route.action = sink ? Route::Action::ForwardRed : Route::Action::UnpackRed;
    route.inner_source = inside->payload_type;
    route.inner_type = inner->payload_type;
    if (sink) return route;
    route.payload_type = inner->payload_type;
    route.rtx = inner->rtx;
    route.clock_rate = inner->clock_rate;
    route.nack = inner->nack;
    return route;
}

void Subscription::ask_for_start(Timestamp now) {
    if (publication() && departure_.outlet.ready()) publication()->request_key_frame(now);
}

void Subscription::forward(const SourcePacket& packet, SendBatch& batch) {
    if (!departure_.outlet.ready()) {
        running_ = false;  // what comes after the silence begins anew, without a gap
        return;
    }
    if (packet.codec >= routes_.size()) return;
    const Route& route = routes_[packet.codec];
    if (route.action == Route::Action::Drop || packet.rtp.payload.empty()) {
        if (!packet.rtp.payload.empty()) ++switchboard_.counters().rtp_not_taken;
        if (running_) stream_.sequences.skip(packet.sequence);
        return;
    }
    if (packet.restart) running_ = false;
    if (running_) {
        send(packet, route, batch);
    } else if (begin(packet, route)) {
        send(packet, route, batch);
        catch_up(packet, batch);
    }
}

void Subscription::send(const SourcePacket& packet, const Route& route, SendBatch& batch) {
    const auto sequence = stream_.sequences.map(packet.sequence);
    if (!sequence) return;
    const Stamps stamps = stamp(packet, route, *sequence);
    if (!write(packet, route, stamps, batch)) return;
    ++switchboard_.counters().rtp_forwarded;
    ++stream_.packets;
    stream_.octets += static_cast<uint32_t>(packet.rtp.payload.size());
    if (!route.nack) return;
    sent_.add({.sequence = *sequence,
               .source = packet.sequence,
               .absolute_send_time = stamps.absolute_send_time,
               .transport_sequence = stamps.transport_sequence});
}

// What overtook the packet that we begin with belongs to us too, and will not come again.
void Subscription::catch_up(const SourcePacket& begun, SendBatch& batch) {
    for (int64_t sequence = begun.sequence + 1; sequence <= publication()->highest(); ++sequence) {
        const auto packet = publication()->find(begun.arrival, sequence);
        if (packet) forward(*packet, batch);
    }
}

bool Subscription::begin(const SourcePacket& packet, const Route& route) {
    if (track_.parameters.kind == rtc::MediaKind::Video && !packet.key_frame) {
        if (!publication()->key_frame_pending()) publication()->request_key_frame(packet.arrival);
        return false;
    }
    stream_.sequences.begin(packet.sequence);
    stream_.timestamps.begin(packet.rtp.timestamp, packet.arrival, route.clock_rate);
    sent_.clear();
    clock_rate_ = route.clock_rate;
    running_ = true;
    departure_.report_wanted = true;
    switchboard_.wake(link_);
    return true;
}

Subscription::Stamps Subscription::stamp(const SourcePacket& packet, const Route& route, int64_t sequence) {
    Stamps stamps;
    stamps.header = {.marker = packet.rtp.marker,
                     .payload_type = route.payload_type,
                     .sequence = static_cast<uint16_t>(sequence),
                     .timestamp = stream_.timestamps.map(packet.rtp.timestamp, packet.arrival),
                     .ssrc = track_.parameters.ssrc};
    stamps.transport_sequence = departure_.transport_sequence++;
    stamps.absolute_send_time = absolute_send_time(packet.arrival);
    return stamps;
}

bool Subscription::write(const SourcePacket& packet, const Route& route, const Stamps& stamps, SendBatch& batch) {
    const MutableBytes room = departure_.outlet.reserve_rtp(batch, packet.rtp.payload.size() + kLongestHead);
    if (room.empty()) return false;
    const rtc::SendParameters& parameters = track_.parameters;
    rtc::rtp::PacketWriter out(room, stamps.header);
    out.extension(parameters.extensions.transport_sequence, big_endian<2>(stamps.transport_sequence));
    out.extension(parameters.extensions.absolute_send_time, big_endian<3>(stamps.absolute_send_time));
    if (parameters.mid.size() <= kLongestMid) out.extension(parameters.extensions.mid, as_bytes(parameters.mid));
    if (!packet.audio_level.empty()) out.extension(parameters.extensions.audio_level, packet.audio_level);
    if (!packet.video_orientation.empty())
        out.extension(parameters.extensions.video_orientation, packet.video_orientation);
    if (!packet.dependency_descriptor.empty())
        out.extension(parameters.extensions.dependency_descriptor, packet.dependency_descriptor);
    if (stamps.original_sequence) out.payload(big_endian<2>(*stamps.original_sequence));  // RFC 4588 4

    if (route.action == Route::Action::Forward) {
        out.payload(packet.rtp.payload);
    } else {
        const auto red = rtc::rtp::Red::parse(packet.rtp.payload);
        if (!red || red->primary.payload_type != route.inner_source) {
            ++switchboard_.counters().rtp_damaged;
            return false;
        }
        if (route.action == Route::Action::UnpackRed)
            out.payload(red->primary.data);
        else
            write_red(out, *red, packet.rtp.payload, route.inner_source, route.inner_type);
    }
    const size_t size = out.finish().size();
    if (size == 0) {
        ++switchboard_.counters().rtp_too_long;
        return false;
    }
    departure_.outlet.commit_rtp(batch, size);
    return true;
}

void Subscription::handle_nack(Timestamp now, std::span<const uint16_t> lost, SendBatch& batch) {
    if (!running_ || !sent_.enabled()) return;
    for (const uint16_t sequence : lost) {
        SentLog::Entry* entry = sent_.find(sequence);
        const bool done = entry && resend(now, *entry, batch);
        ++(done ? switchboard_.counters().rtp_resent : switchboard_.counters().resends_refused);
    }
}

bool Subscription::resend(Timestamp now, SentLog::Entry& entry, SendBatch& batch) {
    // What was sent again less than a round trip ago may well be on its way.
    if (entry.resends > 0 && now - entry.resent < departure_.round_trip) return false;
    if (entry.resends == SentLog::kMaxResends) return false;
    const auto packet = publication() ? publication()->find(now, entry.source) : std::nullopt;
    if (!packet || packet->codec >= routes_.size()) return false;
    const Route& route = routes_[packet->codec];
    if (route.action == Route::Action::Drop) return false;

    Stamps stamps;
    stamps.header = {.marker = packet->rtp.marker,
                     .payload_type = route.payload_type,
                     .sequence = static_cast<uint16_t>(entry.sequence),
                     .timestamp = packet->rtp.timestamp + stream_.timestamps.offset(),
                     .ssrc = track_.parameters.ssrc};
    if (route.rtx) {
        stamps.original_sequence = stamps.header.sequence;
        stamps.header.payload_type = *route.rtx;
        stamps.header.ssrc = track_.parameters.rtx_ssrc;
        stamps.header.sequence = static_cast<uint16_t>(stream_.next_rtx++);
        stamps.transport_sequence = departure_.transport_sequence++;
        stamps.absolute_send_time = absolute_send_time(now);
    } else {
        // Under the same SRTP index only the very same packet may be sent (RFC 3711 9.1).
        stamps.transport_sequence = entry.transport_sequence;
        stamps.absolute_send_time = entry.absolute_send_time;
    }
    if (!write(*packet, route, stamps, batch)) return false;
    entry.resent = now;
    ++entry.resends;
    return true;
}

void Subscription::handle_key_frame_request(Timestamp now) {
    ++switchboard_.counters().key_frame_requests_received;
    if (publication()) publication()->request_key_frame(now);
}

std::optional<rtc::rtcp::SenderReport> Subscription::sender_report(Timestamp now) const {
    if (!running_ || !publication()) return std::nullopt;
    const auto source_time = publication()->rtp_at(now, clock_rate_);
    if (!source_time) return std::nullopt;
    return rtc::rtcp::SenderReport{.sender = track_.parameters.ssrc,
                                   .ntp_time = to_ntp(now),
                                   .rtp_timestamp = *source_time + stream_.timestamps.offset(),
                                   .packets = stream_.packets,
                                   .octets = stream_.octets,
                                   .blocks = {}};
}

}  // namespace crosspoint::sfu
