#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/timers.h"
#include "base/token_bucket.h"
#include "chains/messages.h"
#include "chains/people_records.h"
#include "chains/profile_book.h"
#include "chains/settings.h"

namespace crosspoint::chains {

struct KnownConnection {
    ConnectionId id;
    bool attached = true;
    bool leaving = false;  // asked to make room
    std::string token_id;
    bool operator==(const KnownConnection&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.id, self.attached, self.leaving, self.token_id); }
};

/// A call that this user has or had a part in, from its offer or its creation on.
struct KnownCall {
    CallRef ref;
    ProfileId own;
    std::optional<ProfileId> peer;  // of a call between two people (10.5)
    bool outgoing = false;
    CallState state = CallState::Init;
    bool in = false;               // `own` is
    Timestamp forget_at = kNever;  // of one that has ended: until then a late offer is known as such

    bool live() const { return state != CallState::Ended; }
    bool unanswered() const { return state == CallState::Init || state == CallState::Ringing; }
    bool operator==(const KnownCall&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.ref.call, self.ref.chain, self.own, self.peer, self.outgoing, self.state, self.in, self.forget_at);
    }
};

/// A client that waits for the answer to a request.
struct Waiter {
    ConnectionId connection;
    uint64_t request = 0;
    bool operator==(const Waiter&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.connection, Counter{self.request}); }
};

/// A `call.init` that its chain owner has not answered yet.
struct OutgoingCall {
    OpenCall open;
    ChainId chain;
    std::optional<CallRef> into;  // it was sent as an answer to this one (GLR-1)
    std::string digest;           // of the request's body (SEQ-7)
    std::vector<Waiter> waiters;  // repetitions of the request
    bool operator==(const OutgoingCall&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive);
};

/// A text that its chain owner has not answered yet; not stored, as its sender has no reply.
struct OutgoingText {
    MessageId id;
    std::string local_id;
    std::string digest;
    std::vector<Waiter> waiters;
    bool operator==(const OutgoingText&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.id, self.local_id, self.digest, self.waiters); }
};

/// A local id that was used lately, by its hash: the store knows the rest (SEQ-7).
struct UsedLocalId {
    uint64_t hash = 0;
    int64_t hour = 0;  // since 1970
    bool operator==(const UsedLocalId&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.hash, self.hour); }
};

/// Where the user log was when a day began.
struct LogDay {
    int64_t day = 0;  // since 1970
    uint64_t head = 0;
    bool operator==(const LogDay&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.day, Counter{self.head}); }
};

struct RevokedToken {
    std::string token_id;
    WallTime forget_at;
    bool operator==(const RevokedToken&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.token_id, self.forget_at); }
};

/// What a user owner waits for from the store.
struct UserReading {
    uint64_t query = 0;
    Waiter waiter;
    UserRequest request;  // asked again, when a used local id turns out to be another's
};

struct UserState {
    UserId id;
    bool revoked = false;
    std::vector<RevokedToken> revoked_tokens;
    std::vector<Profile> profiles;    // oldest first
    std::vector<ProfileId> contacts;  // sorted
    std::vector<ProfileId> blocked;   // sorted
    std::vector<KnownConnection> connections;
    std::vector<KnownCall> calls;
    std::vector<OutgoingCall> outgoing;
    std::vector<OutgoingText> texts;
    std::vector<UsedLocalId> local_ids;  // sorted by hash
    uint64_t log_head = 0;
    uint64_t log_floor = 0;  // up to here the log was deleted
    std::vector<LogDay> log_days;
    bool operator==(const UserState&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive);
};

/// The one actor of a user (jsapi spec 16, OWN-2): its connections, profiles, idempotency keys and log, its calls as
/// far as others' calls depend on them. It decides nothing about a call but GLR-1, GLR-2 and GLR-7. A machine like
/// `ChainOwner`.
class UserOwner {
public:
    /// `settings` and `profiles` outlive every copy.
    UserOwner(UserId id, const Settings& settings, const ProfileBook& profiles);
    UserOwner(UserState state, const Settings& settings, const ProfileBook& profiles);

    /// What was there when the process ended; call once, before anything else, and after the chain owners' `restore`.
    /// Every connection is detached then, and calls that were on their way to their owner are sent again. False when a
    /// row is damaged.
    bool restore(const StoredUser& stored, Now now, Effects& out);

    void handle(const UserMessage& message, Now now, Effects& out);
    void handle_timeout(Now now, Effects& out);
    Timestamp next_timeout() const;

    const UserState& state() const { return state_; }
    /// No connection, no call, nothing on its way: the owner may be unloaded.
    bool idle() const;
    std::string canonical(Now now, Counters counters) const;
    bool operator==(const UserOwner& other) const { return state_ == other.state_; }

private:
    const Settings* settings_;
    const ProfileBook* profiles_;
    UserState state_;
    std::vector<UserReading> readings_;
    uint64_t last_query_ = 0;
    TokenBucket calls_rate_;
    TokenBucket texts_rate_;
};

}  // namespace crosspoint::chains
