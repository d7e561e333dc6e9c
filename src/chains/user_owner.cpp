#include "chains/user_owner.h"

#include <algorithm>

#include "chains/local_ids.h"

namespace crosspoint::chains {
namespace {

TokenBucket per_minute(int count) { return TokenBucket(count, Duration(60s) / count); }

}  // namespace

UserOwner::UserOwner(UserId id, const Settings& settings, const ProfileBook& profiles)
    : UserOwner(UserState{}, settings, profiles) {
    state_.id = std::move(id);
}

UserOwner::UserOwner(UserState state, const Settings& settings, const ProfileBook& profiles)
    : settings_(&settings),
      profiles_(&profiles),
      state_(std::move(state)),
      calls_rate_(per_minute(settings.calls_per_minute)),
      texts_rate_(per_minute(settings.texts_per_minute)) {}

bool UserOwner::restore(const StoredUser& stored, Now now, Effects& out) {
    for (const Row& row : stored.user) {
        state_.exists = true;
        state_.revoked = row.number(0) != 0;
        if (row.text(1).empty()) continue;  // nothing has happened yet
        CanonicalReader reader(row.text(1), now);
        UserState::stored_fields(state_, reader);
        if (!reader.done()) return false;
    }
    for (const Row& row : stored.profiles) state_.profiles.push_back(profile_from(row));
    for (const Row& row : stored.relations) {
        const bool blocked = static_cast<Relation>(row.number(1)) == Relation::Blocked;
        (blocked ? state_.blocked : state_.contacts).emplace_back(row.text(0));
    }
    std::ranges::sort(state_.contacts);
    std::ranges::sort(state_.blocked);
    for (const Row& row : stored.connections) {
        KnownConnection& known = state_.connections.emplace_back();
        known.id = ConnectionId(row.text(0));
        known.attached = false;
        known.grant.token_id = row.text(1);
    }
    for (const Row& row : stored.local_ids) add_local_id(state_.local_ids, row.text(0), WallTime{row.number(1)});
    for (OutgoingCall& call : state_.outgoing) send_open(call, out);
    for (const KnownConnection& connection : state_.connections)
        tell_calls(connection, ConnectionEvent::Lost, false, out);
    return true;
}

void UserOwner::handle(const UserMessage& message, Now now, Effects& out) {
    std::visit([&](const auto& m) { on(m, now, out); }, message);
    store(now, out);
}

void UserOwner::handle_timeout(Now now, Effects& out) {
    const auto erased = std::erase_if(state_.calls, [&](const KnownCall& c) { return c.forget_at <= now.mono; });
    changed_ = changed_ || erased > 0;
    for (TokenBucket* rate : {&calls_rate_, &texts_rate_})
        if (rate->full(now.mono)) rate->reset();
    store(now, out);
}

void UserOwner::store(Now now, Effects& out) {
    if (!std::exchange(changed_, false)) return;
    CanonicalWriter writer(now, Counters::Kept);
    UserState::stored_fields(state_, writer);
    const bool busy = !state_.calls.empty() || !state_.outgoing.empty();
    out.statements.push_back(update_user(state_.id, state_.revoked, busy, writer.take()));
}

Timestamp UserOwner::next_timeout() const {
    Timestamp next = kNever;
    for (const KnownCall& call : state_.calls) next = std::min(next, call.forget_at);
    if (quiet()) next = std::min({next, calls_rate_.full_at(), texts_rate_.full_at()});
    return next;
}

bool UserOwner::idle(Timestamp now) const { return quiet() && calls_rate_.full(now) && texts_rate_.full(now); }

bool UserOwner::quiet() const {
    return state_.connections.empty() && state_.calls.empty() && state_.outgoing.empty() && state_.texts.empty() &&
           readings_.empty();
}

std::string UserOwner::canonical(Now now, Counters counters) const {
    CanonicalWriter writer(now, counters);
    writer(state_);
    return writer.take();
}

// ---- requests ----

void UserOwner::on(const UserRequest& request, Now now, Effects& out) {
    std::visit([&](const auto& command) { run(request, command, now, out); }, request.command);
}

void UserOwner::answer(const Waiter& waiter, ReplyResult result, Effects& out) const {
    out.sends.push_back(ToConnection{waiter.connection, Reply{waiter.request, std::move(result)}});
}

// SEC-1, CON-2
bool UserOwner::may_use(const UserRequest& request, const ProfileId& id) const {
    return profile(id) && allows(request.profiles, id);
}

std::optional<Refused> UserOwner::resolve(const std::vector<ProfileId>& named, std::vector<Party>& parties) const {
    for (const ProfileId& id : named) {
        if (std::ranges::find(parties, id, &Party::profile) != parties.end()) continue;
        const auto party = profiles_->find(id);
        if (!party) return Refused{.why = Refusal::NotFound};
        parties.push_back(*party);
    }
    return std::nullopt;
}

void UserOwner::read(const UserRequest& request, std::vector<Statement> selects, Effects& out) {
    readings_.push_back({++last_query_, request});
    out.sends.push_back(ReadRows{state_.id, last_query_, std::move(selects)});
}

void UserOwner::on(const RowsRead& rows, Now now, Effects& out) {
    const auto found = std::ranges::find(readings_, rows.query, &UserReading::query);
    if (found == readings_.end()) return;
    const UserRequest request = std::move(found->request);
    readings_.erase(found);
    std::visit([&](const auto& command) { take_rows(request, command, rows, now, out); }, request.command);
}

// ---- idempotency ----

bool UserOwner::is_used(const std::string& local_id) const { return has_local_id(state_.local_ids, local_id); }

void UserOwner::keep_key(const std::string& local_id, const IdempotencyKey& key, Now now, Effects& out) {
    prune(now, out);
    add_local_id(state_.local_ids, local_id, now.wall);
    out.statements.push_back(insert_key(state_.id, local_id, key, now.wall));
}

bool UserOwner::answer_from_key(const UserRequest& request, const std::string& digest, const std::vector<Row>& rows,
                                Effects& out) const {
    if (rows.empty()) return false;
    const auto key = key_from(rows.front());
    if (!key) return false;
    const Waiter waiter{request.connection, request.request};
    if (key->digest != digest) {
        answer(waiter, Refused{.why = Refusal::Conflict}, out);
    } else {
        std::visit([&](const auto& result) { answer(waiter, result, out); }, key->result);
    }
    return true;
}

}  // namespace crosspoint::chains
