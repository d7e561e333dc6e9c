#include "api/jsapi/encode.h"
#include "api/jsapi/hub.h"
#include "api/jsapi/user_token.h"
#include "base/encoding.h"
#include "chains/server_id.h"
#include "crypto/hash.h"

// Sockets: `hello`, frames in, frames out (jsapi 2.2, 3.1).
namespace crosspoint::api::jsapi {
namespace {

constexpr size_t kResumeToken = 32;  // bytes

/// The token itself is never stored (CON-6).
std::string hash_of(std::string_view resume_token) { return base64url(crypto::sha256(as_bytes(resume_token))); }

chains::ResumeToken new_resume_token(Random& random) {
    Buffer bytes(kResumeToken);
    random.fill(bytes);
    std::string token = base64url(bytes);
    return {token, hash_of(token)};
}

}  // namespace

bool Hub::serves(std::string_view target) {
    const auto path = target.substr(0, target.find('?'));
    return path == kSocketPath || (path.starts_with(kSocketPath) && path.substr(kSocketPath.size()) == "/");
}

bool Hub::turns_away(const NetAddress& peer) {
    if (!doorway_.full(peer)) return false;
    ++sockets_turned_away_;
    return true;
}

void Hub::socket_opened(const Turn& turn, SocketId socket, const NetAddress& peer) {
    sockets_[socket];
    // Several may have been let in before the first of them was opened.
    if (turns_away(peer)) return close(turn, socket, chains::CloseCode::Rate);
    doorway_.enter(socket, peer);
    hello_deadlines_.set(socket, turn.now.mono + settings_.hello_timeout);
}

void Hub::waits_no_more(SocketId socket) {
    doorway_.leave(socket);
    hello_deadlines_.remove(socket);
}

void Hub::socket_text(const Turn& turn, SocketId socket, std::string_view text) {
    const auto known = sockets_.find(socket);
    if (known == sockets_.end()) return;
    if (text.size() > settings_.frame_bytes) {
        transport_lost(turn, socket);
        close(turn, socket, chains::CloseCode::TooLarge);
        return drain(turn);
    }
    Frame frame = decode(text, settings_);
    if (!known->second.connection) {
        const auto* hello = std::get_if<HelloRequest>(&frame.says);
        if (hello)
            greet(turn, socket, *hello);
        else
            refuse(turn, socket, chains::CloseCode::Protocol);
        return drain(turn);
    }
    auto& connection = connections_.at(*known->second.connection);
    const auto ack = frame.ack;
    const chains::ClientFrame says = completed(std::move(frame), users_.at(connection.state().user), turn.now);
    run(turn, connection, [&](auto& effects) { connection.hear(socket, says, ack, turn.now, effects); });
    drain(turn);
}

/// With what only the server can add: ids, and what a token allows.
chains::ClientFrame Hub::completed(Frame frame, const AccountId& app, Now now) {
    if (const auto* refresh = std::get_if<RefreshRequest>(&frame.says)) {
        const auto grant = verify(app, refresh->token, now.wall);
        chains::RefreshGrant message;
        if (grant)
            message.grant = *grant;
        else
            message.why = grant.error();
        return chains::ClientSays{refresh->seq, std::move(message)};
    }
    auto* says = std::get_if<chains::ClientFrame>(&frame.says);
    if (!says) return chains::ClientGarbage{};  // a second hello
    if (auto* message = std::get_if<chains::ClientSays>(says)) {
        if (auto* open = std::get_if<chains::OpenRequest>(&message->message))
            open->fresh_id = chains::new_server_id(now.wall, random_);
        if (auto* add = std::get_if<chains::AddText>(&message->message))
            add->fresh_id = chains::new_server_id(now.wall, random_);
    }
    return std::move(*says);
}

Result<chains::Grant, chains::Refusal> Hub::verify(const AccountId& app, std::string_view token, WallTime now) const {
    const Buffer* key = apps_.contains(app) ? directory_.token_keys().find(app) : nullptr;
    if (!key) return chains::Refusal::Unauthenticated;
    auto grant = verify_user_token(*key, app, token, now);
    if (grant && app_of(grant->user) != app) return chains::Refusal::Unauthenticated;
    return grant;
}

// CON-1, CON-2
void Hub::greet(const Turn& turn, SocketId socket, const HelloRequest& hello) {
    const auto complain = [&](std::string text) {
        turn.out.outputs.emplace_back(SendText{socket, std::move(text)});
        refuse(turn, socket, chains::CloseCode::Protocol);
    };
    if (!hello.version_known) return complain(unsupported_version_text());
    const auto grant = verify(hello.app, hello.token, turn.now.wall);
    if (!grant) return refuse(turn, socket, chains::CloseCode::Authentication);
    if (hello.problem) return complain(encode(chains::ServerError{*hello.problem}, 0, settings_));

    chains::Hello wanted;
    wanted.socket = socket;
    wanted.grant = *grant;
    wanted.device = hello.device;
    wanted.next = new_resume_token(random_);
    wanted.since = hello.since;
    if (hello.resume) {
        wanted.recv = hello.resume->recv;
        wanted.resumed_with = hash_of(hello.resume->token);
    }
    waits_no_more(socket);
    attach(turn, std::move(wanted), hello.app, hello.resume);
}

// CON-3, CON-7
void Hub::attach(const Turn& turn, chains::Hello hello, const AccountId& app,
                 const std::optional<ResumeRequest>& resume) {
    const auto known = resume ? connections_.find(resume->connection) : connections_.end();
    if (known != connections_.end() && known->second.may_resume(hello.grant.user, hello.resumed_with)) {
        sockets_[hello.socket].connection = known->first;
        run(turn, known->second, [&](auto& effects) { known->second.resume(hello, turn.now, effects); });
        return;
    }
    hello.resumed_with.clear();
    const chains::ConnectionId id(random_.uuid());
    const auto made =
        connections_.try_emplace(id, chains::Connection(id, hello.grant.user, settings_, apps_.at(app))).first;
    sockets_[hello.socket].connection = id;
    run(turn, made->second, [&](auto& effects) { made->second.begin(hello, turn.now, effects); });
}

void Hub::say(const Turn& turn, const chains::ToSocket& text) {
    if (sockets_.contains(text.to))
        turn.out.outputs.emplace_back(SendText{text.to, encode(text.frame, text.ack, settings_)});
}

void Hub::refuse(const Turn& turn, SocketId socket, chains::CloseCode code) {
    ++sockets_refused_;
    close(turn, socket, code);
}

void Hub::close(const Turn& turn, SocketId socket, chains::CloseCode code) {
    if (sockets_.erase(socket) == 0) return;
    waits_no_more(socket);
    turn.out.outputs.emplace_back(CloseSocket{socket, static_cast<uint16_t>(code), std::string(reason(code))});
}

void Hub::transport_lost(const Turn& turn, SocketId socket) {
    const auto known = sockets_.find(socket);
    if (known == sockets_.end() || !known->second.connection) return;
    const auto connection = connections_.find(*known->second.connection);
    if (connection == connections_.end()) return;
    run(turn, connection->second, [&](auto& effects) { connection->second.transport_lost(socket, turn.now, effects); });
}

void Hub::socket_closed(const Turn& turn, SocketId socket) {
    transport_lost(turn, socket);
    sockets_.erase(socket);
    waits_no_more(socket);
    drain(turn);
}

void Hub::stopping(const Turn& turn) {
    while (!sockets_.empty()) close(turn, sockets_.begin()->first, chains::CloseCode::Restart);
}

}  // namespace crosspoint::api::jsapi
