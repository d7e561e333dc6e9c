#pragma once
#include <vector>

#include "app/config.h"
#include "app/control_plane.h"
#include "io/http_server.h"
#include "io/webhook_client.h"
#include "server/server.h"

// What the parts want to know, from what the operator configured.
namespace crosspoint::server {

/// What our descriptions announce, best first.
std::vector<NetAddress> candidates(const app::MediaConfig& config, uint16_t port, const std::vector<NetAddress>& host);

app::ControlPlaneSettings control_settings(const ServeOptions& options, uint16_t media_port,
                                           const std::vector<NetAddress>& host, Random& random);
io::HttpServerOptions http_options(const app::Config& config);
io::WebhookOptions webhook_options(const app::Config& config);

}  // namespace crosspoint::server
