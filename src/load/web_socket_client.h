#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/net_address.h"

namespace crosspoint::io {
class EventLoop;
}

namespace crosspoint::load {

/// The client's end of a WebSocket (RFC 6455) without TLS and compression, on the thread of a loop.
class WebSocketClient {
public:
    struct Handlers {
        std::function<void()> opened;
        std::function<void(std::string_view)> text;
        /// Also when it could not be opened. Nothing comes after it.
        std::function<void(const std::string& why)> closed;
    };
    struct Target {
        NetAddress server;
        std::optional<NetAddress> from;  // the address to connect from; its port is chosen late
        std::string path;
        std::string subprotocol;
    };

    /// Begins to connect. Handlers are called from the loop only, and never once this object is gone.
    WebSocketClient(io::EventLoop& loop, const Target& target, Handlers handlers);
    ~WebSocketClient();
    WebSocketClient(const WebSocketClient&) = delete;
    WebSocketClient& operator=(const WebSocketClient&) = delete;

    /// Once it is open.
    void send(std::string text);
    /// After what was sent before.
    void close();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace crosspoint::load
