#include "sfu/subscriber.h"

#include "sfu/ntp.h"
#include "sfu/rtcp_sender.h"

namespace crosspoint::sfu {

Subscriber::Subscriber(Switchboard& switchboard, LinkId link, Outlet& outlet)
    : switchboard_(switchboard),
      link_(link),
      departure_{.outlet = outlet, .transport_sequence = static_cast<uint16_t>(switchboard.random().u32())} {}

void Subscriber::set_tracks(Timestamp now, const std::vector<SubscribedTrack>& tracks) {
    const auto same_ssrc = [](const SubscribedTrack& track, const auto& subscription) {
        return track.parameters.ssrc == subscription->track().parameters.ssrc;
    };
    std::erase_if(subscriptions_, [&](const auto& subscription) {
        return std::ranges::none_of(tracks, [&](const auto& track) { return same_ssrc(track, subscription); });
    });
    for (const SubscribedTrack& track : tracks) {
        if (Subscription* known = find(track.parameters.ssrc)) {
            known->update(now, track);
            continue;
        }
        OutgoingStream& sent = stream(track.parameters.ssrc);
        subscriptions_.push_back(std::make_unique<Subscription>(switchboard_, link_, departure_, sent, track));
        subscriptions_.back()->ask_for_start(now);
    }
}

OutgoingStream& Subscriber::stream(Ssrc ssrc) {
    const auto found = streams_.find(ssrc);
    if (found != streams_.end()) return found->second;
    Random& random = switchboard_.random();
    const auto first = static_cast<uint16_t>(random.u32());
    return streams_.try_emplace(ssrc, first, random.u32()).first->second;
}

void Subscriber::start(Timestamp now) {
    for (const auto& subscription : subscriptions_) subscription->ask_for_start(now);
}

Subscription* Subscriber::find(Ssrc ssrc) const {
    const auto found = std::ranges::find_if(
        subscriptions_, [&](const auto& subscription) { return subscription->track().parameters.ssrc == ssrc; });
    return found == subscriptions_.end() ? nullptr : found->get();
}

void Subscriber::handle_rtcp(Timestamp now, const rtc::rtcp::Compound& compound, SendBatch& batch) {
    using namespace rtc::rtcp;
    for (const Message& message : compound.messages) {
        if (const auto* report = std::get_if<ReceiverReport>(&message)) {
            handle(now, report->blocks);
        } else if (const auto* sender = std::get_if<SenderReport>(&message)) {
            handle(now, sender->blocks);
        } else if (const auto* nack = std::get_if<Nack>(&message)) {
            if (Subscription* subscription = find(nack->media)) subscription->handle_nack(now, nack->lost, batch);
        } else if (const auto* pli = std::get_if<Pli>(&message)) {
            if (Subscription* subscription = find(pli->media)) subscription->handle_key_frame_request(now);
        } else if (const auto* fir = std::get_if<Fir>(&message)) {
            handle(now, *fir);
        } else if (const auto* remb = std::get_if<Remb>(&message)) {
            reception_.bits_per_second = remb->bits_per_second;
        } else if (const auto* feedback = std::get_if<TransportFeedback>(&message)) {
            handle(*feedback);
        }
    }
}

// RFC 3550 6.4.1: the receiver says which of our reports it saw last and how long ago, both on our clock.
void Subscriber::handle(Timestamp now, const std::vector<rtc::rtcp::ReportBlock>& blocks) {
    constexpr Duration kShortest = 5ms;
    constexpr Duration kLongest = 1s;
    for (const rtc::rtcp::ReportBlock& block : blocks) {
        if (!find(block.source)) continue;
        if (reception_.feedback_packets == 0) smooth_loss(block.fraction_lost / 256.0);
        if (block.last_sender_report == 0) continue;
        const uint32_t passed = middle_of_ntp(to_ntp(now)) - block.last_sender_report;
        if (passed < block.delay_since_sender_report) continue;
        const Duration sample = from_ntp_units(passed - block.delay_since_sender_report);
        if (sample > 10s) continue;  // of a report that we never sent
        reception_.round_trip = std::clamp((reception_.round_trip * 7 + sample) / 8, kShortest, kLongest);
        departure_.round_trip = reception_.round_trip;
    }
}

void Subscriber::handle(Timestamp now, const rtc::rtcp::Fir& fir) {
    for (const auto& request : fir.requests)
        if (Subscription* subscription = find(request.media)) subscription->handle_key_frame_request(now);
}

void Subscriber::handle(const rtc::rtcp::TransportFeedback& feedback) {
    ++reception_.feedback_packets;
    ++switchboard_.counters().transport_feedback_received;
    if (feedback.status_count > 0)
        smooth_loss(1.0 - static_cast<double>(feedback.arrivals.size()) / feedback.status_count);
}

void Subscriber::smooth_loss(double loss) { reception_.loss += (loss - reception_.loss) / 8; }

void Subscriber::handle_timeout(Timestamp now, SendBatch& batch) {
    if (now < next_timeout()) return;
    departure_.report_wanted = false;
    report_due_ = subscriptions_.empty() ? kNever : now + kReportInterval;
    std::vector<rtc::rtcp::Message> messages;
    for (const auto& subscription : subscriptions_) {
        auto report = subscription->sender_report(now);
        if (!report) continue;
        const rtc::SendParameters& parameters = subscription->track().parameters;
        messages.emplace_back(std::move(*report));
        messages.emplace_back(
            rtc::rtcp::SourceDescription{.chunks = {{.source = parameters.ssrc, .cname = parameters.cname}}});
    }
    send_rtcp(messages, departure_.outlet, batch);
}

Timestamp Subscriber::next_timeout() const { return departure_.report_wanted ? Timestamp{} : report_due_; }

}  // namespace crosspoint::sfu
