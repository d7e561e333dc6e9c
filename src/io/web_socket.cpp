#include "io/web_socket.h"

#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

namespace crosspoint::io {

namespace websocket = beast::websocket;

namespace {

constexpr auto kHandshake = std::chrono::seconds(10);  // of opening
// A WebSocket ping after 20 s of silence, gone after 40 (spec 2.9: every 15 to 30 s).
constexpr auto kIdle = std::chrono::seconds(40);
constexpr size_t kKeptRoom = 4 * 1024;  // bytes that a connection holds on to between messages
constexpr size_t kReadAtOnce = 64 * 1024;

/// RFC 6455 5.5: a control frame has 125 bytes, two of them the code. Cut between characters.
websocket::close_reason close_reason(uint16_t code, std::string_view text) {
    size_t length = std::min<size_t>(text.size(), 123);
    while (length < text.size() && length > 0 && (static_cast<uint8_t>(text[length]) & 0xc0) == 0x80) --length;
    return {static_cast<websocket::close_code>(code), {text.data(), length}};
}

}  // namespace

void WebSocketQueue::send(std::string text) {
    if (close_ || reader_gone_) return;
    bytes_ += text.size();
    if (bytes_ > limits_.unsent) return abort_();  // its reader sees the loss and reports it
    texts_.push_back(std::move(text));
    wake_.cancel();
}

void WebSocketQueue::close(uint16_t code, std::string reason) {
    if (close_) return;
    close_ = Close{code, std::move(reason)};
    wake_.cancel();
}

template <class Stream>
class WebSocketSession : public std::enable_shared_from_this<WebSocketSession<Stream>> {
public:
    WebSocketSession(Stream stream, asio::io_context& context, const WebSocketLimits& limits)
        : socket_(std::move(stream)),
          queue_(std::make_shared<WebSocketQueue>(context, limits)),
          limits_(limits),
          written_(context, asio::steady_timer::time_point::max()) {
        websocket::stream_base::timeout times{};
        times.handshake_timeout = kHandshake;
        times.idle_timeout = kIdle;
        times.keep_alive_pings = true;
        socket_.set_option(times);
        socket_.read_message_max(0);  // `read` looks: Beast knows no close code but its own
        socket_.text(true);
        socket_.auto_fragment(false);
    }

    awaitable<void> run(Request upgrade, std::string subprotocol, WebSocketHandlers handlers) {
        auto self = this->shared_from_this();
        http::token_list offered{upgrade[http::field::sec_websocket_protocol]};
        if (!offered.exists(subprotocol)) subprotocol.clear();
        socket_.set_option(websocket::stream_base::decorator([subprotocol](websocket::response_type& response) {
            response.erase(http::field::server);
            if (!subprotocol.empty()) response.set(http::field::sec_websocket_protocol, subprotocol);
        }));
        error_code failed;
        co_await socket_.async_accept(upgrade, redirect_error(use_awaitable, failed));
        if (failed) co_return;
        upgrade = {};
        queue_->abort_ = [weak = this->weak_from_this()] {
            if (auto alive = weak.lock()) beast::get_lowest_layer(alive->socket_).close();
        };
        asio::co_spawn(socket_.get_executor(), self->write(), asio::detached);
        std::exchange(handlers.opened, {})(queue_);
        co_await read(handlers);
        handlers.closed(code_);
    }

private:
    awaitable<void> read(const WebSocketHandlers& handlers) {
        beast::flat_buffer buffer;
        error_code failed;
        for (;;) {
            co_await socket_.async_read_some(
                buffer, kReadAtOnce,
                asio::bind_cancellation_slot(reading_.slot(), redirect_error(use_awaitable, failed)));
            if (failed) break;
            if (!queue_->closing()) {  // else nobody listens any more
                const auto refused = why_not(buffer.size());
                if (refused) {
                    co_await close(*refused);
                    break;
                }
                if (!socket_.is_message_done()) continue;
                handlers.text(beast::buffers_to_string(buffer.data()));
            }
            buffer.clear();
            if (buffer.capacity() > kKeptRoom) buffer.shrink_to_fit();
        }
        // Also when it was not the read that saw the peer's close, but our own closing.
        if (socket_.reason()) code_ = socket_.reason().code;
        queue_->reader_gone_ = true;
        queue_->wake_.cancel();
    }

    std::optional<websocket::close_reason> why_not(size_t size) const {
        if (!socket_.got_text()) return close_reason(websocket::close_code::unknown_data, "text frames only");
        if (size > limits_.message) return close_reason(limits_.too_large, "the message is too long");
        return std::nullopt;
    }

    /// Ends with the connection: closing reads and drops whatever comes before the peer's close.
    awaitable<void> close(websocket::close_reason reason) {
        queue_->close(reason.code, std::string(reason.reason.data(), reason.reason.size()));
        error_code woken;
        if (!writer_gone_) co_await written_.async_wait(redirect_error(use_awaitable, woken));
    }

    awaitable<void> write() {
        auto self = this->shared_from_this();
        co_await write_all();
        writer_gone_ = true;
        written_.cancel();
    }

    awaitable<void> write_all() {
        const auto queue = queue_;
        error_code failed;
        while (!queue->reader_gone_ && !failed) {
            if (!queue->texts_.empty()) {
                const std::string text = std::move(queue->texts_.front());
                queue->texts_.pop_front();
                watch();
                co_await socket_.async_write(asio::buffer(text), redirect_error(use_awaitable, failed));
                queue->stalled_.cancel();
                queue->bytes_ -= text.size();
            } else if (queue->close_) {
                const auto reason = close_reason(queue->close_->code, queue->close_->reason);
                give_up_closing_in_time();
                co_await socket_.async_close(
                    reason, asio::bind_cancellation_slot(closing_.slot(), redirect_error(use_awaitable, failed)));
                queue->stalled_.cancel();
                co_return;
            } else {
                error_code woken;
                co_await queue->wake_.async_wait(redirect_error(use_awaitable, woken));
            }
        }
    }

    /// A peer that takes nothing but still answers pings would otherwise hold its connection, and what waits behind the
    /// write, for ever.
    void watch() {
        queue_->stalled_.expires_after(queue_->limits_.stall);
        queue_->stalled_.async_wait([queue = queue_](error_code cancelled) {
            if (!cancelled) queue->abort_();
        });
    }

    /// Ending the TCP connection is not enough: when a peer is in the middle of a frame as we close, and goes on with
    /// what is wrong in it, Beast's read and its close wait for each other, and neither for the network.
    void give_up_closing_in_time() {
        queue_->stalled_.expires_after(limits_.close);
        queue_->stalled_.async_wait([weak = this->weak_from_this()](error_code cancelled) {
            const auto alive = weak.lock();
            if (cancelled || !alive) return;
            alive->queue_->abort_();
            alive->closing_.emit(asio::cancellation_type::terminal);
            alive->reading_.emit(asio::cancellation_type::terminal);
        });
    }

    websocket::stream<Stream> socket_;
    std::shared_ptr<WebSocketQueue> queue_;
    WebSocketLimits limits_;
    asio::steady_timer written_;  // cancelled when nothing is written any more
    asio::cancellation_signal reading_;
    asio::cancellation_signal closing_;
    bool writer_gone_ = false;
    uint16_t code_ = 1006;
};

template <class Stream>
awaitable<void> run_web_socket(asio::io_context& context, Stream stream, Request upgrade, WebSocketLimits limits,
                               std::string subprotocol, WebSocketHandlers handlers) {
    const auto session = std::make_shared<WebSocketSession<Stream>>(std::move(stream), context, limits);
    co_await session->run(std::move(upgrade), std::move(subprotocol), std::move(handlers));
}

template awaitable<void> run_web_socket(asio::io_context&, PlainStream, Request, WebSocketLimits, std::string,
                                        WebSocketHandlers);
template awaitable<void> run_web_socket(asio::io_context&, TlsStream, Request, WebSocketLimits, std::string,
                                        WebSocketHandlers);

}  // namespace crosspoint::io
