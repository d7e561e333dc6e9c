#pragma once
#include <functional>
#include <string>
#include <vector>

#include "swarm/plan.h"
#include "world.h"

namespace crosspoint::sim::swarm {

/// Something that may happen. It takes no time: what it begins goes on while other things happen.
struct Deed {
    Kind kind;
    uint64_t weight;
    std::string name;
    /// To whom, for those who read what has happened.
    std::function<std::string(Random& dice)> happens;
};

/// Those to whom things happen, and who knows what must be true of them.
class Crowd {
public:
    virtual ~Crowd() = default;

    virtual std::vector<Deed> deeds() = 0;
    /// What must be true at any time; asked between any two deeds.
    virtual void watch() = 0;
    /// Its network works from now on, and nobody means harm.
    virtual void mend() = 0;
    /// The server works. Waits until everything is as it must be in the end, and says where it is not.
    virtual void settle() = 0;
};

/// `dice.below`, for places in containers.
inline size_t pick(Random& dice, size_t bound) { return static_cast<size_t>(dice.below(bound)); }
inline bool chance(Random& dice, uint64_t percent) { return dice.below(100) < percent; }
inline Duration up_to(Random& dice, Duration most) {
    return Duration(static_cast<int64_t>(dice.below(static_cast<uint64_t>(most.count()))));
}

}  // namespace crosspoint::sim::swarm
