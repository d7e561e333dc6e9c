#include "explore/connection_world.h"

#include <fmt/format.h>

#include <algorithm>

namespace crosspoint::explore {
namespace {

using namespace chains;

constexpr Now kNow{};
constexpr std::array kSteps{"hello",          "says",          "to server", "to client",     "breaks",
                            "server notices", "reload",        "news",      "user welcomes", "answer",
                            "answers newest", "window passes", "restart"};

const UserId kUser("A");
const ProfileId kProfile("a");

std::string hash_of(const std::string& token) { return "#" + token; }

/// Which command, and which news: numbers travel as a nickname.
SetProfile command(size_t number) {
    SetProfile set;
    set.profile = kProfile;
    set.nickname = std::to_string(number);
    return set;
}
Profile profile(size_t news) { return {.id = kProfile, .nickname = std::to_string(news)}; }
size_t number_in(const std::string& nickname) { return static_cast<size_t>(std::stoul(nickname)); }

}  // namespace

ConnectionWorld::ConnectionWorld(const ConnectionBounds& bounds, const Settings& settings, const ProfileBook& book,
                                 const Tampering* tampering)
    : bounds_(&bounds),
      settings_(&settings),
      book_(&book),
      tampering_(tampering),
      server_(ConnectionId("c"), kUser, settings, book) {}

std::vector<ConnectionWorld::Step> ConnectionWorld::steps() const {
    std::vector<Step> steps;
    for (int s = 0; s <= static_cast<int>(Step::Restart); ++s)
        if (may(static_cast<Step>(s))) steps.push_back(static_cast<Step>(s));
    return steps;
}

bool ConnectionWorld::may(Step step) const {
    switch (step) {
        case Step::Hello: return !socket_;
        case Step::Say: return begun_ && given_ < bounds_->commands;
        case Step::ToServer: return !to_server_.empty();
        case Step::ToClient: return !to_client_.empty();
        case Step::Break: return socket_ && breaks_ < bounds_->breaks;
        case Step::Notice: return !noticed_;
        case Step::Reload: return begun_ && !socket_ && !reloaded_ && reloads_ < bounds_->reloads;
        case Step::News: return begun_ && news_ < bounds_->news;
        case Step::Welcome: return attaching_;
        case Step::Answer: return !asked_.empty();
        case Step::AnswerNewest: return asked_.size() > 1;
        case Step::Window: return begun_ && !server_.attached();
        case Step::Restart: return begun_ && !server_.gone() && restarts_ < bounds_->restarts;
    }
    return false;
}

bool ConnectionWorld::is_timer(const Step& step) const {
    // What comes by itself; the rest is somebody's doing or bad luck.
    return step == Step::Hello || step == Step::ToServer || step == Step::ToClient || step == Step::Welcome ||
           step == Step::Answer || step == Step::AnswerNewest || step == Step::Notice;
}

// ---- steps ----

std::optional<std::string> ConnectionWorld::take(const Step& step, const ConnectionWorld& before) {
    ConnectionEffects out;
    switch (step) {
        case Step::Hello: hello(); break;
        case Step::Say: {
            Command& given = commands_.emplace_back(Command{++given_});
            if (socket_ && welcomed_) say(given);
            break;
        }
        case Step::ToServer: {
            const ToServer frame = std::move(to_server_.front());
            to_server_.pop_front();
            server_.hear(*socket_, frame.frame, frame.ack, kNow, out);
            break;
        }
        case Step::ToClient: {
            const ToSocket frame = std::move(to_client_.front());
            to_client_.pop_front();
            hear(frame);
            break;
        }
        case Step::Break: ++breaks_, break_transport(); break;
        case Step::Notice:
            noticed_ = true;
            server_.transport_lost(SocketId(sockets_), kNow, out);
            break;
        case Step::Reload: ++reloads_, reloaded_ = true; break;
        case Step::News: server_.handle(ProfileChanged{profile(++news_)}, kNow, out); break;
        case Step::Welcome: {
            attaching_ = false;
            Welcomed welcomed;
            welcomed.incarnation = incarnation_;
            welcomed.profiles = {profile(news_)};
            server_.handle(welcomed, kNow, out);
            break;
        }
        case Step::Answer:
        case Step::AnswerNewest: {
            const auto answered = step == Step::Answer ? asked_.begin() : asked_.end() - 1;
            const Reply reply{answered->first, ProfileList{{profile(answered->second)}}};
            asked_.erase(answered);
            server_.handle(reply, kNow, out);
            break;
        }
        case Step::Window: server_.expire(ConnectionTimer::Window, kNow, out); break;
        case Step::Restart: ++restarts_, restart(); break;
    }
    run(out);
    if (tampering_) {
        ConnectionState state = server_.state();
        (*tampering_)(before.server_.state(), state);
        server_ = Connection(std::move(state), *settings_, *book_);
    }
    return broken_;
}

void ConnectionWorld::hello() {
    ConnectionEffects out;
    socket_ = SocketId(++sockets_);
    welcomed_ = false;
    noticed_ = true;  // the newer transport takes over from the one that is dead
    Hello hello;
    hello.socket = *socket_;
    hello.grant.user = kUser;
    hello.grant.expires = kNow.wall + 1h;
    const std::string token = std::to_string(sockets_);
    hello.next = {token, hash_of(token)};
    if (!begun_) {
        begun_ = true;
        server_.begin(hello, kNow, out);
    } else if (token_.empty()) {
        broken_ = {};  // its first welcome was lost: it begins anew elsewhere
        server_.expire(ConnectionTimer::Window, kNow, out);
    } else if (!server_.may_resume(kUser, hash_of(token_))) {
        broken_ = "CON-7: a connection that is not gone cannot be resumed";
    } else {
        if (!reloaded_) hello.recv = heard_;
        hello.resumed_with = hash_of(token_);
        server_.resume(hello, kNow, out);
    }
    run(out);
}

void ConnectionWorld::say(Command& command_) {
    command_.seq = ++said_;
    to_server_.push_back({ClientSays{command_.seq, command(command_.number)}, heard_});
}

void ConnectionWorld::break_transport() {
    socket_.reset();
    noticed_ = false;
    to_server_.clear();
    to_client_.clear();
}

void ConnectionWorld::restart() {
    break_transport();
    noticed_ = true;
    attaching_ = false;
    asked_.clear();
    const ConnectionState& s = server_.state();
    const Row stored{{s.id.value, s.user.value, s.token_hash, s.previous_hash, static_cast<int64_t>(s.incarnation),
                      std::string(), std::string(), std::string()}};
    server_ = Connection::restored(stored, *settings_, *book_, kNow);
}

void ConnectionWorld::hear(const ToSocket& send) {
    if (welcomed_)  // SEQ-1
        for (Command& c : commands_) c.acknowledged = c.acknowledged || (c.seq != 0 && c.seq <= send.ack);
    if (const auto* welcome = std::get_if<Welcome>(&send.frame)) hear(*welcome);
    if (const auto* says = std::get_if<ServerSays>(&send.frame)) hear(*says);
}

// CON-6, SEQ-1
void ConnectionWorld::hear(const Welcome& welcome) {
    welcomed_ = true;
    reloaded_ = false;
    token_ = welcome.resume_token;
    if (welcome.fresh || !welcome.resumed) {
        fresh_ = fresh_ || welcome.fresh;
        said_ = heard_ = 0;
        seen_ = number_in(welcome.profiles.at(0).nickname);
        for (Command& c : commands_) {
            c.acknowledged = false;
            say(c);
        }
        return;
    }
    for (Command& c : commands_) {
        if (c.seq == 0) {
            say(c);
        } else if (c.seq > welcome.recv) {
            to_server_.push_back({ClientSays{c.seq, command(c.number)}, heard_});
        }
    }
}

void ConnectionWorld::hear(const ServerSays& says) {
    if (says.seq > heard_ + 1) broken_ = "SEQ-2: the client sees a gap";
    if (says.seq != heard_ + 1) return;
    heard_ = says.seq;
    to_server_.push_back({ClientAck{}, heard_});
    if (const auto* news = std::get_if<ProfileChanged>(&says.message)) {
        const size_t number = number_in(news->profile.nickname);
        if (number <= seen_) broken_ = "SEQ-1: news come twice, or out of order";
        if (number > seen_ + 1) broken_ = "SEQ-1: news are lost";
        seen_ = number;
    }
    const auto* reply = std::get_if<ReplyTo>(&says.message);
    if (!reply) return;
    const auto asked = std::ranges::find(commands_, reply->re, &Command::seq);
    if (asked == commands_.end()) {
        broken_ = "a reply to nothing, or a second one";
        return;
    }
    const auto* answer = std::get_if<ProfileList>(&reply->result);
    if (!answer || number_in(answer->profiles.at(0).nickname) != asked->number) broken_ = "a reply to another command";
    replies_.push_back(asked->number);
    commands_.erase(asked);
}

void ConnectionWorld::run(ConnectionEffects& out) {
    for (const ConnectionSend& send : out.sends) {
        if (const auto* to_user = std::get_if<ToUser>(&send)) keep(to_user->message);
        if (const auto* frame = std::get_if<ToSocket>(&send); frame && socket_ == frame->to)
            to_client_.push_back(*frame);
        if (const auto* close = std::get_if<CloseTransport>(&send); close && socket_ == close->socket) {
            if (close->code == CloseCode::Protocol) broken_ = "SEQ-2: the client is at fault, says the server";
            break_transport();
            noticed_ = true;
        }
        if (const auto* read = std::get_if<ReadRows>(&send)) {  // the log is empty
            ConnectionEffects more;
            server_.handle(RowsRead{read->query, {{}}}, kNow, more);
            run(more);
        }
    }
}

void ConnectionWorld::keep(const UserMessage& message) {
    if (const auto* attached = std::get_if<ConnectionAttached>(&message)) {
        attaching_ = true;
        incarnation_ = attached->incarnation;
    }
    const auto* request = std::get_if<UserRequest>(&message);
    if (!request) return;
    const size_t number = number_in(*std::get<SetProfile>(request->command).nickname);
    const bool known = std::ranges::find(effects_, number) != effects_.end();
    if (known && !fresh_ && !reloaded_) broken_ = "SEQ-1: a command takes effect twice";
    if (!known && !effects_.empty() && number < *std::ranges::max_element(effects_))
        broken_ = "SEQ-3: commands take effect out of order";
    if (!known) effects_.push_back(number);
    asked_.emplace_back(request->request, number);
}

// ---- what has to hold ----

bool ConnectionWorld::quiet() const {
    return begun_ && socket_ && welcomed_ && to_server_.empty() && to_client_.empty() && !attaching_ && asked_.empty();
}

std::optional<std::string> ConnectionWorld::check() const {
    const ConnectionState& state = server_.state();
    if (state.kept.size() > bounds_->kept) return "RES-1: more is kept than may be";
    for (size_t i = 0; i < state.kept.size(); ++i)
        if (state.kept[i].seq != state.sent - state.kept.size() + 1 + i) return "what is kept has a gap";
    if (final() || !quiet()) return std::nullopt;
    if (!state.socket) return "the client has a transport and the server has none";
    if (!commands_.empty()) return "a command has no reply";
    if (effects_.size() != given_) return "a command has no effect";
    if (!state.requests.empty()) return "a command waits for ever";
    if (seen_ != news_) return "the client does not know the newest";
    if (!state.kept.empty()) return "what the client has is kept";
    return std::nullopt;
}

std::string ConnectionWorld::key() const {
    ConnectionState state = server_.state();
    // Names of tokens and transports only have to be told apart.
    const auto relative = [&](std::string& token) {
        if (!token.empty()) token = std::to_string(sockets_ - std::stoul(token.substr(token[0] == '#' ? 1 : 0)));
    };
    relative(state.token);
    relative(state.token_hash);
    relative(state.previous_hash);
    std::string key = Connection(state, *settings_, *book_).canonical(kNow, Counters::LeftOut);
    std::string token = token_;
    relative(token);
    key += fmt::format("|{}{}{}{}{}{}|{} {} {} {} {} {}|{} {}|", socket_.has_value(), noticed_, begun_, welcomed_,
                       reloaded_, fresh_, token, said_, heard_, given_, seen_, replies_.size(), news_, attaching_);
    key += fmt::format("{} {} {} {}|", breaks_, reloads_, restarts_, state.incarnation - incarnation_);
    for (const Command& c : commands_) key += fmt::format("{} {} {},", c.number, c.seq, c.acknowledged);
    for (const auto& [request, number] : asked_) {
        const bool current = request >> 32 == state.incarnation;
        key += fmt::format("a{} {},", current ? static_cast<int64_t>(request - (state.incarnation << 32)) : -1, number);
    }
    for (const PendingRequest& r : state.requests) key += fmt::format("r{},", r.request & 0xffffffff);
    for (size_t number : effects_) key += fmt::format("e{}", number);
    for (const ToServer& frame : to_server_) {
        const auto* says = std::get_if<ClientSays>(&frame.frame);
        key += fmt::format("s{} {};", says ? says->seq : 0, frame.ack);
    }
    for (const ToSocket& frame : to_client_) {
        const auto* says = std::get_if<ServerSays>(&frame.frame);
        const auto* welcome = std::get_if<Welcome>(&frame.frame);
        key += fmt::format("c{} {} {};", says ? says->seq : 0, frame.frame.index(), frame.ack);
        if (welcome) key += fmt::format("w{} {} {};", welcome->fresh, welcome->recv, welcome->profiles.at(0).nickname);
        if (says && std::holds_alternative<ReplyTo>(says->message))
            key += fmt::format("r{};", std::get<ReplyTo>(says->message).re);
    }
    return key;
}

std::string ConnectionWorld::describe(const Step& step) const { return kSteps[static_cast<size_t>(step)]; }

}  // namespace crosspoint::explore
