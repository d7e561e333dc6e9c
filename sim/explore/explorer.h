#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

// Exhaustive exploration: every order of events from a first state, breadth first, over the real machines. States are
// known by their canonical text, so that what differs only in counters is visited once.
namespace crosspoint::explore {

/// 128 bits of a state's canonical text: that two of some millions of states collide is as likely as a broken memory.
struct Digest {
    uint64_t high = 0;
    uint64_t low = 0;
    bool operator==(const Digest&) const = default;
};
Digest digest(std::string_view text);
struct DigestHash {
    size_t operator()(const Digest& digest) const { return digest.low; }
};

struct Findings {
    size_t states = 0;
    size_t transitions = 0;
    bool complete = false;                // every reachable state was visited
    std::optional<std::string> broken{};  // which rule
    std::vector<std::string> path{};      // to the state that breaks it, shortest first
};

/// `World` is a copyable, comparable value with
///   `std::vector<Step> steps() const`, `std::string describe(const Step&) const`,
///   `std::optional<std::string> take(const Step&, const World& before)`: moves on, says which rule that step broke, if
///   any, `std::optional<std::string> check() const`: which rule the state breaks, if any, `std::string key() const`,
///   `bool final() const`: not to be explored further, `bool unsettled() const`: its own timers have to bring it to a
///   settled state, and `bool is_timer(const Step&) const`: a step that comes by itself, as long as nobody does
///   anything.
template <class World>
class Explorer {
public:
    explicit Explorer(size_t most_states) : most_states_(most_states) {}

    Findings explore(const World& first) {
        visit(first, 0, 0);
        size_t explored = 0;
        while (!frontier_.empty() && !findings_.broken) {
            if (nodes_.size() > most_states_) return finish(false);
            const World world = std::move(frontier_.front());
            frontier_.pop_front();
            expand(world, explored++);
        }
        if (!findings_.broken) check_that_runs_end(first);
        if (findings_.broken) retrace(first);
        return finish(true);
    }

private:
    struct Node {
        uint32_t parent = 0;
        uint16_t step = 0;  // its place in the parent's list
        bool settled = true;
        std::vector<uint32_t> timer_steps;  // where the timers of an unsettled state lead
    };

    uint32_t visit(const World& world, size_t parent, size_t step) {
        const auto [place, fresh] = known_.try_emplace(digest(world.key()), static_cast<uint32_t>(nodes_.size()));
        if (!fresh) return place->second;
        nodes_.push_back({static_cast<uint32_t>(parent), static_cast<uint16_t>(step), !world.unsettled(), {}});
        frontier_.push_back(world);
        return place->second;
    }

    void expand(const World& world, size_t node) {
        if (world.final()) return;
        const auto steps = world.steps();
        for (size_t i = 0; i < steps.size(); ++i) {
            World next = world;
            ++findings_.transitions;
            findings_.broken = next.take(steps[i], world);
            if (!findings_.broken && next == world) continue;
            const size_t known = nodes_.size();
            const uint32_t to = visit(next, node, i);
            if (!findings_.broken && to == known) findings_.broken = next.check();
            if (findings_.broken) {
                end_ = node;
                last_step_ = i;
                return;
            }
            if (!nodes_[node].settled && world.is_timer(steps[i])) nodes_[node].timer_steps.push_back(to);
        }
    }

    /// From every unsettled state every order of timers leads to a settled one: the least set that contains the settled
    /// states and those whose every timer leads into it contains them all.
    void check_that_runs_end(const World&) {
        std::vector<std::vector<uint32_t>> reached_from(nodes_.size());
        std::vector<size_t> open(nodes_.size());
        std::deque<uint32_t> ends;
        for (uint32_t n = 0; n < nodes_.size(); ++n) {
            open[n] = nodes_[n].timer_steps.size();
            for (uint32_t to : nodes_[n].timer_steps) reached_from[to].push_back(n);
            if (nodes_[n].settled) ends.push_back(n);
        }
        std::vector<bool> ended(nodes_.size());
        while (!ends.empty()) {
            const uint32_t n = ends.front();
            ends.pop_front();
            ended[n] = true;
            for (uint32_t from : reached_from[n])
                if (--open[from] == 0 && !nodes_[from].settled) ends.push_back(from);
        }
        for (uint32_t n = 0; n < nodes_.size(); ++n) {
            if (ended[n]) continue;
            findings_.broken = "its timers alone do not end it";
            end_ = n;
            return;
        }
    }

    void retrace(const World& first) {
        std::vector<uint16_t> steps;
        for (size_t n = end_; n != 0; n = nodes_[n].parent) steps.push_back(nodes_[n].step);
        World world = first;
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) retrace_step(world, *step);
        if (last_step_) retrace_step(world, *last_step_);
    }
    void retrace_step(World& world, size_t step) {
        const auto steps = world.steps();
        findings_.path.push_back(world.describe(steps.at(step)));
        const World before = world;
        world.take(steps.at(step), before);
    }

    Findings finish(bool complete) {
        findings_.states = nodes_.size();
        findings_.complete = complete && !findings_.broken;
        return findings_;
    }

    size_t most_states_;
    std::unordered_map<Digest, uint32_t, DigestHash> known_;
    std::vector<Node> nodes_;
    std::deque<World> frontier_;  // worlds of the newest nodes, in their order
    Findings findings_;
    size_t end_ = 0;
    std::optional<size_t> last_step_;
};

}  // namespace crosspoint::explore
