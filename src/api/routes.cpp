#include "api/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url.hpp>

#include "api/participants_api.h"
#include "api/path_pattern.h"
#include "api/sessions_api.h"
#include "api/subscriptions_api.h"

namespace crosspoint::api {
namespace {

struct Endpoint {
    std::string_view method;
    std::string_view path;  // below /v1/accounts/{accountId}; `*` is an id
    RestAnswer (*function)(RestCall&);
};

// Spec 1.3.
constexpr Endpoint kEndpoints[] = {
    {"POST", "participants", create_participant},
    {"GET", "participants/*", get_participant},
    {"DELETE", "participants/*", delete_participant},
    {"POST", "sessions", create_session},
    {"GET", "sessions/*", get_session},
    {"DELETE", "sessions/*", delete_session},
    {"GET", "sessions/*/participants", list_session_participants},
    {"PUT", "sessions/*/participants/*", add_participant_to_session},
    {"DELETE", "sessions/*/participants/*", remove_participant_from_session},
    {"GET", "sessions/*/participants/*/subscriptions", get_participant_subscriptions},
    {"PUT", "sessions/*/participants/*/subscriptions", update_participant_subscriptions},
};

const Problem kNotFound{404, "Not found"};
// What the hosted service's gateway said to a path it did not know (spec 1.2).
const Problem kUnknownRestPath{403, "Missing Authentication Token"};
const Problem kUnauthorized{401, "Unauthorized"};
const Problem kAnothersAccount{403, "Forbidden"};
const Problem kBusy{503, "Too many passwords are being checked; try again in a second"};

/// The decoded segments; nothing when the target is no origin-form (RFC 9112 3.2.1). A slash at the end is tolerated.
std::optional<std::vector<std::string>> path_segments(std::string_view target) {
    const auto url = boost::urls::parse_origin_form(target);
    if (!url) return std::nullopt;
    std::vector<std::string> segments;
    for (const auto& segment : url->segments()) segments.emplace_back(segment);
    if (!segments.empty() && segments.back().empty()) segments.pop_back();
    return segments;
}

std::string_view plain_path(std::string_view target) { return target.substr(0, target.find('?')); }

HttpResponse method_not_allowed(const std::vector<std::string>& allowed, const std::string& request_id) {
    auto response = error_response({405, "Method not allowed"}, request_id);
    response.headers.push_back({"Allow", fmt::format("{}", fmt::join(allowed, ", "))});
    return response;
}

HttpResponse file_response(const StaticFile& file) {
    return {200,
            {{"Content-Type", file.content_type},
             {"Cache-Control", file.cache_control},
             {"X-Content-Type-Options", "nosniff"}},
            file.bytes};
}

}  // namespace

Routes::Routes(sessions::Directory& directory, Auth& auth, Random& random, RestLimits limits,
               Administration* administration)
    : directory_(directory), auth_(auth), random_(random), limits_(limits), administration_(administration) {}

void Routes::handle(const HttpRequest& request, Now now, Effects& out, sessions::Effects& changes) {
    const auto respond = [&](HttpResponse response) {
        out.outputs.push_back(Respond{request.id, std::move(response)});
    };
    auto found = find(request, now);
    if (auto* answered = std::get_if<HttpResponse>(&found)) return respond(std::move(*answered));
    auto& target = std::get<Target>(found);

    const auto identity = auth_.identify(request.header("Authorization"), request.peer, now.mono, out);
    if (const auto* caller = std::get_if<Caller>(&identity))
        return answer(request.id, target, *caller, request.body, now, out, changes);
    if (const auto* denial = std::get_if<Denial>(&identity))
        return respond(refuse(*denial == Denial::Busy ? kBusy : kUnauthorized));
    if (waiting_count_ >= limits_.waiting_requests) return respond(refuse(kBusy));
    waiting_[std::get<PasswordCheckId>(identity)].push_back({request.id, std::move(target), request.body});
    ++waiting_count_;
}

void Routes::password_verified(const PasswordVerified& result, Now now, Effects& out, sessions::Effects& changes) {
    const auto caller = auth_.finished(result, now.mono);
    auto waiting = waiting_.extract(result.check);
    if (waiting.empty()) return;
    for (Waiting& one : waiting.mapped()) {
        if (caller)
            answer(one.id, one.target, *caller, one.body, now, out, changes);
        else
            out.outputs.push_back(Respond{one.id, refuse(kUnauthorized)});
    }
    waiting_count_ -= waiting.mapped().size();
}

HttpResponse Routes::handle_as(const Caller& caller, const HttpRequest& request, Now now, Effects& out,
                               sessions::Effects& changes) {
    auto found = find(request, now);
    if (auto* answered = std::get_if<HttpResponse>(&found)) return std::move(*answered);
    const size_t before = out.outputs.size();
    answer(request.id, std::get<Target>(found), caller, request.body, now, out, changes);
    const auto own = std::find_if(out.outputs.begin() + static_cast<std::ptrdiff_t>(before), out.outputs.end(),
                                  [](const Effect& output) { return std::holds_alternative<Respond>(output); });
    if (own == out.outputs.end()) return {202, {}, {}};
    HttpResponse response = std::move(std::get<Respond>(*own).response);
    out.outputs.erase(own);
    return response;
}

void Routes::answer(RequestId id, Target& target, const Caller& caller, const std::string& body, Now now, Effects& out,
                    sessions::Effects& changes) {
    if (target.function) {
        out.outputs.push_back(Respond{id, call(target, caller, body, now, changes)});
    } else if (caller.account.value != target.account || caller.role != Role::Admin) {
        out.outputs.push_back(Respond{id, refuse(kAnothersAccount)});
    } else {
        administration_->handle({id, caller.account, target.method, std::move(target.ids), body}, now, out, changes);
    }
}

HttpResponse Routes::call(Target& target, const Caller& caller, const std::string& body, Now now,
                          sessions::Effects& changes) {
    if (caller.account.value != target.account) return refuse(kAnothersAccount);
    RestCall call{caller.account, std::move(target.ids), body, now, limits_, directory_, changes};
    auto answered = target.function(call);
    return answered ? std::move(*answered) : refuse(answered.error());
}

HttpResponse Routes::refuse(const Problem& problem) {
    HttpResponse response = error_response(problem, random_.uuid());
    if (problem.status == 401) response.headers.push_back({"WWW-Authenticate", "Basic realm=\"crosspoint\""});
    if (problem.status == 503) response.headers.push_back({"Retry-After", "1"});
    return response;
}

std::variant<Routes::Target, HttpResponse> Routes::find(const HttpRequest& request, Now now) {
    if (request.target.size() > limits_.target_bytes) return refuse({414, "The request's path and query are too long"});
    if (request.body.size() > limits_.body_bytes)
        return refuse({413, fmt::format("The body must not be longer than {} bytes", limits_.body_bytes)});

    const auto path = plain_path(request.target);
    const bool reading = request.method == "GET" || request.method == "HEAD";
    if (const auto file = files_.find(path); file != files_.end())
        return reading ? file_response(file->second) : method_not_allowed({"GET"}, random_.uuid());
    if (const auto methods = public_routes_.find(path); methods != public_routes_.end())
        return answer_public(methods->second, request, now);

    const auto segments = path_segments(request.target);
    if (!segments) return refuse({400, "The request's path is malformed"});
    if (administration_ && !segments->empty() && segments->front() == "admin")
        return find_administration(request, *segments);
    if (segments->empty() || segments->front() != "v1") return refuse(kNotFound);
    return find_rest(request, *segments);
}

HttpResponse Routes::answer_public(const Methods& methods, const HttpRequest& request, Now now) {
    // The edge leaves the body out.
    const auto route = methods.find(request.method == "HEAD" ? "GET" : request.method);
    if (route != methods.end()) return route->second(request, now);
    std::vector<std::string> allowed;
    for (const auto& each : methods) allowed.push_back(each.first);
    return method_not_allowed(allowed, random_.uuid());
}

std::variant<Routes::Target, HttpResponse> Routes::find_administration(const HttpRequest& request,
                                                                       const std::vector<std::string>& path) {
    if (path.size() < 5 || path[1] != "v1" || path[2] != "accounts") return refuse(kNotFound);
    const std::vector<std::string> rest(path.begin() + 4, path.end());
    const auto allowed = Administration::methods(rest);
    if (allowed.empty()) return refuse(kNotFound);
    if (std::ranges::find(allowed, request.method) == allowed.end()) return method_not_allowed(allowed, random_.uuid());
    return Target{.account = path[3], .ids = rest, .method = request.method};
}

std::variant<Routes::Target, HttpResponse> Routes::find_rest(const HttpRequest& request,
                                                             const std::vector<std::string>& path) {
    if (path.size() < 4 || path[1] != "accounts") return refuse(kUnknownRestPath);
    std::vector<std::string> allowed;
    for (const auto& endpoint : kEndpoints) {
        auto ids = match_path(endpoint.path, std::span(path).subspan(3));
        if (!ids) continue;
        if (endpoint.method == request.method) return Target{endpoint.function, path[2], std::move(*ids), {}};
        allowed.emplace_back(endpoint.method);
    }
    if (allowed.empty()) return refuse(kUnknownRestPath);
    return method_not_allowed(allowed, random_.uuid());
}

}  // namespace crosspoint::api
