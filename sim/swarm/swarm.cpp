#include "swarm/swarm.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "swarm/people.h"
#include "swarm/rooms.h"

namespace crosspoint::sim::swarm {
namespace {

constexpr int kMediaPace = 10;

WorldOptions world_options(const Plan& plan, bool print_trace) {
    WorldOptions options;
    options.print_trace = print_trace;
    options.media_pace = kMediaPace;
    options.node.commit_delay = plan.commit_delay;
    options.node.people = plan.timers;
    return options;
}

class Swarm {
public:
    Swarm(uint64_t seed, const Options& options)
        : seed_(seed), options_(options), plan_(seed), world_(seed, world_options(plan_, options.print_trace)) {
        if (options_.print_deeds)
            fmt::print("seed {}: {}; {} people, {} guests\n", seed, plan_.flavour, plan_.people, plan_.guests);
        if (plan_.guests > 0) crowds_.push_back(std::make_unique<Rooms>(world_, plan_));
        if (plan_.people > 0) crowds_.push_back(std::make_unique<People>(world_, plan_));
        for (const auto& crowd : crowds_)
            for (Deed& deed : crowd->deeds()) deeds_.push_back(std::move(deed));
        deeds_.push_back({Kind::Server, 1, "server", [this](Random& dice) { return change_server(dice); }});
        for (Deed& deed : deeds_) deed.weight *= plan_.weight(deed.kind);
    }

    Told tell() {
        const Timestamp start = world_.time();
        const Timestamp end = start + options_.length;
        SeededRandom pauses(seed_);
        size_t number = 0;
        for (; world_.time() < end && !testing::Test::HasFailure(); ++number) {
            // Each has dice of its own, so that others stay as they are when one does not happen.
            SeededRandom dice(seed_ << 20 ^ number);
            if (!options_.without.contains(number)) something_happens(number, dice, start);
            world_.run_for(up_to(pauses, plan_.pause * 2));
            watch();
        }
        if (!testing::Test::HasFailure()) comes_to_an_end();
        return {world_.trace_hash(), number};
    }

private:
    void something_happens(size_t number, Random& dice, Timestamp start) {
        uint64_t sum = 0;
        for (const Deed& deed : deeds_) sum += deed.weight;
        uint64_t which = dice.below(sum);
        auto deed = deeds_.begin();
        for (; which >= deed->weight; ++deed) which -= deed->weight;
        const std::string whom = deed->happens(dice);
        world_.note(deed->name, whom);
        if (!options_.print_deeds) return;
        const double seconds = static_cast<double>((world_.time() - start).count()) / 1e6;
        fmt::print("{:9.3f} s  #{:<4} {}: {}\n", seconds, number, deed->name, whom);
    }

    std::string change_server(Random& dice) {
        Node& server = world_.server();
        if (!server.running()) {
            world_.start_server();
            return "starts";
        }
        if (chance(dice, 30)) {
            server.options().commit_delay = up_to(dice, 100ms) + 1ms;
            return "has a slow disk";
        }
        // Sometimes it is back at once, more often when something else has happened.
        const bool soon = chance(dice, 40);
        world_.kill_server();
        if (!soon) return "is killed";
        world_.after(up_to(dice, 3s), [this] {
            if (!world_.server().running()) world_.start_server();
        });
        return "is killed, and comes back soon";
    }

    void watch() {
        for (const auto& crowd : crowds_) crowd->watch();
    }

    void comes_to_an_end() {
        if (options_.print_deeds) fmt::print("everything works again\n");
        // Who has more to say than a short queue takes in answers finds it full each time.
        if (world_.server().running()) world_.kill_server();
        world_.server().options().people.kept_messages = chains::Settings{}.kept_messages;
        world_.server().options().commit_delay = 1ms;
        world_.start_server();
        for (const auto& crowd : crowds_) crowd->mend();
        for (const auto& crowd : crowds_) crowd->settle();
        world_.finish();
        // Nor is there anything left for the next process.
        world_.kill_server();
        world_.finish();
    }

    uint64_t seed_;
    const Options& options_;
    Plan plan_;
    World world_;
    std::vector<std::unique_ptr<Crowd>> crowds_;
    std::vector<Deed> deeds_;
};

}  // namespace

Told tell(uint64_t seed, const Options& options) { return Swarm(seed, options).tell(); }

}  // namespace crosspoint::sim::swarm
