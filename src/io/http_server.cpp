#include "io/http_server.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/beast/websocket/rfc6455.hpp>
#include <stdexcept>

#include "api/errors.h"
#include "crypto/system_random.h"
#include "io/event_loop.h"
#include "io/web_socket.h"

namespace crosspoint::io {
namespace {

using Parser = http::request_parser<http::string_body>;

constexpr auto kLinger = std::chrono::seconds(2);
constexpr uint32_t kMaxHeaderBytes = 16 * 1024;
constexpr size_t kReadAhead = 64 * 1024;
// Connections beyond the limit that are told so; what comes beyond these is closed without a word.
constexpr size_t kMaxTurnedAway = 100;
const api::Problem kTooManyConnections{503, "The server has as many connections as it may have"};

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

std::string_view text(beast::string_view view) { return {view.data(), view.size()}; }

/// "/v3/", "//v3/" and "/v3?x" are all "/v3" (spec 2.1).
std::string_view socket_path(std::string_view target) {
    std::string_view path = target.substr(0, target.find('?'));
    while (path.starts_with("//")) path.remove_prefix(1);
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return path;
}

/// What the absolute form, which a server must take (RFC 9112 3.2.2), says in origin-form.
std::string_view origin_form(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!beast::iequals({target.data(), std::min(target.size(), scheme.size())}, {scheme.data(), scheme.size()}))
            continue;
        const size_t path = target.find('/', scheme.size());
        return path == std::string_view::npos ? "/" : target.substr(path);
    }
    return target;
}

api::HttpRequest to_api(Request& request, RequestId id, const NetAddress& peer, bool tls) {
    api::HttpRequest out;
    out.id = id;
    out.method = std::string(request.method_string());
    out.target = std::string(origin_form(text(request.target())));
    for (const auto& field : request)
        out.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    out.body = std::move(request.body());
    out.peer = peer;
    out.tls = tls;
    return out;
}

std::string http_date(WallTime now) {  // RFC 9110 5.6.7
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(static_cast<std::time_t>(now.unix_seconds())));
}

Response to_beast(api::HttpResponse answer, unsigned version, bool keep_alive) {
    Response response{static_cast<http::status>(answer.status), version};
    for (const auto& header : answer.headers) response.set(header.name, header.value);
    response.set(http::field::date, http_date(read_clock().wall));
    response.keep_alive(keep_alive);
    response.body() = std::move(answer.body);
    if (answer.status != 204) response.prepare_payload();
    return response;
}

/// Why a request that could not be read is refused; nothing when its sender is gone or too slow to be told.
std::optional<api::Problem> problem_of(error_code failed, size_t max_body) {
    if (failed == http::error::body_limit)
        return api::Problem{413, fmt::format("The body must not be longer than {} bytes", max_body)};
    if (failed == http::error::header_limit || failed == http::error::buffer_overflow)
        return api::Problem{431, fmt::format("The header must not be longer than {} bytes", kMaxHeaderBytes)};
    if (failed == http::error::end_of_stream || failed == http::error::partial_message) return std::nullopt;
    if (failed.category() == make_error_code(http::error::bad_method).category())
        return api::Problem{400, "The request is malformed: " + failed.message()};
    return std::nullopt;
}

/// What is wrong with a header that could be read.
std::optional<api::Problem> problem_of(const Request& header) {
    // RFC 9112 3.2: exactly one, or a proxy and we might take the request for two different ones.
    if (header.version() >= 11 && header.count(http::field::host) != 1)
        return api::Problem{400, "The request needs exactly one Host header"};
    const auto expectation = header[http::field::expect];
    if (header.version() >= 11 && !expectation.empty() && !beast::iequals(expectation, "100-continue"))
        return api::Problem{417, "Only 100-continue can be expected"};
    return std::nullopt;
}

struct PendingRequest {
    explicit PendingRequest(asio::io_context& context) : answered(context, asio::steady_timer::time_point::max()) {}
    std::optional<api::HttpResponse> answer;
    asio::steady_timer answered;  // cancelled when the answer is there
};

}  // namespace

// g++ 12 destroys temporaries among the arguments of an awaited call twice: each has a name here.
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
    void take(tcp::socket socket);
    awaitable<void> turn_away(tcp::socket socket);
    awaitable<void> serve_plain(tcp::socket socket, NetAddress peer);
    awaitable<void> serve_tls(tcp::socket socket, NetAddress peer);
    template <class Stream>
    awaitable<void> serve(Stream& stream, NetAddress peer, bool tls);
    /// One request, complete; nothing when there is none and the connection must end.
    template <class Stream>
    awaitable<std::optional<Request>> read_request(Stream& stream, beast::flat_buffer& buffer);
    /// True when another request may follow.
    template <class Stream>
    awaitable<bool> answer(Stream& stream, Request request, NetAddress peer, bool tls);
    template <class Stream>
    awaitable<bool> write(Stream& stream, const Response& response, bool head);
    template <class Stream>
    awaitable<void> write_last(Stream& stream, const Response& response);
    Response refusal(const api::Problem& problem);
    template <class Stream>
    awaitable<void> upgrade(Stream& stream, Request request, NetAddress peer, bool tls);
    static awaitable<void> end(PlainStream& stream);
    static awaitable<void> end(TlsStream& stream);
    bool is_socket_path(std::string_view target) const;
    std::optional<Response> upgrade_refusal(Request& request, bool more_data, const NetAddress& peer, bool tls);

    asio::io_context& context;
    HttpServerOptions options;
    Handlers handlers;
    tcp::acceptor acceptor;
    std::optional<asio::ssl::context> tls_context;
    crypto::SystemRandom random;  // ids of the refusals that are made here
    std::unordered_map<RequestId, std::shared_ptr<PendingRequest>> pending;
    std::unordered_map<SocketId, std::shared_ptr<WebSocketQueue>> sockets;
    uint64_t next_request = 1;
    uint64_t next_socket = 1;
    uint16_t port = 0;
    size_t open_connections = 0;
    size_t turned_away = 0;
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
    if (!failed) port = acceptor.local_endpoint(failed).port();
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
        } else {
            take(std::move(socket));
        }
    }
}

void HttpServer::Impl::take(tcp::socket socket) {
    if (open_connections >= options.max_connections) {
        // A TLS client could only be told after a handshake, and those are what an attacker wants us to compute.
        if (tls_context || turned_away >= kMaxTurnedAway) return;
        ++turned_away;
        const auto told = [self = shared_from_this()](const std::exception_ptr&) { --self->turned_away; };
        asio::co_spawn(context, turn_away(std::move(socket)), told);
        return;
    }
    error_code failed;
    const tcp::endpoint remote = socket.remote_endpoint(failed);
    if (failed) return;
    socket.set_option(tcp::no_delay(true), failed);
    ++open_connections;
    const auto finished = [self = shared_from_this()](const std::exception_ptr&) { --self->open_connections; };
    if (tls_context)
        asio::co_spawn(context, serve_tls(std::move(socket), to_address(remote)), finished);
    else
        asio::co_spawn(context, serve_plain(std::move(socket), to_address(remote)), finished);
}

awaitable<void> HttpServer::Impl::turn_away(tcp::socket socket) {
    PlainStream stream(std::move(socket));
    const Response response = refusal(kTooManyConnections);
    co_await write_last(stream, response);
}

awaitable<void> HttpServer::Impl::serve_plain(tcp::socket socket, NetAddress peer) {
    PlainStream stream(std::move(socket));
    co_await serve(stream, peer, false);
}

awaitable<void> HttpServer::Impl::serve_tls(tcp::socket socket, NetAddress peer) {
    TlsStream stream(PlainStream(std::move(socket)), *tls_context);
    beast::get_lowest_layer(stream).expires_after(options.timeouts.header);
    error_code failed;
    co_await stream.async_handshake(asio::ssl::stream_base::server, redirect_error(use_awaitable, failed));
    if (!failed) co_await serve(stream, peer, true);
}

template <class Stream>
awaitable<void> HttpServer::Impl::serve(Stream& stream, NetAddress peer, bool tls) {
    beast::flat_buffer buffer(kMaxHeaderBytes + kReadAhead);
    for (;;) {
        auto request = co_await read_request(stream, buffer);
        if (!request) co_return;
        if (is_socket_path(text(request->target()))) {
            const auto refused = upgrade_refusal(*request, buffer.size() > 0, peer, tls);
            if (refused) {
                co_await write_last(stream, *refused);
            } else {
                buffer.shrink_to_fit();  // a WebSocket is there for hours, and has a buffer of its own
                co_await upgrade(stream, std::move(*request), peer, tls);
            }
            co_return;
        }
        if (!co_await answer(stream, std::move(*request), peer, tls)) co_return;
    }
}

template <class Stream>
awaitable<std::optional<Request>> HttpServer::Impl::read_request(Stream& stream, beast::flat_buffer& buffer) {
    auto& lowest = beast::get_lowest_layer(stream);
    error_code failed;
    if (buffer.size() == 0) {
        lowest.expires_after(options.timeouts.idle);
        const size_t read =
            co_await stream.async_read_some(buffer.prepare(4096), redirect_error(use_awaitable, failed));
        if (failed) co_return std::nullopt;
        buffer.commit(read);
    }
    Parser parser;
    parser.header_limit(kMaxHeaderBytes);
    parser.body_limit(options.max_body);
    lowest.expires_after(options.timeouts.header);
    co_await http::async_read_header(stream, buffer, parser, redirect_error(use_awaitable, failed));
    std::optional<api::Problem> problem = failed ? problem_of(failed, options.max_body) : problem_of(parser.get());
    if (!failed && !problem) {
        lowest.expires_after(options.timeouts.body);
        if (!parser.is_done() && parser.get().version() >= 11 && parser.get().count(http::field::expect) > 0) {
            const http::response<http::empty_body> go_on{http::status::continue_, 11};
            co_await http::async_write(stream, go_on, redirect_error(use_awaitable, failed));
        }
        if (!failed) co_await http::async_read(stream, buffer, parser, redirect_error(use_awaitable, failed));
        if (failed) problem = problem_of(failed, options.max_body);
    }
    if (problem) {
        const Response response = refusal(*problem);
        co_await write_last(stream, response);
        co_return std::nullopt;
    }
    if (failed) co_return std::nullopt;
    co_return parser.release();
}

template <class Stream>
awaitable<bool> HttpServer::Impl::answer(Stream& stream, Request request, NetAddress peer, bool tls) {
    const RequestId id{next_request++};
    const auto waiting = std::make_shared<PendingRequest>(context);
    pending.emplace(id, waiting);
    const unsigned version = request.version();
    const bool keep_alive = request.keep_alive();
    const bool head = request.method() == http::verb::head;
    handlers.request(to_api(request, id, peer, tls));
    error_code woken;
    while (!waiting->answer) co_await waiting->answered.async_wait(redirect_error(use_awaitable, woken));
    const Response response = to_beast(std::move(*waiting->answer), version, keep_alive && !stopped);
    const bool written = co_await write(stream, response, head);
    pending.erase(id);
    if (!written) co_return false;
    if (response.keep_alive()) co_return true;
    co_await end(stream);
    co_return false;
}

template <class Stream>
awaitable<bool> HttpServer::Impl::write(Stream& stream, const Response& response, bool head) {
    beast::get_lowest_layer(stream).expires_after(options.timeouts.write);
    error_code failed;
    http::response_serializer<http::string_body> serializer(response);
    if (head)  // RFC 9110 9.3.2: as GET, without the content
        co_await http::async_write_header(stream, serializer, redirect_error(use_awaitable, failed));
    else
        co_await http::async_write(stream, serializer, redirect_error(use_awaitable, failed));
    co_return !failed;
}

template <class Stream>
awaitable<void> HttpServer::Impl::write_last(Stream& stream, const Response& response) {
    const bool written = co_await write(stream, response, false);
    if (!written) co_return;
    co_await end(stream);
}

Response HttpServer::Impl::refusal(const api::Problem& problem) {
    api::HttpResponse answer = api::error_response(problem, random.uuid());
    if (problem.status == 426) answer.headers.push_back({"Upgrade", "websocket"});
    if (problem.status == 503) answer.headers.push_back({"Retry-After", "5"});
    return to_beast(std::move(answer), 11, false);
}

// Closing with unread bytes resets the connection, and the client would never see our answer (RFC 9112 9.6).
awaitable<void> HttpServer::Impl::end(PlainStream& stream) {
    error_code failed;
    stream.socket().shutdown(tcp::socket::shutdown_send, failed);
    stream.expires_after(kLinger);
    std::array<char, 4096> scrap;
    while (!failed) co_await stream.async_read_some(asio::buffer(scrap), redirect_error(use_awaitable, failed));
}

awaitable<void> HttpServer::Impl::end(TlsStream& stream) {
    auto& lowest = beast::get_lowest_layer(stream);
    lowest.expires_after(kLinger);
    error_code failed;
    co_await stream.async_shutdown(redirect_error(use_awaitable, failed));
    co_await end(lowest);
}

template <class Stream>
awaitable<void> HttpServer::Impl::upgrade(Stream& stream, Request request, NetAddress peer, bool tls) {
    beast::get_lowest_layer(stream).expires_never();
    const SocketId id{next_socket++};
    api::HttpRequest opening = to_api(request, RequestId{}, peer, tls);
    WebSocketHandlers events;
    events.opened = [this, id, opening = std::move(opening)](std::shared_ptr<WebSocketQueue> queue) mutable {
        sockets.emplace(id, std::move(queue));
        handlers.socket_opened(id, std::move(opening));
    };
    events.text = [this, id](std::string message) { handlers.socket_text(id, std::move(message)); };
    events.closed = [this, id](uint16_t code) {
        sockets.erase(id);
        handlers.socket_closed(id, code);
    };
    WebSocketLimits limits{.message = options.max_message,
                           .unsent = options.max_unsent,
                           .stall = options.timeouts.message_write,
                           .close = options.timeouts.message_close};
    std::string subprotocol;
    for (const auto& spoken : options.subprotocols) {
        if (spoken.path != socket_path(origin_form(text(request.target())))) continue;
        limits.message = spoken.max_message;
        limits.unsent = spoken.max_unsent;
        limits.too_large = spoken.too_large;
        subprotocol = spoken.name;
    }
    co_await run_web_socket(context, std::move(stream), std::move(request), limits, std::move(subprotocol),
                            std::move(events));
}

std::optional<Response> HttpServer::Impl::upgrade_refusal(Request& request, bool more_data, const NetAddress& peer,
                                                          bool tls) {
    if (stopped) return refusal({503, "The server is stopping"});
    if (!beast::websocket::is_upgrade(request)) return refusal({426, "A WebSocket is expected here"});
    // RFC 6455 4.1: the client waits for our answer first.
    if (more_data) return refusal({400, "Data before the upgrade was accepted"});
    auto refused = handlers.refuse_socket(to_api(request, RequestId{}, peer, tls));
    if (!refused) return std::nullopt;
    return to_beast(std::move(*refused), request.version(), false);
}

bool HttpServer::Impl::is_socket_path(std::string_view target) const {
    const std::string_view path = socket_path(origin_form(target));
    return std::find(options.socket_paths.begin(), options.socket_paths.end(), path) != options.socket_paths.end();
}

HttpServer::HttpServer(EventLoop& loop, HttpServerOptions options, Handlers handlers)
    : impl_(std::make_shared<Impl>(loop, std::move(options), std::move(handlers))) {}

HttpServer::~HttpServer() { impl_->stop_accepting(); }

void HttpServer::start() { impl_->open(); }
uint16_t HttpServer::port() const { return impl_->port; }
void HttpServer::stop_accepting() { impl_->stop_accepting(); }
size_t HttpServer::connections() const { return impl_->open_connections; }
bool HttpServer::drained() const { return impl_->sockets.empty() && impl_->pending.empty(); }

void HttpServer::respond(api::Respond answer) {
    const auto waiting = impl_->pending.find(answer.request);
    if (waiting == impl_->pending.end() || waiting->second->answer) return;
    waiting->second->answer = std::move(answer.response);
    waiting->second->answered.cancel();
}

void HttpServer::send(api::SendText message) {
    const auto found = impl_->sockets.find(message.socket);
    if (found != impl_->sockets.end()) found->second->send(std::move(message.text));
}

void HttpServer::close(api::CloseSocket command) {
    const auto found = impl_->sockets.find(command.socket);
    if (found != impl_->sockets.end()) found->second->close(command.code, std::move(command.reason));
}

}  // namespace crosspoint::io
