#pragma once
#include <functional>
#include <memory>

#include "api/callbacks.h"
#include "api/effects.h"

namespace crosspoint::io {

struct WebhookOptions {
    std::chrono::milliseconds timeout = 10s;  // from the first byte sent to the last one received
    bool allow_private_addresses = false;     // loopback, link-local, RFC 1918 and the like
    long max_connections = 256;               // at once
};

/// The one client for URLs that customers gave us, on a thread of its own. It follows no redirects, reads no answer's
/// body, and connects to no private address unless that was allowed: the check is made on the address it is about to
/// connect to, so that no DNS answer can get round it.
class WebhookClient {
public:
    /// `on_result` is called on the client's thread, once for each post.
    WebhookClient(WebhookOptions options, std::function<void(api::WebhookResult)> on_result);
    /// Attempts under way are abandoned without a result.
    ~WebhookClient();
    WebhookClient(const WebhookClient&) = delete;
    WebhookClient& operator=(const WebhookClient&) = delete;

    /// From any thread.
    void post(api::PostWebhook webhook);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// Addresses that no webhook may reach by default: loopback, private, link-local, shared, multicast, reserved,
/// documentation, and those that lead back to IPv4 (RFC 6890).
bool is_private(const NetAddress& address);

}  // namespace crosspoint::io
