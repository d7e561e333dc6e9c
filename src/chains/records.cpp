#include "chains/records.h"

#include <array>

namespace crosspoint::chains {
namespace {

const std::array<Migration, 1> kMigrations{{{
    4,
    {
        R"(CREATE TABLE chains (
            id TEXT PRIMARY KEY,
            last_call TEXT NOT NULL,
            last_pos BIGINT NOT NULL))",
        R"(CREATE TABLE chain_members (
            chain TEXT NOT NULL,
            profile TEXT NOT NULL,
            PRIMARY KEY (chain, profile)))",
        R"(CREATE TABLE calls (
            id TEXT PRIMARY KEY,
            chain TEXT NOT NULL,
            pos BIGINT NOT NULL,
            audio BIGINT NOT NULL,
            video BIGINT NOT NULL,
            created BIGINT NOT NULL,
            answered BIGINT,
            ended BIGINT,
            end_reason BIGINT,
            replaced_by TEXT,
            state TEXT))",
        "CREATE INDEX calls_by_chain ON calls (chain, pos)",
        R"(CREATE TABLE call_participants (
            call TEXT NOT NULL,
            place BIGINT NOT NULL,
            profile TEXT NOT NULL,
            owner TEXT NOT NULL,
            kind BIGINT NOT NULL,
            outcome BIGINT NOT NULL,
            answered BIGINT NOT NULL,
            ignored BIGINT NOT NULL,
            visible BIGINT NOT NULL,
            joined BIGINT,
            gone BIGINT,
            PRIMARY KEY (call, place)))",
        "CREATE INDEX call_participants_by_profile ON call_participants (profile)",
    },
}}};

SqlValue milliseconds(const std::optional<WallTime>& time) {
    if (!time) return nullptr;
    return time->unix_milliseconds;
}
SqlValue number(uint64_t value) { return static_cast<int64_t>(value); }

// CHN-4: a participant sees the call in its history, save one that blocked it. Before its user owner has answered
// nobody knows which.
bool visible(const Participant& p) { return p.offer != OfferState::Waiting && !p.blocked; }

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

Statement upsert_chain(const ChainId& chain, const CallId& last_call, uint64_t last_pos) {
    return {R"(INSERT INTO chains (id, last_call, last_pos) VALUES (:id, :last_call, :last_pos)
               ON CONFLICT (id) DO UPDATE SET last_call = excluded.last_call, last_pos = excluded.last_pos)",
            {chain.value, last_call.value, number(last_pos)}};
}

Statement insert_member(const ChainId& chain, const ProfileId& profile) {
    return {"INSERT INTO chain_members (chain, profile) VALUES (:chain, :profile) ON CONFLICT DO NOTHING",
            {chain.value, profile.value}};
}

Statement upsert_call(const Call& call, const ChainId& chain, uint64_t pos, Now now) {
    CanonicalWriter state(now, Counters::Kept);
    state(pos, call);
    SqlValue reason = nullptr;
    if (call.end_reason) reason = static_cast<int64_t>(*call.end_reason);
    SqlValue replaced_by = nullptr;
    if (call.replaced_by) replaced_by = call.replaced_by->value;
    return {
        R"(INSERT INTO calls (id, chain, pos, audio, video, created, answered, ended, end_reason, replaced_by, state)
               VALUES (:id, :chain, :pos, :audio, :video, :created, :answered, :ended, :end_reason, :replaced_by, :state)
               ON CONFLICT (id) DO UPDATE SET audio = excluded.audio, video = excluded.video,
                   answered = excluded.answered, ended = excluded.ended, end_reason = excluded.end_reason,
                   replaced_by = excluded.replaced_by, state = excluded.state)",
        {call.id.value, chain.value, number(pos), int64_t{call.options.audio}, int64_t{call.options.video},
         call.created.unix_milliseconds, milliseconds(call.answered), milliseconds(call.ended), std::move(reason),
         std::move(replaced_by), state.take()}};
}

Statement forget_call(const CallId& call) { return {"UPDATE calls SET state = NULL WHERE id = :id", {call.value}}; }

Statement upsert_participant(const CallId& call, size_t place, const Participant& p) {
    return {R"(INSERT INTO call_participants (call, place, profile, owner, kind, outcome, answered, ignored, visible,
                   joined, gone)
               VALUES (:call, :place, :profile, :owner, :kind, :outcome, :answered, :ignored, :visible, :joined, :gone)
               ON CONFLICT (call, place) DO UPDATE SET outcome = excluded.outcome, answered = excluded.answered,
                   ignored = excluded.ignored, visible = excluded.visible, joined = excluded.joined,
                   gone = excluded.gone)",
            {call.value, number(place), p.who.profile.value, p.who.user.value, static_cast<int64_t>(p.who.kind),
             static_cast<int64_t>(p.state), int64_t{p.ever_in}, int64_t{p.ignored}, int64_t{visible(p)},
             milliseconds(p.joined), milliseconds(p.left)}};
}

bool same_seat(const Participant& a, const Participant& b) {
    return a.state == b.state && a.ever_in == b.ever_in && a.ignored == b.ignored && visible(a) == visible(b) &&
           a.joined == b.joined && a.left == b.left;
}

Statement select_chain(const ChainId& chain) {
    return {"SELECT last_call, last_pos FROM chains WHERE id = :id", {chain.value}};
}
Statement select_members(const ChainId& chain) {
    return {"SELECT profile FROM chain_members WHERE chain = :chain ORDER BY profile", {chain.value}};
}
Statement select_calls(const ChainId& chain) {
    return {"SELECT state FROM calls WHERE chain = :chain AND state IS NOT NULL ORDER BY pos", {chain.value}};
}
Statement select_busy_chains() {
    return {"SELECT DISTINCT chain FROM calls WHERE state IS NOT NULL ORDER BY chain", {}};
}

}  // namespace crosspoint::chains
