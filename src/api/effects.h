#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/net_address.h"
#include "base/statement.h"
#include "sfu/control.h"

// What the control plane hears from the edge and says to it. The edge (`io/`, or `sim/` in its place) owns the sockets.
namespace crosspoint::api {

struct Header {
    std::string name;
    std::string value;
};

struct HttpRequest {
    RequestId id;
    std::string method;  // upper case
    std::string target;  // origin-form: path and query, as received
    std::vector<Header> headers;
    std::string body;
    NetAddress peer;
    bool tls = false;

    /// The first header of that name, without regard to case; empty when absent.
    std::string_view header(std::string_view name) const;
};

struct HttpResponse {
    int status = 200;
    std::vector<Header> headers;  // Content-Length and Date are the edge's
    std::string body;
};

/// The answer to one request; exactly one for each.
struct Respond {
    RequestId request;
    HttpResponse response;
};

/// A text frame. Binary frames are never sent: browsers of the hosted service cannot read them (spec 2.1).
struct SendText {
    SocketId socket;
    std::string text;
};

/// Close handshake with this code; the edge forgets the socket when it is through. Nothing may be sent to it
/// afterwards.
struct CloseSocket {
    SocketId socket;
    uint16_t code = 1000;
    std::string reason;
};

using AttemptId = NumberId<struct AttemptTag>;

/// One attempt at a POST to a URL that a customer gave us. The edge answers each with the HTTP status, or 0 when there
/// was none.
struct PostWebhook {
    AttemptId attempt;
    std::string url;
    std::vector<Header> headers;
    std::string body;
};

using PasswordCheckId = NumberId<struct PasswordCheckTag>;

/// Compare a password with its hash (crypto/password.h). That is slow on purpose, so it is done where nobody waits for
/// it; the edge answers each with one PasswordVerified.
struct VerifyPassword {
    PasswordCheckId check;
    std::string password;
    std::string stored_hash;
};

struct PasswordVerified {
    PasswordCheckId check;
    bool right = false;
};

using QueryId = NumberId<struct QueryTag>;

/// Read the store: the rows of each select. They show every statement that was put out before, by whomever, and maybe
/// later ones. The edge answers each with one RowsReady.
struct QueryRows {
    QueryId query;
    std::vector<Statement> selects;
};

struct RowsReady {
    QueryId query;
    std::vector<std::vector<Row>> rows;
};

/// Something an operator may want to read. Secrets never stand in here.
struct LogEntry {
    std::string message;
    std::vector<std::pair<std::string, std::string>> fields;
};

using Effect =
    std::variant<Respond, SendText, CloseSocket, PostWebhook, VerifyPassword, QueryRows, LogEntry, sfu::Command>;

/// What one turn of the control plane decided. `outputs` are held back until `statements` are durable
/// (docs/decisions.md).
struct Effects {
    std::vector<Statement> statements;
    std::vector<Effect> outputs;
};

}  // namespace crosspoint::api
