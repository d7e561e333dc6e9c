#include "load/web_socket_client.h"

#include <boost/beast/websocket.hpp>
#include <deque>

#include "io/beast.h"
#include "io/event_loop.h"

namespace crosspoint::load {

namespace asio = io::asio;
namespace beast = io::beast;
namespace websocket = beast::websocket;
using io::error_code;
using io::tcp;

namespace {

// Leaves the choice of the port to `connect`, which knows the other end: each source address then has as many ports as
// it has for that end alone.
using BindAddressNoPort = asio::detail::socket_option::boolean<IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT>;

tcp::endpoint endpoint(const NetAddress& address) { return {asio::ip::make_address(address.ip_text()), address.port}; }

}  // namespace

// Callbacks instead of coroutines: ten thousand frames of those would be most of what the tool needs.
struct WebSocketClient::Impl : std::enable_shared_from_this<WebSocketClient::Impl> {
    Impl(asio::io_context& context, Target to, Handlers to_call)
        : stream(context), target(std::move(to)), handlers(std::move(to_call)) {}

    void connect();
    void handshake();
    void read();
    void write();
    void end(const std::string& why);

    websocket::stream<beast::tcp_stream> stream;
    Target target;
    Handlers handlers;
    websocket::response_type response;
    beast::flat_buffer buffer;
    std::deque<std::string> unsent;
    bool writing = false;
    bool closing = false;
    bool over = false;  // nobody is told anything more
};

void WebSocketClient::Impl::connect() {
    auto& socket = beast::get_lowest_layer(stream).socket();
    const tcp::endpoint to = endpoint(target.server);
    error_code failed;
    socket.open(to.protocol(), failed);
    if (!failed && target.from) {
        socket.set_option(BindAddressNoPort(true), failed);
        if (!failed) socket.bind(endpoint(*target.from), failed);
    }
    if (failed) {
        asio::post(stream.get_executor(), [self = shared_from_this(), failed] { self->end(failed.message()); });
        return;
    }
    socket.async_connect(to, [self = shared_from_this()](error_code refused) {
        if (refused) return self->end(refused.message());
        self->handshake();
    });
}

void WebSocketClient::Impl::handshake() {
    if (over) return;
    error_code ignored;
    beast::get_lowest_layer(stream).socket().set_option(tcp::no_delay(true), ignored);
    stream.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
        request.set(io::http::field::sec_websocket_protocol, target.subprotocol);
    }));
    stream.async_handshake(response, target.server.text(), target.path, [self = shared_from_this()](error_code failed) {
        if (failed == websocket::error::upgrade_declined)
            return self->end("the server answers " + std::to_string(self->response.result_int()));
        if (failed) return self->end(failed.message());
        self->response = {};
        if (self->over) return;
        self->handlers.opened();
        self->read();
    });
}

void WebSocketClient::Impl::read() {
    stream.async_read(buffer, [self = shared_from_this()](error_code failed, size_t) {
        if (self->over) return;
        if (failed) {
            const auto& reason = self->stream.reason();
            const std::string code = reason ? " " + std::to_string(reason.code) : "";
            return self->end(failed.message() + code);
        }
        const auto data = self->buffer.cdata();
        self->handlers.text({static_cast<const char*>(data.data()), data.size()});
        self->buffer.clear();
        if (!self->over) self->read();
    });
}

void WebSocketClient::Impl::write() {
    if (writing || over) return;
    if (unsent.empty()) {
        if (closing) stream.async_close(websocket::close_code::normal, [self = shared_from_this()](error_code) {});
        return;
    }
    writing = true;
    stream.async_write(asio::buffer(unsent.front()), [self = shared_from_this()](error_code failed, size_t) {
        self->writing = false;
        self->unsent.pop_front();
        if (!failed) self->write();  // else the reader hears of it, too
    });
}

void WebSocketClient::Impl::end(const std::string& why) {
    if (std::exchange(over, true)) return;
    handlers.closed(why);
}

WebSocketClient::WebSocketClient(io::EventLoop& loop, const Target& target, Handlers handlers)
    : impl_(std::make_shared<Impl>(*static_cast<asio::io_context*>(loop.native()), target, std::move(handlers))) {
    impl_->connect();
}

WebSocketClient::~WebSocketClient() {
    impl_->over = true;
    beast::get_lowest_layer(impl_->stream).close();
}

void WebSocketClient::send(std::string text) {
    if (impl_->over || impl_->closing) return;
    impl_->unsent.push_back(std::move(text));
    impl_->write();
}

void WebSocketClient::close() {
    if (impl_->over || std::exchange(impl_->closing, true)) return;
    impl_->write();
}

}  // namespace crosspoint::load
