#pragma once
#include <cstddef>

#include "base/time.h"

namespace crosspoint::chains {

/// Timers and limits of one app (jsapi 13).
struct Settings {
    std::chrono::milliseconds init_timeout = 10s;
    std::chrono::milliseconds phone_init_timeout = 30s;  // init and reach timer of a telephone leg
    std::chrono::milliseconds wake_timeout = 30s;
    std::chrono::milliseconds ring_timeout = 45s;
    std::chrono::milliseconds reconnect_grace = 30s;
    std::chrono::milliseconds detached_media_max = 120s;
    std::chrono::milliseconds media_timeout = 15s;
    int media_retry_max = 2;
    std::chrono::milliseconds invite_again = 10s;  // GRP-5; 0: at once
    std::chrono::milliseconds tombstone = 600s;
    std::chrono::milliseconds max_call = 32'340s;
    size_t participants_per_call = 20;

    // connections
    std::chrono::milliseconds ping = 15s;
    std::chrono::milliseconds pong_timeout = 10s;
    std::chrono::milliseconds hello_timeout = 5s;
    std::chrono::milliseconds resume_window = 60s;
    std::chrono::milliseconds expiring_notice = 60s;  // CON-8
    size_t kept_messages = 1'000;                     // RES-1: not acknowledged, in one connection's queue
    size_t kept_bytes = size_t{1} << 20;              // of them, as they take on the wire, estimated
    size_t log_page = 32;                             // entries of the user log that are read at once
    size_t log_replay = 1'000;                        // 6.3: newest entries that a connection gets
    int messages_per_second = 50;                     // of one connection, other than `call.init`, texts and edits

    // users
    std::chrono::milliseconds idempotency = 86'400s;
    std::chrono::hours log_kept = std::chrono::hours(24 * 30);
    size_t connections_per_user = 10;
    size_t live_calls_per_user = 8;
    size_t unanswered_outgoing_per_user = 4;
    int calls_per_minute = 20;
    int texts_per_minute = 120;  // and edits
    size_t receivers_per_message = 256;
    size_t text_bytes = 16 * 1024;
    size_t custom_bytes = 255;
    size_t nickname_bytes = 256;
    size_t frame_bytes = 64 * 1024;
    size_t history_page = 100;
    size_t history_bytes = 128 * 1024;  // of a page, estimated: several wait in a connection's queue (`kept_bytes`)
};

}  // namespace crosspoint::chains
