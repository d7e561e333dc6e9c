#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chains/client_messages.h"
#include "chains/messages.h"

// What the server says to a client, still to be encoded (jsapi 2 to 8).
namespace crosspoint::chains {

/// `reply`: `re` is the client's `seq`.
struct ReplyTo {
    uint64_t re = 0;
    ReplyResult result{};
    bool operator==(const ReplyTo&) const = default;
};
/// `auth.expiring`
struct AuthExpiring {
    std::chrono::milliseconds expires_in{0};
    bool operator==(const AuthExpiring&) const = default;
};
/// `sync.done`
struct SyncDone {
    uint64_t useq = 0;
    bool log_truncated = false;
    bool operator==(const SyncDone&) const = default;
};
/// `profile.updated`, `auth.multiconnection`, `custom.message`, the user log's entries and the messages of calls are
/// the actors' own.
using ServerMessage =
    std::variant<CallMessage, ReplyTo, LogNews, ProfileChanged, ConnectionCount, CustomNews, AuthExpiring, SyncDone>;

// ---- frames ----

struct Welcome {
    ConnectionId connection{};
    UserId user{};
    std::vector<Profile> profiles{};
    bool resumed = false;
    bool fresh = false;
    uint64_t recv = 0;
    std::string resume_token{};
    std::chrono::milliseconds expires_in{0};  // of the token
    size_t connections = 0;
    bool operator==(const Welcome&) const = default;
};
/// A sequenced message.
struct ServerSays {
    uint64_t seq = 0;
    ServerMessage message{};
    bool operator==(const ServerSays&) const = default;
};
struct ServerPing {
    bool operator==(const ServerPing&) const = default;
};
struct ServerPong {
    bool operator==(const ServerPong&) const = default;
};
struct ServerAck {
    bool operator==(const ServerAck&) const = default;
};
/// `error`, only before `welcome`.
struct ServerError {
    Refused why{};
    bool operator==(const ServerError&) const = default;
};
using ServerFrame = std::variant<Welcome, ServerSays, ServerPing, ServerPong, ServerAck, ServerError>;

/// 2.2; 1000 answers `bye`.
enum class CloseCode : uint16_t {
    Normal = 1000,
    Restart = 1012,
    Protocol = 4400,
    Authentication = 4401,
    DeadTransport = 4408,
    Replaced = 4409,
    TooLarge = 4413,
    Rate = 4429,
    Fault = 4500,
};

/// Once welcomed, every frame carries `ack`.
struct ToSocket {
    SocketId to{};
    uint64_t ack = 0;
    ServerFrame frame{};
};
/// Nothing may be sent to it afterwards, and what it says is to be ignored.
struct CloseTransport {
    SocketId socket{};
    CloseCode code = CloseCode::Normal;
};
using ConnectionSend = std::variant<ToSocket, CloseTransport, ToUser, ToChain, ReadRows>;

/// What a connection puts out, in order. Nothing of it leaves before `statements` are durable (OWN-4).
struct ConnectionEffects {
    std::vector<Statement> statements;
    std::vector<ConnectionSend> sends;
};

}  // namespace crosspoint::chains
