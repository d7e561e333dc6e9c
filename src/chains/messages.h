#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/statement.h"
#include "chains/connection_messages.h"
#include "chains/values.h"

// What user owners, chain owners and the media platform are told (jsapi 11, 16). Channels between two actors are FIFO,
// and every message may come twice; nothing else is assumed (OWN-3).
namespace crosspoint::chains {

// ---- to a user owner (16) ----

/// Asks for the receiver's connections and wishes (10.6).
struct Offer {
    CallRef ref;
    uint64_t invitation = 0;  // comes back in the answer
    Party from;
    Party to;
    bool only_receiver = false;  // only such calls can cross (10.5)
    bool told = false;           // its user knows the call, and follows it whatever its policies say
    bool second = false;         // its user takes part by another profile (PRO-4): how long this one waits is asked
    bool operator==(const Offer&) const = default;
};
/// The whole standing of a call, whenever it changes: what user owners decide busy, limits and crossings by.
struct CallStanding {
    CallRef ref;
    CallState state = CallState::Init;
    std::vector<ProfileId> in;
    uint64_t revision = 0;  // the owner's: of two standings the one with more is newer
    bool operator==(const CallStanding&) const = default;
};
struct OpenRefused {
    CallId call;
    Refused why;
    bool operator==(const OpenRefused&) const = default;
};
/// The sender's `call.init` became an answer to this other call (GLR-1).
struct OpenMerged {
    CallId call;
    CallRef into;
    bool operator==(const OpenMerged&) const = default;
};
/// The call that the sender's `call.init` was to answer is over or answered: this one is to be created normally
/// (GLR-1).
struct NotMerged {
    CallId call;
    bool operator==(const NotMerged&) const = default;
};

/// A connection of this user is new, or begins anew (CON-6); its transport is there.
struct ConnectionAttached {
    ConnectionId connection;
    uint64_t incarnation = 0;
    Grant grant;
    bool media_anew = false;
    std::optional<uint64_t> since;  // user-log cursor
};
enum class ConnectionFate : uint8_t { Detached, Resumed, Gone, Left, Revoked };
struct ConnectionFared {
    ConnectionId connection;
    ConnectionFate fate = ConnectionFate::Detached;
};
/// The connection goes on with another token (CON-8).
struct TokenRefreshed {
    ConnectionId connection;
    Grant grant;
};
/// A client's request to its user owner.
struct UserRequest {
    ConnectionId connection;
    uint64_t request = 0;
    std::optional<std::vector<ProfileId>> profiles;  // that its token allows; nothing: all
    bool pstn = false;
    std::optional<CallId> busy_in;  // SLOT-1: `call.init` would put the connection into a second call; empty: a first
                                    // that has no id yet
    std::vector<CallRef> hold;      // … unless these are put on hold first
    UserCommand command;
};

/// A text of the chain that concerns this user, as one of these profiles; also to the sender's user.
struct TextNews {
    enum class What : uint8_t { Added, Edited, Removed };
    What what = What::Added;
    Text text;
    UserId sender;  // whose text it is
    std::vector<ProfileId> profiles;
    std::vector<ProfileId> unsure;    // of a change: whether these have the text, the user alone knows
    std::optional<uint64_t> request;  // the sender's user answers it on the connection that asked …
    ConnectionId asked_by;            // … this one
    bool operator==(const TextNews&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.what, self.text, self.sender, self.profiles, self.unsure, self.request, self.asked_by);
    }
};
struct TextRefused {
    MessageId id;
    Refused why;
};
struct CustomFor {
    CustomNews news;
};

/// From the administration API. A profile is added or changed, whole.
struct PutProfile {
    Profile profile;
};
struct SetRelation {
    ProfileId other;
    Relation relation = Relation::None;
};
/// One token, or with it the user; `forget_at` is when the token expires anyway.
struct Revoke {
    std::optional<std::string> token_id;
    WallTime forget_at;
};
struct Reinstate {};

using UserMessage = std::variant<Offer, CallStanding, OpenRefused, OpenMerged, NotMerged, CallRecord,
                                 ConnectionAttached, ConnectionFared, TokenRefreshed, UserRequest, TextNews,
                                 TextRefused, CustomFor, PutProfile, SetRelation, Revoke, Reinstate, RowsRead>;

// ---- to a chain owner ----

/// `call.init`, with what the initiator's user owner has added and checked (OWN-3).
struct OpenCall {
    CallId call{};
    Party from{};
    ConnectionId connection{};
    uint64_t request = 0;
    std::string local_id{};
    std::vector<ConnectionFact> connections{};  // all of the initiator's
    std::vector<Party> to{};                    // at least one, no duplicates, none of the initiator's
    MediaKinds options{};
    bool in_chain = false;  // a chain was named; otherwise this call begins its own
    bool replace = false;
    std::optional<std::chrono::milliseconds> ring_timeout{};
    bool operator==(const OpenCall&) const = default;
};

/// `open` crosses call `into`, which its sender knew already: it shall answer that one instead (GLR-1).
struct AnswerByOpening {
    CallId into{};
    OpenCall open{};
};

/// The rows of 9.3, in its order.
enum class Verb : uint8_t {
    Ringing,
    Accept,
    Reject,
    Ignore,
    Unavailable,
    HangUp,
    Activate,
    Hold,
    Resume,
    Update,
    Invite,
    Remove,
    Pending,
    Sync,
    kCount,
};
struct CallCommand {
    CallId call{};
    UserId user{};
    ConnectionId connection{};
    uint64_t request = 0;
    Verb verb = Verb::Sync;
    MediaKinds media{};                                // Accept, Activate, Update
    bool busy = false;                                 // Reject: reason `busy`
    std::optional<ConnectionId> named{};               // HangUp: made on this one; Activate: `expect`
    std::vector<Party> parties{};                      // Invite; Remove: the one
    std::optional<std::vector<ProfileId>> profiles{};  // that the client's token allows; nothing: all
};

struct OfferAnswer {
    CallId call{};
    ProfileId profile{};
    uint64_t invitation = 0;
    std::vector<ConnectionFact> connections{};
    bool blocked = false;  // or the policy is not met: the user learns nothing
    bool dnd = false;
    bool busy = false;
    bool wakeable = false;
};

enum class ConnectionEvent : uint8_t {
    New,   // also: resumed fresh, so that everything has to be told again
    Lost,  // its transport died (detached)
    Resumed,
    Gone,     // for good: the window passed
    Left,     // for good: the client said `bye`
    Revoked,  // for good: the user or its token was revoked
};
struct ConnectionChanged {
    CallId call{};
    UserId user{};
    ConnectionId connection{};
    ConnectionEvent event = ConnectionEvent::New;
    bool media_anew = false;  // New: the page was loaded again, its media is gone (CON-6)
};

/// A user owner has found that these two calls cross (GLR-3).
struct Crossed {
    CallId loser{};
    CallRef winner{};
};
/// The loser's owner asks the winner's to answer for the loser's initiator (GLR-4).
struct MergeAccept {
    CallId call{};
    CallId replaces{};
    UserId user{};
    ConnectionFact connection{};
    MediaKinds media{};
};
/// The loser was answered already: the winner gives way if it was not (GLR-4).
struct Yield {
    CallId call{};
    CallRef to{};
};
struct Terminate {
    CallId call{};
};

struct SessionMade {
    CallId call{};
    SessionId session{};
};
struct SessionFailed {
    CallId call{};
    SessionId session{};
};
struct SeatMade {
    CallId call{};
    ProfileId profile{};
    uint64_t epoch = 0;
    ParticipantId participant{};
    std::string device_token{};
    std::string url{};
};
struct SeatReport {
    CallId call{};
    ProfileId profile{};
    uint64_t epoch = 0;
    MediaState state = MediaState::Connected;
};

/// `text.add_message`, with what the sender's user owner has added and checked. `id` is the text's.
struct PostText {
    MessageId id{};
    Party sender{};
    std::vector<Party> receivers{};
    ConnectionId connection{};
    uint64_t request = 0;
    std::string local_id{};
    std::string text{};
    bool in_chain = false;  // a chain was named
};
/// `text.edit_message`; without a text `text.remove_message`.
struct ChangeText {
    MessageId id{};
    UserId user{};
    ConnectionId connection{};
    uint64_t request = 0;
    std::optional<std::string> text{};
    std::optional<std::vector<ProfileId>> profiles{};  // that the client's token allows; nothing: all
    bool operator==(const ChangeText&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.id, self.user, self.connection, Counter{self.request}, self.text, self.profiles);
    }
};
using ChainMessage =
    std::variant<OpenCall, AnswerByOpening, CallCommand, OfferAnswer, ConnectionChanged, Crossed, MergeAccept, Yield,
                 Terminate, SessionMade, SessionFailed, SeatMade, SeatReport, PostText, ChangeText, RowsRead>;

// ---- to the media platform (11) ----

struct MakeSession {
    CallRef ref;
    bool operator==(const MakeSession&) const = default;
};
struct DeleteSession {
    CallRef ref;
    bool operator==(const DeleteSession&) const = default;
};
/// A participant of the call's session, who publishes at most this and is subscribed to the session (MED-2). The same
/// epoch twice is the same seat.
struct MakeSeat {
    CallRef ref;
    SessionId session;
    ProfileId profile;
    uint64_t epoch = 0;
    MediaKinds publish;
    bool held = false;
    bool operator==(const MakeSeat&) const = default;
};
struct ChangeSeat {
    CallRef ref;
    ProfileId profile;
    uint64_t epoch = 0;
    MediaKinds publish;
    bool held = false;
    bool operator==(const ChangeSeat&) const = default;
};
/// This epoch's seat and those before it, made or on their way, are worth nothing any more (MED-4, MED-5).
struct RemoveSeat {
    CallRef ref;
    ProfileId profile;
    uint64_t epoch = 0;
    bool operator==(const RemoveSeat&) const = default;
};
using MediaMessage = std::variant<MakeSession, DeleteSession, MakeSeat, ChangeSeat, RemoveSeat>;

/// Somebody's devices shall be woken (PRO-2): a webhook to the app.
struct Wake {
    CallId call;
    ProfileId from;
    ProfileId to;
    MediaKinds options;
    std::chrono::milliseconds expires_in{0};
    bool operator==(const Wake&) const = default;
};

// ---- effects ----

struct ToConnection {
    ConnectionId to;
    ConnectionMessage message;
};
struct ToUser {
    UserId to;
    UserMessage message;
};
struct ToChain {
    ChainId to;
    ChainMessage message;
};
struct ToMedia {
    MediaMessage message;
};
using Send = std::variant<ToConnection, ToUser, ToChain, ToMedia, Wake, ReadRows>;

/// What an actor puts out, in order. Nothing of it leaves before `statements` are durable (OWN-4).
struct Effects {
    std::vector<Statement> statements;
    std::vector<Send> sends;
};

}  // namespace crosspoint::chains
