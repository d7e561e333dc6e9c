#pragma once
#include <functional>
#include <string>
#include <unordered_map>

#include "node.h"

namespace crosspoint::sim {

/// How a browser reaches the server by TCP.
struct SignalPath {
    Duration delay = 10ms;
    bool cut = false;
};

/// Who holds the browser's end of a WebSocket.
class SocketOwner {
public:
    virtual ~SocketOwner() = default;
    virtual void socket_opened(SocketId socket) = 0;
    virtual void socket_text(SocketId socket, const std::string& text) = 0;
    /// 1006 when it was not closed but lost, or never opened. Nothing comes afterwards.
    virtual void socket_closed(SocketId socket, uint16_t code) = 0;
};

/// WebSockets between browsers and the server: in order, delayed, sometimes lost as a whole.
class Sockets {
public:
    Sockets(Schedule& schedule, Node& node) : schedule_(schedule), node_(node) {}

    SocketId open(SocketOwner& owner, SignalPath& path, std::string target);
    void send(SocketId socket, std::string text);
    /// The closing handshake, begun by the browser; the owner hears nothing more.
    void close(SocketId socket);
    /// Lost for the browser at once; the server hears of it with `server_hears`, or only when it is replaced.
    void lose(SocketId socket, bool server_hears);

    // What the server does.
    void deliver(SocketId socket, std::string text);
    void close_by_server(SocketId socket, uint16_t code);
    void server_died();

private:
    struct Socket {
        SocketOwner* owner;
        SignalPath* path;
        bool open = false;  // the server knows it
        bool closing = false;
        Timestamp last_up{};  // nothing overtakes what was sent before, whatever becomes of the path's delay
        Timestamp last_down{};
    };
    Socket* find(SocketId id);
    Timestamp arrival(const Socket& socket, Timestamp& last) const {
        return last = std::max(last, schedule_.time() + socket.path->delay);
    }

    Schedule& schedule_;
    Node& node_;
    std::unordered_map<SocketId, Socket> sockets_;
    uint64_t last_ = 0;
};

}  // namespace crosspoint::sim
