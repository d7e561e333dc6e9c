#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chains/call.h"
#include "chains/call_turn.h"
#include "chains/chain_texts.h"
#include "chains/messages.h"
#include "chains/records.h"
#include "chains/rules.h"
#include "chains/settings.h"

namespace crosspoint::chains {

/// A call in its chain.
struct ChainCall {
    uint64_t pos = 0;
    Call call;
    bool operator==(const ChainCall&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(Counter{self.pos}, self.call); }
};

/// All that a chain owner knows; what it decides follows from this and the next message alone.
struct ChainState {
    ChainId id;
    uint64_t last_pos = 0;           // CHN-5
    CallId last_call;                // CHN-2; empty: none yet
    std::vector<ProfileId> members;  // who may name this chain (CHN-3), sorted
    std::vector<ChainCall> calls;    // the live one, if any, and tombstones; oldest first
    ChainTexts texts;

    /// This profile may name the chain from now on.
    void take_member(const ProfileId& profile, Effects& out);
    bool operator==(const ChainState&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.id, Counter{self.last_pos}, self.last_call, self.members, self.calls, self.texts);
    }
};

/// One timer of one of the chain's calls.
struct ArmedTimer {
    enum class Kind : uint8_t { Forget, Call, Participant, Leg };
    Timestamp when = kNever;
    CallId call{};
    Kind kind = Kind::Forget;
    CallTimer call_timer = CallTimer::kCount;
    size_t participant = 0;  // place in the call's list
    ParticipantTimer participant_timer = ParticipantTimer::kCount;
    ConnectionId leg{};
};

/// The one actor that decides for a chain and every call in it (jsapi 16), a machine: messages in; statements and
/// messages to other actors out, in an order that holds for each receiver. Copyable, so that an exploration can try
/// every message in every state.
class ChainOwner {
public:
    /// `settings` and `rules` outlive every copy.
    ChainOwner(ChainId id, const Settings& settings, const Rules& rules = specified_rules())
        : settings_(&settings), rules_(&rules) {
        state_.id = std::move(id);
    }

    /// What was there when the process ended; call once, before anything else. Every leg is told the whole state, and
    /// timers that have run out meanwhile fire at the next `handle_timeout`. False when a row is damaged.
    bool restore(const StoredChain& stored, Now now, Effects& out);

    void handle(const ChainMessage& message, Now now, Effects& out);
    void handle_timeout(Now now, Effects& out);
    Timestamp next_timeout() const;

    /// Every timer that is armed, in no order.
    std::vector<ArmedTimer> armed() const;
    /// Fires one of them, whatever the time.
    void expire(const ArmedTimer& timer, Now now, Effects& out);

    const ChainState& state() const { return state_; }
    const Call* live_call() const;
    const Call* find(const CallId& id) const;
    /// Nothing is live or remembered: the owner may be unloaded.
    bool idle() const { return state_.calls.empty() && state_.texts.idle(); }
    /// There is no such chain: it was only asked for.
    bool unknown() const { return state_.last_pos == 0 && idle(); }
    std::string canonical(Now now, Counters counters) const;
    bool operator==(const ChainOwner& other) const { return state_ == other.state_; }

private:
    void on(const OpenCall& open, Now now, Effects& out);
    void on(const AnswerByOpening& opening, Now now, Effects& out);
    void on(const CallCommand& command, Now now, Effects& out);
    void on(const ConnectionChanged& change, Now now, Effects& out);
    void on(const SeatMade& made, Now now, Effects& out);
    void on(const PostText& post, Now now, Effects& out);
    void on(const ChangeText& change, Now now, Effects& out);
    void on(const RowsRead& read, Now now, Effects& out);
    template <class Message>
    void on(const Message& message, Now now, Effects& out);

    std::optional<Refused> why_not_open(const OpenCall& open) const;
    bool may_replace(const Call& live, const OpenCall& open) const;
    void create(const OpenCall& open, std::optional<CallId> replaces, Now now, Effects& out);
    void refuse(const OpenCall& open, Refused why, Now now, Effects& out);

    ChainCall* entry(const CallId& id);
    ChainCall* live_entry();
    /// Runs `event` on the call, stores what it changed and tells user owners the call's new standing.
    template <class Run>
    void turn(ChainCall& entry, Now now, Effects& out, Run run);
    void commit(const Call& before, const ChainCall& after, Now now, Effects& out);
    /// To those whom the change concerns; without `before` to all.
    void tell_standing(const Call* before, const Call& after, Effects& out);
    void take_members(const Call& call, Effects& out);

    const Settings* settings_;
    const Rules* rules_;
    ChainState state_;
};

}  // namespace crosspoint::chains
