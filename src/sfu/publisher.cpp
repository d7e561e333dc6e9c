#include "sfu/publisher.h"

#include "sfu/rtcp_sender.h"

namespace crosspoint::sfu {

Publisher::Publisher(Switchboard& switchboard, LinkId link)
    : switchboard_(switchboard), link_(link), ssrc_(switchboard.random().u32() | 1) {}

void Publisher::set_tracks(const std::vector<PublishedTrack>& tracks) {
    const auto wanted = [&](const auto& publication) {
        return std::ranges::count(tracks, publication->id(), &PublishedTrack::track) > 0;
    };
    std::erase_if(publications_, [&](const auto& publication) { return !wanted(publication); });
    transport_sequence_id_ = mid_id_ = 0;
    for (const PublishedTrack& track : tracks) {
        const auto known = std::ranges::find_if(publications_, [&](const auto& p) { return p->id() == track.track; });
        if (known == publications_.end())
            publications_.push_back(std::make_unique<Publication>(switchboard_, link_, track, clock_));
        else if ((*known)->parameters() != track.parameters)
            (*known)->update(track.parameters);
        // One id means one extension on the whole transport (RFC 8843 9.1), so any track's numbers will do.
        if (const uint8_t id = track.parameters.extensions.transport_sequence) transport_sequence_id_ = id;
        if (const uint8_t id = track.parameters.extensions.mid) mid_id_ = id;
    }
    index_sources();
}

void Publisher::index_sources() {
    sources_.clear();
    for (const auto& publication : publications_) {
        if (publication->ssrc()) sources_.push_back({publication->ssrc()->value, publication.get()});
        if (publication->rtx_ssrc()) sources_.push_back({publication->rtx_ssrc()->value, publication.get()});
    }
    std::ranges::sort(sources_, {}, &Source::ssrc);
}

Publication* Publisher::find(Ssrc ssrc) const {
    const auto found = std::ranges::lower_bound(sources_, ssrc.value, {}, &Source::ssrc);
    return found != sources_.end() && found->ssrc == ssrc.value ? found->publication : nullptr;
}

// RFC 8843 9.2: the MID says which m-line an unknown SSRC belongs to. Nothing is remembered of those without.
Publication* Publisher::latch(Timestamp now, const rtc::rtp::Packet& packet) {
    const Bytes mid = packet.extension(mid_id_);
    if (mid.empty()) return nullptr;
    for (const auto& publication : publications_) {
        if (as_bytes(publication->parameters().mid).size() != mid.size()) continue;
        if (publication->parameters().mid != as_text(mid) || !publication->latch(now, packet)) continue;
        index_sources();
        return publication.get();
    }
    return nullptr;
}

void Publisher::handle_rtp(Timestamp now, Bytes datagram, SendBatch& batch) {
    const auto packet = rtc::rtp::Packet::parse(datagram);
    if (!packet) {
        ++switchboard_.counters().rtp_damaged;
        return;
    }
    ++switchboard_.counters().rtp_received;
    // Before all else, and whoever sent it: an unreported packet counts as lost.
    const Bytes transport_sequence = packet->extension(transport_sequence_id_);
    if (transport_sequence.size() == 2) transport_feedback_.received(now, ByteReader(transport_sequence).u16());

    Publication* publication = find(packet->ssrc);
    if (!publication) publication = latch(now, *packet);
    if (!publication) {
        ++switchboard_.counters().rtp_unknown_source;
        return;
    }
    if (!timers_.armed(Timer::Report)) timers_.set(Timer::Report, now + kReportInterval);
    publication->receive(now, *packet, batch);
}

void Publisher::handle_rtcp(Timestamp now, const rtc::rtcp::Compound& compound) {
    for (const rtc::rtcp::Message& message : compound.messages) {
        const auto* report = std::get_if<rtc::rtcp::SenderReport>(&message);
        if (!report) continue;
        Publication* publication = find(report->sender);
        if (!publication || publication->ssrc() != report->sender) continue;
        clock_.observe(now, report->ntp_time);
        publication->handle_sender_report(now, *report);
    }
}

void Publisher::handle_timeout(Timestamp now, Outlet& outlet, SendBatch& batch) {
    std::vector<rtc::rtcp::Message> messages;
    if (timers_.fired(Timer::Report, now)) add_reports(now, messages);
    for (const auto& publication : publications_) publication->collect_feedback(now, ssrc_, messages);
    if (transport_feedback_.next_timeout() <= now) add_transport_feedback(now, messages);
    send_rtcp(messages, outlet, batch);
}

void Publisher::add_reports(Timestamp now, std::vector<rtc::rtcp::Message>& out) {
    rtc::rtcp::ReceiverReport report{.sender = ssrc_, .blocks = {}};
    for (const auto& publication : publications_) {
        if (report.blocks.size() == rtc::rtcp::kMaxReportBlocks) break;
        if (const auto block = publication->report(now)) report.blocks.push_back(*block);
    }
    out.emplace_back(std::move(report));
    out.emplace_back(rtc::rtcp::SourceDescription{.chunks = {{.source = ssrc_, .cname = "crosspoint"}}});
    timers_.set(Timer::Report, now + kReportInterval);
}

void Publisher::add_transport_feedback(Timestamp now, std::vector<rtc::rtcp::Message>& out) {
    const Ssrc media = sources_.empty() ? Ssrc{} : Ssrc{sources_.front().ssrc};
    for (rtc::rtcp::TransportFeedback& feedback : transport_feedback_.collect(now, ssrc_, media)) {
        ++switchboard_.counters().transport_feedback_sent;
        out.emplace_back(std::move(feedback));
    }
}

Timestamp Publisher::next_timeout() const {
    Timestamp next = std::min(timers_.next(), transport_feedback_.next_timeout());
    for (const auto& publication : publications_) next = std::min(next, publication->next_timeout());
    return next;
}

}  // namespace crosspoint::sfu
