#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/net_address.h"
#include "base/time.h"
#include "rtc/media.h"

// What an operator can choose. The values here are the defaults; `config_keys.h` names each key, its meaning and its
// limits, `config_load.h` fills it from file, environment and command line.
namespace crosspoint::app {

struct HttpConfig {
    NetAddress listen = NetAddress::v4(0, 0, 0, 0, 8080);  // port 0: the system chooses
    std::string tls_certificate;                           // PEM file; empty together with tls_key: no TLS
    std::string tls_key;
};

struct MediaConfig {
    int port = 40000;                  // of the first worker, the next ones follow; 0: the system chooses
    std::vector<NetAddress> announce;  // port 0: the worker's own. Empty: every non-loopback address of the host
    bool announce_loopback = false;    // 127.0.0.1 too, when `announce` is empty
    std::vector<rtc::Codec> video_codecs = {rtc::Codec::Vp8, rtc::Codec::H264, rtc::Codec::Vp9, rtc::Codec::Av1};
    int video_start_kbps = 1000;
};

struct StoreConfig {
    std::string path = "./crosspoint.db";
};

enum class LogLevel : uint8_t { Debug, Info, Warning, Error };
enum class LogFormat : uint8_t { Text, Json };

struct LogConfig {
    LogLevel level = LogLevel::Info;
    LogFormat format = LogFormat::Text;
};

struct SessionsConfig {
    std::chrono::seconds duration = 9h;
    int max_participants = 20;
    bool enforce_publish_permissions = true;
};

struct WebhooksConfig {
    bool allow_private_addresses = false;
    std::chrono::seconds timeout = 10s;
    std::chrono::seconds give_up_after = 24h;
};

/// Timers and limits of calls between people (jsapi 13).
struct JsapiConfig {
    std::chrono::seconds init_timeout = 10s;
    std::chrono::seconds phone_init_timeout = 30s;
    std::chrono::seconds wake_timeout = 30s;
    std::chrono::seconds ring_timeout = 45s;
    std::chrono::seconds reconnect_grace = 30s;
    std::chrono::seconds detached_media_max = 120s;
    std::chrono::seconds resume_window = 60s;
    std::chrono::seconds ping = 15s;
    std::chrono::seconds pong_timeout = 10s;
    std::chrono::seconds hello_timeout = 5s;
    std::chrono::seconds media_timeout = 15s;
    int media_retry_max = 2;
    std::chrono::seconds idempotency = 24h;
    std::chrono::seconds tombstone = 10min;
    std::chrono::seconds max_call = 539min;
    int frame_bytes = 64 * 1024;
    int text_bytes = 16 * 1024;
    int custom_bytes = 255;
    int receivers_per_message = 256;
    int participants_per_call = 20;
    int connections_per_user = 10;
    int live_calls_per_user = 8;
    int unanswered_calls_per_user = 4;
    int calls_per_minute = 20;
    int texts_per_minute = 120;
    int messages_per_second = 50;
    int waiting_sockets = 4000;
    int waiting_sockets_per_address = 1000;
};

struct LimitsConfig {
    int body_bytes = 64 * 1024;         // of an HTTP request
    int frame_bytes = 4 * 1024 * 1024;  // of a WebSocket message; spec 2.1 wants at least these
    int connections = 10000;            // HTTP and WebSocket together
    int tag_characters = 256;           // of sessions and participants
};

/// `Admin` is for the administration of the server; so far it may do what `Account` may.
enum class UserRole : uint8_t { Account, Admin };

struct UserConfig {
    std::string name;
    std::string password_hash;
    UserRole role = UserRole::Account;
};

struct AccountConfig {
    AccountId id;
    std::string name;
    std::vector<UserConfig> users;
    Buffer webhook_secret{};  // empty: its webhooks are not signed
    std::string wake_url{};   // where it is asked to wake devices (jsapi PRO-2); empty: it cannot
};

struct Config {
    HttpConfig http;
    MediaConfig media;
    StoreConfig store;
    LogConfig log;
    SessionsConfig sessions;
    WebhooksConfig webhooks;
    JsapiConfig jsapi;
    LimitsConfig limits;
    std::vector<AccountConfig> accounts;  // ids and, over all accounts, user names are unique
};

/// What `--dev` starts from: HTTP on loopback only, webhooks to anywhere, account and administrator "dev" with the
/// password whose hash is given.
Config dev_defaults(const std::string& password_hash);

}  // namespace crosspoint::app
