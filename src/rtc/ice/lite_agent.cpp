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
    : current_(std::move(local)), answers_(kAnswerBurst, kAnswerInterval), refusals_(kRefusalBurst, kRefusalInterval) {}

void LiteAgent::restart(IceCredentials local) {
    if (local == current_.text) return;
    // A second restart before the first was answered: the pair that carries media is still the one of the oldest.
    if (!previous_) previous_ = std::move(current_);
    current_ = Credentials(std::move(local));
}

const Credentials* LiteAgent::credentials_of(const stun::Message& check) const {
    const std::string_view ufrag = check.receiver_ufrag();
    if (ufrag == current_.text.ufrag) return &current_;
    if (previous_ && ufrag == previous_->text.ufrag) return &*previous_;
    return nullptr;
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
    if (previous_ && &used == &current_) {
        previous_.reset();
        nominated_ = false;
    }
    remember(now, from, out);
    last_heard_ = now;
    if (silent_) {
        silent_ = false;
        out.events.emplace_back(Heard{});
    }
    if (check.use_candidate || !nominated_) select(from, out);
    if (check.use_candidate) nominated_ = true;
}

void LiteAgent::remember(Timestamp now, const NetAddress& from, Outbox& out) {
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
    out.events.emplace_back(Learned{from});
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
// checks, so 30 s without one means: stop sending, but go on listening.
void LiteAgent::handle_timeout(Timestamp now, Outbox& out) {
    if (now < next_timeout()) return;
    silent_ = true;
    nominated_ = false;  // whatever is heard next carries media again
    out.events.emplace_back(Silent{});
}

Timestamp LiteAgent::next_timeout() const { return last_heard_ == kNever || silent_ ? kNever : last_heard_ + kConsent; }

const NetAddress* LiteAgent::selected() const { return selected_ && !silent_ ? &*selected_ : nullptr; }

bool LiteAgent::validated(const NetAddress& from) const {
    if (selected_ == from) return true;
    return std::ranges::any_of(std::span(pairs_).first(pair_count_),
                               [&](const Pair& pair) { return pair.remote == from; });
}

}  // namespace crosspoint::rtc::ice
