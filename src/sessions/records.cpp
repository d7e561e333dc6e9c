#include "sessions/records.h"

#include <boost/json.hpp>

#include "base/encoding.h"
#include "base/verify.h"

namespace crosspoint::sessions {
namespace {

namespace json = boost::json;

const std::array<Migration, 1> kMigrations{{{
    1,
    {
        R"(CREATE TABLE accounts (
            id TEXT PRIMARY KEY,
            token_key TEXT NOT NULL))",
        R"(CREATE TABLE sessions (
            id TEXT PRIMARY KEY,
            account TEXT NOT NULL,
            tag TEXT,
            created BIGINT NOT NULL,
            expires BIGINT NOT NULL))",
        R"(CREATE TABLE participants (
            id TEXT PRIMARY KEY,
            account TEXT NOT NULL,
            callback_given BIGINT NOT NULL,
            callback_url TEXT,
            audio BIGINT NOT NULL,
            video BIGINT NOT NULL,
            tag TEXT,
            created BIGINT NOT NULL,
            expires BIGINT NOT NULL,
            session TEXT,
            place BIGINT NOT NULL,
            subscription TEXT NOT NULL))",
        "CREATE INDEX participants_by_session ON participants (session)",
    },
}}};

SqlValue or_null(const std::optional<std::string>& text) {
    if (!text) return nullptr;
    return *text;
}

// {}, {"all":true} or {"from":[{"id":"…","aliases":["…"]}]}
std::string to_text(const Subscription& subscription) {
    json::object text;
    if (std::holds_alternative<WholeSession>(subscription)) text["all"] = true;
    if (const auto* chosen = std::get_if<ChosenParticipants>(&subscription)) {
        json::array& from = text["from"].emplace_array();
        for (const auto& entry : chosen->entries)
            from.push_back({{"id", entry.participant.value}, {"aliases", json::value_from(entry.aliases)}});
    }
    return json::serialize(text);
}

Subscription to_subscription(const std::string& text) {
    const auto value = json::parse(text);
    const auto& object = value.as_object();
    if (object.contains("all")) return WholeSession{};
    const auto* from = object.if_contains("from");
    if (!from) return NoStreams{};
    ChosenParticipants chosen;
    for (const auto& entry : from->as_array())
        chosen.entries.push_back(
            {ParticipantId(entry.at("id").as_string()), json::value_to<std::vector<std::string>>(entry.at("aliases"))});
    return chosen;
}

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

Statement select_accounts() { return {"SELECT id, token_key FROM accounts", {}}; }
Statement select_sessions() { return {"SELECT id, account, tag, created, expires FROM sessions", {}}; }
Statement select_participants() {
    return {R"(SELECT id, account, callback_given, callback_url, audio, video, tag, created, expires, session, place,
                      subscription
               FROM participants ORDER BY session, place)",
            {}};
}

StoredAccount account_from(const Row& row) {
    auto key = from_hex(row.text(1));
    VERIFY(key);
    return {AccountId(row.text(0)), std::move(*key)};
}

Session session_from(const Row& row) {
    return {SessionId(row.text(0)), AccountId(row.text(1)), row.optional_text(2), WallTime{row.number(3)},
            WallTime{row.number(4)}};
}

StoredParticipant participant_from(const Row& row) {
    StoredParticipant stored;
    stored.value.id = ParticipantId(row.text(0));
    stored.value.account = AccountId(row.text(1));
    stored.value.callback = {row.number(2) != 0, row.optional_text(3)};
    stored.value.permissions = {row.number(4) != 0, row.number(5) != 0};
    stored.value.tag = row.optional_text(6);
    stored.value.created = WallTime{row.number(7)};
    stored.value.expires = WallTime{row.number(8)};
    if (!row.null(9)) stored.value.session = SessionId(row.text(9));
    stored.place = row.number(10);
    stored.value.subscription = to_subscription(row.text(11));
    return stored;
}

Statement insert_account(const AccountId& id, Bytes token_key) {
    return {"INSERT INTO accounts (id, token_key) VALUES (:id, :token_key)", {id.value, hex(token_key)}};
}

Statement insert_session(const Session& session) {
    return {R"(INSERT INTO sessions (id, account, tag, created, expires)
               VALUES (:id, :account, :tag, :created, :expires))",
            {session.id.value, session.account.value, or_null(session.tag), session.created.unix_milliseconds,
             session.expires.unix_milliseconds}};
}

Statement erase_session(const SessionId& id) { return {"DELETE FROM sessions WHERE id = :id", {id.value}}; }

Statement insert_participant(const Participant& participant) {
    return {R"(INSERT INTO participants (id, account, callback_given, callback_url, audio, video, tag, created, expires,
                                         place, subscription)
               VALUES (:id, :account, :callback_given, :callback_url, :audio, :video, :tag, :created, :expires,
                       0, '{}'))",
            {participant.id.value, participant.account.value, int64_t{participant.callback.given},
             or_null(participant.callback.url), int64_t{participant.permissions.audio},
             int64_t{participant.permissions.video}, or_null(participant.tag), participant.created.unix_milliseconds,
             participant.expires.unix_milliseconds}};
}

Statement update_permissions(const Participant& participant) {
    return {"UPDATE participants SET audio = :audio, video = :video WHERE id = :id",
            {int64_t{participant.permissions.audio}, int64_t{participant.permissions.video}, participant.id.value}};
}

Statement update_membership(const Participant& participant, int64_t place) {
    const SqlValue session = participant.session ? SqlValue(participant.session->value) : SqlValue(nullptr);
    return {R"(UPDATE participants SET session = :session, place = :place, subscription = :subscription
               WHERE id = :id)",
            {session, place, to_text(participant.subscription), participant.id.value}};
}

Statement clear_members(const SessionId& session) {
    return {"UPDATE participants SET session = NULL, place = 0, subscription = '{}' WHERE session = :session",
            {session.value}};
}

Statement erase_participant(const ParticipantId& id) { return {"DELETE FROM participants WHERE id = :id", {id.value}}; }

}  // namespace crosspoint::sessions
