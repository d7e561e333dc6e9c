#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

// The nouns of calls between people (jsapi 1, 7, 9) as plain values. The order of an enum's values is stored.
namespace crosspoint::chains {

using UserId = TextId<struct UserTag>;
/// A server id, or `tel:` and an E.164 number (ID-5).
using ProfileId = TextId<struct ProfileTag>;
/// One live attachment of one user: a device, tab or process.
using ConnectionId = TextId<struct ConnectionTag>;
/// The id of a chain's first message (ID-3).
using ChainId = TextId<struct ChainTag>;
/// The id of a call's `call.init` message (ID-2).
using CallId = TextId<struct CallTag>;
/// The id of a text message.
using MessageId = TextId<struct MessageTag>;

enum class ProfileKind : uint8_t { User, Phone };

/// A profile, and whose it is. That a profile belongs to a user never changes and is never told to others (PRO-1).
struct Party {
    ProfileId profile;
    UserId user;
    ProfileKind kind = ProfileKind::User;
    bool operator==(const Party&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.profile, self.user, self.kind); }
};

/// Audio and video: of a call what its options allow, of a participant what it wants to publish.
struct MediaKinds {
    bool audio = false;
    bool video = false;
    bool operator==(const MediaKinds&) const = default;
};
constexpr MediaKinds both(MediaKinds a, MediaKinds b) { return {a.audio && b.audio, a.video && b.video}; }

/// 9.1
enum class CallState : uint8_t { Init, Ringing, Active, Ended };

/// 9.2: undecided, in, out; final with the call; final until invited again.
enum class ParticipantState : uint8_t {
    Inviting,
    Ringing,
    Active,
    Reconnecting,
    Rejected,
    Busy,
    Unreachable,
    Timeout,
    Left,
    Lost,
    Cancelled,
    Removed,
};
constexpr bool undecided(ParticipantState s) {
    return s == ParticipantState::Inviting || s == ParticipantState::Ringing;
}
constexpr bool in(ParticipantState s) { return s == ParticipantState::Active || s == ParticipantState::Reconnecting; }

/// 9.2
enum class LegState : uint8_t { Invited, Ringing, Active, Reconnecting, Pending, Passive };

/// What a leg is to its user; `Receiver` is neither active nor passive.
enum class Role : uint8_t { ActiveInitiator, PassiveInitiator, ActiveReceiver, PassiveReceiver, Receiver };

/// 7.2
enum class MediaState : uint8_t { None, Connecting, Connected, Reconnecting, Failed };

/// 14; those that only a client uses are not here.
enum class EndReason : uint8_t {
    Cancelled,
    Rejected,
    Busy,
    NoAnswer,
    Unreachable,
    HangUp,
    Lost,
    Removed,
    InitiatorLost,
    Glare,
    Superseded,
    MaxDuration,
    MediaFailed,
    Terminated,
};

/// Why a request is refused (14).
enum class Refusal : uint8_t {
    NotFound,
    WrongState,
    AlreadyAccepted,
    CallEnded,
    ChainBusy,
    NotActive,
    Conflict,
    Forbidden,
    TooMany,
    RateLimited,
    BadMessage,
    BadArgument,
    UnknownType,
    Unsupported,
    Unauthenticated,
    TokenExpired,
    ForbiddenProfile,
    SelfCall,
    PstnForbidden,
    ConnectionBusy,
    AlreadyCalling,
    AlreadyInCall,
    TooLarge,
    Internal,
    Unavailable,
};

/// A refusal and what the client needs to converge (9.3, 14).
struct Refused {
    Refusal why = Refusal::NotFound;
    std::optional<ParticipantState> state{};                 // WrongState
    std::optional<ConnectionId> connection{};                // AlreadyAccepted, Conflict
    std::optional<CallId> call{};                            // ChainBusy, ConnectionBusy, AlreadyCalling, AlreadyInCall
    std::optional<EndReason> end_reason{};                   // CallEnded
    std::optional<std::chrono::milliseconds> retry_after{};  // RateLimited
    std::string field{};                                     // BadArgument
    bool operator==(const Refused&) const = default;
};

struct CallRef {
    CallId call;
    ChainId chain;
    auto operator<=>(const CallRef&) const = default;
};

/// One connection of a user, as its user owner knows it.
struct ConnectionFact {
    ConnectionId id;
    bool attached = true;
    bool operator==(const ConnectionFact&) const = default;
};

}  // namespace crosspoint::chains
