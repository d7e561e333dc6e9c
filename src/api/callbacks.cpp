#include "api/callbacks.h"

#include <fmt/format.h>

#include "api/webhook_signature.h"

namespace crosspoint::api {
namespace {

constexpr Duration kFirstRetry = 1s;
constexpr Duration kLongestRetry = 5min;

Duration retry_after(uint32_t failures) {
    Duration wait = kFirstRetry;
    for (uint32_t i = 1; i < failures && wait < kLongestRetry; ++i) wait *= 2;
    return std::min(wait, kLongestRetry);
}

/// The receiver understood us and does not want it; asking again would not help (spec 1.5).
bool is_final(int status) { return status >= 400 && status < 500 && status != 408 && status != 425 && status != 429; }

Statement insert(int64_t id, const Callback& callback, WallTime created) {
    return {R"(INSERT INTO callbacks (id, participant, url, body, created, account)
               VALUES (:id, :participant, :url, :body, :created, :account))",
            {id, callback.participant.value, callback.url, callback.body, created.unix_milliseconds,
             callback.account.value}};
}

Statement erase(int64_t id) { return {"DELETE FROM callbacks WHERE id = :id", {id}}; }

}  // namespace

Statement Callbacks::select_all() {
    return {"SELECT id, participant, url, body, created, account FROM callbacks ORDER BY id", {}};
}

void Callbacks::restore(const std::vector<Row>& rows, Now now, Effects& out) {
    for (const Row& row : rows) {
        const ParticipantId participant(row.text(1));
        queues_[participant].items.push_back(
            {row.number(0), {AccountId(row.text(5)), participant, row.text(2), row.text(3)}, WallTime{row.number(4)}});
        last_id_ = std::max(last_id_, row.number(0));
    }
    for (const Row& row : rows) {
        const ParticipantId participant(row.text(1));
        Queue& queue = queues_.at(participant);
        if (!queue.attempt) try_first(participant, queue, now, out);
    }
}

void Callbacks::enqueue(Callback callback, Now now, Effects& out) {
    const ParticipantId participant = callback.participant;
    Queue& queue = queues_[participant];
    const Item& item = queue.items.emplace_back(Item{++last_id_, std::move(callback), now.wall});
    out.statements.push_back(insert(item.id, item.callback, item.created));
    if (queue.items.size() == 1) return try_first(participant, queue, now, out);
    if (queue.items.size() <= kMaxWaiting) return;
    const auto oldest = queue.items.begin() + 1;  // but the first, which may be arriving right now
    out.statements.push_back(erase(oldest->id));
    queue.items.erase(oldest);
    ++counts_.dropped;
}

void Callbacks::try_first(const ParticipantId& participant, Queue& queue, Now now, Effects& out) {
    const AttemptId attempt{++last_attempt_};
    queue.attempt = attempt;
    attempts_[attempt] = participant;
    const Item& item = queue.items.front();
    // Rows are numbered from 1 again once none is left, so the number alone would come a second time.
    const std::string id = fmt::format("{}-{}-{}", participant.value, item.created.unix_milliseconds, item.id);
    post(item.callback, attempt, id, now, out);
}

void Callbacks::post_now(const Callback& callback, Now now, Effects& out) {
    const AttemptId attempt{++last_attempt_};
    attempts_[attempt] = std::nullopt;
    const std::string id =
        fmt::format("{}-{}-now-{}", callback.participant.value, now.wall.unix_milliseconds, attempt.value);
    post(callback, attempt, id, now, out);
}

void Callbacks::post(const Callback& callback, AttemptId attempt, const std::string& id, Now now, Effects& out) const {
    PostWebhook post{attempt, callback.url, {{"Content-Type", "application/json"}}, callback.body};
    if (const auto secret = settings_.secrets.find(callback.account); secret != settings_.secrets.end())
        std::ranges::move(sign_webhook(secret->second, id, now.wall, post.body), std::back_inserter(post.headers));
    out.outputs.emplace_back(std::move(post));
}

void Callbacks::drop_first(Queue& queue, Effects& out) {
    out.statements.push_back(erase(queue.items.front().id));
    queue.items.pop_front();
    queue.failures = 0;
}

void Callbacks::finished(const WebhookResult& result, Now now, Effects& out) {
    const auto attempt = attempts_.find(result.attempt);
    if (attempt == attempts_.end()) return;
    const bool delivered = result.status >= 200 && result.status < 300;
    const auto queued = attempt->second;
    attempts_.erase(attempt);
    if (!queued) {
        ++(delivered ? counts_.delivered : counts_.dropped);
        return;
    }
    const ParticipantId& participant = *queued;
    Queue& queue = queues_.at(participant);
    queue.attempt.reset();
    const bool too_old = queue.items.front().created + settings_.give_up_after <= now.wall;
    if (delivered || result.refused || is_final(result.status) || too_old) {
        ++(delivered ? counts_.delivered : counts_.dropped);
        drop_first(queue, out);
        if (queue.items.empty())
            queues_.erase(participant);
        else
            try_first(participant, queue, now, out);
        return;
    }
    retries_.set(participant, now.mono + retry_after(++queue.failures));
}

void Callbacks::handle_timeout(Now now, Effects& out) {
    while (const auto participant = retries_.pop_due(now.mono))
        try_first(*participant, queues_.at(*participant), now, out);
}

size_t Callbacks::waiting() const {
    size_t count = 0;
    for (const auto& [participant, queue] : queues_) count += queue.items.size();
    return count;
}

}  // namespace crosspoint::api
