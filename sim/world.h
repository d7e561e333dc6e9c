#pragma once
#include <boost/json/value.hpp>
#include <functional>
#include <map>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

#include "browser.h"
#include "node.h"
#include "sockets.h"

namespace crosspoint::sim {

struct WorldOptions {
    NodeOptions node;
    bool print_trace = false;
};

struct RestAnswer {
    int status = 0;  // 0: none came
    boost::json::value body;
};

/// Somebody's web server that gets callbacks.
struct Receiver {
    bool alive = true;
    std::vector<boost::json::object> bodies;  // of what it took
    int attempts = 0;

    /// The names of the events it took, in their order.
    std::vector<std::string> events() const;
};

struct ParticipantOptions {
    std::vector<std::string> permissions{"AUDIO", "VIDEO"};
    std::string callback_url{};
};

// What PUT …/subscriptions and PUT …/participants/{id} take.
boost::json::object whole_session(const std::string& session);
boost::json::object no_streams();
boost::json::object only(const Browser& publisher, std::vector<std::string> aliases = {});
boost::json::object only(const std::string& participant);

/// A server, browsers, an application that calls the REST API, and time that passes when a story says so.
class World final : public NodeListener {
public:
    World(uint64_t seed, WorldOptions options);
    ~World() override;

    void run_for(Duration duration);
    /// Fails the story when it takes longer than `limit`.
    bool run_until(const std::function<bool()>& done, Duration limit = 20s,
                   std::source_location where = std::source_location::current());

    /// Takes time. The path follows /v1/accounts/{accountId}.
    RestAnswer rest(std::string_view method, const std::string& path, const boost::json::value& body = nullptr);
    void rest_later(std::string_view method, const std::string& path, const boost::json::value& body,
                    std::function<void(RestAnswer)> answered);

    std::string session();
    /// A participant of its own and the page that has its token, not connected yet.
    Browser& browser(const std::string& name, const ParticipantOptions& options = {});
    /// Another page with the same token.
    Browser& second_device(const std::string& name, const Browser& first);
    /// A page with a token of its own making.
    Browser& impostor(const std::string& name, const std::string& token) { return page(name, "nobody", token); }
    /// A browser whose participant is a member that hears the whole session, connected and publishing.
    Browser& joins(const std::string& session, const std::string& name, const ParticipantOptions& options = {});
    void add(const std::string& session, const Browser& who, const boost::json::object& subscription);
    void subscribe(const std::string& session, const Browser& who, const boost::json::object& subscription);
    void remove(const std::string& session, const Browser& who);
    void delete_participant(const Browser& who);

    Node& server() { return node_; }
    void kill_server();
    void start_server() { node_.start(); }
    /// SIGTERM: it says goodbye, and ends a moment later.
    void stop_server();
    Receiver& receiver(const std::string& url) { return receivers_[url]; }

    Timestamp time() const { return schedule_.time(); }
    Random& random() { return random_; }
    uint64_t trace_hash() const { return trace_.hash(); }

    /// Everybody leaves, everything that was made here is deleted, and nothing may be left.
    void finish();

private:
    void responded(const api::Respond& answer) override;
    void sent_text(SocketId socket, const std::string& text) override { sockets_.deliver(socket, text); }
    void closed_socket(SocketId socket, uint16_t code) override { sockets_.close_by_server(socket, code); }
    void posted(const api::PostWebhook& webhook) override;
    Browser& page(const std::string& name, const std::string& participant, const std::string& token);
    void expect_durable(const api::Respond& answer);
    void note_what_was_made(const RestAnswer& answer);
    void expect_nothing_left();

    Schedule schedule_;
    SeededRandom random_;
    Trace trace_;
    Network network_;
    std::unique_ptr<rtc::dtls::TransportFactory> transports_;
    Surroundings around_;
    Node node_;
    Sockets sockets_;
    std::map<uint64_t, std::function<void(RestAnswer)>> requests_;
    uint64_t last_request_ = 0;
    std::map<std::string, Receiver> receivers_;
    std::set<std::string> sessions_;  // that were made here
    std::set<std::string> participants_;
    std::vector<std::unique_ptr<Browser>> browsers_;
};

}  // namespace crosspoint::sim
