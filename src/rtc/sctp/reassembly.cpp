#include "rtc/sctp/reassembly.h"

#include "base/sequence.h"

namespace crosspoint::rtc::sctp {
namespace {

template <class Fragment>
bool follows(const Fragment& earlier, const Fragment& later) {
    if (earlier.end || later.beginning) return earlier.end && later.beginning;
    return earlier.stream == later.stream && earlier.unordered == later.unordered &&
           (earlier.unordered || earlier.ssn == later.ssn);
}

}  // namespace

Reassembly::Verdict Reassembly::add(int64_t tsn, const DataChunk& data, bool next_in_order, std::vector<Message>& out) {
    const size_t allowance = next_in_order ? 2 : 1;
    if (buffered_ + data.payload.size() > allowance * window_ ||
        fragments_.size() + waiting_ >= allowance * kMaxFragments)
        return next_in_order ? Verdict::Violation : Verdict::NoRoom;
    const auto [at, fresh] = fragments_.try_emplace(tsn, Fragment{data.stream, data.ssn, data.ppid, data.beginning,
                                                                  data.end, data.unordered, to_buffer(data.payload)});
    if (!fresh) return Verdict::Violation;
    buffered_ += data.payload.size();
    if (contradicts_neighbours(at)) return Verdict::Violation;
    return complete(at, out);
}

bool Reassembly::contradicts_neighbours(Fragments::const_iterator at) const {
    if (at != fragments_.begin()) {
        const auto before = std::prev(at);
        if (before->first == at->first - 1 && !follows(before->second, at->second)) return true;
    }
    const auto after = std::next(at);
    return after != fragments_.end() && after->first == at->first + 1 && !follows(at->second, after->second);
}

/// Delivers the message that the fragment at `at` is part of, when all of it is here. RFC 9260 6.9: the parts of a
/// message have consecutive TSNs.
Reassembly::Verdict Reassembly::complete(Fragments::iterator at, std::vector<Message>& out) {
    size_t size = at->second.payload.size();
    auto first = at;
    bool whole = true;
    while (!first->second.beginning) {
        if (first == fragments_.begin() || std::prev(first)->first != first->first - 1) {
            whole = false;
            break;
        }
        --first;
        size += first->second.payload.size();
    }
    auto last = at;
    while (!last->second.end) {
        const auto next = std::next(last);
        if (next == fragments_.end() || next->first != last->first + 1) {
            whole = false;
            break;
        }
        last = next;
        size += last->second.payload.size();
    }
    if (size > max_message_) return Verdict::TooLong;
    if (!whole) return Verdict::Taken;

    Message message{at->second.stream, first->second.ppid, {}};
    message.bytes.reserve(size);
    const auto stop = std::next(last);
    for (auto part = first; part != stop; ++part)
        message.bytes.insert(message.bytes.end(), part->second.payload.begin(), part->second.payload.end());
    const Fragment kind = std::move(last->second);
    fragments_.erase(first, stop);
    buffered_ -= size;
    return deliver(kind, std::move(message), out);
}

Reassembly::Verdict Reassembly::deliver(const Fragment& last, Message message, std::vector<Message>& out) {
    if (last.unordered) {
        out.push_back(std::move(message));
        return Verdict::Taken;
    }
    Stream& stream = streams_[last.stream];
    const int64_t ssn = nearest(stream.next_ssn, last.ssn);
    if (ssn < stream.next_ssn) return Verdict::Violation;  // its TSN is new, so the number was used twice
    buffered_ += message.bytes.size();
    if (!stream.ready.try_emplace(ssn, std::move(message)).second) return Verdict::Violation;
    ++waiting_;
    deliver_ready(stream, out);
    return Verdict::Taken;
}

void Reassembly::deliver_ready(Stream& stream, std::vector<Message>& out) {
    while (!stream.ready.empty() && stream.ready.begin()->first <= stream.next_ssn) {
        buffered_ -= stream.ready.begin()->second.bytes.size();
        --waiting_;
        stream.next_ssn = std::max(stream.next_ssn, stream.ready.begin()->first + 1);
        out.push_back(std::move(stream.ready.begin()->second));
        stream.ready.erase(stream.ready.begin());
    }
}

void Reassembly::forward(int64_t tsn, std::span<const ForwardTsnChunk::Skipped> skipped, std::vector<Message>& out) {
    while (!fragments_.empty() && fragments_.begin()->first <= tsn) {
        buffered_ -= fragments_.begin()->second.payload.size();
        fragments_.erase(fragments_.begin());
    }
    for (const ForwardTsnChunk::Skipped& skip : skipped) {
        Stream& stream = streams_[skip.stream];
        const int64_t last_skipped = nearest(stream.next_ssn, skip.ssn);
        // Complete messages among those skipped are good all the same: the peer only did not wait for our SACK.
        while (!stream.ready.empty() && stream.ready.begin()->first <= last_skipped) {
            stream.next_ssn = stream.ready.begin()->first;
            deliver_ready(stream, out);
        }
        stream.next_ssn = std::max(stream.next_ssn, last_skipped + 1);
        deliver_ready(stream, out);
    }
}

void Reassembly::reset(std::span<const uint16_t> streams) {
    const auto restart = [this](Stream& stream) {
        for (const auto& [ssn, message] : stream.ready) buffered_ -= message.bytes.size();
        waiting_ -= stream.ready.size();
        stream = Stream{};
    };
    if (streams.empty())
        for (auto& [id, stream] : streams_) restart(stream);
    for (const uint16_t id : streams)
        if (const auto known = streams_.find(id); known != streams_.end()) restart(known->second);
}

}  // namespace crosspoint::rtc::sctp
