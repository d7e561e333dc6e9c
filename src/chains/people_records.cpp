#include "chains/people_records.h"

#include <array>

#include "chains/canonical.h"

namespace crosspoint::chains {
namespace {

const std::array<Migration, 1> kMigrations{{{
    5,
    {
        R"(CREATE TABLE users (
            id TEXT PRIMARY KEY,
            account TEXT NOT NULL,
            revoked BIGINT NOT NULL,
            busy BIGINT NOT NULL,
            state TEXT NOT NULL))",
        "CREATE INDEX users_by_account ON users (account)",
        R"(CREATE TABLE profiles (
            id TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            place BIGINT NOT NULL,
            nickname TEXT NOT NULL,
            dnd BIGINT NOT NULL,
            busy_policy BIGINT NOT NULL,
            call_policy BIGINT NOT NULL,
            wakeable BIGINT NOT NULL))",
        "CREATE INDEX profiles_by_owner ON profiles (owner, place)",
        R"(CREATE TABLE relations (
            owner TEXT NOT NULL,
            profile TEXT NOT NULL,
            relation BIGINT NOT NULL,
            PRIMARY KEY (owner, profile)))",
        R"(CREATE TABLE connections (
            id TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            token_hash TEXT NOT NULL,
            previous_hash TEXT NOT NULL,
            incarnation BIGINT NOT NULL,
            device_name TEXT NOT NULL,
            device_kind TEXT NOT NULL,
            token_id TEXT NOT NULL))",
        "CREATE INDEX connections_by_owner ON connections (owner)",
        R"(CREATE TABLE user_log (
            owner TEXT NOT NULL,
            useq BIGINT NOT NULL,
            message TEXT NOT NULL,
            body TEXT NOT NULL,
            created BIGINT NOT NULL,
            PRIMARY KEY (owner, useq)))",
        "CREATE INDEX user_log_by_message ON user_log (message)",
        R"(CREATE TABLE idempotency_keys (
            owner TEXT NOT NULL,
            local_id TEXT NOT NULL,
            digest TEXT NOT NULL,
            result TEXT NOT NULL,
            created BIGINT NOT NULL,
            PRIMARY KEY (owner, local_id)))",
        R"(CREATE TABLE texts (
            id TEXT PRIMARY KEY,
            chain TEXT NOT NULL,
            pos BIGINT NOT NULL,
            owner TEXT NOT NULL,
            sender TEXT NOT NULL,
            receivers TEXT NOT NULL,
            connection TEXT NOT NULL,
            local_id TEXT NOT NULL,
            body TEXT NOT NULL,
            version BIGINT NOT NULL,
            created BIGINT NOT NULL,
            removed BIGINT NOT NULL))",
        "CREATE INDEX texts_by_chain ON texts (chain, pos)",
        R"(CREATE TABLE text_seats (
            text TEXT NOT NULL,
            profile TEXT NOT NULL,
            PRIMARY KEY (text, profile)))",
        R"(CREATE TABLE chain_lists (
            profile TEXT NOT NULL,
            chain TEXT NOT NULL,
            latest BIGINT NOT NULL,
            PRIMARY KEY (profile, chain)))",
        "CREATE INDEX chain_lists_by_time ON chain_lists (profile, latest, chain)",
        R"(CREATE TABLE waiting_news (
            owner TEXT NOT NULL,
            place BIGINT NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (owner, place)))",
    },
}}};

SqlValue number(uint64_t value) { return static_cast<int64_t>(value); }
template <class Enum>
SqlValue place_of(Enum value) {
    return static_cast<int64_t>(value);
}

// No deadline is part of a record: they read the same at any time.
template <class... Values>
std::string written(const Values&... values) {
    CanonicalWriter writer(Now{}, Counters::Kept);
    writer(values...);
    return writer.take();
}
template <class... Values>
bool read(const std::string& text, Values&... values) {
    CanonicalReader reader(text, Now{});
    reader(values...);
    return reader.done();
}

}  // namespace

std::span<const Migration> people_migrations() { return kMigrations; }

// ---- users ----

Statement select_user(const UserId& user) { return {"SELECT revoked, state FROM users WHERE id = :id", {user.value}}; }
Statement select_profiles(const UserId& user) {
    return {R"(SELECT id, nickname, dnd, busy_policy, call_policy, wakeable FROM profiles WHERE owner = :owner
               ORDER BY place, id)",
            {user.value}};
}
Statement select_relations(const UserId& user) {
    return {"SELECT profile, relation FROM relations WHERE owner = :owner ORDER BY profile", {user.value}};
}
Statement select_connections_of(const UserId& user) {
    return {"SELECT id, token_id FROM connections WHERE owner = :owner ORDER BY id", {user.value}};
}
Statement select_local_ids(const UserId& user, WallTime since) {
    return {"SELECT local_id, created FROM idempotency_keys WHERE owner = :owner AND created > :since",
            {user.value, since.unix_milliseconds}};
}
Statement select_profile_book(const AccountId& account) {
    return {"SELECT p.id, p.owner FROM profiles p JOIN users u ON u.id = p.owner WHERE u.account = :account",
            {account.value}};
}
Statement select_users(const AccountId& account) {
    return {"SELECT id, revoked FROM users WHERE account = :account ORDER BY id", {account.value}};
}
Statement select_busy_users() {
    return {R"(SELECT id, account FROM users WHERE busy <> 0 OR id IN (SELECT owner FROM connections)
               OR id IN (SELECT owner FROM waiting_news) ORDER BY id)",
            {}};
}

Statement insert_user(const AccountId& account, const UserId& user) {
    return {R"(INSERT INTO users (id, account, revoked, busy, state) VALUES (:id, :account, 0, 0, '')
               ON CONFLICT DO NOTHING)",
            {user.value, account.value}};
}
Statement update_user(const UserId& user, bool revoked, bool busy, std::string state) {
    return {"UPDATE users SET revoked = :revoked, busy = :busy, state = :state WHERE id = :id",
            {int64_t{revoked}, int64_t{busy}, std::move(state), user.value}};
}
Statement upsert_profile(const UserId& user, size_t place, const Profile& profile) {
    return {R"(INSERT INTO profiles (id, owner, place, nickname, dnd, busy_policy, call_policy, wakeable)
               VALUES (:id, :owner, :place, :nickname, :dnd, :busy_policy, :call_policy, :wakeable)
               ON CONFLICT (id) DO UPDATE SET nickname = excluded.nickname, dnd = excluded.dnd,
                   busy_policy = excluded.busy_policy, call_policy = excluded.call_policy,
                   wakeable = excluded.wakeable)",
            {profile.id.value, user.value, number(place), profile.nickname, int64_t{profile.dnd},
             place_of(profile.busy_policy), place_of(profile.call_policy), int64_t{profile.wakeable}}};
}

Profile profile_from(const Row& row) {
    Profile profile;
    profile.id = ProfileId(row.text(0));
    profile.nickname = row.text(1);
    profile.dnd = row.number(2) != 0;
    profile.busy_policy = static_cast<BusyPolicy>(row.number(3));
    profile.call_policy = static_cast<CallPolicy>(row.number(4));
    profile.wakeable = row.number(5) != 0;
    return profile;
}
Statement set_relation(const UserId& user, const ProfileId& other, Relation relation) {
    if (relation == Relation::None)
        return {"DELETE FROM relations WHERE owner = :owner AND profile = :profile", {user.value, other.value}};
    return {R"(INSERT INTO relations (owner, profile, relation) VALUES (:owner, :profile, :relation)
               ON CONFLICT (owner, profile) DO UPDATE SET relation = excluded.relation)",
            {user.value, other.value, place_of(relation)}};
}

// ---- connections ----

Statement select_connections() {
    return {R"(SELECT id, owner, token_hash, previous_hash, incarnation, device_name, device_kind, token_id
               FROM connections ORDER BY id)",
            {}};
}
StoredConnection connection_from(const Row& row) {
    return {
        ConnectionId(row.text(0)),  UserId(row.text(1)), row.text(2), row.text(3), static_cast<uint64_t>(row.number(4)),
        {row.text(5), row.text(6)}, row.text(7)};
}
Statement upsert_connection(const StoredConnection& c) {
    return {R"(INSERT INTO connections (id, owner, token_hash, previous_hash, incarnation, device_name, device_kind,
                   token_id)
               VALUES (:id, :owner, :token_hash, :previous_hash, :incarnation, :device_name, :device_kind, :token_id)
               ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash,
                   previous_hash = excluded.previous_hash, incarnation = excluded.incarnation,
                   device_name = excluded.device_name, device_kind = excluded.device_kind,
                   token_id = excluded.token_id)",
            {c.id.value, c.user.value, c.token_hash, c.previous_hash, number(c.incarnation), c.device.name,
             c.device.kind, c.token_id}};
}
Statement erase_connection(const ConnectionId& connection) {
    return {"DELETE FROM connections WHERE id = :id", {connection.value}};
}

// ---- user log and idempotency keys ----

namespace {

std::string message_of(const TextAdded& item) { return item.view.text.id.value; }
std::string message_of(const TextEdited& item) { return item.view.text.id.value; }
std::string message_of(const TextRemoved& item) { return item.id.value; }
std::string message_of(const CallOver& item) { return item.record.ref.call.value; }
std::string message_of(const CallMissed& item) { return item.record.ref.call.value; }

constexpr std::array<LogItem (*)(), 5> kLogItems{
    [] { return LogItem(TextAdded{}); }, [] { return LogItem(TextEdited{}); }, [] { return LogItem(TextRemoved{}); },
    [] { return LogItem(CallOver{}); }, [] { return LogItem(CallMissed{}); }};
static_assert(kLogItems.size() == std::variant_size_v<LogItem>);

}  // namespace

Statement insert_log(const UserId& user, uint64_t useq, const LogItem& item, WallTime now) {
    auto body = std::visit([&](const auto& i) { return written(item.index(), i); }, item);
    auto message = std::visit([](const auto& i) { return message_of(i); }, item);
    return {R"(INSERT INTO user_log (owner, useq, message, body, created)
               VALUES (:owner, :useq, :message, :body, :created))",
            {user.value, number(useq), std::move(message), std::move(body), now.unix_milliseconds}};
}
Statement select_log(const UserId& user, uint64_t after, size_t limit) {
    return {"SELECT useq, body FROM user_log WHERE owner = :owner AND useq > :after ORDER BY useq LIMIT :most",
            {user.value, number(after), number(limit)}};
}
std::optional<LogNews> log_news_from(const Row& row) {
    CanonicalReader reader(row.text(1), Now{});
    size_t kind = 0;
    reader(kind);
    if (kind >= kLogItems.size()) return std::nullopt;
    LogNews news{static_cast<uint64_t>(row.number(0)), kLogItems[kind]()};
    std::visit([&](auto& item) { reader(item); }, news.item);
    if (!reader.done()) return std::nullopt;
    return news;
}
Statement erase_log(const UserId& user, uint64_t up_to) {
    return {"DELETE FROM user_log WHERE owner = :owner AND useq <= :up_to", {user.value, number(up_to)}};
}

Statement insert_key(const UserId& user, std::string_view local_id, const IdempotencyKey& key, WallTime now) {
    auto result = std::visit([&](const auto& r) { return written(key.result.index(), r); }, key.result);
    return {R"(INSERT INTO idempotency_keys (owner, local_id, digest, result, created)
               VALUES (:owner, :local_id, :digest, :result, :created)
               ON CONFLICT (owner, local_id) DO UPDATE SET digest = excluded.digest, result = excluded.result,
                   created = excluded.created)",
            {user.value, std::string(local_id), key.digest, std::move(result), now.unix_milliseconds}};
}
Statement select_key(const UserId& user, std::string_view local_id) {
    return {"SELECT digest, result FROM idempotency_keys WHERE owner = :owner AND local_id = :local_id",
            {user.value, std::string(local_id)}};
}
std::optional<IdempotencyKey> key_from(const Row& row) {
    IdempotencyKey key{row.text(0), Opened{}};
    CanonicalReader reader(row.text(1), Now{});
    size_t kind = 0;
    reader(kind);
    if (kind > 1) return std::nullopt;
    if (kind == 1) key.result = TextStored{};
    std::visit([&](auto& result) { reader(result); }, key.result);
    if (!reader.done()) return std::nullopt;
    return key;
}
Statement erase_keys(const UserId& user, WallTime before) {
    return {"DELETE FROM idempotency_keys WHERE owner = :owner AND created <= :before",
            {user.value, before.unix_milliseconds}};
}

// ---- news of texts that wait for their user's owner ----

Statement insert_waiting_news(const UserId& user, size_t place, const TextNews& news) {
    return {"INSERT INTO waiting_news (owner, place, body) VALUES (:owner, :place, :body)",
            {user.value, number(place), written(news)}};
}
Statement select_waiting_news() { return {"SELECT owner, body FROM waiting_news ORDER BY owner, place", {}}; }
std::optional<TextNews> waiting_news_from(const Row& row) {
    TextNews news;
    if (!read(row.text(1), news)) return std::nullopt;
    return news;
}
Statement erase_waiting_news(const UserId& user) {
    return {"DELETE FROM waiting_news WHERE owner = :owner", {user.value}};
}

// ---- texts ----

Statement insert_text(const StoredText& stored) {
    const Text& text = stored.text;
    return {
        R"(INSERT INTO texts (id, chain, pos, owner, sender, receivers, connection, local_id, body, version, created,
                   removed)
               VALUES (:id, :chain, :pos, :owner, :sender, :receivers, :connection, :local_id, :body, :version,
                   :created, :removed))",
        {text.id.value, text.chain.value, number(text.pos), stored.sender.value, text.sender.value,
         written(stored.receivers), text.connection.value, text.local_id, text.text, number(text.version),
         text.ts.unix_milliseconds, int64_t{text.removed}}};
}
Statement update_text(const Text& text) {
    return {"UPDATE texts SET body = :body, version = :version, removed = :removed WHERE id = :id",
            {text.text, number(text.version), int64_t{text.removed}, text.id.value}};
}

namespace {

// The columns of a text, from `first` on: id, chain, pos, owner, sender, receivers, connection, local_id, body,
// version, created, removed.
std::optional<StoredText> stored_text(const Row& row) {
    StoredText stored;
    Text& text = stored.text;
    text.id = MessageId(row.text(0));
    text.chain = ChainId(row.text(1));
    text.pos = static_cast<uint64_t>(row.number(2));
    stored.sender = UserId(row.text(3));
    text.sender = ProfileId(row.text(4));
    if (!read(row.text(5), stored.receivers)) return std::nullopt;
    for (const Party& party : stored.receivers) text.receivers.push_back(party.profile);
    text.connection = ConnectionId(row.text(6));
    text.local_id = row.text(7);
    text.text = row.text(8);
    text.version = static_cast<uint64_t>(row.number(9));
    text.ts = WallTime{row.number(10)};
    text.removed = row.number(11) != 0;
    return stored;
}

}  // namespace

Statement select_text(const MessageId& id) {
    return {R"(SELECT id, chain, pos, owner, sender, receivers, connection, local_id, body, version, created, removed
               FROM texts WHERE id = :id)",
            {id.value}};
}
std::optional<StoredText> text_from(const Row& row) { return stored_text(row); }
Statement erase_text_from_logs(const MessageId& id) {
    return {"DELETE FROM user_log WHERE message = :message", {id.value}};
}
Statement erase_text_from_log(const UserId& user, const MessageId& id) {
    return {"DELETE FROM user_log WHERE message = :message AND owner = :owner", {id.value, user.value}};
}
Statement insert_seat(const MessageId& text, const ProfileId& profile) {
    return {"INSERT INTO text_seats (text, profile) VALUES (:text, :profile) ON CONFLICT DO NOTHING",
            {text.value, profile.value}};
}
Statement select_seats(const MessageId& text) {
    return {"SELECT profile FROM text_seats WHERE text = :text ORDER BY profile", {text.value}};
}
Statement touch_chain_list(const ProfileId& profile, const ChainId& chain, WallTime now) {
    return {R"(INSERT INTO chain_lists (profile, chain, latest) VALUES (:profile, :chain, :latest)
               ON CONFLICT (profile, chain) DO UPDATE SET latest = excluded.latest)",
            {profile.value, chain.value, now.unix_milliseconds}};
}

}  // namespace crosspoint::chains
