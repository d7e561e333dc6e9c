#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/statement.h"
#include "chains/messages.h"
#include "chains/people.h"

// What of users, connections and texts survives a restart, and the SQL for it.
namespace crosspoint::chains {

/// Schema version 5: users, profiles, relations, connections, user logs, idempotency keys, texts, lists of chains, news
/// of texts that wait.
std::span<const Migration> people_migrations();

// ---- users ----

/// All of one user, as rows: ask the store for each of these.
struct StoredUser {
    std::vector<Row> user;  // empty: there is no such user
    std::vector<Row> profiles;
    std::vector<Row> relations;
    std::vector<Row> connections;
    std::vector<Row> local_ids;
};
Statement select_user(const UserId& user);
Statement select_profiles(const UserId& user);
Statement select_relations(const UserId& user);
Statement select_connections_of(const UserId& user);
/// Of the last `Settings::idempotency`.
Statement select_local_ids(const UserId& user, WallTime since);
/// id, user: what a `ProfileBook` begins with.
Statement select_profile_book(const AccountId& account);
/// id, revoked
Statement select_users(const AccountId& account);
/// Users that have connections, calls or waiting news: their owners have to be there after a restart.
Statement select_busy_users();

Statement insert_user(const AccountId& account, const UserId& user);
/// `busy`: its owner has to be there after a restart.
Statement update_user(const UserId& user, bool revoked, bool busy, std::string state);
Statement upsert_profile(const UserId& user, size_t place, const Profile& profile);
Profile profile_from(const Row& row);
Statement set_relation(const UserId& user, const ProfileId& other, Relation relation);

// ---- connections ----

/// All of them: one `Connection::restored` for each.
Statement select_connections();
struct StoredConnection {
    ConnectionId id;
    UserId user;
    std::string token_hash;
    std::string previous_hash;
    uint64_t incarnation = 0;
    Device device;
    std::string token_id;
};
StoredConnection connection_from(const Row& row);
Statement upsert_connection(const StoredConnection& connection);
Statement erase_connection(const ConnectionId& connection);

// ---- user log and idempotency keys ----

Statement insert_log(const UserId& user, uint64_t useq, const LogItem& item, WallTime now);
/// useq, body
Statement select_log(const UserId& user, uint64_t after, size_t limit);
/// Nothing when the row is damaged.
std::optional<LogNews> log_news_from(const Row& row);
Statement erase_log(const UserId& user, uint64_t up_to);

/// A used `localId`, and what came of it (SEQ-7).
struct IdempotencyKey {
    std::string digest;  // of the request's body
    std::variant<Opened, TextStored> result;
};
Statement insert_key(const UserId& user, std::string_view local_id, const IdempotencyKey& key, WallTime now);
Statement select_key(const UserId& user, std::string_view local_id);
std::optional<IdempotencyKey> key_from(const Row& row);
Statement erase_keys(const UserId& user, WallTime before);

// ---- news of texts that wait for their user's owner ----

/// Whoever sent the text has been answered, so its receivers' owners get it even if the process ends before they are
/// loaded. `place` orders the news of one user.
Statement insert_waiting_news(const UserId& user, size_t place, const TextNews& news);
/// owner, body
Statement select_waiting_news();
/// Nothing when the row is damaged.
std::optional<TextNews> waiting_news_from(const Row& row);
Statement erase_waiting_news(const UserId& user);

// ---- texts ----

/// The text with whose it is.
struct StoredText {
    Text text;
    UserId sender;
    std::vector<Party> receivers;
};
Statement insert_text(const StoredText& text);
/// Its words, version and whether it is removed.
Statement update_text(const Text& text);
Statement select_text(const MessageId& id);
std::optional<StoredText> text_from(const Row& row);
/// What an erased text may not leave behind.
Statement erase_text_from_logs(const MessageId& id);
Statement erase_text_from_log(const UserId& user, const MessageId& id);
/// The profile sees the text (CHN-4).
Statement insert_seat(const MessageId& text, const ProfileId& profile);
/// profile
Statement select_seats(const MessageId& text);
Statement touch_chain_list(const ProfileId& profile, const ChainId& chain, WallTime now);

}  // namespace crosspoint::chains
