#include "stories/figures.h"

namespace crosspoint::sim {

namespace {

/// A few people to whom everything happens that can happen, in an order that the seed decides. When the dust has
/// settled, everybody must hear exactly whom they are subscribed to.
class Swarm {
public:
    explicit Swarm(World& world) : world_(world), room_(world.session()) {
        for (const char* name : {"alice", "bob", "carol", "dave"}) {
            people_.push_back({&world.joins(room_, name), {}});
            people_.back().stream = people_.back().browser->publishes({.alias = "more"});
        }
    }

    void happens(int times) {
        for (int i = 0; i < times; ++i) {
            anything();
            world_.run_for(Duration(static_cast<int64_t>(below(1'000'000))));
        }
    }

    /// Everything works again, and for each pair it is decided anew who hears whom.
    void settles() {
        mend();
        world_.run_until([&] { return all([](const Person& one) { return one.browser->connected(); }); }, 15s);
        for (Person& one : people_) one.browser->publishes({.alias = "last"});
        world_.run_until([&] { return all([](const Person& one) { return one.browser->publishing_connected(); }); },
                         60s);
        std::vector<std::vector<bool>> hears(people_.size(), std::vector<bool>(people_.size()));
        for (size_t i = 0; i < people_.size(); ++i) {
            const size_t choice = below(people_.size() + 1);  // one of them, nobody for oneself, or all
            for (size_t j = 0; j < people_.size(); ++j)
                hears[i][j] = i != j && (choice == people_.size() || choice == j);
            world_.add(room_, *people_[i].browser, subscription(i, choice));
        }
        world_.run_until([&] { return as_decided(hears); }, 60s);
        world_.run_for(5s);
        EXPECT_TRUE(as_decided(hears));
    }

private:
    struct Person {
        Browser* browser;
        std::string stream;  // empty: unpublished
    };

    size_t below(size_t bound) { return static_cast<size_t>(world_.random().below(bound)); }
    Person& somebody() { return people_[below(people_.size())]; }
    bool chance(size_t percent) { return below(100) < percent; }
    template <class Is>
    bool all(Is is) const {
        return std::ranges::all_of(people_, is);
    }

    boost::json::object subscription(size_t who, size_t choice) const {
        if (choice == people_.size()) return whole_session(room_);
        return choice == who ? no_streams() : only(*people_[choice].browser);
    }

    bool as_decided(const std::vector<std::vector<bool>>& hears) const {
        for (size_t i = 0; i < people_.size(); ++i) {
            const Browser& one = *people_[i].browser;
            for (size_t j = 0; j < people_.size(); ++j) {
                const Browser& other = *people_[j].browser;
                if (i != j && (one.hears(other) != hears[i][j] || one.sees(other) != hears[i][j])) return false;
            }
        }
        return true;
    }

    void anything() {
        switch (below(10)) {
            case 0:
            case 1: return change_subscription();
            case 2:
            case 3: return change_stream();
            case 4: return change_membership();
            case 5:
                return somebody().browser->set_network(Duration(static_cast<int64_t>(below(60'000))),
                                                       static_cast<uint32_t>(below(100)));
            case 6: return change_signalling();
            case 7: return somebody().browser->publishing_wire.set_cut(chance(50));
            case 8: return somebody().browser->subscribing_wire.set_cut(chance(50));
            default: return chance(30) ? change_server() : mend();
        }
    }
    void change_subscription() {
        const size_t who = below(people_.size());
        put(who, "/subscriptions", subscription(who, below(people_.size() + 1)));
    }
    void change_membership() {
        const size_t who = below(people_.size());
        if (chance(50)) return put(who, "", subscription(who, below(people_.size() + 1)));
        world_.rest_later("DELETE", path(who), nullptr, [](const RestAnswer&) {});
    }
    void change_stream() {
        Person& one = somebody();
        if (one.stream.empty()) {
            one.stream = one.browser->publishes({.alias = "more", .video = chance(70)});
            return;
        }
        one.browser->unpublishes(one.stream);
        one.stream.clear();
    }
    void change_signalling() {
        Browser& one = *somebody().browser;
        switch (below(3)) {
            case 0: return one.cut_signalling();
            case 1: return one.mend_signalling();
            default: return one.loses_signalling(chance(50));
        }
    }
    void change_server() {
        if (!world_.server().running()) return world_.start_server();
        world_.server().options().commit_delay = Duration(static_cast<int64_t>(below(100'000)));
        world_.kill_server();
    }
    void mend() {
        if (!world_.server().running()) world_.start_server();
        for (const Person& one : people_) {
            one.browser->mend_signalling();
            one.browser->set_network(10ms, 0);
            one.browser->publishing_wire.set_cut(false);
            one.browser->subscribing_wire.set_cut(false);
        }
    }

    std::string path(size_t who) const {
        return "/sessions/" + room_ + "/participants/" + people_[who].browser->participant();
    }
    void put(size_t who, const std::string& end, const boost::json::object& body) {
        // Refused or lost is well, too: what counts is how it ends.
        world_.rest_later("PUT", path(who) + end, body, [](const RestAnswer&) {});
    }

    World& world_;
    std::string room_;
    std::vector<Person> people_;
};

}  // namespace

STORY("a swarm: anything happens, and it ends well") {
    Swarm swarm(world);
    swarm.happens(60);
    swarm.settles();
}

STORY("a swarm twice, with a long time in between") {
    Swarm swarm(world);
    swarm.happens(20);
    world.run_for(70s);
    swarm.happens(40);
    swarm.settles();
}

}  // namespace crosspoint::sim
