#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/ids.h"
#include "chains/client_messages.h"
#include "chains/settings.h"

// What clients say: text frames in, plain values out (jsapi 2.2, 3.1, 4 to 8).
namespace crosspoint::api::jsapi {

/// The connection to come back to (CON-3).
struct ResumeRequest {
    chains::ConnectionId connection{};
    std::string token{};
    std::optional<uint64_t> recv{};  // nothing: a page that was loaded again (CON-6)
    bool operator==(const ResumeRequest&) const = default;
};
/// `hello`, its token not verified yet.
struct HelloRequest {
    bool version_known = false;
    AccountId app{};
    std::string token{};
    chains::Device device{};
    std::optional<ResumeRequest> resume{};
    std::optional<uint64_t> since{};           // user-log cursor
    std::optional<chains::Refused> problem{};  // of something other than version, app and token
    bool operator==(const HelloRequest&) const = default;
};
/// `auth.refresh`, its token not verified yet.
struct RefreshRequest {
    uint64_t seq = 0;
    std::string token{};
    bool operator==(const RefreshRequest&) const = default;
};

struct Frame {
    std::optional<uint64_t> ack{};
    std::variant<chains::ClientFrame, HelloRequest, RefreshRequest> says{};
};

/// Never fails: what is no frame is `ClientGarbage`, and a sequenced message that cannot be read is `Unreadable`. The
/// `fresh_id` of what creates something is left empty. How long a frame may be is the caller's to check before.
Frame decode(std::string_view text, const chains::Settings& limits);

}  // namespace crosspoint::api::jsapi
