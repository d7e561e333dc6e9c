#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chains/canonical.h"
#include "chains/messages.h"

// A user owner's state as a plain value (jsapi 16, OWN-2).
namespace crosspoint::chains {

struct KnownConnection {
    ConnectionId id{};
    bool attached = true;
    bool leaving = false;  // asked to make room
    Grant grant{};         // after a restart only its token's id is known until it is back
    bool operator==(const KnownConnection&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.id, self.attached, self.leaving, self.grant.token_id, self.grant.call, self.grant.profiles);
    }
};

/// A call that this user has or had a part in, from its offer or its creation on.
struct KnownCall {
    CallRef ref{};
    ProfileId own{};
    std::optional<ProfileId> peer{};  // of a call between two people (10.5)
    bool outgoing = false;
    CallState state = CallState::Init;
    uint64_t revision = 0;         // of the standing that said so
    bool in = false;               // `own` is
    bool recorded = false;         // its record has come
    Timestamp forget_at = kNever;  // of one that has ended: until then a late offer is known as such

    bool live() const { return state != CallState::Ended; }
    bool unanswered() const { return state == CallState::Init || state == CallState::Ringing; }
    bool operator==(const KnownCall&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.ref.call, self.ref.chain, self.own, self.peer, self.outgoing, self.state, Counter{self.revision},
                self.in, self.recorded, self.forget_at);
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
    static void fields(auto& self, auto& archive) {
        auto& open = self.open;
        int64_t ring_timeout = open.ring_timeout ? open.ring_timeout->count() : 0;
        CallRef into = self.into.value_or(CallRef{});
        archive(open.call, open.from, open.connection, Counter{open.request}, open.local_id, open.to,
                open.options.audio, open.options.video, open.in_chain, open.replace, ring_timeout, self.chain,
                into.call, into.chain, self.digest, self.waiters);
        if constexpr (!std::is_const_v<std::remove_reference_t<decltype(self)>>) {
            if (ring_timeout != 0) open.ring_timeout = std::chrono::milliseconds(ring_timeout);
            if (!into.call.empty()) self.into = into;
        }
    }
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

/// That a profile has a text, which its chain owner may not have seen yet: a matter of moments, so neither stored nor
/// part of the canonical form.
struct NewSeat {
    MessageId text;
    ProfileId profile;
    bool operator==(const NewSeat&) const = default;
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
    UserRequest request;
};

struct UserState {
    UserId id;
    bool exists = false;  // the administration made it
    bool revoked = false;
    std::vector<RevokedToken> revoked_tokens;
    std::vector<Profile> profiles;    // oldest first
    std::vector<ProfileId> contacts;  // sorted
    std::vector<ProfileId> blocked;   // sorted
    std::vector<KnownConnection> connections;
    std::vector<KnownCall> calls;
    std::vector<OutgoingCall> outgoing;
    std::vector<OutgoingText> texts;
    std::vector<NewSeat> new_seats;
    std::vector<UsedLocalId> local_ids;  // sorted by hash
    uint64_t log_head = 0;
    uint64_t log_floor = 0;  // up to here the log was deleted
    std::vector<LogDay> log_days;
    int64_t pruned_day = 0;  // since 1970: the last day that old keys and entries were looked for

    bool operator==(const UserState&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.id, self.exists, self.revoked, self.profiles, self.contacts, self.blocked, self.connections,
                self.texts);
        stored_fields(self, archive);
    }
    /// Those that have no table of their own.
    static void stored_fields(auto& self, auto& archive) {
        archive(self.revoked_tokens, self.calls, self.outgoing, Counter{self.log_head}, Counter{self.log_floor},
                self.log_days, self.pruned_day);
    }
};

}  // namespace crosspoint::chains
