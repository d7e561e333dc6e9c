#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "api/auth.h"
#include "api/effects.h"
#include "base/random.h"
#include "base/time.h"
#include "sessions/directory.h"

// Which HTTP request is answered by which function.
namespace crosspoint::api {

struct RestLimits {
    size_t body_bytes = 256 * 1024;
    size_t target_bytes = 4096;
};

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
    /// A GET without credentials at exactly `path`, answered anew each time ("/healthz").
    void add_public(std::string path, PublicRoute route) { public_routes_[std::move(path)] = std::move(route); }

    /// Puts exactly one Respond into `out`; what it changed is in `changes`, and the answer may only go out when the
    /// statements in there are durable.
    void handle(const HttpRequest& request, Now now, Effects& out, sessions::Effects& changes);

private:
    HttpResponse answer(const HttpRequest& request, Now now, sessions::Effects& changes);
    HttpResponse answer_rest(const HttpRequest& request, const std::vector<std::string>& path, Now now,
                             sessions::Effects& changes);

    sessions::Directory& directory_;
    Auth& auth_;
    Random& random_;
    RestLimits limits_;
    std::map<std::string, StaticFile, std::less<>> files_;
    std::map<std::string, PublicRoute, std::less<>> public_routes_;
};

}  // namespace crosspoint::api
