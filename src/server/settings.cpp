#include "server/settings.h"

#include "crypto/certificate.h"

namespace crosspoint::server {

std::vector<NetAddress> candidates(const app::MediaConfig& config, uint16_t port, const std::vector<NetAddress>& host) {
    std::vector<NetAddress> all = config.announce;
    if (all.empty())
        for (const NetAddress& address : host)
            if (!address.is_loopback() || (config.announce_loopback && address.is_v4())) all.push_back(address);
    for (NetAddress& address : all)
        if (address.port == 0) address.port = port;
    return all;
}

chains::Settings people_settings(const app::Config& config) {
    const app::JsapiConfig& jsapi = config.jsapi;
    chains::Settings settings;
    settings.init_timeout = jsapi.init_timeout;
    settings.phone_init_timeout = jsapi.phone_init_timeout;
    settings.wake_timeout = jsapi.wake_timeout;
    settings.ring_timeout = jsapi.ring_timeout;
    settings.reconnect_grace = jsapi.reconnect_grace;
    settings.detached_media_max = jsapi.detached_media_max;
    settings.media_timeout = jsapi.media_timeout;
    settings.media_retry_max = jsapi.media_retry_max;
    settings.tombstone = jsapi.tombstone;
    // MED-9: a call ends before its session does.
    const auto of_session =
        std::max<std::chrono::seconds>(config.sessions.duration - 60s, config.sessions.duration / 2);
    settings.max_call = std::min(jsapi.max_call, of_session);
    settings.participants_per_call =
        static_cast<size_t>(std::min(jsapi.participants_per_call, config.sessions.max_participants));
    settings.ping = jsapi.ping;
    settings.pong_timeout = jsapi.pong_timeout;
    settings.hello_timeout = jsapi.hello_timeout;
    settings.resume_window = jsapi.resume_window;
    settings.messages_per_second = jsapi.messages_per_second;
    settings.idempotency = jsapi.idempotency;
    settings.connections_per_user = static_cast<size_t>(jsapi.connections_per_user);
    settings.live_calls_per_user = static_cast<size_t>(jsapi.live_calls_per_user);
    settings.unanswered_outgoing_per_user = static_cast<size_t>(jsapi.unanswered_calls_per_user);
    settings.calls_per_minute = jsapi.calls_per_minute;
    settings.texts_per_minute = jsapi.texts_per_minute;
    settings.receivers_per_message = static_cast<size_t>(jsapi.receivers_per_message);
    settings.text_bytes = static_cast<size_t>(jsapi.text_bytes);
    settings.custom_bytes = static_cast<size_t>(jsapi.custom_bytes);
    settings.frame_bytes = static_cast<size_t>(jsapi.frame_bytes);
    return settings;
}

app::ControlPlaneSettings control_settings(const ServeOptions& options, uint16_t media_port,
                                           const std::vector<NetAddress>& host, Random& random) {
    const app::Config& config = options.config;
    app::ControlPlaneSettings settings;
    for (const app::AccountConfig& account : config.accounts) {
        api::Account one{account.id, {}};
        for (const app::UserConfig& user : account.users)
            one.users.push_back({user.name, user.password_hash,
                                 user.role == app::UserRole::Admin ? api::Role::Admin : api::Role::Account});
        settings.accounts.push_back(std::move(one));
    }
    settings.sessions.participants_per_session = static_cast<size_t>(config.sessions.max_participants);
    settings.sessions.life = config.sessions.duration;
    settings.sessions.enforce_permissions = config.sessions.enforce_publish_permissions;
    settings.rest.body_bytes = static_cast<size_t>(config.limits.body_bytes);
    settings.rest.tag_characters = static_cast<size_t>(config.limits.tag_characters);
    settings.devices.candidates = candidates(config.media, media_port, host);
    settings.devices.video_codecs = config.media.video_codecs;
    settings.devices.video_start_kbps = static_cast<unsigned>(config.media.video_start_kbps);
    settings.devices.enforce_permissions = config.sessions.enforce_publish_permissions;
    settings.devices.instance = random.uuid();
    settings.devices.make_certificate = &crypto::make_certificate;
    settings.callbacks.give_up_after = config.webhooks.give_up_after;
    for (const app::AccountConfig& account : config.accounts)
        if (!account.webhook_secret.empty()) settings.callbacks.secrets[account.id] = account.webhook_secret;
    settings.people = people_settings(config);
    settings.doorway.all = static_cast<size_t>(config.jsapi.waiting_sockets);
    settings.doorway.of_network = static_cast<size_t>(config.jsapi.waiting_sockets_per_address);
    for (const app::AccountConfig& account : config.accounts)
        if (!account.wake_url.empty()) settings.wake_urls[account.id] = account.wake_url;
    if (options.dev) {
        const AccountId account("dev");
        Buffer& secret = settings.callbacks.secrets[account];
        if (secret.empty()) {  // a signature is made when it is sent, so no start needs the one before's
            secret.resize(32);
            random.fill(secret);
        }
        settings.demo = api::DemoSettings{account, secret};
    }
    return settings;
}

io::HttpServerOptions http_options(const app::Config& config) {
    io::HttpServerOptions options;
    options.listen = config.http.listen;
    options.tls_certificate = config.http.tls_certificate;
    options.tls_key = config.http.tls_key;
    options.socket_paths = {"/v3", std::string(api::jsapi::kSocketPath)};
    options.subprotocols = {{.path = std::string(api::jsapi::kSocketPath),
                             .name = std::string(api::jsapi::kSubprotocol),
                             .max_message = static_cast<size_t>(config.jsapi.frame_bytes),
                             .too_large = static_cast<uint16_t>(chains::CloseCode::TooLarge)}};
    options.max_connections = static_cast<size_t>(config.limits.connections);
    options.max_body = static_cast<size_t>(config.limits.body_bytes);
    options.max_message = static_cast<size_t>(config.limits.frame_bytes);
    return options;
}

io::WebhookOptions webhook_options(const app::Config& config) {
    io::WebhookOptions options;
    options.timeout = config.webhooks.timeout;
    options.allow_private_addresses = config.webhooks.allow_private_addresses;
    return options;
}

}  // namespace crosspoint::server
