#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/deadline_queue.h"
#include "base/random.h"
#include "load/client.h"
#include "load/latencies.h"
#include "load/pace.h"
#include "load/person.h"

namespace crosspoint::load {

struct CallFigures {
    uint64_t opened = 0;
    uint64_t rung = 0;
    uint64_t answered = 0;
    uint64_t ended = 0;       // as they should, for both
    uint64_t unfinished = 0;  // not over after `kCallLimit`
    uint64_t failed = 0;      // took another course; `errors` says which
    Latencies ringing;        // from the moment one was due until the caller hears that it rings
    Latencies answering;      // from `call.accept` until the caller hears it
    Latencies lasting;        // from the moment one was due until both hear its end
    std::map<std::string, uint64_t> errors;
};

/// Calls between the two of each pair, both ways by turns: opened, rung for a while, answered, talked in, hung up by
/// the caller (jsapi 8). Nobody connects media: `call.media` has to come, and nothing is made of it.
class Calls {
public:
    /// From the moment a call is due until both have heard its end.
    static constexpr Duration kCallLimit = 10s;

    Calls(const std::vector<std::string>& names, Pace pace, Random& random);

    void handle_timeout(Timestamp now, std::vector<Ask>& out);
    Timestamp next_timeout() const { return std::min(stuck_ ? kNever : pace_.next(), deadlines_.next()); }
    /// A message of a call, or a reply to one.
    void hear(Timestamp now, Person who, const News& news, std::vector<Ask>& out);
    /// All are opened, and none lives.
    bool done() const { return pace_.over() && live_ == 0; }
    const CallFigures& figures() const { return figures_; }

private:
    enum class Step : uint8_t { None, Opened, Ringing, Answered, Talking, HungUp };
    struct Pair {
        Step step = Step::None;
        Person caller = 0;
        std::string call;
        Timestamp due;       // when it was to be opened
        Timestamp accepted;  // when `call.accept` was sent
        Timestamp over;      // when it must have ended
        int media = 0;       // how many of the two were given media
        int ended = 0;       // … have heard the end
    };
    void open(size_t index, std::vector<Ask>& out);
    void on_message(Timestamp now, Person who, const News& news, std::vector<Ask>& out);
    void on_end(Timestamp now, size_t index, const News& news);
    void act(Timestamp now, size_t index, std::vector<Ask>& out);
    void wait(size_t index, Timestamp until) { deadlines_.set(index, std::min(until, pairs_[index].over)); }
    void fail(size_t index, const std::string& why);
    void close(size_t index);

    const std::vector<std::string>& names_;
    Pace pace_;
    Random& random_;
    std::vector<Pair> pairs_;
    DeadlineQueue<size_t> deadlines_;  // of pairs
    size_t turn_ = 0;
    uint64_t live_ = 0;
    bool stuck_ = false;  // the next one is due, and all people are in calls
    CallFigures figures_;
};

}  // namespace crosspoint::load
