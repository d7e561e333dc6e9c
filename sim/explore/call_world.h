#pragma once
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chains/chain_owner.h"
#include "explore/stored_rows.h"

// One chain owner alone against any order of events: everything that clients, user owners, other chain owners, the
// media platform and its own timers may ever send it.
namespace crosspoint::explore {

/// What the world round the owner may do.
struct CallWorldBounds {
    std::string name{};
    /// The initiator `a` first; each person's devices, `a1`, `a2`, `b1` and so on.
    std::vector<int> devices{};
    /// The last of them is not called but may be invited.
    bool one_to_invite = false;
    /// Whether offers come back with every policy, or only with the devices.
    bool policies = true;
    /// Connections drop, come back, go and come.
    bool drops = true;
    bool hold_and_update = false;
    std::vector<size_t> to_invite_and_remove{};
    /// Seats are late, stale, lost and given up; otherwise media is there at once.
    bool media = false;
    /// Other calls replace this one, cross it, answer it.
    bool other_calls = true;
    /// The process may end at any time, and another goes on from what was stored.
    bool restarts = false;
    /// Every message between actors may come a second time, at once or at any time later (OWN-3).
    bool repetitions = false;
};

/// The process ends, and another takes its place.
struct Restart {};
/// A message that will come a second time.
struct Twice {
    chains::ChainMessage message;
};
/// That second time.
struct Again {};

class CallWorld {
public:
    using Step = std::variant<chains::ChainMessage, chains::ArmedTimer, Restart, Twice, Again>;

    CallWorld(const CallWorldBounds& bounds, const chains::Settings& settings, const chains::Rules& rules);

    std::vector<Step> steps() const;
    std::string describe(const Step& step) const;
    std::optional<std::string> take(const Step& step, const CallWorld& before);
    std::optional<std::string> check() const;
    std::string key() const;
    bool final() const;
    bool unsettled() const;
    bool is_timer(const Step& step) const;
    bool operator==(const CallWorld& other) const { return owner_ == other.owner_ && repetition_ == other.repetition_; }

private:
    void add_offer_answers(std::vector<Step>& steps) const;
    void add_commands(std::vector<Step>& steps) const;
    void add_connection_changes(std::vector<Step>& steps) const;
    void add_media(std::vector<Step>& steps) const;
    void add_other_calls(std::vector<Step>& steps) const;
    std::optional<std::string> deliver(const chains::ChainMessage& message, const chains::ChainState& before,
                                       chains::Effects& out);
    std::optional<std::string> fire(const chains::ArmedTimer& timer, const chains::ChainState& before,
                                    chains::Effects& out);
    std::optional<std::string> restart(const chains::ChainState& before, chains::Effects& out);
    std::optional<std::string> deliver_again(const chains::ChainState& before, chains::Effects& out);
    std::optional<std::string> check_repetition(const chains::ChainMessage& message) const;
    std::optional<std::string> make_media_at_once(chains::Effects& out);
    void store(const chains::Effects& out);
    chains::CallCommand command(size_t person, const chains::ConnectionId& connection, chains::Verb verb) const;
    const chains::Call& call() const;
    chains::CallId fresh_call() const;

    /// A message that will come again, and what came of it the first time.
    struct Repetition {
        chains::ChainMessage message;
        std::string outcome;
    };

    const CallWorldBounds* bounds_;
    const chains::Settings* settings_;
    const chains::Rules* rules_;
    chains::ChainOwner owner_;
    StoredRows rows_;                               // only when there are restarts
    std::shared_ptr<const Repetition> repetition_;  // or nothing
};

/// A message in words.
std::string describe(const chains::ChainMessage& message);

/// The person `a` is 0; profile and user share a letter: `a` is of user `A`.
chains::Party party(size_t person);
chains::ConnectionId device(size_t person, int number);

}  // namespace crosspoint::explore
