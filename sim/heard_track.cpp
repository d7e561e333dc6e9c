#include "heard_track.h"

#include <fmt/format.h>

#include "rtc/rtp/red.h"
#include "rtc/rtp/rtx.h"
#include "rtc/rtp/vp8.h"
#include "sfu/ntp.h"

namespace crosspoint::sim {
namespace {

constexpr Duration kStuck = 1s;  // without a frame, although packets come
constexpr Duration kCheckInterval = 200ms;
constexpr size_t kMostFrames = 300;

}  // namespace

void HeardTrack::handle_rtp(Timestamp now, const rtc::rtp::Packet& packet) {
    if (packet.ssrc == offered_.parameters.ssrc) {
        const auto taken = window_.take(packet.sequence);
        if (taken.verdict == sfu::ReceiveWindow::Verdict::Restarted)
            start_over(taken.sequence);
        else if (taken.verdict != sfu::ReceiveWindow::Verdict::New)
            return;
        statistics_.received(now, taken.sequence, packet.timestamp, kind() == rtc::MediaKind::Audio ? 48000 : 90000);
        return take(now, taken.sequence, packet, packet.payload);
    }
    const auto again = rtc::rtp::Rtx::parse(packet.payload);
    if (!again || again->payload.empty()) return;
    const auto taken = window_.take_recovered(again->original_sequence);
    if (taken.verdict == sfu::ReceiveWindow::Verdict::New) take(now, taken.sequence, packet, again->payload);
}

void HeardTrack::expect_restart() { window_.expect_restart(); }

void HeardTrack::start_over(int64_t sequence) {
    nacks_.restart(sequence);
    statistics_.restart(sequence);
    source_.reset();
}

void HeardTrack::take(Timestamp now, int64_t sequence, const rtc::rtp::Packet& packet, Bytes payload) {
    ++figures_.packets;
    if (kind() == rtc::MediaKind::Audio) return take_audio(now, sequence, packet.payload_type, payload);
    nacks_.received(now, sequence);
    const auto descriptor = rtc::rtp::Vp8Descriptor::parse(payload);
    const auto content = descriptor ? Content::read(payload.subspan(descriptor->size)) : std::nullopt;
    if (!content) {
        complaint = "a payload that nobody sent";
        return;
    }
    check_order(sequence, *content);
    take_video(now, *content);
}

// Sequence numbers that we are sent may only skip what the publisher's numbers skipped.
void HeardTrack::check_order(int64_t sequence, const Content& content) {
    const int64_t offset = int64_t{content.counter} - sequence;
    if (source_ && *source_ != content.source) complaint = "two publishers under one SSRC";
    if (source_ && sequence > newest_ && offset < newest_offset_ && complaint.empty())
        complaint = fmt::format("numbers {} to {} were left out by the server", newest_ + 1, sequence - 1);
    if (!source_ || sequence > newest_) {
        newest_ = sequence;
        newest_offset_ = offset;
    }
    source_ = content.source;
}

void HeardTrack::take_audio(Timestamp now, int64_t sequence, PayloadType type, Bytes payload) {
    const auto& codecs = offered_.parameters.codecs;
    const auto codec = std::ranges::find(codecs, type, &rtc::CodecParameters::payload_type);
    if (codec == codecs.end()) {
        complaint = fmt::format("payload type {} was not negotiated", type.value);
        return;
    }
    const auto red = codec->codec == rtc::Codec::Red ? rtc::rtp::Red::parse(payload) : std::nullopt;
    const Bytes newest = red ? red->primary.data : payload;
    const auto content = Content::read(newest);
    if (!content) return;
    check_order(sequence, *content);
    if (red && next_audio_)
        for (const auto& older : red->redundant()) play(now, older.data);
    play(now, newest);
}

void HeardTrack::play(Timestamp now, Bytes opus) {
    const auto content = Content::read(opus);
    if (!content || content->counter < next_audio_.value_or(0)) return;
    figures_.lost += content->counter - next_audio_.value_or(content->counter);
    next_audio_ = content->counter + 1;
    shown(now);
}

void HeardTrack::take_video(Timestamp now, const Content& content) {
    if (next_check_ == kNever) next_check_ = now + kCheckInterval;
    if (next_frame_ && content.frame < *next_frame_) return;
    Frame& frame = frames_[content.frame];
    frame.key = content.key_frame;
    frame.parts = content.parts;
    ++frame.come;
    show(now);
    if (frames_.size() > kMostFrames) frames_.erase(frames_.begin());
}

void HeardTrack::show(Timestamp now) {
    const auto whole = [](const Frame& frame) { return frame.come == frame.parts; };
    for (auto it = frames_.begin(); it != frames_.end();) {
        const bool fits = next_frame_ && it->first == *next_frame_;
        if (!whole(it->second) || !(fits || it->second.key)) {
            ++it;
            continue;
        }
        if (!first_frame_) first_frame_ = it->first;
        next_frame_ = it->first + 1;
        ++figures_.frames;
        figures_.frames_due = *next_frame_ - *first_frame_;
        shown(now);
        it = frames_.erase(frames_.begin(), std::next(it));
    }
}

void HeardTrack::shown(Timestamp now) {
    if (figures_.last != Timestamp{}) figures_.longest_pause = std::max(figures_.longest_pause, now - figures_.last);
    figures_.last = now;
}

void HeardTrack::handle_timeout(Timestamp now, MediaOutlet& outlet) {
    if (nacks_.next_timeout() <= now) {
        rtc::rtcp::Nack nack{.sender = own_, .media = *offered_.parameters.ssrc, .lost = {}};
        nacks_.collect(now, nack.lost);
        if (!nack.lost.empty() && outlet.can_send()) outlet.send_rtcp(nack);
    }
    if (next_check_ > now) return;
    next_check_ = now + kCheckInterval;
    const bool stuck = !frames_.empty() && now - figures_.last > kStuck;
    if (!stuck || now - asked_ < kStuck || !outlet.can_send()) return;
    asked_ = now;
    outlet.send_rtcp(rtc::rtcp::Pli{.sender = own_, .media = *offered_.parameters.ssrc});
}

void HeardTrack::handle_rtcp(Timestamp now, const rtc::rtcp::Message& message) {
    const auto* report = std::get_if<rtc::rtcp::SenderReport>(&message);
    if (!report || report->sender != offered_.parameters.ssrc) return;
    ++sender_reports_;
    last_report_ = report->middle_ntp();
    last_report_at_ = now;
}

std::optional<rtc::rtcp::ReportBlock> HeardTrack::report(Timestamp now) {
    if (!statistics_.started()) return std::nullopt;
    rtc::rtcp::ReportBlock block = statistics_.report();
    block.source = *offered_.parameters.ssrc;
    block.last_sender_report = last_report_;
    if (last_report_ != 0) block.delay_since_sender_report = sfu::to_ntp_units(now - last_report_at_);
    return block;
}

void HeardTrack::measure_anew() {
    figures_ = {.last = figures_.last};
    first_frame_ = next_frame_;
}

}  // namespace crosspoint::sim
