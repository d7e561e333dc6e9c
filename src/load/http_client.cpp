#include "load/http_client.h"

#include "io/beast.h"
#include "io/event_loop.h"

namespace crosspoint::load {

namespace asio = io::asio;
namespace beast = io::beast;
namespace http = io::http;
using io::error_code;

namespace {

constexpr auto kPatience = std::chrono::seconds(30);

}  // namespace

struct HttpClient::Impl : std::enable_shared_from_this<HttpClient::Impl> {
    Impl(asio::io_context& context, const NetAddress& to) : stream(context), server(to) {}

    void connect();
    void write();
    void finish(unsigned status, std::string body);

    beast::tcp_stream stream;
    NetAddress server;
    http::request<http::string_body> request;
    http::response<http::string_body> response;
    beast::flat_buffer buffer;
    std::function<void(HttpAnswer)> then;
    bool connected = false;
};

void HttpClient::Impl::connect() {
    stream.expires_after(kPatience);
    stream.async_connect({asio::ip::make_address(server.ip_text()), server.port},
                         [self = shared_from_this()](error_code failed) {
                             if (failed) return self->finish(0, failed.message());
                             self->connected = true;
                             self->write();
                         });
}

void HttpClient::Impl::write() {
    stream.expires_after(kPatience);
    http::async_write(stream, request, [self = shared_from_this()](error_code failed, size_t) {
        if (failed) return self->finish(0, failed.message());
        self->response = {};
        http::async_read(self->stream, self->buffer, self->response, [self](error_code unread, size_t) {
            if (unread) return self->finish(0, unread.message());
            self->finish(self->response.result_int(), std::move(self->response.body()));
        });
    });
}

void HttpClient::Impl::finish(unsigned status, std::string body) {
    stream.expires_never();
    if (status == 0 || !response.keep_alive()) {
        stream.close();
        connected = false;
    }
    if (const auto told = std::exchange(then, {})) told({status, std::move(body)});
}

HttpClient::HttpClient(io::EventLoop& loop, const NetAddress& server)
    : impl_(std::make_shared<Impl>(*static_cast<asio::io_context*>(loop.native()), server)) {}

HttpClient::~HttpClient() {
    impl_->then = {};
    impl_->stream.close();
}

void HttpClient::ask(HttpAsk request, std::function<void(HttpAnswer)> then) {
    impl_->request = {};
    impl_->request.method_string(request.method);
    impl_->request.target(request.target);
    impl_->request.version(11);
    impl_->request.set(http::field::host, impl_->server.text());
    if (!request.authorization.empty()) impl_->request.set(http::field::authorization, request.authorization);
    impl_->request.body() = std::move(request.body);
    impl_->request.prepare_payload();
    impl_->then = std::move(then);
    if (impl_->connected)
        impl_->write();
    else
        impl_->connect();
}

}  // namespace crosspoint::load
