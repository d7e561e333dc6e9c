#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "rtc/media.h"

// The nouns of the sessions API (spec 1.2) as plain values.
namespace crosspoint::sessions {

struct Session {
    SessionId id;
    AccountId account;
    std::optional<std::string> tag;
    WallTime created;
    WallTime expires;
    bool operator==(const Session&) const = default;
};

/// What the holder of a participant's token may publish (spec 1.4.4).
struct Permissions {
    bool audio = false;
    bool video = false;
    bool allow(rtc::MediaKind kind) const { return kind == rtc::MediaKind::Audio ? audio : video; }
    bool operator==(const Permissions&) const = default;
};

/// Where a participant's events go (spec 1.5). It is echoed as it was given, so an absent one and a JSON null differ.
struct CallbackUrl {
    bool given = false;
    std::optional<std::string> url;  // nothing: absent or null
    bool operator==(const CallbackUrl&) const = default;
};

/// Spec 1.4.1, rule 3: member only.
struct NoStreams {
    bool operator==(const NoStreams&) const = default;
};
/// Rule 2: every other member, now and later.
struct WholeSession {
    bool operator==(const WholeSession&) const = default;
};
/// The streams of one publisher, who need not exist (yet).
struct FromParticipant {
    ParticipantId participant;
    std::vector<std::string> aliases;  // empty: all its streams
    bool operator==(const FromParticipant&) const = default;
};
/// Rule 1: exactly these. No participant is named twice.
struct ChosenParticipants {
    std::vector<FromParticipant> entries;
    bool operator==(const ChosenParticipants&) const = default;
};
using Subscription = std::variant<NoStreams, WholeSession, ChosenParticipants>;

struct Participant {
    ParticipantId id;
    AccountId account;
    CallbackUrl callback;
    Permissions permissions;
    std::optional<std::string> tag;
    WallTime created;
    WallTime expires;
    std::optional<SessionId> session;
    Subscription subscription;  // NoStreams outside a session
    bool operator==(const Participant&) const = default;
};

/// What a request says about a participant to be made.
struct NewParticipant {
    CallbackUrl callback;
    Permissions permissions;
    std::optional<std::string> tag;
};

/// Why a request is refused; `api/errors.cpp` makes it a status and a message.
enum class Refusal : uint8_t {
    SessionNotFound,
    ParticipantNotFound,
    NotAMember,        // the participant exists, but not in this session
    InAnotherSession,  // a participant is member of at most one
    SessionFull,
    TooManySessions,      // of this account
    TooManyParticipants,  // of this account
};

}  // namespace crosspoint::sessions
