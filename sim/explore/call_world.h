#pragma once
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chains/chain_owner.h"

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
};

class CallWorld {
public:
    using Step = std::variant<chains::ChainMessage, chains::ArmedTimer>;

    CallWorld(const CallWorldBounds& bounds, const chains::Settings& settings, const chains::Rules& rules);

    std::vector<Step> steps() const;
    std::string describe(const Step& step) const;
    std::optional<std::string> take(const Step& step, const CallWorld& before);
    std::optional<std::string> check() const;
    std::string key() const;
    bool final() const;
    bool unsettled() const;
    bool is_timer(const Step& step) const;
    bool operator==(const CallWorld& other) const { return owner_ == other.owner_; }

private:
    void add_offer_answers(std::vector<Step>& steps) const;
    void add_commands(std::vector<Step>& steps) const;
    void add_connection_changes(std::vector<Step>& steps) const;
    void add_media(std::vector<Step>& steps) const;
    void add_other_calls(std::vector<Step>& steps) const;
    void run(const Step& step, chains::Effects& out);
    void make_media_at_once(chains::Effects& out);
    chains::CallCommand command(size_t person, const chains::ConnectionId& connection, chains::Verb verb) const;
    const chains::Call& call() const;
    chains::CallId fresh_call() const;

    const CallWorldBounds* bounds_;
    chains::ChainOwner owner_;
};

/// The person `a` is 0; profile and user share a letter: `a` is of user `A`.
chains::Party party(size_t person);
chains::ConnectionId device(size_t person, int number);

}  // namespace crosspoint::explore
