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
};

}  // namespace crosspoint::chains
