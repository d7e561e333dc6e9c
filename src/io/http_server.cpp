// The only file that sees Beast: each one costs about 20 s and 0.9 GB to compile.
#include "io/http_server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <stdexcept>

#include "io/event_loop.h"

namespace crosspoint::io {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto kRequestTimeout = std::chrono::seconds(60);
constexpr auto kLinger = std::chrono::seconds(2);
constexpr uint32_t kMaxHeaderBytes = 16 * 1024;

NetAddress to_address(const tcp::endpoint& endpoint) {
    NetAddress address;
    if (endpoint.address().is_v4()) {
        const auto raw = endpoint.address().to_v4().to_bytes();
        address = NetAddress::v4(raw[0], raw[1], raw[2], raw[3], endpoint.port());
    } else {
        address.ip = endpoint.address().to_v6().to_bytes();
        address.port = endpoint.port();
    }
    address.transport = Transport::Tcp;
    return address;
}

tcp::endpoint to_endpoint(const NetAddress& address) {
    if (!address.is_v4()) return {asio::ip::address_v6(address.ip), address.port};
    const asio::ip::address_v4::bytes_type raw{address.ip[12], address.ip[13], address.ip[14], address.ip[15]};
    return {asio::ip::address_v4(raw), address.port};
}

/// "/v3/", "//v3/" and "/v3?x" are all "/v3" (spec 2.1).
std::string_view socket_path(std::string_view target) {
    std::string_view path = target.substr(0, target.find('?'));
    while (path.starts_with("//")) path.remove_prefix(1);
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return path;
}

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

api::HttpRequest to_api(Request& request, RequestId id, const NetAddress& peer, bool tls) {
    api::HttpRequest out;
    out.id = id;
    out.method = std::string(request.method_string());
    out.target = std::string(request.target());
    for (const auto& field : request)
        out.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    out.body = std::move(request.body());
    out.peer = peer;
    out.tls = tls;
    return out;
}

Response to_beast(api::HttpResponse answer, const Request& request) {
    Response response{static_cast<http::status>(answer.status), request.version()};
    for (const auto& header : answer.headers) response.set(header.name, header.value);
    response.keep_alive(request.keep_alive());
    response.body() = std::move(answer.body);
    if (answer.status != 204) response.prepare_payload();
    if (request.method() == http::verb::head) response.body().clear();
    return response;
}

/// Never read to its end, so no route saw it: the one refusal that is made here.
Response too_large(bool header) {
    Response response{static_cast<http::status>(header ? 431 : 413), 11};
    response.keep_alive(false);
    response.set(http::field::content_type, "application/json");
    response.body() = header ? R"({"error":"The header of the request is larger than 16384 bytes"})"
                             : R"({"error":"The body of the request is larger than 1048576 bytes"})";
    response.prepare_payload();
    return response;
}

struct PendingRequest {
    explicit PendingRequest(asio::io_context& context) : answered(context, asio::steady_timer::time_point::max()) {}
    std::optional<api::HttpResponse> answer;
    asio::steady_timer answered;  // cancelled when the answer is there
};

/// What is still to be written to one socket; shared by its writer and the server's `send`.
struct SocketQueue {
    explicit SocketQueue(asio::io_context& context) : wake(context, asio::steady_timer::time_point::max()) {}
    asio::steady_timer wake;  // cancelled when there is something to do
    std::deque<std::string> texts;
    size_t bytes = 0;
    std::optional<api::CloseSocket> close;
    bool reader_gone = false;
    std::function<void()> abort;  // drops the TCP connection
};

}  // namespace

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
    Impl(EventLoop& event_loop, HttpServerOptions wanted, Handlers to_call)
        : context(*static_cast<asio::io_context*>(event_loop.native())),
          options(std::move(wanted)),
          handlers(std::move(to_call)),
          acceptor(context) {}

    void open();
    void open_tls();
    void stop_accepting() {
        stopped = true;
        error_code ignored;
        acceptor.close(ignored);
    }
    awaitable<void> accept_loop();
    awaitable<void> serve_plain(tcp::socket socket, NetAddress peer);
    awaitable<void> serve_tls(tcp::socket socket, NetAddress peer);
    template <class Stream>
    awaitable<void> serve(Stream& stream, NetAddress peer, bool tls);
    template <class Stream>
    static awaitable<void> linger(Stream& stream);
    template <class Stream>
    awaitable<bool> refuse_socket(Stream& stream, Request& upgrade, NetAddress peer, bool tls);
    template <class Stream>
    awaitable<bool> answer(Stream& stream, Request request, NetAddress peer, bool tls);
    template <class Stream>
    awaitable<void> run_socket(Stream stream, Request upgrade, NetAddress peer, bool tls);
    template <class Stream>
    static awaitable<void> write_loop(std::shared_ptr<websocket::stream<Stream>> ws,
                                      std::shared_ptr<SocketQueue> queue);
    bool is_socket_path(std::string_view target) const;

    asio::io_context& context;
    HttpServerOptions options;
    Handlers handlers;
    tcp::acceptor acceptor;
    std::optional<asio::ssl::context> tls_context;
    std::unordered_map<RequestId, std::shared_ptr<PendingRequest>> pending;
    std::unordered_map<SocketId, std::shared_ptr<SocketQueue>> sockets;
    uint64_t next_request = 1;
    uint64_t next_socket = 1;
    size_t open_connections = 0;
    bool stopped = false;
};

void HttpServer::Impl::open_tls() {
    tls_context.emplace(asio::ssl::context::tls_server);
    tls_context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                             asio::ssl::context::no_tlsv1_1);
    error_code failed;
    tls_context->use_certificate_chain_file(options.tls_certificate, failed);
    if (failed) throw std::runtime_error("http.tls_certificate " + options.tls_certificate + ": " + failed.message());
    tls_context->use_private_key_file(options.tls_key, asio::ssl::context::pem, failed);
    if (failed) throw std::runtime_error("http.tls_key " + options.tls_key + ": " + failed.message());
}

void HttpServer::Impl::open() {
    if (!options.tls_certificate.empty()) open_tls();
    const tcp::endpoint endpoint = to_endpoint(options.listen);
    error_code failed;
    acceptor.open(endpoint.protocol(), failed);
    if (!failed) acceptor.set_option(asio::socket_base::reuse_address(true), failed);
    if (!failed) acceptor.bind(endpoint, failed);
    if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
    if (failed) throw std::runtime_error("http.listen " + options.listen.text() + ": " + failed.message());
    asio::co_spawn(context, accept_loop(), asio::detached);
}

awaitable<void> HttpServer::Impl::accept_loop() {
    auto self = shared_from_this();
    for (;;) {
        error_code failed;
        tcp::socket socket = co_await acceptor.async_accept(redirect_error(use_awaitable, failed));
        if (stopped) co_return;
        if (failed) {  // most likely out of file descriptors: give the others time to close some
            asio::steady_timer pause(context, std::chrono::milliseconds(50));
            co_await pause.async_wait(redirect_error(use_awaitable, failed));
            continue;
        }
        if (open_connections >= options.max_connections) continue;
        const tcp::endpoint remote = socket.remote_endpoint(failed);
        if (failed) continue;
        socket.set_option(tcp::no_delay(true), failed);
        ++open_connections;
        const auto finished = [self](const std::exception_ptr&) { --self->open_connections; };
        if (tls_context)
            asio::co_spawn(context, serve_tls(std::move(socket), to_address(remote)), finished);
        else
            asio::co_spawn(context, serve_plain(std::move(socket), to_address(remote)), finished);
    }
}

awaitable<void> HttpServer::Impl::serve_plain(tcp::socket socket, NetAddress peer) {
    auto self = shared_from_this();
    beast::tcp_stream stream(std::move(socket));
    co_await serve(stream, peer, false);
}

awaitable<void> HttpServer::Impl::serve_tls(tcp::socket socket, NetAddress peer) {
    auto self = shared_from_this();
    beast::ssl_stream<beast::tcp_stream> stream(beast::tcp_stream(std::move(socket)), *tls_context);
    beast::get_lowest_layer(stream).expires_after(kRequestTimeout);
    error_code failed;
    co_await stream.async_handshake(asio::ssl::stream_base::server, redirect_error(use_awaitable, failed));
    if (!failed) co_await serve(stream, peer, true);
}

template <class Stream>
awaitable<void> HttpServer::Impl::serve(Stream& stream, NetAddress peer, bool tls) {
    beast::flat_buffer buffer;
    for (;;) {
        http::request_parser<http::string_body> parser;
        parser.header_limit(kMaxHeaderBytes);
        parser.body_limit(options.max_body);
        beast::get_lowest_layer(stream).expires_after(kRequestTimeout);
        error_code failed;
        co_await http::async_read(stream, buffer, parser, redirect_error(use_awaitable, failed));
        if (failed == http::error::body_limit || failed == http::error::header_limit) {
            const Response response = too_large(failed == http::error::header_limit);
            co_await http::async_write(stream, response, redirect_error(use_awaitable, failed));
            co_await linger(stream);
            co_return;
        }
        if (failed) co_return;
        Request request = parser.release();
        if (websocket::is_upgrade(request) && is_socket_path({request.target().data(), request.target().size()})) {
            if (co_await refuse_socket(stream, request, peer, tls)) co_return;
            beast::get_lowest_layer(stream).expires_never();
            co_await run_socket(std::move(stream), std::move(request), peer, tls);
            co_return;
        }
        if (!co_await answer(stream, std::move(request), peer, tls)) co_return;
    }
}

template <class Stream>
awaitable<void> HttpServer::Impl::linger(Stream& stream) {
    // Closing with unread bytes resets the connection, and the client would never see why (RFC 9112 9.6).
    auto& lowest = beast::get_lowest_layer(stream);
    error_code failed;
    lowest.socket().shutdown(tcp::socket::shutdown_send, failed);
    lowest.expires_after(kLinger);
    std::array<char, 16 * 1024> scrap;
    while (!failed) co_await lowest.async_read_some(asio::buffer(scrap), redirect_error(use_awaitable, failed));
}

template <class Stream>
awaitable<bool> HttpServer::Impl::refuse_socket(Stream& stream, Request& upgrade, NetAddress peer, bool tls) {
    auto refusal = handlers.refuse_socket(to_api(upgrade, RequestId{}, peer, tls));
    if (!refusal) co_return false;
    Response response = to_beast(std::move(*refusal), upgrade);
    response.keep_alive(false);
    error_code failed;
    co_await http::async_write(stream, response, redirect_error(use_awaitable, failed));
    beast::get_lowest_layer(stream).socket().shutdown(tcp::socket::shutdown_send, failed);
    co_return true;
}

template <class Stream>
awaitable<bool> HttpServer::Impl::answer(Stream& stream, Request request, NetAddress peer, bool tls) {
    const RequestId id{next_request++};
    auto waiting = std::make_shared<PendingRequest>(context);
    pending.emplace(id, waiting);
    handlers.request(to_api(request, id, peer, tls));
    error_code failed;
    while (!waiting->answer) co_await waiting->answered.async_wait(redirect_error(use_awaitable, failed));
    pending.erase(id);
    const Response response = to_beast(std::move(*waiting->answer), request);
    beast::get_lowest_layer(stream).expires_after(kRequestTimeout);
    co_await http::async_write(stream, response, redirect_error(use_awaitable, failed));
    if (!failed && response.keep_alive()) co_return true;
    beast::get_lowest_layer(stream).socket().shutdown(tcp::socket::shutdown_send, failed);
    co_return false;
}

template <class Stream>
awaitable<void> HttpServer::Impl::run_socket(Stream stream, Request upgrade, NetAddress peer, bool tls) {
    auto ws = std::make_shared<websocket::stream<Stream>>(std::move(stream));
    websocket::stream_base::timeout limits{};
    limits.handshake_timeout = std::chrono::seconds(10);
    // A WebSocket ping after 20 s of silence, gone after 40 (spec 2.9: every 15 to 30 s).
    limits.idle_timeout = std::chrono::seconds(40);
    limits.keep_alive_pings = true;
    ws->set_option(limits);
    ws->read_message_max(options.max_message);
    error_code failed;
    co_await ws->async_accept(upgrade, redirect_error(use_awaitable, failed));
    if (failed) co_return;

    const SocketId id{next_socket++};
    auto queue = std::make_shared<SocketQueue>(context);
    queue->abort = [weak = std::weak_ptr(ws)] {
        if (auto alive = weak.lock()) beast::get_lowest_layer(*alive).close();
    };
    sockets.emplace(id, queue);
    asio::co_spawn(context, write_loop<Stream>(ws, queue), asio::detached);
    handlers.socket_opened(id, to_api(upgrade, RequestId{}, peer, tls));

    beast::flat_buffer buffer;
    for (;;) {
        co_await ws->async_read(buffer, redirect_error(use_awaitable, failed));
        if (failed) break;
        if (ws->got_text()) {
            handlers.socket_text(id, beast::buffers_to_string(buffer.data()));
        } else if (!queue->close) {
            queue->close = api::CloseSocket{id, websocket::close_code::unknown_data, "text frames only"};
            queue->wake.cancel();
        }
        buffer.clear();
    }
    sockets.erase(id);
    queue->reader_gone = true;
    queue->wake.cancel();
    // When we closed first, the peer's echo of our close is what ended the read.
    handlers.socket_closed(id, failed == websocket::error::closed ? ws->reason().code : uint16_t{1006});
}

template <class Stream>
awaitable<void> HttpServer::Impl::write_loop(std::shared_ptr<websocket::stream<Stream>> ws,
                                             std::shared_ptr<SocketQueue> queue) {
    error_code failed;
    ws->text(true);
    while (!queue->reader_gone) {
        if (!queue->texts.empty()) {
            const std::string text = std::move(queue->texts.front());
            queue->texts.pop_front();
            co_await ws->async_write(asio::buffer(text), redirect_error(use_awaitable, failed));
            queue->bytes -= text.size();
            if (failed) co_return;
        } else if (queue->close) {
            websocket::close_reason reason(queue->close->reason);
            reason.code = queue->close->code;
            co_await ws->async_close(reason, redirect_error(use_awaitable, failed));
            co_return;
        } else {
            co_await queue->wake.async_wait(redirect_error(use_awaitable, failed));
        }
    }
}

bool HttpServer::Impl::is_socket_path(std::string_view target) const {
    const std::string_view path = socket_path(target);
    return std::find(options.socket_paths.begin(), options.socket_paths.end(), path) != options.socket_paths.end();
}

HttpServer::HttpServer(EventLoop& loop, HttpServerOptions options, Handlers handlers)
    : impl_(std::make_shared<Impl>(loop, std::move(options), std::move(handlers))) {}

HttpServer::~HttpServer() { impl_->stop_accepting(); }

void HttpServer::start() { impl_->open(); }
uint16_t HttpServer::port() const { return impl_->acceptor.local_endpoint().port(); }
void HttpServer::stop_accepting() { impl_->stop_accepting(); }
size_t HttpServer::connections() const { return impl_->open_connections; }
bool HttpServer::drained() const { return impl_->sockets.empty() && impl_->pending.empty(); }

void HttpServer::respond(api::Respond answer) {
    const auto waiting = impl_->pending.find(answer.request);
    if (waiting == impl_->pending.end()) return;
    waiting->second->answer = std::move(answer.response);
    waiting->second->answered.cancel();
}

void HttpServer::send(api::SendText message) {
    const auto found = impl_->sockets.find(message.socket);
    if (found == impl_->sockets.end() || found->second->close) return;
    SocketQueue& queue = *found->second;
    queue.bytes += message.text.size();
    if (queue.bytes > impl_->options.max_unsent) {
        queue.abort();  // it does not read: its reader sees the loss and reports it
        return;
    }
    queue.texts.push_back(std::move(message.text));
    queue.wake.cancel();
}

void HttpServer::close(api::CloseSocket command) {
    const auto found = impl_->sockets.find(command.socket);
    if (found == impl_->sockets.end() || found->second->close) return;
    found->second->close = std::move(command);
    found->second->wake.cancel();
}

}  // namespace crosspoint::io
