#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "load/person.h"

namespace crosspoint::load {

/// What a client is told in its sequence (jsapi 3.1, 5, 8.2). `answers` is, of a `reply`, the type of what was asked.
struct News {
    std::string type;
    json::object body;
    std::string answers;
};

/// What a `reply` refuses with: the error's name; nothing when it is ok.
std::optional<std::string> error_of(const News& reply);

struct ClientOutput {
    std::vector<std::string> frames;  // to be sent, in this order
    std::vector<News> news;
    std::string fault;  // what of the protocol the server broke; empty: nothing
};

/// One connection's side of the protocol, and nothing of what it is used for: it says hello, counts both sequences,
/// acknowledges as often as the SDK does, and answers pings (jsapi 2.2, 3). It does not resume: a transport that is
/// lost under load is an error.
class Client {
public:
    Client(std::string account, std::string token) : account_(std::move(account)), token_(std::move(token)) {}

    /// The transport is open.
    void begin(ClientOutput& out);
    void hear(Timestamp now, std::string_view frame, ClientOutput& out);
    void ask(std::string_view type, json::object body, ClientOutput& out);
    /// The connection ends for good.
    void leave(ClientOutput& out) const;
    void handle_timeout(Timestamp now, ClientOutput& out);
    Timestamp next_timeout() const { return acknowledge_at_; }

    /// `welcome` and `sync.done` have come.
    bool ready() const { return ready_; }
    /// As `welcome` told them.
    const json::object& limits() const { return limits_; }
    /// Requests without a reply.
    size_t unanswered() const { return asked_.size(); }

private:
    void hear_sequenced(Timestamp now, uint64_t seq, json::object& frame, ClientOutput& out);
    void send(json::object frame, ClientOutput& out);

    std::string account_;
    std::string token_;
    json::object limits_;
    std::map<uint64_t, std::string, std::less<>> asked_;  // by `seq`: its type
    uint64_t sent_ = 0;
    uint64_t received_ = 0;
    size_t unacknowledged_ = 0;
    Timestamp acknowledge_at_ = kNever;
    bool ready_ = false;
};

}  // namespace crosspoint::load
