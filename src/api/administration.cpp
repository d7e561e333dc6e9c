#include "api/administration.h"

#include <algorithm>

#include "api/jsapi/body.h"
#include "api/jsapi/call_json.h"
#include "api/jsapi/profile_json.h"
#include "api/jsapi/user_token.h"
#include "api/jsapi/words.h"
#include "api/json.h"
#include "api/path_pattern.h"

namespace crosspoint::api {
namespace {

using jsapi::Body;

constexpr int64_t kDay = 24 * 60 * 60;  // s
constexpr size_t kMaxNickname = 255;    // characters
constexpr size_t kMaxProfiles = 256;

constexpr std::string_view kBusyPolicies[] = {"ring", "reject"};                // as chains::BusyPolicy counts them
constexpr std::string_view kCallPolicies[] = {"anyone", "contacts", "nobody"};  // as chains::CallPolicy
constexpr std::string_view kRelations[] = {"none", "contact", "blocked"};       // as chains::Relation

const Problem kNoSuchUser{404, "User not found"};

/// The first thing that is wrong with a body, as the REST API says it.
std::optional<Problem> problem_of(const Body& in) {
    if (!in.problem()) return std::nullopt;
    return Problem{400, in.problem()->field + " is not valid"};
}

json::array ids(const std::vector<chains::ProfileId>& profiles) { return jsapi::to_json(profiles); }

json::object to_json(const chains::UserState& user) {
    return {{"id", user.id.value},
            {"revoked", user.revoked},
            {"profiles", jsapi::to_json(user.profiles)},
            {"contacts", ids(user.contacts)},
            {"blocked", ids(user.blocked)},
            {"connections", user.connections.size()}};
}

json::object to_json(const chains::ConnectionState& connection) {
    return {{"id", connection.id.value},
            {"userId", connection.user.value},
            {"attached", connection.socket.has_value()},
            {"device", {{"name", connection.device.name}, {"kind", connection.device.kind}}}};
}

json::object to_json(const chains::Participant& participant) {
    json::array connections;
    for (const chains::Leg& leg : participant.legs)
        connections.push_back({{"id", leg.connection.value},
                               {"role", jsapi::word(role(participant, leg))},
                               {"state", jsapi::word(leg.state)}});
    return {{"profileId", participant.who.profile.value},
            {"userId", participant.who.user.value},
            {"state", jsapi::word(participant.state)},
            {"mediaState", jsapi::word(participant.seat.state)},
            {"connections", std::move(connections)}};
}

json::object to_json(const jsapi::LiveCall& live) {
    json::array participants;
    for (const chains::Participant& participant : live.call->participants) participants.push_back(to_json(participant));
    json::object call{{"id", live.call->id.value},
                      {"chainId", live.chain.value},
                      {"state", jsapi::word(live.call->state)},
                      {"options", jsapi::to_json(live.call->options)},
                      {"createdAt", live.call->created.unix_milliseconds},
                      {"participants", std::move(participants)}};
    if (live.call->answered) call["answeredAt"] = live.call->answered->unix_milliseconds;
    if (!live.call->session_id.empty()) call["sessionId"] = live.call->session_id.value;
    return call;
}

}  // namespace

struct Administration::Call {
    const AdminRequest& request;
    std::vector<std::string> ids;  // what stands at the `*` of the endpoint's path
    jsapi::Hub::Turn turn;
    json::object body;
    bool answered_later = false;
};

struct Administration::Endpoint {
    std::string_view method;
    std::string_view path;
    HttpResponse (Administration::*function)(Call&);
};

const Administration::Endpoint Administration::kEndpoints[] = {
    {"GET", "users", &Administration::list_users},
    {"PUT", "users/*", &Administration::put_user},
    {"GET", "users/*", &Administration::get_user},
    {"PUT", "users/*/profiles/*", &Administration::put_profile},
    {"PUT", "users/*/relations/*", &Administration::put_relation},
    {"PUT", "users/*/revoked", &Administration::put_revoked},
    {"POST", "users/*/tokens", &Administration::create_token},
    {"DELETE", "users/*/tokens/*", &Administration::revoke_token},
    {"GET", "connections", &Administration::list_connections},
    {"GET", "calls", &Administration::list_calls},
    {"DELETE", "calls/*", &Administration::end_call},
};

std::vector<std::string> Administration::methods(const std::vector<std::string>& path) {
    std::vector<std::string> methods;
    for (const Endpoint& endpoint : kEndpoints)
        if (match_path(endpoint.path, path)) methods.emplace_back(endpoint.method);
    return methods;
}

void Administration::handle(const AdminRequest& request, Now now, Effects& out, sessions::Effects& changes) {
    const auto respond = [&](HttpResponse response) {
        out.outputs.emplace_back(Respond{request.id, std::move(response)});
    };
    auto body = parse_body(request.body);
    if (!body) return respond(refuse(body.error()));
    for (const Endpoint& endpoint : kEndpoints) {
        auto ids = match_path(endpoint.path, request.path);
        if (!ids || endpoint.method != request.method) continue;
        Call call{request, std::move(*ids), {now, out, changes}, std::move(*body)};
        HttpResponse response = (this->*endpoint.function)(call);
        if (!call.answered_later) respond(std::move(response));
        return;
    }
}

HttpResponse Administration::refuse(const Problem& problem) const { return error_response(problem, random_.uuid()); }

std::optional<chains::UserId> Administration::user(const Call& call) const {
    const chains::UserId user(call.ids.front());
    return hub_.app_of(user) == call.request.account ? std::optional(user) : std::nullopt;
}

/// Given once the user's owner has done what it was told: it may have to be loaded, and what is answered is not lost.
HttpResponse Administration::after(Call& call, const chains::UserId& user, HttpResponse response) {
    call.answered_later = true;
    hub_.read_user(call.turn, user,
                   [request = call.request.id, done = std::move(response)](const chains::UserState&, Effects& out) {
                       out.outputs.emplace_back(Respond{request, done});
                   });
    return {};
}

// ---- users ----

HttpResponse Administration::list_users(Call& call) {
    json::array users;
    for (const chains::UserId& user : hub_.users(call.request.account))
        users.push_back(json::object{{"id", user.value}});
    return json_response(200, json::object{{"users", std::move(users)}});
}

HttpResponse Administration::put_user(Call& call) {
    const chains::UserId id(call.ids.front());
    if (!jsapi::is_id(id.value)) return refuse({400, "A user's id is 1 to 64 of letters, digits, '_' and '-'"});
    const bool is_new = hub_.add_user(call.turn, call.request.account, id);
    if (!is_new && !user(call)) return refuse({409, "Another account has a user with this id"});
    return json_response(is_new ? 201 : 200, json::object{{"id", id.value}});
}

HttpResponse Administration::get_user(Call& call) {
    const auto id = user(call);
    if (!id) return refuse(kNoSuchUser);
    call.answered_later = true;
    hub_.read_user(call.turn, *id, [request = call.request.id](const chains::UserState& state, Effects& out) {
        out.outputs.emplace_back(Respond{request, json_response(200, to_json(state))});
    });
    return {};
}

HttpResponse Administration::put_profile(Call& call) {
    const auto id = user(call);
    if (!id) return refuse(kNoSuchUser);
    chains::Profile profile;
    profile.id = chains::ProfileId(call.ids.back());
    if (!jsapi::is_id(profile.id.value))
        return refuse({400, "A profile's id is 1 to 64 of letters, digits, '_' and '-'"});
    Body in(call.body);
    profile.nickname = in.text("nickname", kMaxNickname).value_or("");
    profile.dnd = in.boolean("dnd").value_or(false);
    profile.wakeable = in.boolean("wakeable").value_or(false);
    if (const auto policy = in.choice("busyPolicy", kBusyPolicies))
        profile.busy_policy = static_cast<chains::BusyPolicy>(*policy);
    if (const auto policy = in.choice("callPolicy", kCallPolicies))
        profile.call_policy = static_cast<chains::CallPolicy>(*policy);
    if (const auto problem = problem_of(in)) return refuse(*problem);
    const auto owner = hub_.owner_of(profile.id);
    if (owner && owner != id) return refuse({409, "Another user has a profile with this id"});
    hub_.put_profile(call.turn, *id, profile);
    return after(call, *id, json_response(owner ? 200 : 201, jsapi::to_json(profile)));
}

HttpResponse Administration::put_relation(Call& call) {
    const auto id = user(call);
    if (!id) return refuse(kNoSuchUser);
    const chains::ProfileId other(call.ids.back());
    Body in(call.body);
    const auto relation = in.choice("relation", kRelations);
    if (!relation) return refuse({400, "relation must be \"none\", \"contact\" or \"blocked\""});
    if (!hub_.profiles(call.request.account).find(other)) return refuse({404, "Profile not found"});
    hub_.tell_user(call.turn, *id, chains::SetRelation{other, static_cast<chains::Relation>(*relation)});
    return after(call, *id, {204, {}, {}});
}

// CON-8
HttpResponse Administration::put_revoked(Call& call) {
    const auto id = user(call);
    if (!id) return refuse(kNoSuchUser);
    Body in(call.body);
    const auto revoked = in.boolean("revoked");
    if (!revoked) return refuse({400, "revoked must be true or false"});
    if (*revoked)
        hub_.tell_user(call.turn, *id, chains::Revoke{});
    else
        hub_.tell_user(call.turn, *id, chains::Reinstate{});
    return after(call, *id, {204, {}, {}});
}

// ---- tokens ----

HttpResponse Administration::create_token(Call& call) {
    const auto id = user(call);
    if (!id) return refuse(kNoSuchUser);
    Body in(call.body);
    chains::Grant grant;
    grant.user = *id;
    grant.token_id = random_.uuid();
    const auto life = in.integer("lifeSeconds", 1, jsapi::kLongestUserToken.count()).value_or(kDay);
    grant.expires = WallTime{(call.turn.now.wall.unix_seconds() + life) * 1000};
    if (in.has("profiles")) grant.profiles = in.profiles("profiles", kMaxProfiles);
    if (in.has("scope"))
        in.inside("scope", [&](Body& scope) {
            grant.call = scope.boolean("call").value_or(false);
            grant.text = scope.boolean("text").value_or(false);
            grant.pstn = scope.boolean("pstn").value_or(false);
        });
    if (const auto problem = problem_of(in)) return refuse(*problem);
    const Buffer* key = directory_.token_keys().find(call.request.account);
    return json_response(200, json::object{{"token", jsapi::issue_user_token(*key, call.request.account, grant)},
                                           {"tokenId", grant.token_id},
                                           {"expiresAt", grant.expires.unix_milliseconds}});
}

HttpResponse Administration::revoke_token(Call& call) {
    const auto id = user(call);
    if (!id) return refuse(kNoSuchUser);
    if (!jsapi::is_id(call.ids.back())) return refuse({400, "A token's id is as it was made"});  // it will be stored
    const WallTime forget_at = call.turn.now.wall + jsapi::kLongestUserToken;
    hub_.tell_user(call.turn, *id, chains::Revoke{call.ids.back(), forget_at});
    return after(call, *id, {204, {}, {}});
}

// ---- what lives ----

HttpResponse Administration::list_connections(Call& call) {
    json::array connections;
    for (const auto* connection : hub_.connections(call.request.account)) connections.push_back(to_json(*connection));
    return json_response(200, json::object{{"connections", std::move(connections)}});
}

HttpResponse Administration::list_calls(Call& call) {
    json::array calls;
    for (const jsapi::LiveCall& live : hub_.live_calls(call.request.account)) calls.push_back(to_json(live));
    return json_response(200, json::object{{"calls", std::move(calls)}});
}

// SEC-8
HttpResponse Administration::end_call(Call& call) {
    const auto calls = hub_.live_calls(call.request.account);
    const auto live =
        std::ranges::find(calls, call.ids.front(), [](const jsapi::LiveCall& each) { return each.call->id.value; });
    if (live == calls.end()) return refuse({404, "Call not found"});
    const chains::ChainId chain = live->chain;
    const chains::CallId id = live->call->id;
    hub_.terminate(call.turn, chain, id);
    return {204, {}, {}};
}

}  // namespace crosspoint::api
