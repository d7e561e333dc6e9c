#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/statement.h"
#include "chains/people.h"
#include "chains/requests.h"
#include "chains/texts.h"
#include "chains/values.h"

// What stays of calls and texts, and what connections are told of them and of all else (jsapi 6, 8.2).
namespace crosspoint::chains {

// ---- what stays (6) ----

struct RecordParticipant {
    ProfileId id;
    ParticipantState outcome = ParticipantState::Left;
    bool answered = false;  // was ever in
    bool ignored = false;   // the reader's own participant only (6.1)
    std::optional<WallTime> joined;
    std::optional<WallTime> left;
    bool operator==(const RecordParticipant&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.id, self.outcome, self.answered, self.ignored, self.joined, self.left);
    }
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
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.ref.call, self.ref.chain, self.from, self.to, self.options.audio, self.options.video, self.created,
                self.answered, self.ended, self.reason, self.replaced_by, self.participants, self.missed);
    }
};
/// The entries of a user log (6.3).
struct TextAdded {
    TextView view;
    bool operator==(const TextAdded&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.view); }
};
struct TextEdited {
    TextView view;
    bool operator==(const TextEdited&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.view); }
};
struct TextRemoved {
    MessageId id;
    ChainId chain;
    uint64_t version = 1;
    ProfileId receiver{};  // the own profile that it concerns
    bool operator==(const TextRemoved&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.id, self.chain, self.version, self.receiver); }
};
/// `call.record`; comes from the log only.
struct CallOver {
    CallRecord record;
    bool operator==(const CallOver&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.record); }
};
struct CallMissed {
    CallRecord record;
    bool operator==(const CallMissed&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.record); }
};
using LogItem = std::variant<TextAdded, TextEdited, TextRemoved, CallOver, CallMissed>;

/// A call in a chain's history; of one that is live, what tells of its end means nothing.
struct CallInHistory {
    uint64_t pos = 0;
    bool live = false;
    CallRecord record;
    bool operator==(const CallInHistory&) const = default;
};
/// 6.2, newest first.
struct HistoryPage {
    std::vector<std::variant<TextView, CallInHistory>> messages;
    bool more = false;
    bool operator==(const HistoryPage&) const = default;
};
struct ChainInList {
    ChainId chain;
    WallTime latest;  // when its last message came that the profile sees
    bool operator==(const ChainInList&) const = default;
};
struct ChainPage {
    std::vector<ChainInList> chains;  // latest first
    std::optional<std::string> next;  // `before` of the page after this one; nothing: this was the last
    bool operator==(const ChainPage&) const = default;
};

// ---- reading the store ----

/// Who has asked, and waits for `RowsRead`.
using Reader = std::variant<ChainId, UserId, ConnectionId>;
/// Each of these sees everything that was put out, by whomever, before it.
struct ReadRows {
    Reader reader;
    uint64_t query = 0;  // comes back in the answer
    std::vector<Statement> selects;
};
/// The rows of each select.
struct RowsRead {
    uint64_t query = 0;
    std::vector<std::vector<Row>> rows;
};

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
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.ref.call, self.ref.chain, self.merged); }
};
/// `text.add_message`, and the others of section 5: the text as it is now.
struct TextStored {
    MessageId id;
    ChainId chain;
    uint64_t pos = 0;
    uint64_t version = 1;
    WallTime ts;
    bool operator==(const TextStored&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.id, self.chain, self.pos, self.version, self.ts); }
};
struct ProfileList {
    std::vector<Profile> profiles;
    bool operator==(const ProfileList&) const = default;
};
using ReplyResult = std::variant<std::monostate, Opened, Refused, TextStored, ProfileList, HistoryPage, ChainPage>;
/// The one answer to a client's request; `request` is the connection's number for it.
struct Reply {
    uint64_t request = 0;
    ReplyResult result;
    bool operator==(const Reply&) const = default;
};
/// What this call has to say to a new or fresh connection has been said (9.4).
struct SnapshotTaken {
    CallId call;
    bool operator==(const SnapshotTaken&) const = default;
};

/// The user owner's answer to `ConnectionAttached`. The connection reads the user log after `log_after` by itself, and
/// waits for `SnapshotTaken` of `calls`.
struct Welcomed {
    uint64_t incarnation = 0;
    std::vector<Profile> profiles;
    size_t connections = 0;
    std::vector<CallId> calls;
    uint64_t log_after = 0;
    bool log_truncated = false;
    bool operator==(const Welcomed&) const = default;
};
/// … or why there is no connection: revoked, or too many.
struct NotWelcome {
    uint64_t incarnation = 0;
    Refused why;
    bool operator==(const NotWelcome&) const = default;
};
/// An entry of the user log, as it is written.
struct LogNews {
    uint64_t useq = 0;
    LogItem item;
    bool operator==(const LogNews&) const = default;
};
struct ProfileChanged {
    Profile profile;
    bool operator==(const ProfileChanged&) const = default;
};
/// CON-9
struct ConnectionCount {
    size_t connections = 0;
    bool operator==(const ConnectionCount&) const = default;
};
struct CustomNews {
    ProfileId from;
    ProfileId receiver;
    std::string content;
    WallTime ts;
    bool operator==(const CustomNews&) const = default;
};
/// The user, or the token that the connection came with, is revoked (CON-8).
struct Revoked {
    std::optional<std::string> token_id;  // nothing: whatever it is
    bool operator==(const Revoked&) const = default;
};
/// Others of this user need the place: a detached connection that is in no call shall go.
struct MakeRoom {
    bool operator==(const MakeRoom&) const = default;
};
using ConnectionMessage = std::variant<CallMessage, Reply, SnapshotTaken, Welcomed, NotWelcome, LogNews, ProfileChanged,
                                       ConnectionCount, CustomNews, Revoked, MakeRoom, RowsRead>;

}  // namespace crosspoint::chains
