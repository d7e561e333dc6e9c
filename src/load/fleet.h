#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/deadline_queue.h"
#include "base/net_address.h"
#include "io/event_loop.h"
#include "load/client.h"
#include "load/person.h"
#include "load/web_socket_client.h"

namespace crosspoint::load {

/// The connections of all people: one for each, opened a few hundred at a time.
class Fleet {
public:
    struct Handlers {
        std::function<void(Person, const News&)> news;
        std::function<void()> changed;  // somebody is ready, or gone
    };
    Fleet(io::EventLoop& loop, const NetAddress& server, std::string account, Handlers handlers);

    void open(std::vector<std::string> tokens);
    void ask(Ask ask);
    /// Says goodbye on every connection.
    void close();
    void handle_timeout(Timestamp now);
    Timestamp next_timeout() const { return acknowledgements_.next(); }

    size_t ready() const { return ready_; }
    size_t open_count() const { return open_; }
    /// Requests that no reply has come to.
    size_t unanswered() const;
    /// As the server told the first one.
    const json::object& limits() const { return members_.front()->client.limits(); }
    /// What went wrong with connections, and how often. Connections that end after `close` are none of it.
    const std::map<std::string, uint64_t>& problems() const { return problems_; }

private:
    struct Member {
        explicit Member(Client machine) : client(std::move(machine)) {}
        Client client;
        std::unique_ptr<WebSocketClient> socket;
        bool counted_ready = false;
    };
    void open_more();
    void hear(Person who, std::string_view frame);
    void closed(Person who, const std::string& why);
    void carry_out(Person who, const ClientOutput& out);

    io::EventLoop& loop_;
    NetAddress server_;
    std::string account_;
    Handlers handlers_;
    std::vector<std::unique_ptr<Member>> members_;
    DeadlineQueue<Person> acknowledgements_;
    size_t begun_ = 0;
    size_t open_ = 0;  // begun and not closed
    size_t ready_ = 0;
    size_t lost_ = 0;
    bool closing_ = false;
    std::map<std::string, uint64_t> problems_;
};

}  // namespace crosspoint::load
