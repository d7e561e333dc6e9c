#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/statement.h"
#include "chains/values.h"

// What the actors of this folder say to each other (jsapi 8, 11, 16). Channels between two actors are FIFO, and
// every message may come twice; nothing else is assumed (OWN-3).
namespace crosspoint::chains {

// ---- to a connection (8.2) ----

struct LegView {
    ConnectionId connection;
    Role role = Role::Receiver;
    LegState state = LegState::Invited;
    bool operator==(const LegView&) const = default;
};
struct ParticipantView {
    ProfileId id;
    ProfileKind kind = ProfileKind::User;
    bool initiator = false;
    ParticipantState state = ParticipantState::Inviting;
    MediaKinds media;
    MediaState media_state = MediaState::None;
    bool held = false;
    std::optional<ConnectionId> active_connection;
    std::vector<ConnectionId> ringing_connections;
    std::vector<LegView> connections;  // only the viewer's own
    bool operator==(const ParticipantView&) const = default;
};
/// What one user may see of a call.
struct CallView {
    CallRef ref;
    ProfileId from;
    std::vector<ProfileId> to;
    ConnectionId connection;  // that opened it
    MediaKinds options;
    CallState state = CallState::Init;
    uint64_t rev = 0;
    WallTime created;
    std::optional<WallTime> answered;
    std::optional<WallTime> ended;
    std::optional<EndReason> end_reason;
    std::optional<CallId> replaces;
    std::optional<CallId> replaced_by;
    std::vector<ParticipantView> participants;
    bool operator==(const CallView&) const = default;
};

/// The messages that say no more than who, and on which connection.
enum class Notice : uint8_t {
    Pending,
    Ringing,
    InitTimeout,
    RingingTimeout,
    Reject,
    Busy,
    Ignore,
    HangUp,
    Reconnecting,
    Reconnected,
    Drop,
    Hold,
    Resume,
    Remove,
};
struct CallNotice {
    Notice what = Notice::Pending;
    ProfileId profile;
    std::optional<ConnectionId> connection;
    bool operator==(const CallNotice&) const = default;
};
struct CallInit {
    CallView call;
    ProfileId receiver;  // the viewer's own profile that is concerned
    Role role = Role::Receiver;
    std::optional<std::string> local_id;                  // the initiator's user only
    std::optional<std::chrono::milliseconds> expires_in;  // receivers only
    bool silent = false;
    std::optional<CallId> replaces;  // crossings only (GLR-5)
    bool operator==(const CallInit&) const = default;
};
struct CallStateIs {
    CallView call;
    Role role = Role::Receiver;
    bool operator==(const CallStateIs&) const = default;
};
struct CallAccepted {
    ProfileId profile;
    ConnectionId connection;
    MediaKinds media;
    std::optional<std::string> local_id;  // to a merging connection only (GLR-1)
    bool operator==(const CallAccepted&) const = default;
};
struct CallActivated {
    ProfileId profile;
    ConnectionId connection;
    ConnectionId from;
    bool operator==(const CallActivated&) const = default;
};
struct CallUpdated {
    ProfileId profile;
    std::optional<MediaKinds> media;
    std::optional<MediaState> media_state;
    std::optional<MediaKinds> options;
    bool operator==(const CallUpdated&) const = default;
};
struct CallInvited {
    std::vector<ParticipantView> participants;
    std::optional<ProfileId> invited_by;
    bool again = false;
    bool operator==(const CallInvited&) const = default;
};
/// Where the active connection joins the media (MED-2); it goes to that connection alone.
struct CallMedia {
    uint64_t epoch = 0;
    SessionId session;
    ParticipantId participant;
    std::string device_token;
    std::string url;
    MediaKinds publish;
    bool operator==(const CallMedia&) const = default;
};
struct CallEnded {
    EndReason reason = EndReason::HangUp;
    std::optional<CallId> replaced_by;
    std::optional<std::chrono::milliseconds> duration;
    bool operator==(const CallEnded&) const = default;
};
using CallNews = std::variant<CallNotice, CallInit, CallStateIs, CallAccepted, CallActivated, CallUpdated, CallInvited,
                              CallMedia, CallEnded>;

/// One message of a call to one leg (SEQ-4). `prev` 0: it holds the whole state.
struct CallMessage {
    CallRef ref;
    uint64_t rev = 0;
    uint64_t prev = 0;
    WallTime ts;
    CallNews news;
    bool operator==(const CallMessage&) const = default;
};

struct Opened {
    CallRef ref;
    bool merged = false;
    bool operator==(const Opened&) const = default;
};
/// The one answer to a client's request; `request` is the connection's number for it.
struct Reply {
    uint64_t request = 0;
    std::variant<std::monostate, Opened, Refused> result;
    bool operator==(const Reply&) const = default;
};
/// What this call has to say to a new or fresh connection has been said (9.4).
struct SnapshotTaken {
    CallId call;
    bool operator==(const SnapshotTaken&) const = default;
};
using ConnectionMessage = std::variant<CallMessage, Reply, SnapshotTaken>;

// ---- to a user owner (16) ----

/// Asks for the receiver's connections and wishes (10.6).
struct Offer {
    CallRef ref;
    uint64_t invitation = 0;  // comes back in the answer
    Party from;
    Party to;
    bool only_receiver = false;  // only such calls can cross (10.5)
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
struct RecordParticipant {
    ProfileId id;
    ParticipantState outcome = ParticipantState::Left;
    bool answered = false;  // was ever in
    bool ignored = false;   // the reader's own participant only (6.1)
    std::optional<WallTime> joined;
    std::optional<WallTime> left;
    bool operator==(const RecordParticipant&) const = default;
};
/// What an ended call leaves in the chain, as one user may read it (6.1).
struct CallRecord {
    CallRef ref;
    ProfileId from;
    std::vector<ProfileId> to;
    MediaKinds options;
    WallTime created;
    std::optional<WallTime> answered;
    WallTime ended;
    EndReason reason = EndReason::HangUp;
    std::optional<CallId> replaced_by;
    std::vector<RecordParticipant> participants;
    bool missed = false;  // by this user (MISS-1)
    bool operator==(const CallRecord&) const = default;
};
/// The call that the sender's `call.init` was to answer is over or answered: this one is to be created normally
/// (GLR-1).
struct NotMerged {
    CallId call;
    bool operator==(const NotMerged&) const = default;
};
using UserMessage = std::variant<Offer, CallStanding, OpenRefused, OpenMerged, NotMerged, CallRecord>;

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
    MediaKinds media{};                   // Accept, Activate, Update
    bool busy = false;                    // Reject: reason `busy`
    std::optional<ConnectionId> named{};  // HangUp: made on this one; Activate: `expect`
    std::vector<Party> parties{};         // Invite; Remove: the one
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
using ChainMessage = std::variant<OpenCall, AnswerByOpening, CallCommand, OfferAnswer, ConnectionChanged, Crossed,
                                  MergeAccept, Yield, Terminate, SessionMade, SessionFailed, SeatMade, SeatReport>;

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
using Send = std::variant<ToConnection, ToUser, ToChain, ToMedia, Wake>;

/// What an actor puts out, in order. Nothing of it leaves before `statements` are durable (OWN-4).
struct Effects {
    std::vector<Statement> statements;
    std::vector<Send> sends;
};

}  // namespace crosspoint::chains
