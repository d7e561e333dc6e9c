#pragma once
#include <deque>
#include <functional>
#include <string>

#include "io/beast.h"

namespace crosspoint::io {

struct WebSocketLimits {
    size_t message = 0;                       // bytes of one that arrives
    uint16_t too_large = 1009;                // close code for one that is longer (RFC 6455 7.4.1)
    size_t unsent = 0;                        // bytes that wait for one slow reader
    std::chrono::milliseconds stall{20'000};  // for one write that the peer does not take
    std::chrono::milliseconds close{10'000};  // for the peer to answer a close
};

/// What is still to be written to one WebSocket. Shared by the coroutine that writes and whoever commands it, both on
/// the loop's thread.
class WebSocketQueue {
public:
    WebSocketQueue(asio::io_context& context, const WebSocketLimits& limits)
        : wake_(context, asio::steady_timer::time_point::max()), stalled_(context), limits_(limits) {}

    /// Nothing once the socket is closing. A peer that leaves too much unread is dropped.
    void send(std::string text);
    /// What was sent before still goes out. The first close counts.
    void close(uint16_t code, std::string reason);
    bool closing() const { return close_.has_value(); }

private:
    template <class Stream>
    friend class WebSocketSession;
    struct Close {
        uint16_t code;
        std::string reason;
    };

    asio::steady_timer wake_;  // cancelled when there is something to do
    asio::steady_timer stalled_;
    WebSocketLimits limits_;
    std::deque<std::string> texts_;
    size_t bytes_ = 0;
    std::optional<Close> close_;
    bool reader_gone_ = false;
    std::function<void()> abort_;  // drops the TCP connection
};

struct WebSocketHandlers {
    std::function<void(std::shared_ptr<WebSocketQueue>)> opened;
    std::function<void(std::string)> text;
    /// The peer's close code, or 1006 when the connection was lost. Only after `opened`.
    std::function<void(uint16_t)> closed;
};

/// One WebSocket (RFC 6455) from its upgrade to its end, over a PlainStream or a TlsStream. An upgrade that is
/// malformed is answered with 400 or 426 and reported to nobody. A client that offers `subprotocol` gets it; empty:
/// none.
template <class Stream>
awaitable<void> run_web_socket(asio::io_context& context, Stream stream, Request upgrade, WebSocketLimits limits,
                               std::string subprotocol, WebSocketHandlers handlers);

extern template awaitable<void> run_web_socket(asio::io_context&, PlainStream, Request, WebSocketLimits, std::string,
                                               WebSocketHandlers);
extern template awaitable<void> run_web_socket(asio::io_context&, TlsStream, Request, WebSocketLimits, std::string,
                                               WebSocketHandlers);

}  // namespace crosspoint::io
