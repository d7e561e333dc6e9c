#pragma once
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "sfu/counters.h"

namespace crosspoint::sfu {

class Publication;
class Subscription;

/// One track as both its ends know it: who sends it, if anybody does by now, and who gets it.
struct Track {
    std::vector<Publication*> claims;    // more than one while a publisher comes back before its old link is closed
    Publication* publication = nullptr;  // the last of the claims
    std::vector<Subscription*> subscriptions;
};

/// Brings publications and subscriptions together, whichever comes first. What the ends of one worker share.
class Switchboard {
public:
    explicit Switchboard(Random& random) : random_(random) {}

    Track& track(TrackId id) { return tracks_[id]; }
    /// The last publication that claims a track has it; again from one that did already, its parameters changed.
    void publish(TrackId id, Publication& publication);
    void withdraw(TrackId id, Publication& publication);
    void subscribe(TrackId id, Subscription& subscription);
    void unsubscribe(TrackId id, Subscription& subscription);
    size_t size() const { return tracks_.size(); }

    /// The deadline of another link than the one being handled has changed.
    void wake(LinkId link) { woken_.push_back(link); }
    std::vector<LinkId>& woken() { return woken_; }

    Counters& counters() { return counters_; }
    const Counters& counters() const { return counters_; }
    Random& random() { return random_; }

private:
    void forget_if_unused(TrackId id);

    Random& random_;
    Counters counters_;
    std::unordered_map<TrackId, Track> tracks_;
    std::vector<LinkId> woken_;
};

}  // namespace crosspoint::sfu
