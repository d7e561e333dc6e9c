#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/timers.h"
#include "chains/canonical.h"
#include "chains/messages.h"
#include "chains/values.h"

// A call as its chain owner holds it (jsapi 9): plain values, and the questions that rules ask of them.
namespace crosspoint::chains {

struct Leg {
    ConnectionId connection{};
    LegState state = LegState::Invited;
    bool attached = true;
    uint64_t last_rev = 0;          // what the next message to this leg carries as `prev` (SEQ-4)
    Timestamp init_timer = kNever;  // told, and not answered yet: after this it does not count

    bool operator==(const Leg&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.connection, self.state, self.attached, Counter{self.last_rev}, self.init_timer);
    }
};

enum class ParticipantTimer : uint8_t {
    Reach,        // no device has rung: unreachable
    Ring,         // a device rings, nobody answers
    RingWindow,   // until then one that was unreachable may come back; decides nothing by itself
    Grace,        // the active connection's transport is lost
    Media,        // the active connection has no media (MED-7)
    InviteAgain,  // until then it is not rung again (GRP-5)
    kCount,
};

enum class OfferState : uint8_t {
    None,     // another profile of a user who takes part already (PRO-4): never asked, never told
    Waiting,  // the user owner has been asked
    Answered,
};

/// The media of one participant (11). There is some exactly while it is in an answered call (INV-7).
struct Seat {
    bool wanted = false;  // asked for, whether made already or not
    bool made = false;
    uint64_t epoch = 0;  // counts up with each activation (MED-4)
    int tries = 0;       // after the first
    /// As everybody was told last. Being told that somebody came in, moved to another device or went out tells that
    /// it is `None`.
    MediaState state = MediaState::None;

    bool operator==(const Seat&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.wanted, self.made, Counter{self.epoch}, self.tries, self.state);
    }
};

struct Participant {
    Party who;
    bool initiator = false;
    bool invited_back = false;  // an initiator who left and was invited again is rung like a receiver
    ParticipantState state = ParticipantState::Inviting;
    bool ignored = false;   // this user ignored the call; private
    bool silenced = false;  // must not ring (PRO-3); private
    bool blocked = false;   // its user learns nothing (PRO-3); private
    bool wakeable = false;
    bool woken = false;  // once for a call (PRO-2)
    bool told = false;   // its user has or had a leg
    bool ever_in = false;
    bool declined = false;        // by its user, with whatever reason
    bool grace_extended = false;  // MED-8
    bool held = false;
    OfferState offer = OfferState::None;
    uint64_t invitation = 0;  // counts offers, so that an old answer is known
    MediaKinds media;
    Seat seat;
    uint64_t rev = 1;                     // of the call, as this user counts it (SEQ-4)
    std::vector<Leg> legs;                // by connection
    std::vector<ConnectionId> announced;  // ringing connections others were told of, sorted
    Timers<ParticipantTimer> timers;
    std::optional<WallTime> joined;
    std::optional<WallTime> left;

    bool flagged() const { return ignored || silenced; }
    bool as_initiator() const { return initiator && !invited_back; }
    bool undecided() const { return chains::undecided(state); }
    bool in() const { return chains::in(state); }
    bool in_ring_window() const { return timers.armed(ParticipantTimer::RingWindow); }
    /// A new one, in its place.
    Leg& add_leg(Leg leg);
    Leg* leg(const ConnectionId& connection);
    const Leg* leg(const ConnectionId& connection) const;
    Leg* active_leg();
    const Leg* active_leg() const;
    /// A candidate may still answer for an undecided receiver (9.2).
    bool has_candidate() const;
    bool has_attached_candidate() const;
    bool operator==(const Participant&) const = default;

    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.who.profile, self.who.user, self.who.kind, self.initiator, self.invited_back, self.state,
                self.ignored, self.silenced, self.blocked, self.wakeable, self.woken, self.told, self.ever_in,
                self.declined, self.grace_extended, self.held, self.offer, Counter{self.invitation}, self.media.audio,
                self.media.video, self.seat, Counter{self.rev}, self.legs, self.announced, self.timers, self.joined,
                self.left);
    }
};
bool is_candidate(const Leg& leg);

enum class SessionState : uint8_t { None, Asked, Made };

/// What became of another `call.init` because of this call: should it come again, it gets the same answer (OWN-3).
struct OtherOpening {
    CallId call;
    bool merged = false;  // an answer to this call; otherwise refused, as the chain was busy
    bool operator==(const OtherOpening&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.call, self.merged); }
};

/// A call that gave way to another, for whose owner its initiator's connection was to answer (GLR-4).
struct Merge {
    CallRef into;
    ConnectionFact connection;
    bool operator==(const Merge&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.into.call, self.into.chain, self.connection.id, self.connection.attached);
    }
};

enum class CallTimer : uint8_t {
    MaxDuration,  // MED-9
    Session,      // no media session could be made (MED-10)
    kCount,
};

struct Call {
    CallId id;
    ConnectionId opened_on;
    std::string local_id;
    MediaKinds options;
    std::chrono::milliseconds ring_timeout{0};
    CallState state = CallState::Init;
    std::optional<EndReason> end_reason;
    std::optional<CallId> replaces;
    std::optional<CallId> replaced_by;
    WallTime created;
    std::optional<WallTime> answered;
    std::optional<WallTime> ended;
    uint64_t revision = 0;                  // the owner's own; never on the wire
    std::vector<Participant> participants;  // the initiator, then `to` in its order
    SessionState session = SessionState::None;
    SessionId session_id;
    std::vector<OtherOpening> other_openings;  // the newest
    std::optional<Merge> merge;
    Timers<CallTimer> timers;
    Timestamp forget_at = kNever;  // when the tombstone of an ended call goes

    bool live() const { return state != CallState::Ended; }
    bool unanswered() const { return state == CallState::Init || state == CallState::Ringing; }
    Participant& initiator() { return participants.front(); }
    const Participant& initiator() const { return participants.front(); }
    Participant* participant(const ProfileId& profile);
    const Participant* participant(const ProfileId& profile) const;
    /// The one profile through which this user takes part (PRO-4).
    Participant* of_user(const UserId& user);
    const OtherOpening* other_opening(const CallId& other) const;
    void remember(OtherOpening other);
    size_t count_in() const;
    bool anybody_undecided() const;
    bool operator==(const Call&) const = default;

    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        auto ring_timeout = self.ring_timeout.count();
        archive(self.id, self.opened_on, self.local_id, self.options.audio, self.options.video, ring_timeout,
                self.state, self.end_reason, self.replaces, self.replaced_by, self.created, self.answered, self.ended,
                Counter{self.revision}, self.participants, self.session, self.session_id,
                Repetition{self.other_openings}, Repetition{self.merge}, self.timers, self.forget_at);
        if constexpr (!std::is_const_v<std::remove_reference_t<decltype(self)>>)
            self.ring_timeout = std::chrono::milliseconds(ring_timeout);
    }
};

Role role(const Participant& participant, const Leg& leg);
/// What `viewer`'s user may see (8, SEC-3).
CallView view(const Call& call, const ChainId& chain, const Participant& viewer);
ParticipantView view(const Participant& participant, bool own);
/// The call as it stays in the chain, for one of its users; only of an ended call (6.1).
CallRecord record(const Call& call, const ChainId& chain, const UserId& reader);
/// MISS-1.
bool missed(const Call& call, const UserId& user);

}  // namespace crosspoint::chains
