#pragma once
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/effects.h"
#include "base/bytes.h"
#include "base/deadline_queue.h"
#include "base/ids.h"
#include "base/time.h"

namespace crosspoint::api {

/// What became of one attempt.
struct WebhookResult {
    AttemptId attempt;
    int status = 0;        // HTTP status; 0 when there was no answer
    bool refused = false;  // we did not even try: the URL leads where webhooks may not go
};

/// An event and where it goes.
struct Callback {
    AccountId account;
    ParticipantId participant;
    std::string url;
    std::string body;
};

struct CallbackSettings {
    std::chrono::milliseconds give_up_after = 24h;
    /// Each attempt for one of these accounts is signed (webhook_signature.h).
    std::unordered_map<AccountId, Buffer> secrets{};
};

/// The outbox of events for URLs that customers gave us (spec 1.5): at least once, in order per participant, tried
/// again after 1 s doubling to 5 min for 24 h. What is enqueued is in the store until it was delivered or dropped.
class Callbacks {
public:
    struct Counts {
        uint64_t delivered = 0;
        uint64_t dropped = 0;  // refused by the receiver, given up, too many, or with a URL that leads nowhere
    };

    /// Of one participant. Whoever holds a token can come and go as fast as he likes while the receiver is down; beyond
    /// this the oldest events are dropped.
    static constexpr size_t kMaxWaiting = 1000;

    explicit Callbacks(CallbackSettings settings = {}) : settings_(std::move(settings)) {}

    void restore(const std::vector<Row>& rows, Now now, Effects& out);
    void enqueue(Callback callback, Now now, Effects& out);
    /// For what is worth something at once or not at all: tried once, whatever else waits, and never stored.
    void post_now(const Callback& callback, Now now, Effects& out);
    void finished(const WebhookResult& result, Now now, Effects& out);
    void handle_timeout(Now now, Effects& out);
    Timestamp next_timeout() const { return retries_.next(); }

    size_t waiting() const;
    const Counts& counts() const { return counts_; }

    static Statement select_all();

private:
    struct Item {
        int64_t id = 0;
        Callback callback;
        WallTime created;
    };
    struct Queue {
        std::deque<Item> items;  // the first is being tried, or waits for its next try
        std::optional<AttemptId> attempt;
        uint32_t failures = 0;  // of the first item, in a row
    };

    void post(const Callback& callback, AttemptId attempt, const std::string& id, Now now, Effects& out) const;
    void try_first(const ParticipantId& participant, Queue& queue, Now now, Effects& out);
    void drop_first(Queue& queue, Effects& out);

    CallbackSettings settings_;
    std::unordered_map<ParticipantId, Queue> queues_;
    std::unordered_map<AttemptId, std::optional<ParticipantId>> attempts_;  // nothing: it was the only one
    DeadlineQueue<ParticipantId> retries_;
    int64_t last_id_ = 0;
    uint64_t last_attempt_ = 0;
    Counts counts_;
};

}  // namespace crosspoint::api
