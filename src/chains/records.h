#pragma once
#include <span>
#include <string>
#include <vector>

#include "base/statement.h"
#include "chains/call.h"

// What of chains and calls survives a restart, and the SQL for it.
namespace crosspoint::chains {

/// Schema version 3: chains, their members, calls and their participants.
std::span<const Migration> migrations();

/// `last_call` is empty while the chain has none.
Statement upsert_chain(const ChainId& chain, const CallId& last_call, uint64_t last_pos);
Statement insert_member(const ChainId& chain, const ProfileId& profile);
/// The call's columns, and its whole state until it is forgotten.
Statement upsert_call(const Call& call, const ChainId& chain, uint64_t pos, Now now);
/// The record stays (6.1); the tombstone goes.
Statement forget_call(const CallId& call);
/// One seat in the record (6.1), `place` as in the call's list.
Statement upsert_participant(const CallId& call, size_t place, const Participant& participant);
/// True when `upsert_participant` would store the same for both.
bool same_seat(const Participant& a, const Participant& b);

/// All of one chain, as rows: ask the store for each of these three.
struct StoredChain {
    std::vector<Row> chain;
    std::vector<Row> members;
    std::vector<Row> calls;
};
Statement select_chain(const ChainId& chain);
Statement select_members(const ChainId& chain);
/// Those that are live or have a tombstone, oldest first.
Statement select_calls(const ChainId& chain);
/// The chains that have such calls: their owners have to be there after a restart.
Statement select_busy_chains();

}  // namespace crosspoint::chains
