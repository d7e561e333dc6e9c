#include <algorithm>

#include "api/jsapi/hub.h"

// What the administration may see and do (jsapi 4, SEC-8).
namespace crosspoint::api::jsapi {

bool Hub::add_user(const Turn& turn, const AccountId& app, const chains::UserId& user) {
    if (!users_.try_emplace(user, app).second) return false;
    turn.out.statements.push_back(chains::insert_user(app, user));
    return true;
}

std::vector<chains::UserId> Hub::users(const AccountId& app) const {
    std::vector<chains::UserId> users;
    for (const auto& [user, its_app] : users_)
        if (its_app == app) users.push_back(user);
    std::ranges::sort(users);
    return users;
}

std::optional<chains::UserId> Hub::owner_of(const chains::ProfileId& profile) const {
    for (const auto& [app, profiles] : apps_)
        if (const auto party = profiles.find(profile); party && party->kind == chains::ProfileKind::User)
            return party->user;
    return std::nullopt;
}

void Hub::put_profile(const Turn& turn, const chains::UserId& user, const chains::Profile& profile) {
    apps_.at(users_.at(user)).add(profile.id, user);
    tell_user(turn, user, chains::PutProfile{profile});
}

void Hub::tell_user(const Turn& turn, const chains::UserId& user, chains::UserMessage message) {
    mail_.emplace_back(chains::ToUser{user, std::move(message)});
    drain(turn);
}

void Hub::read_user(const Turn& turn, const chains::UserId& user, ReadUser read) {
    UserSlot& slot = user_slot(turn, user);
    if (!slot.owner) {
        slot.waiting.emplace_back(std::move(read));
        return;
    }
    read(slot.owner->state(), turn.out);
}

std::vector<const chains::ConnectionState*> Hub::connections(const AccountId& app) const {
    std::vector<const chains::ConnectionState*> all;
    for (const auto& [id, connection] : connections_)
        if (app_of(connection.state().user) == app) all.push_back(&connection.state());
    std::ranges::sort(all, {}, [](const auto* state) { return state->id; });
    return all;
}

std::vector<LiveCall> Hub::live_calls(const AccountId& app) const {
    std::vector<LiveCall> all;
    for (const auto& [chain, slot] : chain_slots_) {
        const chains::Call* call = slot.owner ? slot.owner->live_call() : nullptr;
        if (call && app_of(chains::CallRef{call->id, chain}) == app) all.push_back({app, chain, call});
    }
    std::ranges::sort(all, {}, [](const LiveCall& live) { return live.call->id; });
    return all;
}

std::vector<const chains::ChainOwner*> Hub::chain_owners() const {
    std::vector<const chains::ChainOwner*> owners;
    for (const auto& [chain, slot] : chain_slots_)
        if (slot.owner) owners.push_back(&*slot.owner);
    return owners;
}

void Hub::terminate(const Turn& turn, const chains::ChainId& chain, const chains::CallId& call) {
    mail_.emplace_back(chains::ToChain{chain, chains::Terminate{call}});
    drain(turn);
}

}  // namespace crosspoint::api::jsapi
