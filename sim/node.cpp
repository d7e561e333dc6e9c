#include "node.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/demo.h"
#include "api/device/records.h"
#include "app/stored_state.h"
#include "base/encoding.h"
#include "chains/people_records.h"
#include "chains/records.h"
#include "crypto/password.h"
#include "explore/call_checks.h"
#include "rtc/dtls/openssl_transport.h"
#include "sessions/records.h"
#include "stand_in_dtls.h"

namespace crosspoint::sim {
namespace {

constexpr Duration kMailbox = 20us;  // between two threads
constexpr std::string_view kUser = "story";
constexpr std::string_view kPassword = "secret";
// Of the above, at the lowest cost: every process of every story checks it.
constexpr std::string_view kPasswordHash =
    "scrypt$1$8$1$MDEyMzQ1Njc4OWFiY2RlZg$d3YGQD2sVPReXrbKT59VZyMmGc8-perqZlXjIxQirew";

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};

std::unique_ptr<rtc::dtls::TransportFactory> make_transports(bool real, Random& random) {
    if (real) return std::make_unique<rtc::dtls::OpensslTransportFactory>();
    return std::make_unique<StandInTransportFactory>(random);
}

void note(Trace& trace, Timestamp now, const app::Input& input) {
    const Overloaded name{
        [&](const api::HttpRequest& r) { trace.note(now, "server", "asked", r.method + " " + r.target); },
        [&](const app::SocketOpened& o) { trace.note(now, "server", "opened", std::to_string(o.socket.value)); },
        [&](const app::SocketText& t) { trace.note(now, "server", "heard", t.text); },
        [&](const app::SocketClosed& c) { trace.note(now, "server", "closed", std::to_string(c.socket.value)); },
        [&](const sfu::Event& e) { trace.note(now, "server", "link event", std::to_string(e.index())); },
        [&](const api::WebhookResult& r) { trace.note(now, "server", "callback", std::to_string(r.status)); },
        [&](const api::PasswordVerified& v) {
            trace.note(now, "server", v.right ? "password right" : "password wrong");
        },
        [&](const api::RowsReady& r) { trace.note(now, "server", "reads", std::to_string(r.query.value)); },
        [&](const app::CommitDurable& c) { trace.note(now, "server", "durable", std::to_string(c.number)); },
        [&](const app::Stopping&) { trace.note(now, "server", "stopping"); },
    };
    std::visit(name, input);
}

void note(Trace& trace, Timestamp now, const api::Effect& effect) {
    const Overloaded name{
        [&](const api::Respond& r) {
            trace.note(now, "server", "answers", std::to_string(r.response.status) + " " + r.response.body);
        },
        [&](const api::SendText& t) { trace.note(now, "server", "says", t.text); },
        [&](const api::CloseSocket& c) { trace.note(now, "server", "closes", std::to_string(c.code)); },
        [&](const api::PostWebhook& p) { trace.note(now, "server", "posts", p.body); },
        [&](const api::VerifyPassword&) { trace.note(now, "server", "checks a password"); },
        [&](const api::QueryRows& q) { trace.note(now, "server", "asks for", std::to_string(q.query.value)); },
        [&](const api::LogEntry& e) { trace.note(now, "server", "logs", e.message); },
        [&](const sfu::Command& c) { trace.note(now, "server", "commands", std::to_string(c.index())); },
    };
    std::visit(name, effect);
}

}  // namespace

struct Node::Process {
    Process(Node& node, uint64_t seed)
        : random(seed),
          transports(make_transports(node.options_.real_dtls, random)),
          control(node.settings(), random),
          worker(*transports, random),
          control_alarm(node.schedule_, [&node] { node.wake_control(); }),
          worker_alarm(node.schedule_, [&node] { node.wake_worker(); }) {}

    SeededRandom random;
    std::unique_ptr<rtc::dtls::TransportFactory> transports;
    app::ControlPlane control;
    sfu::Worker worker;
    sfu::Output worker_output;
    Alarm control_alarm;
    Alarm worker_alarm;
};

std::string Node::authorization() { return "Basic " + base64(as_bytes(fmt::format("{}:{}", kUser, kPassword))); }

Node::Node(Schedule& schedule, Network& network, Trace& trace, NodeListener& listener, NodeOptions options,
           uint64_t seed)
    : schedule_(schedule),
      network_(network),
      trace_(trace),
      listener_(listener),
      options_(options),
      random_(seed),
      database_(std::make_unique<store::Database>(":memory:", app::all_migrations())) {}

Node::~Node() = default;

app::ControlPlaneSettings Node::settings() {
    app::ControlPlaneSettings settings;
    settings.accounts = {{AccountId(kAccount), {{std::string(kUser), std::string(kPasswordHash), api::Role::Admin}}}};
    settings.people = options_.people;
    settings.wake_urls[AccountId(kAccount)] = kWakeUrl;
    settings.devices.candidates = {kServerAddress};
    settings.sessions.enforce_permissions = settings.devices.enforce_permissions = options_.enforce_permissions;
    settings.devices.instance = random_.uuid();
    if (options_.real_dtls)
        settings.devices.make_certificate = &crypto::make_certificate;
    else
        settings.devices.make_certificate = [this](WallTime) { return make_stand_in_certificate(random_); };
    return settings;
}

void Node::start() {
    VERIFY(!process_);
    ++processes_;
    trace_.note(schedule_.time(), "server", "starts");
    process_ = std::make_unique<Process>(*this, random_.u64());
    network_.attach(kServerAddress, [this](const NetAddress& from, MutableBytes datagram) {
        process_->worker.handle_datagram(schedule_.time(), from, datagram, process_->worker_output);
        flush_worker();
    });
    app::Output output;
    process_->control.restore(app::read_stored(*database_), schedule_.now(), output);
    carry_out(output);
}

void Node::kill() {
    VERIFY(process_);
    trace_.note(schedule_.time(), "server", "is killed");
    network_.detach(kServerAddress);
    process_.reset();
    if (being_written_ && random_.below(2) == 0) database_->apply(being_written_->statements);
    being_written_.reset();
}

/// Work of this process, not of a later one.
template <class Work>
void Node::later(Duration delay, Work work) {
    schedule_.after(delay, [this, process = processes_, work = std::move(work)]() mutable {
        if (process_ && process == processes_) work();
    });
}

void Node::handle(app::Input input) {
    if (!process_) return;
    note(trace_, schedule_.time(), input);
    app::Output output;
    process_->control.handle(std::move(input), schedule_.now(), output);
    carry_out(output);
}

void Node::wake_control() {
    app::Output output;
    process_->control.handle_timeout(schedule_.now(), output);
    carry_out(output);
}

void Node::wake_worker() {
    process_->worker.handle_timeout(schedule_.time(), process_->worker_output);
    flush_worker();
}

void Node::carry_out(app::Output& output) {
    for (app::Commit& commit : output.commits) write(std::move(commit));
    for (api::Effect& effect : output.effects) carry_out(effect);
    process_->control_alarm.set(process_->control.next_timeout());
    check_calls();
}

/// What has to hold between any two turns (jsapi 9.5), by the explorer's own rules.
void Node::check_calls() const {
    for (const chains::ChainOwner* owner : process_->control.people().chain_owners())
        if (const auto broken = explore::check_state(*owner))
            ADD_FAILURE() << *broken << "\n" << owner->canonical(schedule_.now(), chains::Counters::Kept);
}

void Node::carry_out(api::Effect& effect) {
    note(trace_, schedule_.time(), effect);
    const Overloaded act{
        [&](api::Respond& answer) { listener_.responded(answer); },
        [&](api::SendText& text) { listener_.sent_text(text.socket, text.text); },
        [&](api::CloseSocket& close) { listener_.closed_socket(close.socket, close.code); },
        [&](api::PostWebhook& webhook) { listener_.posted(webhook); },
        [&](api::VerifyPassword& check) {
            const bool right = crypto::verify_password(check.password, check.stored_hash);
            later(kMailbox, [this, id = check.check, right] { handle(api::PasswordVerified{id, right}); });
        },
        [&](api::QueryRows& query) {
            // Read at once: it is held back until what it has to show is on the disk.
            auto rows = app::read_rows(*database_, query.selects);
            later(options_.commit_delay, [this, id = query.query, moved = std::move(rows)]() mutable {
                handle(api::RowsReady{id, std::move(moved)});
            });
        },
        [](api::LogEntry&) {},  // it stands in the trace
        [&](sfu::Command& media) { later(kMailbox, [this, media = std::move(media)] { command(media); }); },
    };
    std::visit(act, effect);
}

void Node::write(app::Commit commit) {
    VERIFY(!being_written_);
    being_written_ = Written{commit.number, std::move(commit.statements)};
    later(options_.commit_delay, [this] {
        const Written written = std::move(*being_written_);
        being_written_.reset();
        database_->apply(written.statements);
        handle(app::CommitDurable{written.number});
    });
}

void Node::command(const sfu::Command& command) {
    process_->worker.handle_command(schedule_.time(), command, process_->worker_output);
    flush_worker();
}

void Node::flush_worker() {
    sfu::Output& output = process_->worker_output;
    network_.send(kServerAddress, output.batch);
    for (const sfu::Event& event : output.events) later(kMailbox, [this, event] { handle(event); });
    output.events.clear();
    process_->worker_alarm.set(process_->worker.next_timeout());
}

sfu::Load Node::load() const { return process_ ? process_->worker.load() : sfu::Load{}; }
sfu::Counters Node::counters() const { return process_ ? process_->worker.counters() : sfu::Counters{}; }
app::ControlPlaneCounts Node::control_counts() const {
    return process_ ? process_->control.counts() : app::ControlPlaneCounts{};
}
const api::jsapi::Hub* Node::people() const { return process_ ? &process_->control.people() : nullptr; }
bool Node::settled() const { return !process_ || process_->control.settled(); }

bool Node::has_stored(std::string_view id) const {
    const auto is_it = [&](const Row& row) { return row.text(0) == id; };
    return std::ranges::any_of(database_->query(sessions::select_sessions()), is_it) ||
           std::ranges::any_of(database_->query(sessions::select_participants()), is_it);
}

size_t Node::stored(std::string_view table) const {
    static const std::map<std::string_view, Statement> selects{
        {"sessions", sessions::select_sessions()},           {"participants", sessions::select_participants()},
        {"devices", api::device::select_devices()},          {"callbacks", api::Callbacks::select_all()},
        {"connections", chains::select_connections()},       {"call_sessions", api::jsapi::Seating::select_sessions()},
        {"call_seats", api::jsapi::Seating::select_seats()}, {"busy_users", chains::select_busy_users()},
        {"busy_chains", chains::select_busy_chains()},
    };
    return database_->query(selects.at(table)).size();
}

std::vector<std::string> Node::tagged(std::string_view table, std::string_view tag) const {
    const bool in_sessions = table == "sessions";
    std::vector<std::string> ids;
    for (const Row& row : database_->query(in_sessions ? sessions::select_sessions() : sessions::select_participants()))
        if (row.optional_text(in_sessions ? 2 : 6) == tag) ids.push_back(row.text(0));
    return ids;
}

}  // namespace crosspoint::sim
