#include "rtc/ice/lite_agent.h"

namespace crosspoint::rtc::ice {
namespace {

// Browsers send a check every 48 ms on each of a handful of pairs at the start, then one in 2.5 s. Beyond that we would
// only lend our bandwidth to whoever replays checks with forged addresses.
constexpr int64_t kAnswerBurst = 200;
constexpr Duration kAnswerInterval = 5ms;
// Whoever cannot prove anything gets fewer answers still; they are of use only to debug a mistake.
constexpr int64_t kRefusalBurst = 10;
constexpr Duration kRefusalInterval = 200ms;

constexpr size_t kAnswerRoom = 200;

}  // namespace

LiteAgent::LiteAgent(IceCredentials local)
    : answers_(kAnswerBurst, kAnswerInterval), refusals_(kRefusalBurst, kRefusalInterval) {
    credentials_.emplace_back(std::move(local));
}

void LiteAgent::restart(IceCredentials local) {
    if (local == credentials_.back().text) return;
    // The oldest may be all that the peer has heard of, or else one of the newest.
    if (credentials_.size() == kMaxCredentials) credentials_.erase(credentials_.begin() + 1);
    credentials_.emplace_back(std::move(local));
}

std::vector<std::string> LiteAgent::local_ufrags() const {
    std::vector<std::string> ufrags;
    for (const Credentials& one : credentials_) ufrags.push_back(one.text.ufrag);
    return ufrags;
}

const Credentials* LiteAgent::credentials_of(const stun::Message& check) const {
    const std::string_view ufrag = check.receiver_ufrag();
    const auto found =
        std::ranges::find_if(credentials_, [&](const Credentials& one) { return one.text.ufrag == ufrag; });
    return found == credentials_.end() ? nullptr : &*found;
}

// The order of refusals is that of RFC 8489 9.1.3 and 6.3.1.
void LiteAgent::handle_message(Timestamp now, const NetAddress& from, Bytes datagram, Outbox& out) {
    const auto check = stun::Message::parse(datagram);
    if (!check) {
        ++counters_.malformed;
        return;
    }
    if (check->kind != stun::MessageClass::Request || check->method != stun::kBinding) {
        ++counters_.unexpected;
        return;
    }
    if (!check->username || !check->has_integrity) {
        ++counters_.bad_integrity;
        return refuse(now, from, *check, stun::ErrorCode::BadRequest, nullptr, out);
    }
    const Credentials* used = credentials_of(*check);
    if (!used) {
        ++counters_.bad_username;
        return refuse(now, from, *check, stun::ErrorCode::Unauthenticated, nullptr, out);
    }
    if (!check->authentic(used->key)) {
        ++counters_.bad_integrity;
        return refuse(now, from, *check, stun::ErrorCode::Unauthenticated, nullptr, out);
    }
    if (check->unknown_count > 0) {
        ++counters_.unknown_attribute;
        return refuse(now, from, *check, stun::ErrorCode::UnknownAttribute, used, out);
    }
    // RFC 8445 7.3.1.1: a lite agent cannot take the controlling role, so the peer has to.
    if (check->ice_controlled) {
        ++counters_.role_conflict;
        return refuse(now, from, *check, stun::ErrorCode::RoleConflict, used, out);
    }
    answer(now, from, *check, *used, out);
    accept(now, from, *check, *used, out);
}

void LiteAgent::accept(Timestamp now, const NetAddress& from, const stun::Message& check, const Credentials& used,
                       Outbox& out) {
    if (const auto older = &used - credentials_.data(); older > 0) {
        credentials_.erase(credentials_.begin(), credentials_.begin() + older);
        nominated_ = false;
    }
    remember(now, from, out);
    if (silent_) {
        silent_ = false;
        out.events.emplace_back(Heard{});
    }
    if (check.use_candidate || !nominated_) select(from, out);
    if (check.use_candidate) nominated_ = true;
    if (selected_ == from) consent_ends_ = now + kConsent;
}

void LiteAgent::remember(Timestamp now, const NetAddress& from, Outbox& out) {
    out.events.emplace_back(Learned{from});
    Pair* oldest = nullptr;
    for (Pair& pair : std::span(pairs_).first(pair_count_)) {
        if (pair.remote == from) {
            pair.heard = now;
            return;
        }
        const bool carries = selected_ && pair.remote == *selected_;
        if (!carries && (!oldest || pair.heard < oldest->heard)) oldest = &pair;
    }
    if (pair_count_ < pairs_.size())
        oldest = &pairs_[pair_count_++];
    else
        out.events.emplace_back(Forgotten{oldest->remote});
    *oldest = {from, now};
}

const LiteAgent::Pair& LiteAgent::heard_last() const {
    return *std::ranges::max_element(std::span(pairs_).first(pair_count_), {}, &Pair::heard);
}

void LiteAgent::select(const NetAddress& remote, Outbox& out) {
    if (selected_ == remote) return;
    selected_ = remote;
    out.events.emplace_back(Selected{remote});
}

void LiteAgent::answer(Timestamp now, const NetAddress& to, const stun::Message& check, const Credentials& used,
                       Outbox& out) {
    if (!answers_.take(now)) {
        ++counters_.unanswered;
        return;
    }
    stun::MessageWriter writer(out.batch.reserve(kAnswerRoom), stun::MessageClass::Success, check.method,
                               check.transaction);
    writer.xor_mapped_address(to);
    writer.integrity(used.key);
    out.batch.commit(to, writer.finish().size());
}

void LiteAgent::refuse(Timestamp now, const NetAddress& to, const stun::Message& check, stun::ErrorCode code,
                       const Credentials* used, Outbox& out) {
    if (!refusals_.take(now)) {
        ++counters_.unanswered;
        return;
    }
    stun::MessageWriter writer(out.batch.reserve(kAnswerRoom), stun::MessageClass::Error, check.method,
                               check.transaction);
    writer.error(code);
    if (code == stun::ErrorCode::UnknownAttribute) writer.unknown_attributes(check.unknown_attributes());
    if (used) writer.integrity(used->key);
    out.batch.commit(to, writer.finish().size());
}

// RFC 7675 5.1: browsers renew consent every few seconds and lose it after 30. As the lite side we only hear those
// checks, so 30 s without one means: stop sending, but go on listening. Consent is that of one pair: a peer that is
// heard from elsewhere has not agreed to what goes there.
void LiteAgent::handle_timeout(Timestamp now, Outbox& out) {
    if (now < next_timeout()) return;
    nominated_ = false;  // whatever is heard next carries media again
    const Pair& last = heard_last();
    if (last.heard + kConsent > now) {
        consent_ends_ = last.heard + kConsent;
        return select(last.remote, out);
    }
    silent_ = true;
    out.events.emplace_back(Silent{});
}

Timestamp LiteAgent::next_timeout() const { return silent_ ? kNever : consent_ends_; }

const NetAddress* LiteAgent::selected() const { return selected_ && !silent_ ? &*selected_ : nullptr; }

bool LiteAgent::validated(const NetAddress& from) const {
    if (selected_ == from) return true;
    return std::ranges::any_of(std::span(pairs_).first(pair_count_),
                               [&](const Pair& pair) { return pair.remote == from; });
}

}  // namespace crosspoint::rtc::ice
