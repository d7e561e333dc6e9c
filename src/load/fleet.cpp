#include "load/fleet.h"

namespace crosspoint::load {
namespace {

constexpr size_t kOpeningAtOnce = 256;
// An address has some 28,000 ports for one other end; on loopback there are more addresses where those came from.
constexpr size_t kConnectionsPerAddress = 20'000;

std::optional<NetAddress> source(const NetAddress& server, Person who) {
    if (!server.is_v4() || !server.is_loopback()) return std::nullopt;
    return NetAddress::v4(127, 0, 0, static_cast<uint8_t>(1 + who / kConnectionsPerAddress), 0);
}

}  // namespace

Fleet::Fleet(io::EventLoop& loop, const NetAddress& server, std::string account, Handlers handlers)
    : loop_(loop), server_(server), account_(std::move(account)), handlers_(std::move(handlers)) {}

void Fleet::open(std::vector<std::string> tokens) {
    for (std::string& token : tokens) members_.push_back(std::make_unique<Member>(Client(account_, std::move(token))));
    open_more();
}

void Fleet::open_more() {
    while (begun_ < members_.size() && begun_ - ready_ - lost_ < kOpeningAtOnce) {
        const Person who = begun_++;
        ++open_;
        const WebSocketClient::Target target{server_, source(server_, who), "/jsapi/v1", "jsapi.v1"};
        members_[who]->socket = std::make_unique<WebSocketClient>(
            loop_, target,
            WebSocketClient::Handlers{[this, who] {
                                          ClientOutput out;
                                          members_[who]->client.begin(out);
                                          carry_out(who, out);
                                      },
                                      [this, who](std::string_view frame) { hear(who, frame); },
                                      [this, who](const std::string& why) { closed(who, why); }});
    }
}

void Fleet::hear(Person who, std::string_view frame) {
    Member& member = *members_[who];
    ClientOutput out;
    member.client.hear(io::read_clock().mono, frame, out);
    carry_out(who, out);
    if (member.counted_ready || !member.client.ready()) return;
    member.counted_ready = true;
    ++ready_;
    open_more();
    handlers_.changed();
}

void Fleet::closed(Person who, const std::string& why) {
    --open_;
    if (!members_[who]->counted_ready) ++lost_;
    if (!closing_) ++problems_["a connection ended: " + why];
    acknowledgements_.remove(who);
    open_more();
    handlers_.changed();
}

void Fleet::carry_out(Person who, const ClientOutput& out) {
    Member& member = *members_[who];
    for (const std::string& frame : out.frames) member.socket->send(frame);
    if (!out.fault.empty()) ++problems_["the server broke the protocol: " + out.fault];
    acknowledgements_.set(who, member.client.next_timeout());
    for (const News& news : out.news) handlers_.news(who, news);
}

void Fleet::ask(Ask ask) {
    ClientOutput out;
    members_[ask.who]->client.ask(ask.type, std::move(ask.body), out);
    carry_out(ask.who, out);
}

void Fleet::close() {
    closing_ = true;
    for (Person who = 0; who < begun_; ++who) {
        ClientOutput out;
        members_[who]->client.leave(out);
        carry_out(who, out);
        acknowledgements_.remove(who);
        members_[who]->socket->close();
    }
}

void Fleet::handle_timeout(Timestamp now) {
    while (const auto who = acknowledgements_.pop_due(now)) {
        ClientOutput out;
        members_[*who]->client.handle_timeout(now, out);
        carry_out(*who, out);
    }
}

size_t Fleet::unanswered() const {
    size_t count = 0;
    for (const auto& member : members_) count += member->client.unanswered();
    return count;
}

}  // namespace crosspoint::load
