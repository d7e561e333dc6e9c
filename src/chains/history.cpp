#include "chains/history.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "chains/people_records.h"
#include "chains/wire_size.h"

namespace crosspoint::chains {
namespace {

constexpr size_t kTexts = 0, kCalls = 1, kParticipants = 2;  // the selects of a page of history

SqlValue number(uint64_t value) { return static_cast<int64_t>(value); }

std::optional<WallTime> time_in(const Row& row, size_t column) {
    if (row.null(column)) return std::nullopt;
    return WallTime{row.number(column)};
}

TextView text_view(StoredText stored, const ProfileId& profile, const UserId& reader) {
    if (stored.sender != reader) stored.text.local_id.clear();
    return {std::move(stored.text), profile};
}

CallInHistory call_in_history(const Row& row, const ChainId& chain) {
    CallInHistory call;
    call.record.ref = {CallId(row.text(0)), chain};
    call.pos = static_cast<uint64_t>(row.number(1));
    call.record.options = {row.number(2) != 0, row.number(3) != 0};
    call.record.created = WallTime{row.number(4)};
    call.record.answered = time_in(row, 5);
    call.live = row.null(6);
    if (!call.live) {
        call.record.ended = WallTime{row.number(6)};
        call.record.reason = static_cast<EndReason>(row.number(7));
    }
    if (const auto by = row.optional_text(8)) call.record.replaced_by = CallId(*by);
    return call;
}

void add_participant(CallRecord& record, const Row& row, const UserId& reader) {
    const ProfileId profile(row.text(1));
    if (row.number(2) == 0) {
        record.from = profile;
    } else {
        record.to.push_back(profile);
    }
    const bool own = row.text(3) == reader.value;
    record.participants.push_back({.id = profile,
                                   .outcome = static_cast<ParticipantState>(row.number(4)),
                                   .answered = row.number(5) != 0,
                                   .ignored = own && row.number(6) != 0,
                                   .joined = time_in(row, 7),
                                   .left = time_in(row, 8)});
}

uint64_t pos(const std::variant<TextView, CallInHistory>& message) {
    const auto* text = std::get_if<TextView>(&message);
    return text ? text->text.pos : std::get<CallInHistory>(message).pos;
}

/// How many of the first of them, but at least one.
size_t fitting_in(const std::vector<std::variant<TextView, CallInHistory>>& messages, size_t most_bytes) {
    size_t bytes = 0;
    for (size_t i = 0; i < messages.size(); ++i) {
        bytes += std::visit([](const auto& m) { return wire_size(m); }, messages[i]);
        if (bytes > most_bytes) return std::max<size_t>(i, 1);
    }
    return messages.size();
}

}  // namespace

std::vector<Statement> select_history(const ProfileId& profile, const ChainId& chain, std::optional<uint64_t> before,
                                      size_t limit) {
    const SqlValue below = before ? number(*before) : SqlValue(std::numeric_limits<int64_t>::max());
    const SqlValue most = number(limit + 1);
    const auto glare = static_cast<int64_t>(EndReason::Glare);  // GLR-8: part of the winner
    // SEC-2: whether one may name the chain comes first, before any row of the chain is looked at: for who may not,
    // that takes as long as for a chain that does not exist, however long this one is.
    return {
        {R"(SELECT t.id, t.chain, t.pos, t.owner, t.sender, t.receivers, t.connection, t.local_id, t.body, t.version,
                   t.created, t.removed
                FROM chain_members m CROSS JOIN texts t JOIN text_seats s ON s.text = t.id
                WHERE m.chain = :chain AND m.profile = :profile AND t.chain = m.chain AND s.profile = m.profile
                    AND t.pos < :below ORDER BY t.pos DESC LIMIT :most)",
         {chain.value, profile.value, below, most}},
        {R"(SELECT c.id, c.pos, c.audio, c.video, c.created, c.answered, c.ended, c.end_reason, c.replaced_by
                FROM chain_members m CROSS JOIN calls c JOIN call_participants p ON p.call = c.id
                WHERE m.chain = :chain AND m.profile = :profile AND c.chain = m.chain AND p.profile = m.profile
                    AND p.visible <> 0 AND c.pos < :below
                    AND (c.end_reason IS NULL OR c.end_reason <> :glare) ORDER BY c.pos DESC LIMIT :most)",
         {chain.value, profile.value, below, glare, most}},
        {R"(SELECT q.call, q.profile, q.place, q.owner, q.outcome, q.answered, q.ignored, q.joined, q.gone
                FROM call_participants q WHERE q.call IN (
                    SELECT c.id FROM chain_members m CROSS JOIN calls c JOIN call_participants p ON p.call = c.id
                    WHERE m.chain = :chain AND m.profile = :profile AND c.chain = m.chain AND p.profile = m.profile
                        AND p.visible <> 0 AND c.pos < :below
                        AND (c.end_reason IS NULL OR c.end_reason <> :glare) ORDER BY c.pos DESC LIMIT :most)
                ORDER BY q.call, q.place)",
         {chain.value, profile.value, below, glare, most}}};
}

HistoryPage history_from(const std::vector<std::vector<Row>>& rows, const ProfileId& profile, const UserId& reader,
                         const ChainId& chain, size_t limit, size_t most_bytes) {
    HistoryPage page;
    for (const Row& row : rows.at(kTexts))
        if (auto stored = text_from(row)) page.messages.emplace_back(text_view(std::move(*stored), profile, reader));
    for (const Row& row : rows.at(kCalls)) {
        CallInHistory call = call_in_history(row, chain);
        for (const Row& participant : rows.at(kParticipants))
            if (participant.text(0) == call.record.ref.call.value) add_participant(call.record, participant, reader);
        page.messages.emplace_back(std::move(call));
    }
    std::ranges::sort(page.messages, std::ranges::greater{}, pos);
    const size_t fitting = std::min(limit, fitting_in(page.messages, most_bytes));
    page.more = page.messages.size() > fitting;
    if (page.more) page.messages.resize(fitting);
    return page;
}

// The cursor is the last one's time and id.
std::optional<Statement> select_chain_list(const ProfileId& profile, const std::optional<std::string>& before,
                                           size_t limit) {
    int64_t latest = std::numeric_limits<int64_t>::max();
    std::string chain;
    if (before) {
        const char* const end = before->data() + before->size();
        const auto [rest, error] = std::from_chars(before->data(), end, latest);
        if (error != std::errc{} || rest == end || *rest != '.') return std::nullopt;
        chain.assign(rest + 1, end);
    }
    return Statement{R"(SELECT chain, latest FROM chain_lists
                        WHERE profile = :profile AND (latest < :latest OR (latest = :same AND chain < :chain))
                        ORDER BY latest DESC, chain DESC LIMIT :most)",
                     {profile.value, latest, latest, chain, number(limit + 1)}};
}

ChainPage chain_page_from(const std::vector<Row>& rows, size_t limit) {
    ChainPage page;
    for (const Row& row : rows) page.chains.push_back({ChainId(row.text(0)), WallTime{row.number(1)}});
    if (page.chains.size() <= limit) return page;
    page.chains.resize(limit);
    const ChainInList& last = page.chains.back();
    page.next = std::to_string(last.latest.unix_milliseconds) + "." + last.chain.value;
    return page;
}

}  // namespace crosspoint::chains
