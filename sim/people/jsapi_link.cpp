#include "people/jsapi_link.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "node.h"

namespace crosspoint::sim {

namespace json = boost::json;

namespace {

constexpr Duration kOfflineTtl = 10s;
constexpr Duration kPongTimeout = 10s;
constexpr Duration kAckDelay = 200ms;
constexpr Duration kFirstBackOff = 500ms;
constexpr Duration kLongestBackOff = 30s;
// A call that the user gave up on must not ring later; a lost hang-up must not leave the user in a call (SEQ-9).
constexpr std::string_view kPerishable[] = {"call.init", "call.accept"};
constexpr std::string_view kKept[] = {"call.hangup", "call.reject", "call.ignore"};
// The snapshot of a new connection says anew what these are about.
constexpr std::string_view kBoundToConnection[] = {"call.ringing", "call.pending", "call.sync", "auth.refresh"};

const Outcome kNotConnected{.settled = true, .ok = false, .error = "not_connected"};

bool is_one_of(std::span<const std::string_view> types, std::string_view type) {
    return std::ranges::find(types, type) != types.end();
}

json::object body_of(const json::object& frame) {
    const json::value* body = frame.if_contains("body");
    return body && body->is_object() ? body->get_object() : json::object{};
}

}  // namespace

std::string text(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

JsapiLink::JsapiLink(Surroundings& around, Sockets& sockets, LinkListener& listener, std::string device,
                     std::string token)
    : around_(around),
      sockets_(sockets),
      listener_(listener),
      device_(std::move(device)),
      token_(std::move(token)),
      alarm_(around.schedule, [this] { handle_timeout(); }) {
    path.delay = Duration(static_cast<int64_t>(2'000 + around.random.below(20'000)));
}

// ---- what its page does ----

void JsapiLink::connects() {
    VERIFY(state_ == State::Idle);
    open_socket();
}

void JsapiLink::disconnects() {
    if (state_ == State::Ready || state_ == State::Syncing) say({{"type", "bye"}, {"body", json::object{}}});
    if (state_ != State::Idle) sockets_.close(socket_);
    state_ = State::Closed;
    settle_where([](const Command&) { return true; }, kNotConnected);
    alarm_.set(kNever);
}

void JsapiLink::vanishes() {
    state_ = State::Closed;
    commands_.clear();
    alarm_.set(kNever);
    path.cut = true;
    sockets_.lose(socket_, false);
}

void JsapiLink::reloads() {
    state_ = State::Idle;
    sockets_.close(socket_);
    keep_only_what_outlives_the_page();
    reloaded_ = true;
    connects();
}

void JsapiLink::starts_anew() {
    state_ = State::Idle;
    sockets_.lose(socket_, true);
    keep_only_what_outlives_the_page();
    connection_.clear();
    resume_token_.clear();
    connects();
}

void JsapiLink::keep_only_what_outlives_the_page() {
    std::erase_if(commands_, [](const Command& c) { return !is_one_of(kKept, c.type) || c.forgotten; });
    for (Command& command : commands_) command.seq = 0;
    welcomed_before_ = false;
    received_ = acknowledged_ = last_seq_ = 0;
    failures_ = 0;
}

void JsapiLink::set_token(std::string token) {
    token_ = std::move(token);
    if (state_ == State::Ready || state_ == State::Syncing) request("auth.refresh", {{"token", token_}});
    if (state_ == State::Down && retry_at_ == kNever) open_socket();
}

Request JsapiLink::request(std::string type, json::object body, Then then) {
    const auto outcome = std::make_shared<Outcome>();
    commands_.push_back({std::move(type), std::move(body), outcome, std::move(then), around_.schedule.time()});
    flush();
    set_alarm();
    return outcome;
}

void JsapiLink::settle(const Command& command, Outcome outcome) {
    if (command.outcome->settled) return;  // forgotten
    *command.outcome = std::move(outcome);
    if (command.then) command.then(*command.outcome);
}

template <class Predicate>
void JsapiLink::settle_where(Predicate which, const Outcome& outcome) {
    std::vector<Command> settled;
    std::ranges::copy_if(commands_, std::back_inserter(settled), which);
    std::erase_if(commands_, which);
    for (const Command& command : settled) settle(command, outcome);
}

void JsapiLink::forget_call(const std::string& call) {
    const auto is_done = [&](const Command& c) {
        return is_one_of(kKept, c.type) && c.body.at("callId").as_string() == call && !c.forgotten;
    };
    settle_where([&](const Command& c) { return is_done(c) && c.seq == 0; }, {.settled = true, .ok = true});
    std::vector<Command> numbered;  // the server would miss these
    std::ranges::copy_if(commands_, std::back_inserter(numbered), is_done);
    for (Command& command : commands_) command.forgotten = command.forgotten || is_done(command);
    for (const Command& command : numbered) settle(command, {.settled = true, .ok = true});
}

void JsapiLink::says_raw(const json::object& frame) { sockets_.send(socket_, json::serialize(frame)); }

void JsapiLink::cuts_network(bool server_hears) {
    path.cut = true;
    loses_transport(server_hears);
}

// ---- transports ----

void JsapiLink::open_socket() {
    retry_at_ = kNever;
    state_ = State::Down;
    last_heard_ = around_.schedule.time();
    socket_ = sockets_.open(*this, path, "/jsapi/v1");
    set_alarm();
}

void JsapiLink::socket_opened(SocketId socket) {
    if (socket == socket_ && state_ == State::Down) greet();
}

void JsapiLink::greet() {
    state_ = State::Greeting;
    last_heard_ = around_.schedule.time();
    json::object body{
        {"version", 1}, {"appId", Node::kAccount}, {"token", token_}, {"device", {{"name", device_}, {"kind", "web"}}}};
    if (!since_.empty()) body["since"] = since_;
    if (!connection_.empty()) {
        json::object resume{{"connectionId", connection_}, {"token", resume_token_}, {"recv", received_}};
        if (reloaded_) resume["recv"] = nullptr;
        body["resume"] = std::move(resume);
    }
    sockets_.send(socket_, json::serialize(json::object{{"type", "hello"}, {"body", std::move(body)}}));
    set_alarm();
}

void JsapiLink::socket_closed(SocketId socket, uint16_t code) {
    if (socket != socket_ || state_ == State::Closed || state_ == State::Idle) return;
    close_code_ = code;
    state_ = State::Down;
    around_.trace.note(around_.schedule.time(), device_, "lost its transport", std::to_string(code));
    const bool token_refused = code == 4401;
    if (code == 4409 || code == 4413 || code == 1000 || (token_refused && !renewable)) state_ = State::Closed;
    ack_at_ = ping_at_ = retry_at_ = kNever;
    if (state_ == State::Down && !token_refused) {
        // CON-5: at once, then later and later.
        const Duration step = std::min(kLongestBackOff, kFirstBackOff * (1 << std::min(failures_, 7)) / 2);
        const auto half = static_cast<uint64_t>(step.count() / 2);
        const Duration random(static_cast<int64_t>(around_.random.below(2 * half + 1)));
        retry_at_ = around_.schedule.time() + (failures_ == 0 ? Duration{} : step / 2 + random);
        ++failures_;
    }
    set_alarm();
    listener_.closed(code);
    if (token_refused && renewable) listener_.needs_token();
}

void JsapiLink::fault() {
    sockets_.close(socket_);
    socket_closed(socket_, 4400);
}

void JsapiLink::handle_timeout() {
    const Timestamp now = around_.schedule.time();
    const auto stale = [&](const Command& c) {
        return !c.sent && is_one_of(kPerishable, c.type) && c.since + kOfflineTtl <= now;
    };
    settle_where(stale, kNotConnected);
    if (retry_at_ <= now) return open_socket();
    const Duration patience = kPongTimeout + (ready() || state_ == State::Syncing ? ping_every_ : Duration{});
    if (retry_at_ == kNever && state_ != State::Closed && last_heard_ + patience <= now) {
        sockets_.lose(socket_, false);
        return;
    }
    if (ping_at_ <= now) {
        ping_at_ = now + ping_every_;
        say({{"type", "ping"}});
    }
    if (ack_at_ <= now) say({{"type", "ack"}});
    set_alarm();
}

void JsapiLink::set_alarm() {
    if (state_ == State::Closed || state_ == State::Idle) return alarm_.set(kNever);
    Timestamp next = std::min({ping_at_, ack_at_, retry_at_});
    if (state_ != State::Down)
        next = std::min(next, last_heard_ + kPongTimeout + (state_ == State::Greeting ? Duration{} : ping_every_));
    else if (retry_at_ == kNever)
        next = std::min(next, last_heard_ + kPongTimeout);
    for (const Command& command : commands_)
        if (!command.sent && is_one_of(kPerishable, command.type)) next = std::min(next, command.since + kOfflineTtl);
    alarm_.set(next);
}

// ---- frames ----

void JsapiLink::socket_text(SocketId socket, const std::string& text) {
    if (socket != socket_ || state_ == State::Closed || state_ == State::Idle) return;
    const json::object frame = json::parse(text).as_object();
    last_heard_ = around_.schedule.time();
    for (int i = 0; i < (twice && frame.contains("seq") ? 2 : 1); ++i) hear(frame);
    set_alarm();
}

void JsapiLink::hear(const json::object& frame) {
    if (state_ == State::Closed) return;  // by what it has just heard
    const std::string type(frame.at("type").as_string());
    const json::object body = body_of(frame);
    if (const json::value* number = frame.if_contains("seq")) {
        const auto seq = number->to_number<uint64_t>();
        if (seq > received_ + 1) return fault();
        if (ack_at_ == kNever) ack_at_ = around_.schedule.time() + kAckDelay;
        if (seq <= received_) return;
        received_ = seq;
    }
    heard_.push_back({around_.schedule.time(), type, body});
    if (type == "ping") return say({{"type", "pong"}});
    if (type == "pong" || type == "ack" || type == "error") return;
    if (type == "welcome") return welcomed(body);
    if (type == "reply") return answered(body);
    if (const json::value* useq = body.if_contains("useq")) since_ = useq->as_string();
    if (type == "sync.done") {
        state_ = State::Ready;
        failures_ = 0;
        reloaded_ = false;
        return listener_.synced(how_);
    }
    if (type == "auth.expiring" && renewable) listener_.needs_token();
    listener_.told(type, body, ready());
}

void JsapiLink::welcomed(const json::object& body) {
    const bool resumed = body.at("resumed").as_bool();
    const bool fresh = body.at("fresh").as_bool();
    how_ = !welcomed_before_ ? Arrived::First : !resumed ? Arrived::Renewed : fresh ? Arrived::Fresh : Arrived::Resumed;
    welcomed_before_ = true;
    state_ = State::Syncing;
    connection_ = body.at("connectionId").as_string();
    resume_token_ = body.at("resumeToken").as_string();
    ping_every_ = std::chrono::milliseconds(body.at("pingMs").to_number<int64_t>());
    ping_at_ = around_.schedule.time() + ping_every_;
    const auto known = body.at("recv").to_number<uint64_t>();
    if (how_ != Arrived::Resumed) {
        received_ = acknowledged_ = last_seq_ = 0;
        std::erase_if(commands_, [](const Command& c) { return c.forgotten; });
        for (Command& command : commands_) command.seq = 0;
        if (how_ != Arrived::Fresh)
            settle_where([](const Command& c) { return is_one_of(kBoundToConnection, c.type); }, kNotConnected);
    }
    listener_.welcomed(body);
    for (const Command& command : commands_)
        if (command.seq > known) send_command(command);
    flush();
}

void JsapiLink::answered(const json::object& body) {
    const auto re = body.at("re").to_number<uint64_t>();
    const auto found = std::ranges::find(commands_, re, &Command::seq);
    if (found == commands_.end()) return;
    const Command command = *found;
    commands_.erase(found);
    if (command.forgotten) return;
    Outcome outcome{.settled = true, .ok = body.at("ok").as_bool()};
    if (outcome.ok) {
        outcome.result = body.at("result").as_object();
    } else {
        const json::object& error = body.at("error").as_object();
        outcome.error = error.at("name").as_string();
        if (const json::value* details = error.if_contains("details")) outcome.result = details->as_object();
    }
    settle(command, std::move(outcome));
}

void JsapiLink::flush() {
    if (state_ != State::Ready && state_ != State::Syncing) return;
    for (Command& command : commands_) {
        if (command.seq != 0) continue;
        command.seq = ++last_seq_;
        command.sent = true;
        send_command(command);
    }
}

void JsapiLink::send_command(const Command& command) {
    said_.push_back({around_.schedule.time(), command.type, command.body});
    say({{"type", command.type}, {"seq", command.seq}, {"body", command.body}});
}

void JsapiLink::say(json::object frame) {
    if (received_ > 0) frame["ack"] = acknowledged_ = received_;
    ack_at_ = kNever;
    const bool again = twice && frame.contains("seq");
    std::string text = json::serialize(frame);
    if (again) sockets_.send(socket_, text);
    sockets_.send(socket_, std::move(text));
}

}  // namespace crosspoint::sim
