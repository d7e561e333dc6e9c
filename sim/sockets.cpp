#include "sockets.h"

namespace crosspoint::sim {

Sockets::Socket* Sockets::find(SocketId id) {
    const auto found = sockets_.find(id);
    return found == sockets_.end() ? nullptr : &found->second;
}

SocketId Sockets::open(SocketOwner& owner, SignalPath& path, std::string target) {
    const SocketId id{++last_};
    sockets_[id] = {&owner, &path};
    schedule_.after(path.delay, [this, id, target = std::move(target)] {
        Socket* socket = find(id);
        if (!socket) return;
        if (socket->path->cut || !node_.running()) {
            SocketOwner* refused = socket->owner;
            sockets_.erase(id);
            return refused->socket_closed(id, 1006);
        }
        socket->open = true;
        schedule_.at(arrival(*socket, socket->last_down), [this, id] {
            if (Socket* opened = find(id)) opened->owner->socket_opened(id);
        });
        api::HttpRequest request;
        request.method = "GET";
        request.target = target;
        node_.handle(app::SocketOpened{id, std::move(request)});
    });
    return id;
}

void Sockets::send(SocketId id, std::string text) {
    Socket* socket = find(id);
    if (!socket || socket->closing) return;
    schedule_.at(arrival(*socket, socket->last_up), [this, id, text = std::move(text)] {
        if (Socket* there = find(id); there && there->open) node_.handle(app::SocketText{id, text});
    });
}

void Sockets::close(SocketId id) {
    Socket* socket = find(id);
    if (!socket) return;
    socket->closing = true;
    schedule_.at(arrival(*socket, socket->last_up), [this, id] {
        if (!find(id)) return;
        sockets_.erase(id);
        node_.handle(app::SocketClosed{id});
    });
}

void Sockets::lose(SocketId id, bool server_hears) {
    Socket* socket = find(id);
    if (!socket) return;
    SocketOwner* owner = socket->owner;
    const bool known = socket->open;
    const bool closing = socket->closing;
    sockets_.erase(id);
    if (known && server_hears) node_.handle(app::SocketClosed{id});
    if (!closing) owner->socket_closed(id, 1006);
}

void Sockets::deliver(SocketId id, std::string text) {
    Socket* socket = find(id);
    if (!socket) return;
    schedule_.at(arrival(*socket, socket->last_down), [this, id, text = std::move(text)] {
        if (Socket* there = find(id); there && !there->closing) there->owner->socket_text(id, text);
    });
}

void Sockets::close_by_server(SocketId id, uint16_t code) {
    Socket* socket = find(id);
    if (!socket) return;
    const Duration delay = socket->path->delay;
    schedule_.at(arrival(*socket, socket->last_down), [this, id, code, delay] {
        Socket* there = find(id);
        if (!there) return;
        SocketOwner* owner = there->owner;
        const bool closing = there->closing;
        sockets_.erase(id);
        schedule_.after(delay, [this, id] { node_.handle(app::SocketClosed{id}); });
        if (!closing) owner->socket_closed(id, code);
    });
}

void Sockets::server_died() {
    std::vector<SocketId> open;
    for (const auto& [id, socket] : sockets_)
        if (socket.open) open.push_back(id);
    std::ranges::sort(open);
    for (const SocketId id : open) lose(id, false);
}

}  // namespace crosspoint::sim
