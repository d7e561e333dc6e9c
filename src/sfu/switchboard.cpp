#include "sfu/switchboard.h"

#include <algorithm>

#include "sfu/subscription.h"

namespace crosspoint::sfu {

namespace {
void tell_subscriptions(const Track& track) {
    for (Subscription* subscription : track.subscriptions) subscription->source_changed();
}
}  // namespace

void Switchboard::publish(TrackId id, Publication& publication) {
    Track& entry = tracks_[id];
    if (std::ranges::find(entry.claims, &publication) == entry.claims.end()) entry.claims.push_back(&publication);
    entry.publication = entry.claims.back();
    if (entry.publication == &publication) tell_subscriptions(entry);
}

void Switchboard::withdraw(TrackId id, Publication& publication) {
    Track& entry = tracks_[id];
    const bool had_it = entry.publication == &publication;
    std::erase(entry.claims, &publication);
    entry.publication = entry.claims.empty() ? nullptr : entry.claims.back();
    if (had_it) tell_subscriptions(entry);
    forget_if_unused(id);
}

void Switchboard::subscribe(TrackId id, Subscription& subscription) {
    tracks_[id].subscriptions.push_back(&subscription);
}

void Switchboard::unsubscribe(TrackId id, Subscription& subscription) {
    const auto found = tracks_.find(id);
    if (found == tracks_.end()) return;
    std::erase(found->second.subscriptions, &subscription);
    forget_if_unused(id);
}

void Switchboard::forget_if_unused(TrackId id) {
    const auto found = tracks_.find(id);
    if (found->second.claims.empty() && found->second.subscriptions.empty()) tracks_.erase(found);
}

}  // namespace crosspoint::sfu
