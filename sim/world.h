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
#include "people/device.h"
#include "sockets.h"

namespace crosspoint::sim {

struct WorldOptions {
    NodeOptions node;
    bool print_trace = false;
    int media_pace = 1;  // `Surroundings::media_pace`
};

struct RestAnswer {
    int status = 0;  // 0: none came
    boost::json::value body;
};

/// What an app decides about a person when it makes one (jsapi 4).
struct PersonOptions {
    std::string user{};  // empty: one of its own, by the person's name
    bool dnd = false;
    bool wakeable = false;
    std::string busy_policy{"ring"};
    std::string call_policy{"anyone"};
};

struct DeviceOptions {
    int token_life_s = 24 * 3600;
    boost::json::object grant{};  // `profiles`, `scope` of its token
    bool connects = true;
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
    /// Tag of what is made without waiting for the answer, which may never come: it is found by that in the end.
    static constexpr const char* kMadeInPassing = "made in passing";

    World(uint64_t seed, WorldOptions options);
    ~World() override;

    void run_for(Duration duration);
    /// Fails the story when it takes longer than `limit`.
    bool run_until(const std::function<bool()>& done, Duration limit = 20s,
                   std::source_location where = std::source_location::current());

    /// Takes time. The path follows /v1/accounts/{accountId}. Status 0: the server died, or there was none.
    RestAnswer rest(std::string_view method, const std::string& path, const boost::json::value& body = nullptr);
    void admin_later(std::string_view method, const std::string& path, const boost::json::value& body,
                     std::function<void(RestAnswer)> answered);
    void rest_later(std::string_view method, const std::string& path, const boost::json::value& body,
                    std::function<void(RestAnswer)> answered);

    std::string session();
    /// A participant of its own and the page that has its token, not connected yet.
    Browser& browser(const std::string& name, const ParticipantOptions& options = {});
    /// Another page with the same token.
    Browser& second_device(const std::string& name, const Browser& first);
    /// A page with a token of its own making.
    Browser& impostor(const std::string& name, const std::string& token) { return page(name, "nobody", token); }
    /// The page of a participant that was made without waiting.
    Browser& page(const std::string& name, const std::string& participant, const std::string& token);
    /// A browser whose participant is a member that hears the whole session, connected and publishing.
    Browser& joins(const std::string& session, const std::string& name, const ParticipantOptions& options = {});
    void add(const std::string& session, const Browser& who, const boost::json::object& subscription);
    void subscribe(const std::string& session, const Browser& who, const boost::json::object& subscription);
    void remove(const std::string& session, const Browser& who);
    void delete_participant(const Browser& who);

    // People, their devices and their calls (docs/simulation.md).

    /// Like `rest`; the path follows /admin/v1/accounts/{accountId}.
    RestAnswer admin(std::string_view method, const std::string& path, const boost::json::value& body = nullptr);
    /// A user with a profile, both named after `name`. A second one with the same `user` is another profile of it.
    Person person(const std::string& name, const PersonOptions& options = {});
    /// "contact", "blocked" or "none".
    void relate(const Person& who, const Person& to, const std::string& relation);
    /// A page with a token of this person, connected and synced unless the options say no.
    Device& device(const Person& person, const std::string& name, const DeviceOptions& options = {});
    const std::vector<std::unique_ptr<Device>>& devices() const { return devices_; }
    /// What became of it; fails the story when it is never answered.
    const Outcome& answer(const Request& request, std::source_location where = std::source_location::current());
    /// Opens a call and waits until it has an id; returns that.
    std::string call(Device& from, const std::vector<std::string>& to, const CallWishes& wishes = {});
    /// … until it is answered, too; without media.
    std::string talk(Device& from, Device& to, const CallWishes& wishes = {});
    /// Waits until every connected device shows exactly what the server knows, and fails when that does not come.
    void expect_one_truth(std::source_location where = std::source_location::current());

    Node& server() { return node_; }
    void kill_server();
    void start_server() { node_.start(); }
    /// SIGTERM: it says goodbye, and ends a moment later.
    void stop_server();
    Receiver& receiver(const std::string& url) { return receivers_[url]; }
    /// How many sockets the server has closed with this code.
    size_t closed_with(uint16_t code) const {
        const auto found = closed_with_.find(code);
        return found == closed_with_.end() ? 0 : found->second;
    }

    Timestamp time() const { return schedule_.time(); }
    Random& random() { return random_; }
    uint64_t trace_hash() const { return trace_.hash(); }
    /// Does it then, whatever the story does meanwhile.
    void after(Duration delay, std::function<void()> work) { schedule_.after(delay, std::move(work)); }
    /// A line of the trace that a story writes.
    void note(std::string_view what, std::string_view detail) { trace_.note(time(), "story", what, detail); }

    /// Everybody leaves, everything that was made here is deleted, and nothing may be left.
    void finish();

private:
    void responded(const api::Respond& answer) override;
    void sent_text(SocketId socket, const std::string& text) override { sockets_.deliver(socket, text); }
    void closed_socket(SocketId socket, uint16_t code) override {
        ++closed_with_[code];
        sockets_.close_by_server(socket, code);
    }
    void posted(const api::PostWebhook& webhook) override;
    void send_request(std::string_view method, const std::string& path, const boost::json::value& body, bool makes,
                      std::function<void(RestAnswer)> answered);
    void ask_for_token(const std::string& path, const boost::json::object& wishes,
                       const std::function<void(std::string)>& take);
    RestAnswer wait_for(const std::function<void(std::function<void(RestAnswer)>)>& ask);
    std::string difference_between_server_and_devices() const;
    void expect_durable(const api::Respond& answer);
    void answer_nothing(uint64_t request);
    void note_what_was_made(const RestAnswer& answer);
    void end_people();
    void expect_nothing_left();

    Schedule schedule_;
    SeededRandom random_;
    Trace trace_;
    Network network_;
    std::unique_ptr<rtc::dtls::TransportFactory> transports_;
    Surroundings around_;
    Node node_;
    Sockets sockets_;
    struct Waiting {
        bool makes = false;  // sessions or participants
        std::function<void(RestAnswer)> answered;
    };
    std::map<uint64_t, Waiting> requests_;
    uint64_t last_request_ = 0;
    std::map<std::string, Receiver> receivers_;
    std::map<uint16_t, size_t> closed_with_;
    std::set<std::string> sessions_;  // that were made here
    std::set<std::string> participants_;
    std::vector<std::unique_ptr<Browser>> browsers_;
    std::vector<std::unique_ptr<Device>> devices_;
};

}  // namespace crosspoint::sim
