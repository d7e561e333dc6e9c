#include "world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>

#include "rtc/dtls/openssl_transport.h"
#include "stand_in_dtls.h"

namespace crosspoint::sim {

namespace json = boost::json;

namespace {

constexpr Duration kHttpDelay = 5ms;
constexpr Duration kStepOfWaiting = 10ms;

std::unique_ptr<rtc::dtls::TransportFactory> make_transports(bool real, Random& random) {
    if (real) return std::make_unique<rtc::dtls::OpensslTransportFactory>();
    return std::make_unique<StandInTransportFactory>(random);
}

}  // namespace

std::vector<std::string> Receiver::events() const {
    std::vector<std::string> names;
    for (const json::object& body : bodies) names.emplace_back(body.at("event").as_string());
    return names;
}

json::object whole_session(const std::string& session) { return {{"sessionId", session}}; }
json::object no_streams() { return {}; }
json::object only(const std::string& participant) {
    return {{"participants", json::array{json::object{{"participantId", participant}}}}};
}
json::object only(const Browser& publisher, std::vector<std::string> aliases) {
    json::object entry{{"participantId", publisher.participant()}};
    if (!aliases.empty()) entry["streamAliases"] = json::value_from(aliases);
    return {{"participants", json::array{std::move(entry)}}};
}

World::World(uint64_t seed, WorldOptions options)
    : random_(seed),
      trace_(options.print_trace),
      network_(schedule_, random_, trace_),
      transports_(make_transports(options.node.real_dtls, random_)),
      around_{schedule_,
              network_,
              trace_,
              random_,
              *transports_,
              [this, real = options.node.real_dtls] {
                  return real ? crypto::make_certificate(schedule_.now().wall) : make_stand_in_certificate(random_);
              },
              options.media_pace},
      node_(schedule_, network_, trace_, *this, options.node, random_.u64()),
      sockets_(schedule_, node_) {
    node_.start();
}

World::~World() = default;

void World::run_for(Duration duration) {
    const Timestamp end = schedule_.time() + duration;
    while (schedule_.step(end)) {}
}

bool World::run_until(const std::function<bool()>& done, Duration limit, std::source_location where) {
    for (const Timestamp end = schedule_.time() + limit; !done();) {
        if (schedule_.time() >= end) {
            ADD_FAILURE_AT(where.file_name(), static_cast<int>(where.line())) << "it did not happen";
            return false;
        }
        run_for(kStepOfWaiting);
    }
    return true;
}

void World::rest_later(std::string_view method, const std::string& path, const json::value& body,
                       std::function<void(RestAnswer)> answered) {
    send_request(method, fmt::format("/v1/accounts/{}{}", Node::kAccount, path), body, true, std::move(answered));
}

void World::send_request(std::string_view method, const std::string& path, const json::value& body, bool makes,
                         std::function<void(RestAnswer)> answered) {
    api::HttpRequest request;
    request.id = RequestId{++last_request_};
    request.method = method;
    request.target = path;
    request.headers = {{"Authorization", Node::authorization()}, {"Content-Type", "application/json"}};
    if (!body.is_null()) request.body = json::serialize(body);
    request.peer = NetAddress::v4(203, 0, 113, 1, 40000);
    requests_[last_request_] = {makes, std::move(answered)};
    schedule_.after(kHttpDelay, [this, request] {
        if (node_.running()) return node_.handle(request);
        answer_nothing(request.id.value);
    });
}

void World::answer_nothing(uint64_t request) {
    schedule_.after(kHttpDelay, [this, request] {
        const auto found = requests_.extract(request);
        if (found) found.mapped().answered({});
    });
}

void World::note_what_was_made(const RestAnswer& answer) {
    if (answer.status != 200 || !answer.body.is_object()) return;
    const json::object& body = answer.body.get_object();
    if (const json::value* made = body.if_contains("participant"))
        participants_.insert(std::string(made->as_object().at("id").as_string()));
    else if (body.contains("id") && !body.contains("publishPermissions"))
        sessions_.insert(std::string(body.at("id").as_string()));
}

// Design: nothing is answered before it is on the disk.
void World::expect_durable(const api::Respond& answer) {
    if (answer.response.status != 200) return;
    const json::value body = json::parse(answer.response.body);
    if (!body.is_object()) return;
    const json::value* made = body.get_object().if_contains("participant");
    if (!made) made = &body;
    const std::string id(made->as_object().at("id").as_string());
    EXPECT_TRUE(node_.has_stored(id)) << "answered before it was durable: " << id;
}

void World::responded(const api::Respond& answer) {
    const auto asked = requests_.find(answer.request.value);
    if (asked != requests_.end() && asked->second.makes) expect_durable(answer);
    schedule_.after(kHttpDelay, [this, answer] {
        const auto found = requests_.find(answer.request.value);
        if (found == requests_.end()) return;
        const Waiting waiting = std::move(found->second);
        requests_.erase(found);
        RestAnswer rest{answer.response.status, nullptr};
        if (!answer.response.body.empty()) rest.body = json::parse(answer.response.body);
        if (waiting.makes) note_what_was_made(rest);
        waiting.answered(std::move(rest));
    });
}

RestAnswer World::wait_for(const std::function<void(std::function<void(RestAnswer)>)>& ask) {
    std::optional<RestAnswer> answer;
    ask([&](RestAnswer one) { answer = std::move(one); });
    run_until([&] { return answer.has_value(); });
    return answer.value_or(RestAnswer{});
}

RestAnswer World::rest(std::string_view method, const std::string& path, const json::value& body) {
    return wait_for([&](auto answered) { rest_later(method, path, body, std::move(answered)); });
}

void World::posted(const api::PostWebhook& webhook) {
    schedule_.after(kHttpDelay, [this, webhook, process = node_.process_number()] {
        Receiver& receiver = receivers_[webhook.url];
        ++receiver.attempts;
        if (receiver.alive) receiver.bodies.push_back(json::parse(webhook.body).as_object());
        const int status = receiver.alive ? 200 : 0;
        schedule_.after(kHttpDelay, [this, attempt = webhook.attempt, status, process] {
            if (node_.process_number() == process) node_.handle(api::WebhookResult{attempt, status});
        });
    });
}

std::string World::session() {
    const RestAnswer answer = rest("POST", "/sessions");
    EXPECT_EQ(answer.status, 200);
    return std::string(answer.body.at("id").as_string());
}

Browser& World::page(const std::string& name, const std::string& participant, const std::string& token) {
    const auto number = static_cast<uint32_t>(browsers_.size() + 1);
    Browser& browser =
        *browsers_.emplace_back(std::make_unique<Browser>(around_, sockets_, name, number, participant, token));
    browser.on_complaint = [](const std::string& what) { ADD_FAILURE() << what; };
    return browser;
}

Browser& World::browser(const std::string& name, const ParticipantOptions& options) {
    json::object body{{"publishPermissions", json::value_from(options.permissions)}, {"tag", name}};
    if (!options.callback_url.empty()) body["callbackUrl"] = options.callback_url;
    const RestAnswer answer = rest("POST", "/participants", body);
    EXPECT_EQ(answer.status, 200);
    return page(name, std::string(answer.body.at("participant").at("id").as_string()),
                std::string(answer.body.at("token").as_string()));
}

Browser& World::second_device(const std::string& name, const Browser& first) {
    return page(name, first.participant(), first.token());
}

Browser& World::joins(const std::string& session, const std::string& name, const ParticipantOptions& options) {
    Browser& who = browser(name, options);
    add(session, who, whole_session(session));
    who.connects();
    run_until([&] { return who.connected(); });
    who.publishes();
    return who;
}

void World::add(const std::string& session, const Browser& who, const json::object& subscription) {
    EXPECT_EQ(rest("PUT", "/sessions/" + session + "/participants/" + who.participant(), subscription).status, 204);
}

void World::subscribe(const std::string& session, const Browser& who, const json::object& subscription) {
    const std::string path = "/sessions/" + session + "/participants/" + who.participant() + "/subscriptions";
    EXPECT_EQ(rest("PUT", path, subscription).status, 204);
}

void World::remove(const std::string& session, const Browser& who) {
    EXPECT_EQ(rest("DELETE", "/sessions/" + session + "/participants/" + who.participant()).status, 204);
}

void World::delete_participant(const Browser& who) {
    EXPECT_EQ(rest("DELETE", "/participants/" + who.participant()).status, 204);
}

void World::kill_server() {
    node_.kill();
    sockets_.server_died();
    for (const auto& [request, waiting] : requests_) answer_nothing(request);
}

void World::stop_server() {
    node_.handle(app::Stopping{});
    run_for(500ms);
    kill_server();
}

void World::finish() {
    if (!node_.running()) start_server();
    for (const auto& device : devices_) device->disconnects();
    for (const auto& browser : browsers_) browser->leaves();
    run_for(1s);
    end_people();
    for (const std::string& id : node_.tagged("participants", kMadeInPassing)) participants_.insert(id);
    for (const std::string& id : node_.tagged("sessions", kMadeInPassing)) sessions_.insert(id);
    // A story may have deleted some of it already.
    for (const std::string& participant : participants_) rest("DELETE", "/participants/" + participant);
    for (const std::string& session : sessions_) rest("DELETE", "/sessions/" + session);
    for (auto& [url, receiver] : receivers_) receiver.alive = true;
    run_until([&] { return node_.control_counts().callbacks_waiting == 0; }, 10min);
    run_for(1s);
    expect_nothing_left();
}

void World::expect_nothing_left() {
    const sfu::Load load = node_.load();
    EXPECT_EQ(load.links, 0u);
    EXPECT_EQ(load.addresses, 0u);
    EXPECT_EQ(load.publications, 0u);
    EXPECT_EQ(load.subscriptions, 0u);
    const app::ControlPlaneCounts counts = node_.control_counts();
    EXPECT_EQ(counts.sessions, 0u);
    EXPECT_EQ(counts.participants, 0u);
    EXPECT_EQ(counts.devices, 0u);
    EXPECT_EQ(counts.people.sockets, 0u);
    EXPECT_EQ(counts.people.connections, 0u);
    EXPECT_EQ(counts.people.seats, 0u);
    EXPECT_EQ(counts.people.users, 0u) << "in memory, with nothing to do";
    EXPECT_EQ(counts.people.chains, 0u) << "in memory, with nothing to do";
    EXPECT_TRUE(node_.settled());
    for (const char* table : {"sessions", "participants", "devices", "callbacks", "connections", "call_sessions",
                              "call_seats", "busy_users", "busy_chains"})
        EXPECT_EQ(node_.stored(table), 0u) << table;
}

}  // namespace crosspoint::sim
