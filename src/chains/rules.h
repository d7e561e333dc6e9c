#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "chains/call.h"

// The tables of jsapi 9.1, 9.2 and 9.3, to be read with that page beside them. What the rows do is in `CallTurn`.
// They are values, so that an exploration can be run with a table that is wrong on purpose.
namespace crosspoint::chains {

class CallTurn;

// ---- 9.1 ----

using CallStates = uint8_t;  // a set
constexpr CallStates one(CallState state) { return static_cast<CallStates>(1u << static_cast<unsigned>(state)); }
inline constexpr CallStates kInit = one(CallState::Init);
inline constexpr CallStates kUnanswered = kInit | one(CallState::Ringing);
inline constexpr CallStates kActive = one(CallState::Active);
inline constexpr CallStates kLive = kUnanswered | kActive;

/// What becomes of a call when its participants have changed. The first row that holds is applied, until none does.
struct CallRule {
    CallStates from;
    bool (*when)(const Call&);
    CallState next;
    EndReason (*reason)(const Call&, EndReason cause);  // of `Ended`; `cause` is that of the last participant's change
};

/// What happens to a whole call from outside.
enum class CallEvent : uint8_t { Replaced, LostCrossing, MaxDuration, Terminated, NoMedia };
struct CallEndRule {
    CallEvent event;
    CallStates from;
    EndReason reason;
};

// ---- 9.2 ----

enum class Event : uint8_t {
    Pending,
    Ringing,
    InitTimer,
    Unavailable,
    ReachTimer,
    RingTimer,
    Accept,
    Reject,
    Ignore,
    HangUp,
    Activate,
    TransportLost,
    Resumed,
    GraceTimer,
    MediaGivenUp,
    ConnectionLeft,     // gone after `bye`
    ConnectionRevoked,  // gone by revocation
    ConnectionGone,     // gone: its window passed
    NewConnection,
};
/// The first row of the event whose condition holds is applied; when there is none, nothing happens. `leg` is the one
/// the event is about; there is none for events of the participant and none yet for a new connection.
struct ParticipantRule {
    Event event;
    bool (*when)(const Participant&, const Leg* leg);
    void (CallTurn::*then)(Participant&, Leg* leg);
};

// ---- 9.3 ----

/// The columns: what the sender's participant is.
enum class Situation : uint8_t { Undecided, Ignored, InThisLeg, InOtherLeg, Out, Ended, kCount };
/// The cells.
enum class Answer : uint8_t {
    NoOp,
    WrongState,
    AlreadyAccepted,
    NotActive,
    CallEnded,
    Rings,  // `wrong_state` where 9.2 has no row for it; no-op if this leg rings
    Answers,
    Rejects,
    Ignores,
    Parks,
    Leaves,
    TakesOver,  // or `conflict`
    Does,       // hold, resume, update, invite, remove: each by its own rule
    Pends,      // if an invited leg of the initiator, else no-op
    Tells,      // `call.state`
};
using MessageTable =
    std::array<std::array<Answer, static_cast<size_t>(Situation::kCount)>, static_cast<size_t>(Verb::kCount)>;

struct Rules {
    std::vector<CallRule> call;
    std::vector<CallEndRule> call_ends;
    std::vector<ParticipantRule> participant;
    MessageTable messages;

    Answer answer(Verb verb, Situation situation) const {
        return messages[static_cast<size_t>(verb)][static_cast<size_t>(situation)];
    }
};
/// As the specification has them.
const Rules& specified_rules();

}  // namespace crosspoint::chains
