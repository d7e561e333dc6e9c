#include "rtc/ice/controlling_agent.h"

namespace crosspoint::rtc::ice {
namespace {

constexpr Duration kPace = 50ms;          // Ta, RFC 8445 14.2
constexpr Duration kFirstResend = 500ms;  // RTO, RFC 8445 14.3
constexpr int kMaxSent = 7;               // Rc, RFC 8489 6.2.1
constexpr Duration kConsentInterval = 2500ms;
// (2^24) * 110 for peer-reflexive, full local preference, component 1 (RFC 8445 5.1.2.1, 7.1.1).
constexpr uint32_t kPriority = 110u << 24 | 0xffffu << 8 | 255;
constexpr size_t kCheckRoom = 700;  // two ufrags of at most 256 characters (RFC 8839 5.4)

stun::TransactionId new_transaction(Random& random) {
    stun::TransactionId id;
    random.fill(id);
    return id;
}

}  // namespace

ControllingAgent::ControllingAgent(IceCredentials local, Random& random)
    : random_(random), tie_breaker_(random.u64()), local_(std::move(local)) {}

void ControllingAgent::restart(IceCredentials local) { local_ = std::move(local); }

void ControllingAgent::set_remote(Timestamp now, const IceCredentials& remote, std::span<const Candidate> candidates) {
    if (remote_ && remote_->text == remote) return;
    remote_.emplace(remote);
    local_ufrag_in_use_ = local_.ufrag;
    nominated_ = false;
    std::vector<Candidate> ordered(candidates.begin(), candidates.end());
    std::ranges::sort(ordered, [](const Candidate& a, const Candidate& b) {
        return a.priority != b.priority ? a.priority > b.priority : a.address < b.address;
    });
    targets_.clear();
    for (const Candidate& candidate : ordered)
        if (targets_.size() < kMaxPairs) targets_.push_back({.address = candidate.address});
    timers_.clear(Timer::Consent);
    timers_.set(Timer::Pace, now);
}

void ControllingAgent::handle_message(Timestamp now, const NetAddress& from, Bytes datagram, Outbox& out) {
    const auto message = stun::Message::parse(datagram);
    if (!message) {
        ++counters_.malformed;
        return;
    }
    const bool answer = message->kind == stun::MessageClass::Success || message->kind == stun::MessageClass::Error;
    Target* target = waiting_for(message->transaction);
    const bool consent = consents_to(message->transaction);
    // RFC 8445 7.2.5.2.1: an answer from another address than the one asked is none.
    if (!answer || !remote_ || (!target && !consent) || from != (target ? target->address : *selected_)) {
        ++counters_.unexpected;
        return;
    }
    if (!message->authentic(remote_->key)) {
        ++counters_.bad_integrity;
        return;
    }
    if (message->kind == stun::MessageClass::Error) {
        if (target) fail(now, *target, out);
        return;
    }
    heard(now, out);
    if (target) handle_answer(now, *target, out);
}

void ControllingAgent::handle_answer(Timestamp now, Target& target, Outbox& out) {
    target.answered = true;
    target.again = kNever;
    if (target.progress == Progress::Nominating) {
        target.progress = Progress::Nominated;
        nominated_ = true;
        select(target.address, out);
        timers_.clear(Timer::Pace);
        for (Target& other : targets_) other.again = kNever;
        timers_.set(Timer::Consent, now + kConsentInterval);
        return;
    }
    if (std::ranges::count(targets_, Progress::Nominating, &Target::progress) > 0) return;
    // RFC 8445 12.1: what proved to work may carry data before its nomination is through.
    select(target.address, out);
    begin_check(now, target, Progress::Nominating, out);
}

void ControllingAgent::heard(Timestamp now, Outbox& out) {
    timers_.set(Timer::Silence, now + kConsent);
    if (!silent_) return;
    silent_ = false;
    out.events.emplace_back(Heard{});
}

void ControllingAgent::select(const NetAddress& remote, Outbox& out) {
    if (selected_ == remote) return;
    selected_ = remote;
    out.events.emplace_back(Selected{remote});
}

void ControllingAgent::handle_timeout(Timestamp now, Outbox& out) {
    if (timers_.fired(Timer::Silence, now)) {
        silent_ = true;
        out.events.emplace_back(Silent{});
    }
    if (timers_.fired(Timer::Consent, now)) send_consent(now, out);
    for (Target& target : targets_)
        if (target.again <= now) send_again(now, target, out);
    if (timers_.fired(Timer::Pace, now)) start_next(now, out);
}

void ControllingAgent::start_next(Timestamp now, Outbox& out) {
    const auto next = std::ranges::find(targets_, Progress::Waiting, &Target::progress);
    if (next == targets_.end()) return;
    begin_check(now, *next, Progress::Checking, out);
    timers_.set(Timer::Pace, now + kPace);
}

void ControllingAgent::begin_check(Timestamp now, Target& target, Progress progress, Outbox& out) {
    target.progress = progress;
    target.transaction = new_transaction(random_);
    target.sent = 0;
    send_again(now, target, out);
}

void ControllingAgent::send_again(Timestamp now, Target& target, Outbox& out) {
    if (target.sent == kMaxSent) return fail(now, target, out);
    target.again = now + kFirstResend * (1 << target.sent++);
    send_check(target.address, target.transaction, target.progress == Progress::Nominating, out);
}

void ControllingAgent::fail(Timestamp now, Target& target, Outbox& out) {
    const bool was_nominating = target.progress == Progress::Nominating;
    target.progress = Progress::Failed;
    target.again = kNever;
    if (nominated_) return;
    const auto other =
        std::ranges::find_if(targets_, [](const Target& t) { return t.answered && t.progress == Progress::Checking; });
    if (was_nominating && other != targets_.end()) {
        select(other->address, out);
        return begin_check(now, *other, Progress::Nominating, out);
    }
    if (std::ranges::count(targets_, Progress::Failed, &Target::progress) == std::ssize(targets_))
        out.events.emplace_back(Failed{});
}

// RFC 7675 5.1: a new transaction each time, never sent again, at an interval that varies by a fifth.
void ControllingAgent::send_consent(Timestamp now, Outbox& out) {
    stun::TransactionId& transaction = consents_[consents_sent_++ % consents_.size()];
    transaction = new_transaction(random_);
    send_check(*selected_, transaction, true, out);
    const auto fifth = static_cast<uint64_t>(kConsentInterval.count() / 5);
    const auto jitter = static_cast<int64_t>(random_.below(2 * fifth + 1)) - static_cast<int64_t>(fifth);
    timers_.set(Timer::Consent, now + kConsentInterval + Duration(jitter));
}

void ControllingAgent::send_check(const NetAddress& to, const stun::TransactionId& transaction, bool nominate,
                                  Outbox& out) {
    stun::MessageWriter writer(out.batch.reserve(kCheckRoom), stun::MessageClass::Request, stun::kBinding, transaction);
    writer.username(remote_->text.ufrag, local_ufrag_in_use_);
    writer.priority(kPriority);
    writer.ice_controlling(tie_breaker_);
    if (nominate) writer.use_candidate();
    writer.integrity(remote_->key);
    const size_t size = writer.finish().size();
    if (size > 0) out.batch.commit(to, size);
}

ControllingAgent::Target* ControllingAgent::waiting_for(const stun::TransactionId& transaction) {
    for (Target& target : targets_)
        if (target.again != kNever && target.transaction == transaction) return &target;
    return nullptr;
}

bool ControllingAgent::consents_to(const stun::TransactionId& transaction) const {
    const size_t known = std::min(consents_sent_, consents_.size());
    return nominated_ && std::ranges::count(std::span(consents_).first(known), transaction) > 0;
}

Timestamp ControllingAgent::next_timeout() const {
    Timestamp next = timers_.next();
    for (const Target& target : targets_) next = std::min(next, target.again);
    return next;
}

const NetAddress* ControllingAgent::selected() const { return selected_ && !silent_ ? &*selected_ : nullptr; }

bool ControllingAgent::validated(const NetAddress& from) const {
    if (selected_ == from) return true;
    return std::ranges::any_of(targets_, [&](const Target& t) { return t.answered && t.address == from; });
}

}  // namespace crosspoint::rtc::ice
