#include "app/config_keys.h"

#include <fmt/format.h>

#include <vector>

namespace crosspoint::app {
namespace {

std::vector<ConfigKey> make_keys() {
    return {
        {"http", "listen",
         "Where REST and WebSockets are served, and with --dev the demo. Port 0 lets the system choose one.",
         EndpointValue{[](Config& c) -> auto& { return c.http.listen; }}},
        {"http", "tls_certificate", "PEM file with the certificate chain. With tls_key: serve https and wss.",
         TextValue{[](Config& c) -> auto& { return c.http.tls_certificate; }, true}},
        {"http", "tls_key", "PEM file with the private key of tls_certificate.",
         TextValue{[](Config& c) -> auto& { return c.http.tls_key; }, true}},

        {"media", "port", "UDP port of all media. 0 lets the system choose.",
         IntegerValue{[](Config& c) -> auto& { return c.media.port; }, 0, 65535}},
        {"media", "announce",
         "Addresses that clients are told to send media to. With a port where a NAT or relay maps another one to "
         "media.port. Empty: every non-loopback address of the host.",
         AddressListValue{[](Config& c) -> auto& { return c.media.announce; }}},
        {"media", "announce_loopback",
         "Announce 127.0.0.1 too while media.announce is empty, for browsers on this host.",
         BoolValue{[](Config& c) -> auto& { return c.media.announce_loopback; }}},
        {"media", "video_codecs",
         "Video codecs that may be published. Of those, a publisher uses the first in the order of its own offer.",
         CodecListValue{[](Config& c) -> auto& { return c.media.video_codecs; }}},
        {"media", "video_start_kbps",
         "Bit rate at which Chromium publishers begin to send video, in kbit/s; it then follows what the network "
         "takes. 0: "
         "the browser's own 300, too little for the size of 1280x720 in the first half minute.",
         IntegerValue{[](Config& c) -> auto& { return c.media.video_start_kbps; }, 0, 20'000}},

        {"store", "path", "SQLite file that holds everything which survives a restart.",
         TextValue{[](Config& c) -> auto& { return c.store.path; }, false}},

        {"log", "level", "The least important entries that are still written.",
         ChoiceValue{{"debug", "info", "warning", "error"},
                     [](const Config& c) { return static_cast<size_t>(c.log.level); },
                     [](Config& c, size_t i) { c.log.level = static_cast<LogLevel>(i); }}},
        {"log", "format", "text: key=value, for people. json: one object a line, for machines.",
         ChoiceValue{{"text", "json"},
                     [](const Config& c) { return static_cast<size_t>(c.log.format); },
                     [](Config& c, size_t i) { c.log.format = static_cast<LogFormat>(i); }}},

        {"sessions", "duration", "How long sessions, participants and their tokens live after their creation.",
         DurationValue{[](Config& c) -> auto& { return c.sessions.duration; }, 1min, 24h * 7}},
        {"sessions", "max_participants", "How many participants a session takes.",
         IntegerValue{[](Config& c) -> auto& { return c.sessions.max_participants; }, 1, 1000}},
        {"sessions", "enforce_publish_permissions",
         "Refuse media that a participant's publishPermissions do not name. One of the public samples needs false.",
         BoolValue{[](Config& c) -> auto& { return c.sessions.enforce_publish_permissions; }}},

        {"webhooks", "allow_private_addresses", "Let callback URLs lead to loopback, link-local and private networks.",
         BoolValue{[](Config& c) -> auto& { return c.webhooks.allow_private_addresses; }}},
        {"webhooks", "timeout", "How long one attempt at a callback may take.",
         DurationValue{[](Config& c) -> auto& { return c.webhooks.timeout; }, 1s, 5min}},
        {"webhooks", "give_up_after", "How long a callback that fails is tried again.",
         DurationValue{[](Config& c) -> auto& { return c.webhooks.give_up_after; }, 1min, 24h * 7}},

        {"jsapi", "init_timeout", "How long a device may take to say that it rings, and a user without one to connect.",
         DurationValue{[](Config& c) -> auto& { return c.jsapi.init_timeout; }, 2s, 60s}},
        {"jsapi", "phone_init_timeout", "The same for a telephone.",
         DurationValue{[](Config& c) -> auto& { return c.jsapi.phone_init_timeout; }, 2s, 120s}},
        {"jsapi", "wake_timeout", "How long a user may take whose devices can be woken.",
         DurationValue{[](Config& c) -> auto& { return c.jsapi.wake_timeout; }, 5s, 90s}},
        {"jsapi", "ring_timeout", "How long a receiver rings, unless the caller says otherwise.",
         DurationValue{[](Config& c) -> auto& { return c.jsapi.ring_timeout; }, 10s, 120s}},
        {"jsapi", "reconnect_grace", "How long a participant stays in a call whose connection is lost.",
         DurationValue{[](Config& c) -> auto& { return c.jsapi.reconnect_grace; }, 5s, 120s}},
        {"jsapi", "detached_media_max", "How long it stays as long as its media flows.",
         DurationValue{[](Config& c) -> auto& { return c.jsapi.detached_media_max; }, 30s, 600s}},
        {"jsapi", "resume_window",
         "How long messages are kept for a connection that is lost. Longer than reconnect_grace.",
         DurationValue{[](Config& c) -> auto& { return c.jsapi.resume_window; }, 6s, 1h}},
        {"jsapi", "ping", "How often each side of a socket says that it is there.",
         DurationValue{[](Config& c) -> auto& { return c.jsapi.ping; }, 5s, 5min}},
        {"jsapi", "pong_timeout", "How long after that a silent socket is given up.",
         DurationValue{[](Config& c) -> auto& { return c.jsapi.pong_timeout; }, 1s, 60s}},
        {"jsapi", "hello_timeout", "How long a socket may take to say who it is.",
         DurationValue{[](Config& c) -> auto& { return c.jsapi.hello_timeout; }, 1s, 60s}},
        {"jsapi", "media_timeout", "How long media may take to connect before it is tried again.",
         DurationValue{[](Config& c) -> auto& { return c.jsapi.media_timeout; }, 5s, 120s}},
        {"jsapi", "media_retry_max", "How often that is tried again before the participant is lost.",
         IntegerValue{[](Config& c) -> auto& { return c.jsapi.media_retry_max; }, 0, 10}},
        {"jsapi", "idempotency", "How long a message that creates something may be repeated.",
         DurationValue{[](Config& c) -> auto& { return c.jsapi.idempotency; }, 1h, 24h * 7}},
        {"jsapi", "tombstone", "How long an ended call still answers.",
         DurationValue{[](Config& c) -> auto& { return c.jsapi.tombstone; }, 1min, 1h}},
        {"jsapi", "max_call", "The longest call. It ends a minute before sessions.duration at the latest.",
         DurationValue{[](Config& c) -> auto& { return c.jsapi.max_call; }, 1min, 539min}},
        {"jsapi", "frame_bytes", "Largest message on a socket; more closes it with 4413.",
         IntegerValue{[](Config& c) -> auto& { return c.jsapi.frame_bytes; }, 4096, 1024 * 1024}},
        {"jsapi", "text_bytes", "Longest text message.",
         IntegerValue{[](Config& c) -> auto& { return c.jsapi.text_bytes; }, 1, 512 * 1024}},
        {"jsapi", "custom_bytes", "Longest custom message.",
         IntegerValue{[](Config& c) -> auto& { return c.jsapi.custom_bytes; }, 1, 64 * 1024}},
        {"jsapi", "receivers_per_message", "Receivers of one text or custom message.",
         IntegerValue{[](Config& c) -> auto& { return c.jsapi.receivers_per_message; }, 1, 1000}},
        {"jsapi", "participants_per_call", "Participants of one call; at most sessions.max_participants.",
         IntegerValue{[](Config& c) -> auto& { return c.jsapi.participants_per_call; }, 2, 1000}},
        {"jsapi", "connections_per_user", "Connections that a user may have at a time.",
         IntegerValue{[](Config& c) -> auto& { return c.jsapi.connections_per_user; }, 1, 1000}},
        {"jsapi", "live_calls_per_user", "Calls that a user may be part of at a time.",
         IntegerValue{[](Config& c) -> auto& { return c.jsapi.live_calls_per_user; }, 1, 1000}},
        {"jsapi", "unanswered_calls_per_user", "Calls that a user may have opened and nobody has answered yet.",
         IntegerValue{[](Config& c) -> auto& { return c.jsapi.unanswered_calls_per_user; }, 1, 1000}},
        {"jsapi", "calls_per_minute", "Calls that a user may open.",
         IntegerValue{[](Config& c) -> auto& { return c.jsapi.calls_per_minute; }, 1, 10000}},
        {"jsapi", "texts_per_minute", "Texts that a user may send.",
         IntegerValue{[](Config& c) -> auto& { return c.jsapi.texts_per_minute; }, 1, 100000}},
        {"jsapi", "messages_per_second", "All other messages of one connection.",
         IntegerValue{[](Config& c) -> auto& { return c.jsapi.messages_per_second; }, 1, 10000}},
        {"jsapi", "waiting_sockets", "Sockets that have not said who they are; more are answered with 429.",
         IntegerValue{[](Config& c) -> auto& { return c.jsapi.waiting_sockets; }, 1, 1000000}},
        {"jsapi", "waiting_sockets_per_address", "The same from one IPv4 address or IPv6 /64.",
         IntegerValue{[](Config& c) -> auto& { return c.jsapi.waiting_sockets_per_address; }, 1, 1000000}},

        {"limits", "body_bytes", "Largest body of an HTTP request; more is answered with 413.",
         IntegerValue{[](Config& c) -> auto& { return c.limits.body_bytes; }, 1024, 16 * 1024 * 1024}},
        {"limits", "frame_bytes", "Largest message on a WebSocket; more closes it with 1009.",
         IntegerValue{[](Config& c) -> auto& { return c.limits.frame_bytes; }, 16 * 1024, 16 * 1024 * 1024}},
        {"limits", "connections", "HTTP and WebSocket connections at the same time.",
         IntegerValue{[](Config& c) -> auto& { return c.limits.connections; }, 10, 1000000}},
        {"limits", "tag_characters", "Longest tag of a session or participant; a longer one is answered with 400.",
         IntegerValue{[](Config& c) -> auto& { return c.limits.tag_characters; }, 1, 4096}},
    };
}

}  // namespace

std::string ConfigKey::path() const { return fmt::format("{}.{}", section, name); }

std::string ConfigKey::variable() const {
    std::string variable = fmt::format("CROSSPOINT_{}__{}", section, name);
    for (char& c : variable)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return variable;
}

std::span<const ConfigKey> config_keys() {
    static const std::vector<ConfigKey> keys = make_keys();
    return keys;
}

}  // namespace crosspoint::app
