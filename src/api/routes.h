#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "api/administration.h"
#include "api/auth.h"
#include "api/call.h"
#include "api/effects.h"
#include "base/random.h"
#include "base/time.h"
#include "sessions/directory.h"

// Which HTTP request is answered by which function.
namespace crosspoint::api {

/// A file that anybody may GET.
struct StaticFile {
    std::string content_type;
    std::string bytes;
    std::string cache_control = "no-cache";
};

/// The sessions API (spec 1) and whatever else the application serves over HTTP.
class Routes {
public:
    using PublicRoute = std::function<HttpResponse(const HttpRequest&, Now)>;

    /// `administration` answers what comes below /admin/v1; without one there is nothing.
    Routes(sessions::Directory& directory, Auth& auth, Random& random, RestLimits limits = {},
           Administration* administration = nullptr);

    /// Serves `file` at exactly `path` ("/openapi.yaml").
    void add_file(std::string path, StaticFile file) { files_[std::move(path)] = std::move(file); }
    /// Anybody's request at exactly `path`, answered anew each time ("/healthz").
    void add_public(std::string path, PublicRoute route, std::string method = "GET") {
        public_routes_[std::move(path)][std::move(method)] = std::move(route);
    }

    /// Every request is answered by exactly one Respond: in `out`, or in that of the `password_verified` it waits for.
    /// What it changed is in `changes`, and the answer may only go out when the statements in there are durable.
    void handle(const HttpRequest& request, Now now, Effects& out, sessions::Effects& changes);
    /// Answers the requests that waited for this.
    void password_verified(const PasswordVerified& result, Now now, Effects& out, sessions::Effects& changes);
    /// For a part of this server that uses its own API: needs no password. Answered at once, with 202 when a user has
    /// to be read from the store first; then a Respond to the request's id says when it is done.
    HttpResponse handle_as(const Caller& caller, const HttpRequest& request, Now now, Effects& out,
                           sessions::Effects& changes);

private:
    using Methods = std::map<std::string, PublicRoute, std::less<>>;
    /// Where a request to the sessions API goes.
    struct Target {
        RestAnswer (*function)(RestCall&) = nullptr;  // null: to the administration
        std::string account{};
        std::vector<std::string> ids{};
        std::string method{};  // of one to the administration, whose ids are the rest of its path
    };
    struct Waiting {
        RequestId id;
        Target target;
        std::string body;
    };

    /// The answer, when it is the same for everybody.
    std::variant<Target, HttpResponse> find(const HttpRequest& request, Now now);
    std::variant<Target, HttpResponse> find_rest(const HttpRequest& request, const std::vector<std::string>& path);
    HttpResponse answer_public(const Methods& methods, const HttpRequest& request, Now now);
    void answer(RequestId id, Target& target, const Caller& caller, const std::string& body, Now now, Effects& out,
                sessions::Effects& changes);
    std::variant<Target, HttpResponse> find_administration(const HttpRequest& request,
                                                           const std::vector<std::string>& path);
    HttpResponse call(Target& target, const Caller& caller, const std::string& body, Now now,
                      sessions::Effects& changes);
    HttpResponse refuse(const Problem& problem);

    sessions::Directory& directory_;
    Auth& auth_;
    Random& random_;
    RestLimits limits_;
    Administration* administration_;
    std::map<std::string, StaticFile, std::less<>> files_;
    std::map<std::string, Methods, std::less<>> public_routes_;
    std::unordered_map<PasswordCheckId, std::vector<Waiting>> waiting_;
    size_t waiting_count_ = 0;
};

}  // namespace crosspoint::api
