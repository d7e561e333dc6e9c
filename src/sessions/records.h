#pragma once
#include <array>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/statement.h"
#include "sessions/model.h"

// What of the directory survives a restart, and the SQL for it.
namespace crosspoint::sessions {

/// Schema version 1: accounts, sessions, participants.
std::span<const Migration> migrations();

struct StoredParticipant {
    Participant value;
    int64_t place = 0;
};

/// All that is stored, as rows: ask the store for each of these three.
struct Snapshot {
    std::vector<Row> accounts;
    std::vector<Row> sessions;
    std::vector<Row> participants;
};
Statement select_accounts();
Statement select_sessions();
Statement select_participants();

struct StoredAccount {
    AccountId id;
    Buffer token_key;
};
StoredAccount account_from(const Row& row);
Session session_from(const Row& row);
StoredParticipant participant_from(const Row& row);

Statement insert_account(const AccountId& id, Bytes token_key);
Statement insert_session(const Session& session);
Statement erase_session(const SessionId& id);
Statement insert_participant(const Participant& participant);
Statement update_permissions(const Participant& participant);
/// Session, place in it and subscription.
Statement update_membership(const Participant& participant, int64_t place);
/// Takes all members out of a session.
Statement clear_members(const SessionId& session);
Statement erase_participant(const ParticipantId& id);

}  // namespace crosspoint::sessions
