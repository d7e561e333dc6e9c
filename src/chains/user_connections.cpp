#include <algorithm>

#include "chains/user_owner.h"

// A user's connections, profiles and tokens (jsapi 2.2, 4).
namespace crosspoint::chains {

/// Every call that a connection may have a leg in, or will have one in: a call that is on its way learns of it there.
template <class Visit>
void UserOwner::each_call(Visit visit) const {
    for (const KnownCall& call : state_.calls)
        if (call.live()) visit(call.ref, call.own);
    for (const OutgoingCall& call : state_.outgoing)
        if (!call.into) visit(CallRef{call.open.call, call.chain}, call.open.from.profile);
}

void UserOwner::on(const ConnectionAttached& attached, Now now, Effects& out) {
    prune(now, out);
    if (const auto refused = why_not_attach(attached, out)) {
        out.sends.push_back(ToConnection{attached.connection, NotWelcome{attached.incarnation, *refused}});
        return;
    }
    KnownConnection* known = connection(attached.connection);
    if (!known) {
        state_.connections.push_back({.id = attached.connection, .grant = attached.grant});
        known = &state_.connections.back();
        tell_count(out);  // the new one adds it to its `sync.done` itself
    }
    known->attached = true;
    known->leaving = false;
    const KnownConnection before = *known;
    known->grant = attached.grant;
    tell_calls_between(before, *known, ConnectionEvent::Revoked, out);
    welcome(attached, out);
}

std::optional<Refused> UserOwner::why_not_attach(const ConnectionAttached& attached, Effects& out) {
    if (!state_.exists || is_revoked(attached.grant.token_id)) return Refused{.why = Refusal::Unauthenticated};
    if (connection(attached.connection)) return std::nullopt;
    const auto staying = std::ranges::count(state_.connections, false, &KnownConnection::leaving);
    if (static_cast<size_t>(staying) < settings_->connections_per_user) return std::nullopt;
    const auto makes_room =
        std::ranges::find_if(state_.connections, [](const KnownConnection& c) { return !c.attached && !c.leaving; });
    if (makes_room == state_.connections.end()) return Refused{.why = Refusal::TooMany};
    makes_room->leaving = true;
    out.sends.push_back(ToConnection{makes_room->id, MakeRoom{}});
    return std::nullopt;
}

// 6.3, 9.4
void UserOwner::welcome(const ConnectionAttached& attached, Effects& out) {
    Welcomed welcomed{
        .incarnation = attached.incarnation,
        .profiles = state_.profiles,
        .connections = state_.connections.size(),
        .calls = {},
        .log_after = std::clamp(attached.since.value_or(state_.log_floor), state_.log_floor, state_.log_head),
        .log_truncated = attached.since && *attached.since < state_.log_floor};
    if (state_.log_head - welcomed.log_after > settings_->log_replay) {
        welcomed.log_after = state_.log_head - settings_->log_replay;
        welcomed.log_truncated = true;
    }
    const KnownConnection& known = *connection(attached.connection);
    each_call([&](const CallRef& call, const ProfileId& own) {
        if (known.grant.takes_part(own)) welcomed.calls.push_back(call.call);
    });
    out.sends.push_back(ToConnection{attached.connection, std::move(welcomed)});
    tell_calls(known, ConnectionEvent::New, attached.media_anew, out);
}

void UserOwner::on(const ConnectionFared& fared, Now, Effects& out) {
    KnownConnection* known = connection(fared.connection);
    if (!known) return;
    const auto gone = [&](ConnectionEvent event) {
        tell_calls(*known, event, false, out);
        std::erase_if(state_.connections, [&](const KnownConnection& c) { return c.id == fared.connection; });
        tell_count(out);
    };
    switch (fared.fate) {
        case ConnectionFate::Detached:
            known->attached = false;
            tell_calls(*known, ConnectionEvent::Lost, false, out);
            break;
        case ConnectionFate::Resumed:
            known->attached = true;
            known->leaving = false;
            tell_calls(*known, ConnectionEvent::Resumed, false, out);
            break;
        case ConnectionFate::Gone: gone(ConnectionEvent::Gone); break;
        case ConnectionFate::Left: gone(ConnectionEvent::Left); break;
        case ConnectionFate::Revoked: gone(ConnectionEvent::Revoked); break;
    }
}

// For calls that the token allows and its predecessor did not, or the other way round, the connection comes or goes.
void UserOwner::on(const TokenRefreshed& refreshed, Now, Effects& out) {
    KnownConnection* known = connection(refreshed.connection);
    if (!known) return;
    // It ends with the calls of the token before, which are those that know it.
    if (is_revoked(refreshed.grant.token_id)) {
        out.sends.push_back(ToConnection{refreshed.connection, Revoked{refreshed.grant.token_id}});
        return;
    }
    const KnownConnection before = *known;
    known->grant = refreshed.grant;
    tell_calls_between(before, *known, ConnectionEvent::Revoked, out);
    tell_calls_between(*known, before, ConnectionEvent::New, out);
}

void UserOwner::tell_calls(const KnownConnection& connection, ConnectionEvent event, bool media_anew,
                           Effects& out) const {
    each_call([&](const CallRef& call, const ProfileId& own) {
        if (connection.grant.takes_part(own)) tell_call(call, connection.id, event, media_anew, out);
    });
}

/// Of those that it takes part in as it is in `with`, and not as it is in `without`.
void UserOwner::tell_calls_between(const KnownConnection& with, const KnownConnection& without, ConnectionEvent event,
                                   Effects& out) const {
    each_call([&](const CallRef& call, const ProfileId& own) {
        if (with.grant.takes_part(own) && !without.grant.takes_part(own)) tell_call(call, with.id, event, false, out);
    });
}

void UserOwner::tell_call(const CallRef& call, const ConnectionId& connection, ConnectionEvent event, bool media_anew,
                          Effects& out) const {
    out.sends.push_back(ToChain{call.chain, ConnectionChanged{call.call, state_.id, connection, event, media_anew}});
}

// CON-9
void UserOwner::tell_count(Effects& out) const { tell_connections(ConnectionCount{state_.connections.size()}, out); }

void UserOwner::tell_connections(const ConnectionMessage& message, Effects& out) const {
    for (const KnownConnection& c : state_.connections) out.sends.push_back(ToConnection{c.id, message});
}

KnownConnection* UserOwner::connection(const ConnectionId& id) {
    const auto found = std::ranges::find(state_.connections, id, &KnownConnection::id);
    return found == state_.connections.end() ? nullptr : &*found;
}

/// Those that may be legs of a call in which this user is `own`.
std::vector<ConnectionFact> UserOwner::facts(const ProfileId& own) const {
    std::vector<ConnectionFact> facts;
    for (const KnownConnection& c : state_.connections)
        if (c.grant.takes_part(own)) facts.push_back({c.id, c.attached});
    return facts;
}

bool UserOwner::is_revoked(const std::string& token_id) const {
    return state_.revoked ||
           std::ranges::find(state_.revoked_tokens, token_id, &RevokedToken::token_id) != state_.revoked_tokens.end();
}

// ---- profiles ----

const Profile* UserOwner::profile(const ProfileId& id) const {
    const auto found = std::ranges::find(state_.profiles, id, &Profile::id);
    return found == state_.profiles.end() ? nullptr : &*found;
}

void UserOwner::put(const Profile& profile, Effects& out) {
    const auto known = std::ranges::find(state_.profiles, profile.id, &Profile::id);
    const auto place = static_cast<size_t>(known - state_.profiles.begin());
    if (known == state_.profiles.end()) {
        state_.profiles.push_back(profile);
    } else {
        *known = profile;
    }
    out.statements.push_back(upsert_profile(state_.id, place, profile));
    tell_connections(ProfileChanged{profile}, out);
}

void UserOwner::run(const UserRequest& request, const ListProfiles&, Now, Effects& out) {
    ProfileList list;
    for (const Profile& profile : state_.profiles)
        if (may_use(request, profile.id)) list.profiles.push_back(profile);
    answer({request.connection, request.request}, std::move(list), out);
}

void UserOwner::run(const UserRequest& request, const SetProfile& set, Now, Effects& out) {
    const Waiter waiter{request.connection, request.request};
    if (!may_use(request, set.profile)) return answer(waiter, Refused{.why = Refusal::ForbiddenProfile}, out);
    if (set.nickname && set.nickname->size() > settings_->nickname_bytes)
        return answer(waiter, Refused{.why = Refusal::BadArgument, .field = "nickname"}, out);
    Profile changed = *profile(set.profile);
    changed.nickname = set.nickname.value_or(changed.nickname);
    changed.dnd = set.dnd.value_or(changed.dnd);
    changed.busy_policy = set.busy_policy.value_or(changed.busy_policy);
    changed.call_policy = set.call_policy.value_or(changed.call_policy);
    if (changed != *profile(set.profile)) put(changed, out);
    answer(waiter, std::monostate{}, out);
}

// ---- administration ----

void UserOwner::on(const PutProfile& message, Now, Effects& out) {
    state_.exists = true;
    put(message.profile, out);
}

void UserOwner::on(const SetRelation& set, Now, Effects& out) {
    const auto place_in = [&](std::vector<ProfileId>& list, bool wanted) {
        std::erase(list, set.other);
        if (wanted) list.insert(std::ranges::lower_bound(list, set.other), set.other);
    };
    place_in(state_.contacts, set.relation == Relation::Contact);
    place_in(state_.blocked, set.relation == Relation::Blocked);
    out.statements.push_back(set_relation(state_.id, set.other, set.relation));
}

// CON-8, SEC-8
void UserOwner::on(const Revoke& revoke, Now now, Effects& out) {
    changed_ = true;
    std::erase_if(state_.revoked_tokens, [&](const RevokedToken& t) { return t.forget_at < now.wall; });
    if (revoke.token_id) {
        state_.revoked_tokens.push_back({*revoke.token_id, revoke.forget_at});
    } else {
        state_.revoked = true;
    }
    tell_connections(Revoked{revoke.token_id}, out);
}

void UserOwner::on(const Reinstate&, Now, Effects&) {
    changed_ = true;
    state_.revoked = false;
}

}  // namespace crosspoint::chains
