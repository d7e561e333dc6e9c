#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/effects.h"

namespace crosspoint::io {

class EventLoop;

/// How long a client may take. Whoever takes longer is disconnected.
struct HttpTimeouts {
    std::chrono::milliseconds idle = 75s;    // between two requests
    std::chrono::milliseconds header = 15s;  // from its first byte to its last; for a TLS handshake, too
    std::chrono::milliseconds body = 60s;
    std::chrono::milliseconds write = 60s;          // to take an answer
    std::chrono::milliseconds message_write = 20s;  // to take a WebSocket message
    std::chrono::milliseconds message_close = 10s;  // to answer the close of a WebSocket
};

struct HttpServerOptions {
    NetAddress listen{};
    std::string tls_certificate{};  // PEM files; empty for plain HTTP
    std::string tls_key{};
    std::vector<std::string> socket_paths{};  // paths that may become WebSockets, without a trailing slash
    /// Of those, the ones on which a subprotocol is spoken (RFC 6455 1.9). It is named in the answer to a client that
    /// offers it; whether others are refused, `refuse_socket` decides.
    struct Subprotocol {
        std::string path{};
        std::string name{};
        size_t max_message = 64 * 1024;  // bytes
        size_t max_unsent = 4 << 20;     // bytes
        uint16_t too_large = 1009;       // close code for a longer message
    };
    std::vector<Subprotocol> subprotocols{};
    size_t max_connections = 20'000;
    size_t max_body = 64 * 1024;   // bytes of a request
    size_t max_message = 4 << 20;  // bytes of one WebSocket message (spec 2.1)
    size_t max_unsent = 8 << 20;   // bytes waiting for one slow reader before it is dropped
    HttpTimeouts timeouts{};
};

/// HTTP/1.1 (RFC 9112) and WebSockets (RFC 6455) on the control thread's loop. What arrives goes to the handlers; every
/// request must be answered by one `respond`. What is no proper request, or larger than allowed, is answered here. A
/// socket that says `closed` is forgotten, and commands for it after that are ignored.
class HttpServer {
public:
    /// They must not throw.
    struct Handlers {
        std::function<void(api::HttpRequest)> request;
        /// Before an upgrade is accepted: what to answer instead, if anything.
        std::function<std::optional<api::HttpResponse>(const api::HttpRequest&)> refuse_socket;
        /// The upgrade has been accepted; the request carries path, query and headers.
        std::function<void(SocketId, api::HttpRequest)> socket_opened;
        std::function<void(SocketId, std::string)> socket_text;
        /// `code` is the peer's, or 1006 when the connection was lost.
        std::function<void(SocketId, uint16_t code)> socket_closed;
    };

    HttpServer(EventLoop& loop, HttpServerOptions options, Handlers handlers);
    /// Only when the loop does not run any more.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Binds and accepts. Throws std::runtime_error that names the configuration key at fault.
    void start();
    /// The port really bound; useful when 0 was asked for.
    uint16_t port() const;
    /// From now on neither connections nor WebSockets are taken, and each answer is the last of its connection.
    void stop_accepting();
    size_t connections() const;
    /// True when every WebSocket is closed and every request answered, down to the last byte.
    bool drained() const;

    void respond(api::Respond answer);
    void send(api::SendText message);
    void close(api::CloseSocket command);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace crosspoint::io
