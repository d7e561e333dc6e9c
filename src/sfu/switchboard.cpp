#include "sfu/switchboard.h"

#include "sfu/subscription.h"

namespace crosspoint::sfu {

void Switchboard::publish(TrackId id, Publication& publication) {
    Track& entry = tracks_[id];
    entry.publication = &publication;
    for (Subscription* subscription : entry.subscriptions) subscription->source_changed();
}

void Switchboard::withdraw(TrackId id, Publication& publication) {
    const auto found = tracks_.find(id);
    if (found == tracks_.end() || found->second.publication != &publication) return;
    found->second.publication = nullptr;
    for (Subscription* subscription : found->second.subscriptions) subscription->source_changed();
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
    if (!found->second.publication && found->second.subscriptions.empty()) tracks_.erase(found);
}

}  // namespace crosspoint::sfu
