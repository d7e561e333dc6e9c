#include "rtc/sctp/send_queue.h"

#include <algorithm>

#include "base/sequence.h"
#include "base/verify.h"
#include "rtc/sctp/packet.h"

namespace crosspoint::rtc::sctp {
namespace {

constexpr int kMissesUntilLost = 3;  // RFC 9260 7.2.4
constexpr size_t kDataOverhead = kChunkHeaderSize + DataChunk::kFixedSize;

}  // namespace

SendQueue::SendQueue(int64_t initial_tsn, const Limits& limits)
    : limits_(limits), congestion_(limits.packet), acknowledged_(initial_tsn - 1) {}

size_t SendQueue::size_in_packet(const Fragment& fragment) { return padded(kDataOverhead + fragment.payload.size()); }

size_t SendQueue::largest_payload() const { return (limits_.packet - kPacketHeaderSize - kDataOverhead) & ~size_t{3}; }

bool SendQueue::push(uint16_t stream, uint32_t ppid, Bytes message) {
    if (message.empty() || message.size() > limits_.message || buffered_ + message.size() > limits_.buffered)
        return false;
    const uint16_t ssn = next_ssn_[stream]++;
    buffered_ += message.size();
    for (size_t at = 0; at < message.size();) {
        const Bytes part = message.subspan(at, std::min(largest_payload(), message.size() - at));
        Fragment fragment{{}, to_buffer(part)};
        fragment.header.stream = stream;
        fragment.header.ssn = ssn;
        fragment.header.ppid = ppid;
        fragment.header.beginning = at == 0;
        at += part.size();
        fragment.header.end = at == message.size();
        waiting_.push_back(std::move(fragment));
    }
    return true;
}

void SendQueue::set_peer_window(size_t bytes) {
    peer_window_ = bytes;
    congestion_.set_threshold(bytes);
}

/// RFC 9260 6.1 A and B. Into a closed window one chunk goes, since only its SACK will tell that the window opened.
bool SendQueue::may_send(size_t size) const {
    if (in_flight_ == 0) return true;
    return in_flight_ < congestion_.window() && size <= peer_window_;
}

std::optional<size_t> SendQueue::next_size() const {
    if (lost_ > 0) {
        const auto first =
            std::find_if(sent_.begin(), sent_.end(), [](const Sent& sent) { return sent.fate == Fate::Lost; });
        const bool allowed = free_retransmission_ || in_flight_ == 0 || in_flight_ < congestion_.window();
        return allowed ? std::optional(size_in_packet(first->fragment)) : std::nullopt;
    }
    if (waiting_.empty() || !may_send(waiting_.front().payload.size())) return std::nullopt;
    return size_in_packet(waiting_.front());
}

DataChunk SendQueue::take(Timestamp now) {
    VERIFY(lost_ > 0 || !waiting_.empty());
    return lost_ > 0 ? send_again(now) : send_first(now);
}

DataChunk SendQueue::send_again(Timestamp now) {
    const auto sent = std::find_if(sent_.begin(), sent_.end(), [](const Sent& s) { return s.fate == Fate::Lost; });
    set_fate(*sent, Fate::InFlight);
    free_retransmission_ = false;
    sent->at = now;
    sent->transmissions++;
    sent->misses = 0;
    DataChunk chunk = sent->fragment.header;
    chunk.payload = sent->fragment.payload;
    return chunk;
}

DataChunk SendQueue::send_first(Timestamp now) {
    Sent sent;
    sent.fragment = std::move(waiting_.front());
    waiting_.pop_front();
    sent.at = now;
    sent.fragment.header.tsn = static_cast<uint32_t>(tsn_of(sent_.size()));
    const size_t size = sent.fragment.payload.size();
    in_flight_ += size;
    peer_window_ -= std::min(peer_window_, size);
    sent_.push_back(std::move(sent));
    DataChunk chunk = sent_.back().fragment.header;
    chunk.payload = sent_.back().fragment.payload;
    return chunk;
}

void SendQueue::set_fate(Sent& sent, Fate fate) {
    if (sent.fate == Fate::InFlight) in_flight_ -= sent.fragment.payload.size();
    if (sent.fate == Fate::Lost) lost_--;
    sent.fate = fate;
    if (fate == Fate::InFlight) in_flight_ += sent.fragment.payload.size();
    if (fate == Fate::Lost) lost_++;
}

std::optional<SendQueue::SackResult> SendQueue::handle_sack(Timestamp now, const SackChunk& sack) {
    const int64_t cumulative = nearest(acknowledged_, sack.cumulative_tsn);
    if (cumulative < acknowledged_ || cumulative >= tsn_of(sent_.size())) return std::nullopt;
    if (!sack.gaps.empty() && cumulative + sack.gaps.back().end >= tsn_of(sent_.size())) return std::nullopt;

    const bool fully_used = in_flight_ + limits_.packet > congestion_.window();
    const bool advanced = cumulative > acknowledged_;
    Progress progress;
    for (size_t i = 0; tsn_of(i) <= cumulative; ++i) arrived(now, i, progress);
    take_gaps(now, sack, cumulative, progress);
    count_misses(progress, advanced);
    while (acknowledged_ < cumulative) {
        buffered_ -= sent_.front().fragment.payload.size();
        sent_.pop_front();
        acknowledged_++;
    }
    // RFC 9260 6.2.1 D iii: reported before, and now the first that is missing. So the peer had to drop it again.
    if (!sent_.empty() && sent_.front().fate == Fate::Arrived) set_fate(sent_.front(), Fate::Lost);
    if (recovery_until_ && acknowledged_ >= *recovery_until_) recovery_until_.reset();
    if (progress.bytes > 0 && !recovery_until_)
        congestion_.acknowledged(progress.bytes, advanced, fully_used, sent_.empty());
    congestion_.limit_burst(in_flight_);
    peer_window_ = sack.window > in_flight_ ? sack.window - in_flight_ : 0;  // RFC 9260 6.2.1 D ii
    return SackResult{progress.bytes > 0, progress.round_trip};
}

void SendQueue::arrived(Timestamp now, size_t index, Progress& progress) {
    Sent& sent = sent_[index];
    if (sent.fate == Fate::Arrived) return;
    // Karn's rule, RFC 9260 6.3.1 C5: it is not known which of several transmissions was acknowledged.
    if (sent.transmissions == 1) progress.round_trip = now - sent.at;
    progress.bytes += sent.fragment.payload.size();
    progress.highest_new = std::max(progress.highest_new, tsn_of(index));
    set_fate(sent, Fate::Arrived);
}

void SendQueue::take_gaps(Timestamp now, const SackChunk& sack, int64_t cumulative, Progress& progress) {
    auto gap = sack.gaps.begin();
    for (size_t i = static_cast<size_t>(cumulative - acknowledged_); i < sent_.size(); ++i) {
        const int64_t offset = tsn_of(i) - cumulative;
        while (gap != sack.gaps.end() && gap->end < offset) ++gap;
        if (gap != sack.gaps.end() && gap->start <= offset) arrived(now, i, progress);
    }
}

void SendQueue::count_misses(const Progress& progress, bool cumulative_advanced) {
    if (progress.bytes == 0) return;
    // RFC 9260 7.2.4: normally only what lies before the highest newly acknowledged one was missed; in fast recovery,
    // when the SACK advances, everything that it reports missing.
    int64_t limit = progress.highest_new;
    if (recovery_until_ && cumulative_advanced)
        for (size_t i = 0; i < sent_.size(); ++i)
            if (sent_[i].fate == Fate::Arrived) limit = std::max(limit, tsn_of(i));
    bool lost = false;
    for (size_t i = 0; i < sent_.size() && tsn_of(i) < limit; ++i) {
        Sent& sent = sent_[i];
        if (sent.fate != Fate::InFlight || sent.fast_retransmitted || ++sent.misses < kMissesUntilLost) continue;
        sent.fast_retransmitted = true;  // 7.2.4: only once; after that T3-rtx decides
        set_fate(sent, Fate::Lost);
        lost = true;
    }
    if (!lost || recovery_until_) return;
    congestion_.fast_retransmit();
    free_retransmission_ = true;
    recovery_until_ = tsn_of(sent_.size()) - 1;
}

void SendQueue::handle_timeout() {
    congestion_.timed_out();
    recovery_until_.reset();
    for (Sent& sent : sent_)
        if (sent.fate == Fate::InFlight) set_fate(sent, Fate::Lost);
}

}  // namespace crosspoint::rtc::sctp
