#include "server/server.h"

#include <iostream>

#include "app/control_plane.h"
#include "app/logging.h"
#include "app/metrics.h"
#include "app/stored_state.h"
#include "crypto/system_random.h"
#include "io/event_loop.h"
#include "io/file_limit.h"
#include "io/host_addresses.h"
#include "io/http_server.h"
#include "io/media_thread.h"
#include "io/password_thread.h"
#include "io/store_thread.h"
#include "io/webhook_client.h"
#include "server/process_metrics.h"
#include "server/settings.h"
#include "server/web_files.h"
#include "server/worker_metrics.h"
#include "store/database.h"

namespace crosspoint::server {
namespace {

namespace log = app::log;

void write_log(const api::LogEntry& entry) {
    log::Fields fields;
    for (const auto& [key, value] : entry.fields) fields.push_back({key, value});
    log::info(entry.message, fields);
}

// A client that does not complete its close is not waited for longer; the whole stop shall take less than 5 s.
constexpr Duration kDrainLimit = 4s;

constexpr size_t kOtherFiles = 256;  // store, media, outgoing webhooks, web pages

/// The threads of one node and the mail between them. Everything but the constructors' callbacks runs on the control
/// thread, which is the one that calls `run`.
class Node {
public:
    explicit Node(const ServeOptions& options)
        : options_(options),
          media_(make_media()),
          control_(control_settings(options, media_->port(), io::host_addresses(), random_), random_),
          http_(loop_, http_options(options.config), http_handlers()),
          webhooks_(webhook_options(options.config), [this](api::WebhookResult result) { post(result); }),
          passwords_([this](api::PasswordVerified result) { post(result); }),
          worker_metrics_(metrics_) {
        http_.start();  // a port in use must be found out before the store is opened
        auto database = std::make_unique<store::Database>(options.config.store.path, app::all_migrations());
        const app::StoredState stored = app::read_stored(*database);
        store_ = std::make_unique<io::StoreThread>(
            std::move(database), [this](uint64_t number) { post(app::CommitDurable{number}); },
            [this](const std::string& why) { loop_.post([this, why] { fail("the store failed", why); }); },
            [this](uint64_t number, std::vector<std::vector<Row>> rows) {
                post(api::RowsReady{api::QueryId{number}, std::move(rows)});
            });
        add_web_files(control_.routes(), options.web_root, options.dev);
        add_operator_routes();
        media_->start();
        const Now now = io::read_clock();
        app::Output output;
        control_.restore(stored, now, output);
        carry_out(output);
    }

    Addresses addresses() const;
    int run() {
        loop_.on_terminate([this] { stop(); });
        schedule();
        loop_.run();
        if (!store_->finish()) status_ = 1;
        return status_;
    }

private:
    std::unique_ptr<io::MediaThread> make_media() {
        return std::make_unique<io::MediaThread>(static_cast<uint16_t>(options_.config.media.port), random_,
                                                 [this](std::vector<sfu::Event> events) {
                                                     loop_.post([this, moved = std::move(events)] {
                                                         for (const sfu::Event& event : moved) handle(event);
                                                     });
                                                 });
    }
    io::HttpServer::Handlers http_handlers();
    void add_operator_routes();

    void post(app::Input input) {
        loop_.post([this, moved = std::move(input)]() mutable { handle(std::move(moved)); });
    }
    void handle(app::Input input);
    void handle_timeout();
    template <class Work>
    void turn(Work work);
    void carry_out(app::Output& output);
    void schedule();
    void stop();
    void drain(Timestamp give_up);
    void fail(std::string_view what, const std::string& why);

    const ServeOptions& options_;
    crypto::SystemRandom random_;
    io::EventLoop loop_;
    app::Metrics metrics_;
    std::unique_ptr<io::MediaThread> media_;
    app::ControlPlane control_;
    io::HttpServer http_;
    io::WebhookClient webhooks_;
    io::PasswordThread passwords_;
    WorkerMetrics worker_metrics_;
    std::unique_ptr<io::StoreThread> store_;
    Timestamp wake_at_ = kNever;
    bool stopping_ = false;
    int status_ = 0;
};

io::HttpServer::Handlers Node::http_handlers() {
    return {
        [this](api::HttpRequest request) { handle(std::move(request)); },
        [this](const api::HttpRequest& request) { return control_.refuse_socket(request, io::read_clock()); },
        [this](SocketId socket, api::HttpRequest request) { handle(app::SocketOpened{socket, std::move(request)}); },
        [this](SocketId socket, std::string text) { handle(app::SocketText{socket, std::move(text)}); },
        [this](SocketId socket, uint16_t) { handle(app::SocketClosed{socket}); },
    };
}

void Node::add_operator_routes() {
    control_.routes().add_public("/healthz", [](const api::HttpRequest&, Now) {
        return api::HttpResponse{200, {{"Content-Type", "text/plain"}}, "ok\n"};
    });
    control_.routes().add_public("/readyz", [this](const api::HttpRequest&, Now) {
        if (stopping_) return api::HttpResponse{503, {{"Content-Type", "text/plain"}}, "stopping\n"};
        return api::HttpResponse{200, {{"Content-Type", "text/plain"}}, "ready\n"};
    });
    control_.routes().add_public("/metrics", [this](const api::HttpRequest&, Now) {
        worker_metrics_.update(media_->report());
        worker_metrics_.update(control_.counts(), http_.connections());
        update_process_metrics(metrics_);
        return api::HttpResponse{
            200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, metrics_.expose()};
    });
}

template <class Work>
void Node::turn(Work work) {
    // A turn that ends in the middle leaves machines that do not fit together: no later one may build on them.
    try {
        app::Output output;
        work(output);
        carry_out(output);
        schedule();
    } catch (const std::exception& failed) {
        fail("a defect", failed.what());
    }
}

void Node::handle(app::Input input) {
    turn([&](app::Output& output) { control_.handle(std::move(input), io::read_clock(), output); });
}

void Node::handle_timeout() {
    wake_at_ = kNever;
    turn([&](app::Output& output) { control_.handle_timeout(io::read_clock(), output); });
}

void Node::carry_out(app::Output& output) {
    for (app::Commit& commit : output.commits) store_->commit(commit.number, std::move(commit.statements));
    for (api::Effect& effect : output.effects) {
        if (auto* answer = std::get_if<api::Respond>(&effect)) http_.respond(std::move(*answer));
        if (auto* text = std::get_if<api::SendText>(&effect)) http_.send(std::move(*text));
        if (auto* close = std::get_if<api::CloseSocket>(&effect)) http_.close(std::move(*close));
        if (auto* webhook = std::get_if<api::PostWebhook>(&effect)) webhooks_.post(std::move(*webhook));
        if (auto* check = std::get_if<api::VerifyPassword>(&effect)) passwords_.verify(std::move(*check));
        if (auto* query = std::get_if<api::QueryRows>(&effect)) store_->read(query->query.value, query->selects);
        if (auto* entry = std::get_if<api::LogEntry>(&effect)) write_log(*entry);
        if (auto* command = std::get_if<sfu::Command>(&effect)) media_->command(std::move(*command));
    }
}

void Node::schedule() {
    const Timestamp next = control_.next_timeout();
    if (next == wake_at_) return;
    wake_at_ = next;
    loop_.wake_at(next, [this] { handle_timeout(); });
}

void Node::stop() {
    if (stopping_) {  // asked twice: at once
        loop_.stop();
        return;
    }
    stopping_ = true;
    log::info("stopping", {{"sockets", control_.counts().devices}});
    http_.stop_accepting();
    handle(app::Stopping{});
    drain(io::read_clock().mono + kDrainLimit);
}

void Node::drain(Timestamp give_up) {
    if ((http_.drained() && control_.settled()) || io::read_clock().mono >= give_up) {
        loop_.stop();
        return;
    }
    loop_.call_after(20ms, [this, give_up] { drain(give_up); });
}

void Node::fail(std::string_view what, const std::string& why) {
    log::error("ending", {{"because", what}, {"why", why}});
    status_ = 1;
    loop_.stop();
}

Addresses Node::addresses() const {
    Addresses found;
    NetAddress listen = options_.config.http.listen;
    listen.port = http_.port();
    const bool any = listen.ip_text() == "0.0.0.0" || listen.ip_text() == "::";
    const std::string scheme = options_.config.http.tls_certificate.empty() ? "http://" : "https://";
    found.http = scheme + (any ? "localhost:" + std::to_string(listen.port) : listen.text());
    for (const NetAddress& candidate : candidates(options_.config.media, media_->port(), io::host_addresses()))
        found.media += (found.media.empty() ? "" : ", ") + candidate.text() + "/udp";
    return found;
}

/// Each connection is an open file, and what the system allows by default is less than what we do.
void raise_file_limit(const app::Config& config) {
    const size_t wanted = static_cast<size_t>(config.limits.connections) + kOtherFiles;
    const size_t allowed = io::raise_file_limit(wanted);
    if (allowed < wanted)
        log::warning("too few open files are allowed for limits.connections, raise LimitNOFILE or ulimit -n",
                     {{"needed", wanted}, {"allowed", allowed}});
}

}  // namespace

int serve(const ServeOptions& options, const std::function<void(const Addresses&)>& on_ready) {
    raise_file_limit(options.config);
    std::optional<Node> node;
    try {
        node.emplace(options);
        on_ready(node->addresses());
    } catch (const std::exception& failed) {
        std::cerr << "crosspoint: " << failed.what() << "\n";
        return 2;
    }
    return node->run();
}

}  // namespace crosspoint::server
