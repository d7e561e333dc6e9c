#pragma once
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "io/event_loop.h"
#include "io/http_server.h"

// For tests only.
namespace crosspoint::io {

/// An HttpServer on a loop of its own, which echoes requests and notes what happens to WebSockets.
class TestServer {
public:
    explicit TestServer(HttpServerOptions options = {})
        : server_(loop_, with_defaults(std::move(options)), handlers()) {
        server_.start();
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~TestServer() {
        loop_.stop();
        thread_.join();
    }
    uint16_t port() const { return server_.port(); }

    /// Runs on the server's thread.
    template <class Work>
    auto call(Work work) {
        std::promise<decltype(work(server_))> result;
        loop_.post([&] { result.set_value(work(server_)); });
        return result.get_future().get();
    }
    void send(uint64_t socket, std::string text) {
        call([&](HttpServer& server) { return server.send({SocketId(socket), text}), 0; });
    }
    void close(uint64_t socket, uint16_t code, std::string reason = "") {
        call([&](HttpServer& server) { return server.close({SocketId(socket), code, reason}), 0; });
    }
    /// Answers the oldest request to "/later" that has come or will come.
    void answer_later(api::HttpResponse response) {
        const RequestId id{std::stoull(next().substr(6))};
        call([&](HttpServer& server) { return server.respond({id, response}), 0; });
    }

    /// The next thing that happened: "opened 1 /v3/", "text 1 hello", "closed 1 1000", "later 7"; "" after a generous
    /// deadline.
    std::string next() {
        std::unique_lock lock(mutex_);
        if (!came_.wait_for(lock, 20s, [this] { return !happened_.empty(); })) return {};
        std::string first = std::move(happened_.front());
        happened_.pop_front();
        return first;
    }

private:
    static HttpServerOptions with_defaults(HttpServerOptions options) {
        options.listen = NetAddress::v4(127, 0, 0, 1, 0);
        options.socket_paths = {"/v3"};
        return options;
    }
    HttpServer::Handlers handlers() {
        return {
            [this](const api::HttpRequest& request) {
                if (request.target == "/later") return note("later " + std::to_string(request.id.value));
                const api::HttpResponse echo{200,
                                             {{"X-Tls", request.tls ? "yes" : "no"}},
                                             request.method + " " + request.target + " " + request.body};
                server_.respond({request.id, request.target == "/nothing" ? api::HttpResponse{204, {}, ""} : echo});
            },
            [](const api::HttpRequest& request) -> std::optional<api::HttpResponse> {
                if (request.target != "/v3/?refused") return std::nullopt;
                return api::HttpResponse{429, {}, "refused"};
            },
            [this](SocketId id, const api::HttpRequest& request) { note("opened", id, request.target); },
            [this](SocketId id, const std::string& text) { note("text", id, text); },
            [this](SocketId id, uint16_t code) { note("closed", id, std::to_string(code)); },
        };
    }
    void note(std::string_view what, SocketId id, const std::string& detail) {
        note(std::string(what) + " " + std::to_string(id.value) + " " + detail);
    }
    void note(std::string what) {
        const std::lock_guard lock(mutex_);
        happened_.push_back(std::move(what));
        came_.notify_all();
    }

    EventLoop loop_;
    HttpServer server_;
    std::mutex mutex_;
    std::condition_variable came_;
    std::deque<std::string> happened_;
    std::thread thread_;
};

}  // namespace crosspoint::io
