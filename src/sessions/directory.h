#pragma once
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/deadline_queue.h"
#include "base/random.h"
#include "base/result.h"
#include "sessions/messages.h"
#include "sessions/model.h"
#include "sessions/records.h"
#include "sessions/token.h"

// Accounts' sessions, participants and subscriptions: who may hear whom (spec 1).
namespace crosspoint::sessions {

struct Limits {
    size_t participants_per_session = 20;  // spec 1.4.2
    size_t sessions_per_account = 100'000;
    size_t participants_per_account = 200'000;
    std::chrono::milliseconds life = 9h;  // of sessions and of participants with their tokens (spec 1.4.2, 1.4.5)
    bool enforce_permissions = true;      // what a participant may not publish any more flows to nobody (spec 1.4.4)
};

/// A machine. Every command that changes something appends the writes that make it durable and the messages that tell
/// devices; an id of another account is as unknown as one that never existed.
class Directory {
public:
    explicit Directory(Random& random, Limits limits = {}) : random_(random), limits_(limits) {}

    /// What was there when the process ended; call once, before anything else. What has expired meanwhile ends at the
    /// next `handle_timeout`.
    void restore(const Snapshot& snapshot, Now now);
    /// Makes the account usable, and its token key when it is new. Tokens of accounts that are only in the store are
    /// refused. `account` is at most `kMaxAccountIdLength` long.
    void add_account(const AccountId& account, Effects& out);

    Result<Session, Refusal> create_session(const AccountId& account, std::optional<std::string> tag, Now now,
                                            Effects& out);
    Result<Session, Refusal> session(const AccountId& account, const SessionId& id) const;
    /// Its members stay as participants, without membership and subscription.
    Result<void, Refusal> delete_session(const AccountId& account, const SessionId& id, Effects& out);
    /// The members, first joined first.
    Result<std::vector<Participant>, Refusal> members(const AccountId& account, const SessionId& id) const;

    Result<Participant, Refusal> create_participant(const AccountId& account, NewParticipant wanted, Now now,
                                                    Effects& out);
    Result<Participant, Refusal> participant(const AccountId& account, const ParticipantId& id) const;
    Result<void, Refusal> delete_participant(const AccountId& account, const ParticipantId& id, Effects& out);
    /// What it publishes already and may not any more stops flowing.
    Result<void, Refusal> set_permissions(const AccountId& account, const ParticipantId& id, Permissions permissions,
                                          Effects& out);

    /// A participant that is a member of this session already gets its subscription replaced.
    Result<void, Refusal> add_member(const AccountId& account, const SessionId& session,
                                     const ParticipantId& participant, Subscription subscription, Effects& out);
    Result<void, Refusal> remove_member(const AccountId& account, const SessionId& session,
                                        const ParticipantId& participant, Effects& out);
    Result<Subscription, Refusal> subscription(const AccountId& account, const SessionId& session,
                                               const ParticipantId& participant) const;
    /// Replaces, never merges (spec 1.4.1).
    Result<void, Refusal> subscribe(const AccountId& account, const SessionId& session,
                                    const ParticipantId& participant, Subscription subscription, Effects& out);

    /// Of the tokens that this account issues.
    const TokenKeys& token_keys() const { return keys_; }
    /// A token that lives as long as the participant does.
    std::string issue_token(const Participant& participant);
    /// The participant whose device presents this token; nothing when it is damaged, expired, forged or deleted.
    const Participant* verify_token(std::string_view token, WallTime now) const;

    /// Nothing when there is no such participant (any more). The pointer is good until the next command.
    const Participant* find(const ParticipantId& id) const;
    /// What flows to this participant: the same as its last `IncomingChanged`. Good until the next command.
    std::span<const IncomingStream> incoming(const ParticipantId& id) const;
    /// All that the participant publishes from now on, member of a session or not; nothing happens for an unknown one.
    void set_published(const ParticipantId& id, std::vector<PublishedStream> streams, Effects& out);

    void handle_timeout(Now now, Effects& out);
    Timestamp next_timeout() const;

    size_t session_count() const { return sessions_.size(); }
    size_t participant_count() const { return participants_.size(); }

private:
    struct ParticipantState {
        Participant value;
        int64_t place = 0;  // orders the members of a session, also after a restart
        std::vector<PublishedStream> published;
        std::vector<PublishedStream> offered;  // of those, what it may publish
        std::vector<IncomingStream> incoming;
    };
    struct SessionState {
        Session value;
        std::vector<ParticipantState*> members;  // by place; the map that owns them never moves its nodes
    };
    struct AccountState {
        bool configured = false;  // by add_account; others are only in the store
        size_t sessions = 0;
        size_t participants = 0;
    };

    const SessionState* find_session(const AccountId& account, const SessionId& id) const;
    SessionState* find_session(const AccountId& account, const SessionId& id);
    const ParticipantState* find_participant(const AccountId& account, const ParticipantId& id) const;
    ParticipantState* find_participant(const AccountId& account, const ParticipantId& id);
    /// What rows 9 to 11 of spec 1.3 refuse.
    std::optional<Refusal> why_not_member(const AccountId& account, const SessionId& session,
                                          const ParticipantId& participant) const;
    std::optional<Refusal> why_not_join(const SessionState& session, const ParticipantState& participant) const;
    AccountState& configured(const AccountId& account);

    void offer(ParticipantState& publisher, Effects& out);
    void restore_session(Session session, Now now);
    void restore_participant(StoredParticipant stored, Now now);
    void end_session(const SessionId& id, Effects& out);
    void end_participant(const ParticipantId& id, Effects& out);
    void set_subscription(ParticipantState& member, Subscription subscription, Effects& out);
    void lose_membership(ParticipantState& member, Effects& out);
    /// Brings what `subscriber` gets from `publisher` up to date; true when that changed it.
    static bool take_from(const ParticipantState& publisher, ParticipantState& subscriber);
    static void refresh_subscriber(const SessionState& session, ParticipantState& subscriber, Effects& out);
    static void refresh_publisher(const SessionState& session, const ParticipantState& publisher, Effects& out);
    static void forget_publisher(const SessionState& session, const ParticipantId& publisher, Effects& out);

    Random& random_;
    Limits limits_;
    TokenKeys keys_;
    std::unordered_map<AccountId, AccountState> accounts_;
    std::unordered_map<SessionId, SessionState> sessions_;
    std::unordered_map<ParticipantId, ParticipantState> participants_;
    DeadlineQueue<SessionId> session_ends_;
    DeadlineQueue<ParticipantId> participant_ends_;
};

}  // namespace crosspoint::sessions
