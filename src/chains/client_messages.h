#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chains/messages.h"
#include "chains/people.h"
#include "chains/requests.h"
#include "chains/values.h"

// What a client may say, decoded (jsapi 2 to 8). That every list and string is within the limits of the frame is
// the decoder's business; what a value means is not.
namespace crosspoint::chains {

/// Every other `call.*`, with the fields that its verb has.
struct CallRequest {
    CallId call{};
    Verb verb = Verb::Sync;
    MediaKinds media{};                   // Accept, Activate, Update
    bool hold_others = false;             // Accept, Activate, Resume
    bool busy = false;                    // Reject: reason `busy`
    std::optional<ConnectionId> named{};  // HangUp: `connectionId`; Activate: `expect`
    std::vector<ProfileId> profiles{};    // Invite; Remove: the one
    bool operator==(const CallRequest&) const = default;
};
/// `auth.refresh`, its token verified; without a grant it was refused, and `why` says why.
struct RefreshGrant {
    std::optional<Grant> grant{};
    Refusal why = Refusal::Unauthenticated;
    bool operator==(const RefreshGrant&) const = default;
};
/// A sequenced message whose envelope was good and whose type or body was not.
struct Unreadable {
    Refused why{};
    bool operator==(const Unreadable&) const = default;
};
using ClientMessage = std::variant<OpenRequest, CallRequest, AddText, EditText, RemoveText, SendCustom, ListProfiles,
                                   SetProfile, ReadHistory, ListChains, RefreshGrant, Unreadable>;

// ---- frames (3.1) ----

/// A sequenced message. `ack` rides on every kind of frame and is given to `Connection::handle` beside it.
struct ClientSays {
    uint64_t seq = 0;
    ClientMessage message{};
};
struct ClientPing {};
struct ClientPong {};
/// Nothing but an acknowledgement.
struct ClientAck {};
/// `bye`: this connection shall end.
struct ClientBye {};
/// Not a frame of this protocol: no object, no type, an unsequenced message that makes no sense, a second `hello`.
struct ClientGarbage {};
using ClientFrame = std::variant<ClientSays, ClientPing, ClientPong, ClientAck, ClientBye, ClientGarbage>;

/// What a verified `hello` says about the connection it wants (2.2).
struct Hello {
    SocketId socket{};
    Grant grant{};
    Device device{};
    ResumeToken next{};               // goes out in `welcome` and replaces the one before (CON-7)
    std::string resumed_with{};       // hash of the token that a resume came with
    std::optional<uint64_t> recv{};   // of a resume: what it has; nothing: a page that was loaded again (CON-6)
    std::optional<uint64_t> since{};  // user-log cursor (6.3)
};

}  // namespace crosspoint::chains
