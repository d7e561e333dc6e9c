#pragma once
#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connection.h"
#include "sockets.h"

namespace crosspoint::sim {

/// What becomes of a request to the server; settled once.
struct Outcome {
    bool settled = false;
    bool ok = false;
    std::string error{};           // its name, when it is not ok
    boost::json::object result{};  // or the error's `details`
};
using Request = std::shared_ptr<const Outcome>;
using Then = std::function<void(const Outcome&)>;

/// The member of that name; empty when there is none, or no string.
std::string text(const boost::json::object& object, std::string_view name);

/// A frame, as it was heard or said.
struct Frame {
    Timestamp when;
    std::string type;
    boost::json::object body;
};

/// How a connection came about: the first of this page, resumed in order, resumed from a snapshot, or a new one.
enum class Arrived : uint8_t { First, Resumed, Fresh, Renewed };

/// What a `JsapiLink` reports.
class LinkListener {
public:
    virtual ~LinkListener() = default;
    virtual void welcomed(const boost::json::object& welcome) = 0;
    /// Everything sequenced but replies and `sync.done`; `live` after `sync.done`.
    virtual void told(const std::string& type, const boost::json::object& body, bool live) = 0;
    virtual void synced(Arrived how) = 0;
    virtual void closed(uint16_t code) = 0;
    virtual void needs_token() = 0;
};

/// The client's side of one JSAPI connection through transports that come and go (jsapi 2.2, 3): numbers, keeps and
/// acknowledges, resumes, backs off, sends again what was not answered.
class JsapiLink final : public SocketOwner {
public:
    enum class State : uint8_t { Idle, Down, Greeting, Syncing, Ready, Closed };

    JsapiLink(Surroundings& around, Sockets& sockets, LinkListener& listener, std::string device, std::string token);

    void connects();
    /// `bye`, and nothing afterwards.
    void disconnects();
    /// The page is loaded again: what is in session storage stays (CON-6).
    void reloads();
    /// Likewise, but the connection's name is forgotten: it comes back as a new one (SEQ-9).
    void starts_anew();
    /// The machine is switched off: nobody is told.
    void vanishes();
    void set_token(std::string token);
    /// Answered whenever there is a connection; kept, numbered anew and sent again as SEQ-1, SEQ-9 and CON-6 say.
    Request request(std::string type, boost::json::object body, Then then = {});
    /// The call is known to have ended: what was kept for it is done (SEQ-9).
    void forget_call(const std::string& call);
    /// A frame that no client would send.
    void says_raw(const boost::json::object& frame);

    // What the network does to it.
    SignalPath path;
    void loses_transport(bool server_hears = true) { sockets_.lose(socket_, server_hears); }
    void cuts_network(bool server_hears = true);
    void mends_network() { path.cut = false; }
    /// Every frame is sent twice, and heard twice.
    bool twice = false;

    State state() const { return state_; }
    bool ready() const { return state_ == State::Ready; }
    const std::string& connection_id() const { return connection_; }
    const std::vector<Frame>& heard() const { return heard_; }
    const std::vector<Frame>& said() const { return said_; }
    void forget_frames() { heard_.clear(), said_.clear(); }
    /// Why the last transport went; 0: none did.
    uint16_t close_code() const { return close_code_; }
    size_t unanswered() const { return commands_.size(); }
    Arrived arrived() const { return how_; }
    /// Its token is renewed when it expires.
    bool renewable = false;

private:
    struct Command {
        std::string type;
        boost::json::object body;
        std::shared_ptr<Outcome> outcome;
        Then then;
        Timestamp since;
        uint64_t seq = 0;  // 0: not sent on this connection
        bool sent = false;
        bool forgotten = false;  // only its number matters (SEQ-2)
    };

    void socket_opened(SocketId socket) override;
    void socket_text(SocketId socket, const std::string& text) override;
    void socket_closed(SocketId socket, uint16_t code) override;

    void open_socket();
    void handle_timeout();
    void greet();
    void hear(const boost::json::object& frame);
    void welcomed(const boost::json::object& body);
    void answered(const boost::json::object& body);
    void flush();
    void say(boost::json::object frame);
    void send_command(const Command& command);
    void fault();
    void set_alarm();
    void settle(const Command& command, Outcome outcome);
    template <class Predicate>
    void settle_where(Predicate which, const Outcome& outcome);
    void keep_only_what_outlives_the_page();

    Surroundings& around_;
    Sockets& sockets_;
    LinkListener& listener_;
    std::string device_;
    std::string token_;

    State state_ = State::Idle;
    SocketId socket_;
    Arrived how_ = Arrived::First;
    std::string connection_;
    std::string resume_token_;
    std::string since_;
    bool reloaded_ = false;
    bool welcomed_before_ = false;  // in this page
    uint64_t received_ = 0;
    uint64_t acknowledged_ = 0;
    uint64_t last_seq_ = 0;
    std::vector<Command> commands_;
    int failures_ = 0;
    uint16_t close_code_ = 0;
    Timestamp last_heard_{};
    Timestamp ping_at_ = kNever;
    Timestamp ack_at_ = kNever;
    Timestamp retry_at_ = kNever;
    Duration ping_every_{};
    Alarm alarm_;
    std::vector<Frame> heard_;
    std::vector<Frame> said_;
};

}  // namespace crosspoint::sim
