#pragma once
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chains/connection.h"

// One connection alone: a client that numbers, keeps, resends and resumes as the SDK does, a transport that breaks at
// any moment with whatever is on its way, and actors that answer late (jsapi 3).
namespace crosspoint::explore {

struct ConnectionBounds {
    std::string name{};
    size_t commands = 2;  // that the client has to give
    size_t news = 2;      // that the user has for it
    size_t breaks = 2;
    size_t reloads = 0;   // of the page, which forgets what it received
    size_t restarts = 0;  // of the server, which keeps of it what the store does
    size_t kept = 1'000;  // `Settings::kept_messages`
};

/// Changes a connection's state behind its back, after every step; `before` is its state before the step.
using Tampering = std::function<void(const chains::ConnectionState& before, chains::ConnectionState& state)>;

class ConnectionWorld {
public:
    enum class Step : uint8_t {
        Hello,         // the client opens a transport
        Say,           // … gives a command
        ToServer,      // the next frame arrives there
        ToClient,      // the next frame arrives here
        Break,         // the transport is dead; the client knows at once
        Notice,        // … and the server as well
        Reload,        // the page forgets what it received
        News,          // the user's profile changes
        Welcome,       // the user owner answers `ConnectionAttached`
        Answer,        // … the oldest command without an answer
        AnswerNewest,  // … the newest
        Window,        // a detached connection's window passes
        Restart,       // the server is killed and comes back
    };

    ConnectionWorld(const ConnectionBounds& bounds, const chains::Settings& settings, const chains::ProfileBook& book,
                    const Tampering* tampering = nullptr);

    std::vector<Step> steps() const;
    std::string describe(const Step& step) const;
    std::optional<std::string> take(const Step& step, const ConnectionWorld& before);
    std::optional<std::string> check() const;
    std::string key() const;
    bool final() const { return server_.gone(); }
    bool unsettled() const { return !final() && !quiet(); }
    bool is_timer(const Step& step) const;
    bool operator==(const ConnectionWorld& other) const { return key() == other.key(); }

private:
    struct Command {
        size_t number = 0;  // which one
        uint64_t seq = 0;   // in this incarnation
        bool acknowledged = false;
        bool operator==(const Command&) const = default;
    };
    struct ToServer {
        chains::ClientFrame frame;
        uint64_t ack = 0;
    };

    bool may(Step step) const;
    void hello();
    void say(Command& command);
    void hear(const chains::ToSocket& send);
    void hear(const chains::Welcome& welcome);
    void hear(const chains::ServerSays& says);
    void break_transport();
    void restart();
    void run(chains::ConnectionEffects& out);
    void keep(const chains::UserMessage& message);
    bool quiet() const;

    const ConnectionBounds* bounds_;
    const chains::Settings* settings_;
    const chains::ProfileBook* book_;
    const Tampering* tampering_;
    chains::Connection server_;

    // the transport
    std::optional<SocketId> socket_;  // the client's
    uint64_t sockets_ = 0;
    bool noticed_ = true;  // that the one before is dead
    std::deque<ToServer> to_server_;
    std::deque<chains::ToSocket> to_client_;

    // the client
    bool begun_ = false;
    bool welcomed_ = false;  // on this transport
    bool reloaded_ = false;
    std::string token_;
    uint64_t said_ = 0;
    uint64_t heard_ = 0;
    std::vector<Command> commands_;  // without a reply
    size_t given_ = 0;
    size_t seen_ = 0;  // the newest news
    std::vector<size_t> replies_;

    // the actors
    size_t news_ = 0;
    bool attaching_ = false;
    uint64_t incarnation_ = 0;
    std::vector<std::pair<uint64_t, size_t>> asked_;  // request, which command
    std::vector<size_t> effects_;                     // commands in the order in which they took effect
    bool fresh_ = false;                              // some commands may have been given twice
    size_t breaks_ = 0;
    size_t reloads_ = 0;
    size_t restarts_ = 0;
    std::optional<std::string> broken_;
};

}  // namespace crosspoint::explore
