#pragma once
#include <memory>
#include <string>

#include "app/config.h"

namespace crosspoint::server {

/// Where a running server can be reached, for the banner.
struct Addresses {
    std::string http;   // "http://127.0.0.1:8080"
    std::string media;  // "127.0.0.1:40000/udp, …"
};

struct ServeOptions {
    app::Config config;
    bool dev = false;
    std::string web_root;  // folder with demo/, sdk/ and openapi.yaml; empty: none is served
};

/// The whole process: opens the store, binds the ports, runs until SIGTERM or a failed commit. `on_ready` is called
/// once everything listens. Returns the exit status: 0 after a graceful stop, 1 when the store failed, 2 when it could
/// not start (then the reason has been written to stderr).
int serve(const ServeOptions& options, const std::function<void(const Addresses&)>& on_ready);

}  // namespace crosspoint::server
