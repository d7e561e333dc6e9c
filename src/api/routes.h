#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

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

    Routes(sessions::Directory& directory, Auth& auth, Random& random, RestLimits limits = {});

    /// Serves `file` at exactly `path` ("/openapi.yaml").
    void add_file(std::string path, StaticFile file) { files_[std::move(path)] = std::move(file); }
    /// Anybody's request at exactly `path`, answered anew each time ("/healthz").
    void add_public(std::string path, PublicRoute route, std::string method = "GET") {
        public_routes_[std::move(path)][std::move(method)] = std::move(route);
    }

    /// Puts exactly one Respond into `out`; what it changed is in `changes`, and the answer may only go out when the
    /// statements in there are durable.
    void handle(const HttpRequest& request, Now now, Effects& out, sessions::Effects& changes);

private:
    using Methods = std::map<std::string, PublicRoute, std::less<>>;

    RestAnswer answer(const HttpRequest& request, Now now, sessions::Effects& changes);
    HttpResponse answer_public(const Methods& methods, const HttpRequest& request, Now now);
    RestAnswer answer_rest(const HttpRequest& request, const std::vector<std::string>& path, Now now,
                           sessions::Effects& changes);

    sessions::Directory& directory_;
    Auth& auth_;
    Random& random_;
    RestLimits limits_;
    std::map<std::string, StaticFile, std::less<>> files_;
    std::map<std::string, Methods, std::less<>> public_routes_;
};

}  // namespace crosspoint::api
