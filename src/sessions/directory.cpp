#include "sessions/directory.h"

#include <algorithm>
#include <utility>

#include "base/verify.h"

namespace crosspoint::sessions {
namespace {

constexpr size_t kTokenKeyLength = 32;  // RFC 7518 3.2: as long as the hash

Timestamp deadline(WallTime expires, Now now) {
    return now.mono + std::chrono::milliseconds(expires.unix_milliseconds - now.wall.unix_milliseconds);
}

bool wants(const ChosenParticipants& chosen, const ParticipantId& publisher, const PublishedStream& stream) {
    const auto entry = std::ranges::find(chosen.entries, publisher, &FromParticipant::participant);
    if (entry == chosen.entries.end()) return false;
    return entry->aliases.empty() || (stream.alias && std::ranges::count(entry->aliases, *stream.alias) > 0);
}

// Spec 1.4.1; that nobody hears itself is the caller's to see to.
bool wants(const Subscription& subscription, const ParticipantId& publisher, const PublishedStream& stream) {
    if (std::holds_alternative<WholeSession>(subscription)) return true;
    const auto* chosen = std::get_if<ChosenParticipants>(&subscription);
    return chosen && wants(*chosen, publisher, stream);
}

void keep_allowed(std::vector<PublishedStream>& streams, const Permissions& permissions) {
    for (auto& stream : streams)
        std::erase_if(stream.tracks, [&](const Track& track) { return !permissions.allow(track.kind); });
    std::erase_if(streams, [](const PublishedStream& stream) { return stream.tracks.empty(); });
}

/// Makes `wanted` all that comes from this publisher. What stays keeps its place and what is new goes to the end:
/// devices rely on it for stable m-lines. True when anything changed.
bool replace_streams_from(const ParticipantId& publisher, const std::vector<const PublishedStream*>& wanted,
                          std::vector<IncomingStream>& incoming) {
    const auto has_gone = [&](const IncomingStream& known) {
        return known.publisher == publisher && !std::ranges::count(wanted, known.stream.id, &PublishedStream::id);
    };
    bool changed = std::erase_if(incoming, has_gone) > 0;
    for (const auto* stream : wanted) {
        const auto known =
            std::ranges::find_if(incoming, [&](const IncomingStream& each) { return each.stream.id == stream->id; });
        if (known != incoming.end() && known->stream == *stream) continue;
        changed = true;
        if (known != incoming.end())
            known->stream = *stream;
        else
            incoming.push_back({publisher, *stream});
    }
    return changed;
}

}  // namespace

void Directory::restore(const Snapshot& snapshot, Now now) {
    VERIFY(sessions_.empty() && participants_.empty());
    for (const Row& row : snapshot.accounts) {
        StoredAccount account = account_from(row);
        keys_.set(account.id, std::move(account.token_key));
    }
    for (const Row& row : snapshot.sessions) restore_session(session_from(row), now);
    for (const Row& row : snapshot.participants) restore_participant(participant_from(row), now);
}

void Directory::restore_session(Session session, Now now) {
    session_ends_.set(session.id, deadline(session.expires, now));
    ++accounts_[session.account].sessions;
    const SessionId id = session.id;
    sessions_.emplace(id, SessionState{std::move(session), {}});
}

void Directory::restore_participant(StoredParticipant stored, Now now) {
    participant_ends_.set(stored.value.id, deadline(stored.value.expires, now));
    ++accounts_[stored.value.account].participants;
    const ParticipantId id = stored.value.id;
    auto& state = participants_[id];
    state.value = std::move(stored.value);
    state.place = stored.place;
    if (!state.value.session) return;
    const auto session = sessions_.find(*state.value.session);
    VERIFY(session != sessions_.end());  // a session goes together with its memberships, in one transaction
    session->second.members.push_back(&state);
}

void Directory::add_account(const AccountId& account, Effects& out) {
    VERIFY(account.value.size() <= kMaxAccountIdLength);
    accounts_[account].configured = true;
    if (keys_.has(account)) return;
    Buffer key(kTokenKeyLength);
    random_.fill(key);
    out.statements.push_back(insert_account(account, key));
    keys_.set(account, std::move(key));
}

Result<Session, Refusal> Directory::create_session(const AccountId& account, std::optional<std::string> tag, Now now,
                                                   Effects& out) {
    auto& state = configured(account);
    if (state.sessions >= limits_.sessions_per_account) return Refusal::TooManySessions;
    ++state.sessions;
    Session session{SessionId(random_.uuid()), account, std::move(tag), now.wall, now.wall + limits_.life};
    out.statements.push_back(insert_session(session));
    session_ends_.set(session.id, now.mono + limits_.life);
    sessions_.emplace(session.id, SessionState{session, {}});
    return session;
}

Result<Session, Refusal> Directory::session(const AccountId& account, const SessionId& id) const {
    const auto* found = find_session(account, id);
    if (!found) return Refusal::SessionNotFound;
    return found->value;
}

Result<void, Refusal> Directory::delete_session(const AccountId& account, const SessionId& id, Effects& out) {
    if (!find_session(account, id)) return Refusal::SessionNotFound;
    end_session(id, out);
    return {};
}

Result<std::vector<Participant>, Refusal> Directory::members(const AccountId& account, const SessionId& id) const {
    const auto* found = find_session(account, id);
    if (!found) return Refusal::SessionNotFound;
    std::vector<Participant> members;
    members.reserve(found->members.size());
    for (const auto* member : found->members) members.push_back(member->value);
    return members;
}

Result<Participant, Refusal> Directory::create_participant(const AccountId& account, NewParticipant wanted, Now now,
                                                           Effects& out) {
    auto& state = configured(account);
    if (state.participants >= limits_.participants_per_account) return Refusal::TooManyParticipants;
    ++state.participants;
    Participant participant;
    participant.id = ParticipantId(random_.uuid());
    participant.account = account;
    participant.callback = std::move(wanted.callback);
    participant.permissions = wanted.permissions;
    participant.tag = std::move(wanted.tag);
    participant.created = now.wall;
    participant.expires = now.wall + limits_.life;
    out.statements.push_back(insert_participant(participant));
    participant_ends_.set(participant.id, now.mono + limits_.life);
    participants_[participant.id].value = participant;
    return participant;
}

Result<Participant, Refusal> Directory::participant(const AccountId& account, const ParticipantId& id) const {
    const auto* found = find_participant(account, id);
    if (!found) return Refusal::ParticipantNotFound;
    return found->value;
}

Result<void, Refusal> Directory::delete_participant(const AccountId& account, const ParticipantId& id, Effects& out) {
    if (!find_participant(account, id)) return Refusal::ParticipantNotFound;
    end_participant(id, out);
    return {};
}

Result<void, Refusal> Directory::add_member(const AccountId& account, const SessionId& session_id,
                                            const ParticipantId& participant_id, Subscription subscription,
                                            Effects& out) {
    auto* session = find_session(account, session_id);
    if (!session) return Refusal::SessionNotFound;
    auto* participant = find_participant(account, participant_id);
    if (!participant) return Refusal::ParticipantNotFound;
    if (participant->value.session == session_id) {  // spec 1.3, row 8 repeated
        set_subscription(*participant, std::move(subscription), out);
        return {};
    }
    if (const auto refusal = why_not_join(*session, *participant)) return *refusal;

    participant->place = session->members.empty() ? 1 : session->members.back()->place + 1;
    participant->value.session = session_id;
    participant->value.subscription = std::move(subscription);
    session->members.push_back(participant);
    out.statements.push_back(update_membership(participant->value, participant->place));
    refresh_subscriber(*session, *participant, out);
    refresh_publisher(*session, *participant, out);
    return {};
}

std::optional<Refusal> Directory::why_not_join(const SessionState& session, const ParticipantState& participant) const {
    if (participant.value.session) return Refusal::InAnotherSession;
    if (session.members.size() >= limits_.participants_per_session) return Refusal::SessionFull;
    return std::nullopt;
}

Result<void, Refusal> Directory::remove_member(const AccountId& account, const SessionId& session_id,
                                               const ParticipantId& participant_id, Effects& out) {
    if (const auto refusal = why_not_member(account, session_id, participant_id)) return *refusal;
    auto& session = sessions_.at(session_id);
    auto& participant = participants_.at(participant_id);
    std::erase(session.members, &participant);
    lose_membership(participant, out);
    out.statements.push_back(update_membership(participant.value, participant.place));
    forget_publisher(session, participant_id, out);
    return {};
}

Result<Subscription, Refusal> Directory::subscription(const AccountId& account, const SessionId& session,
                                                      const ParticipantId& participant) const {
    if (const auto refusal = why_not_member(account, session, participant)) return *refusal;
    return participants_.at(participant).value.subscription;
}

Result<void, Refusal> Directory::subscribe(const AccountId& account, const SessionId& session,
                                           const ParticipantId& participant, Subscription subscription, Effects& out) {
    if (const auto refusal = why_not_member(account, session, participant)) return *refusal;
    set_subscription(participants_.at(participant), std::move(subscription), out);
    return {};
}

void Directory::set_subscription(ParticipantState& member, Subscription subscription, Effects& out) {
    if (member.value.subscription == subscription) return;
    member.value.subscription = std::move(subscription);
    out.statements.push_back(update_membership(member.value, member.place));
    refresh_subscriber(sessions_.at(*member.value.session), member, out);
}

std::string Directory::issue_token(const Participant& participant) {
    return keys_.issue({participant.account, participant.id, participant.expires}, random_);
}

const Participant* Directory::verify_token(std::string_view token, WallTime now) const {
    const auto claims = keys_.verify(token, now);
    if (!claims) return nullptr;
    const auto account = accounts_.find(claims->account);
    if (account == accounts_.end() || !account->second.configured) return nullptr;
    const auto* found = find_participant(claims->account, claims->participant);
    return found ? &found->value : nullptr;
}

const Participant* Directory::find(const ParticipantId& id) const {
    const auto found = participants_.find(id);
    return found == participants_.end() ? nullptr : &found->second.value;
}

std::span<const IncomingStream> Directory::incoming(const ParticipantId& id) const {
    const auto found = participants_.find(id);
    if (found == participants_.end()) return {};
    return found->second.incoming;
}

void Directory::set_published(const ParticipantId& id, std::vector<PublishedStream> streams, Effects& out) {
    const auto found = participants_.find(id);
    if (found == participants_.end() || found->second.published == streams) return;
    found->second.published = std::move(streams);
    offer(found->second, out);
}

Result<void, Refusal> Directory::set_permissions(const AccountId& account, const ParticipantId& id,
                                                 Permissions permissions, Effects& out) {
    auto* found = find_participant(account, id);
    if (!found) return Refusal::ParticipantNotFound;
    if (found->value.permissions == permissions) return {};
    found->value.permissions = permissions;
    out.statements.push_back(update_permissions(found->value));
    out.messages.push_back(PermissionsChanged{id, permissions});
    offer(*found, out);
    return {};
}

void Directory::offer(ParticipantState& publisher, Effects& out) {
    publisher.offered = publisher.published;
    if (limits_.enforce_permissions) keep_allowed(publisher.offered, publisher.value.permissions);
    if (const auto& session = publisher.value.session) refresh_publisher(sessions_.at(*session), publisher, out);
}

void Directory::handle_timeout(Now now, Effects& out) {
    while (const auto id = session_ends_.pop_due(now.mono)) end_session(*id, out);
    while (const auto id = participant_ends_.pop_due(now.mono)) end_participant(*id, out);
}

Timestamp Directory::next_timeout() const { return std::min(session_ends_.next(), participant_ends_.next()); }

void Directory::end_session(const SessionId& id, Effects& out) {
    auto node = sessions_.extract(id);
    for (auto* member : node.mapped().members) lose_membership(*member, out);
    if (!node.mapped().members.empty()) out.statements.push_back(clear_members(id));
    out.statements.push_back(erase_session(id));
    --accounts_[node.mapped().value.account].sessions;
    session_ends_.remove(id);
    out.messages.push_back(SessionEnded{id});
}

void Directory::end_participant(const ParticipantId& id, Effects& out) {
    auto node = participants_.extract(id);
    const Participant& participant = node.mapped().value;
    out.statements.push_back(erase_participant(id));
    out.messages.push_back(ParticipantEnded{id});
    --accounts_[participant.account].participants;
    participant_ends_.remove(id);
    if (!participant.session) return;
    auto& session = sessions_.at(*participant.session);
    std::erase(session.members, &node.mapped());
    forget_publisher(session, id, out);
}

/// The caller takes it out of the session's members and stores it.
void Directory::lose_membership(ParticipantState& member, Effects& out) {
    member.value.session.reset();
    member.value.subscription = NoStreams{};
    member.place = 0;
    if (member.incoming.empty()) return;
    member.incoming.clear();
    out.messages.push_back(IncomingChanged{member.value.id, {}});
}

bool Directory::take_from(const ParticipantState& publisher, ParticipantState& subscriber) {
    if (&publisher == &subscriber) return false;
    std::vector<const PublishedStream*> wanted;
    for (const auto& stream : publisher.offered)
        if (wants(subscriber.value.subscription, publisher.value.id, stream)) wanted.push_back(&stream);
    return replace_streams_from(publisher.value.id, wanted, subscriber.incoming);
}

void Directory::refresh_subscriber(const SessionState& session, ParticipantState& subscriber, Effects& out) {
    bool changed = false;
    for (const auto* publisher : session.members) changed |= take_from(*publisher, subscriber);
    if (changed) out.messages.push_back(IncomingChanged{subscriber.value.id, subscriber.incoming});
}

void Directory::refresh_publisher(const SessionState& session, const ParticipantState& publisher, Effects& out) {
    for (auto* subscriber : session.members)
        if (take_from(publisher, *subscriber))
            out.messages.push_back(IncomingChanged{subscriber->value.id, subscriber->incoming});
}

void Directory::forget_publisher(const SessionState& session, const ParticipantId& publisher, Effects& out) {
    for (auto* subscriber : session.members)
        if (replace_streams_from(publisher, {}, subscriber->incoming))
            out.messages.push_back(IncomingChanged{subscriber->value.id, subscriber->incoming});
}

Directory::AccountState& Directory::configured(const AccountId& account) {
    auto& state = accounts_[account];
    VERIFY(state.configured);  // auth lets nobody else in
    return state;
}

const Directory::SessionState* Directory::find_session(const AccountId& account, const SessionId& id) const {
    const auto found = sessions_.find(id);
    return found != sessions_.end() && found->second.value.account == account ? &found->second : nullptr;
}

Directory::SessionState* Directory::find_session(const AccountId& account, const SessionId& id) {
    return const_cast<SessionState*>(std::as_const(*this).find_session(account, id));
}

const Directory::ParticipantState* Directory::find_participant(const AccountId& account,
                                                               const ParticipantId& id) const {
    const auto found = participants_.find(id);
    return found != participants_.end() && found->second.value.account == account ? &found->second : nullptr;
}

Directory::ParticipantState* Directory::find_participant(const AccountId& account, const ParticipantId& id) {
    return const_cast<ParticipantState*>(std::as_const(*this).find_participant(account, id));
}

std::optional<Refusal> Directory::why_not_member(const AccountId& account, const SessionId& session,
                                                 const ParticipantId& participant) const {
    if (!find_session(account, session)) return Refusal::SessionNotFound;
    const auto* found = find_participant(account, participant);
    if (!found) return Refusal::ParticipantNotFound;
    if (found->value.session != session) return Refusal::NotAMember;
    return std::nullopt;
}

}  // namespace crosspoint::sessions
