#pragma once
#include <string>

#include "chains/server_messages.h"
#include "chains/settings.h"

// What the server says, as text frames (jsapi 2.2, 3.1, 4 to 8).
namespace crosspoint::api::jsapi {

/// `ack` rides on every frame but `welcome` and `error`. `welcome` tells what of `limits` holds.
std::string encode(const chains::ServerFrame& frame, uint64_t ack, const chains::Settings& limits);
/// `error unsupported_version`
std::string unsupported_version_text();

/// Why a transport was closed, for the close frame.
std::string_view reason(chains::CloseCode code);

}  // namespace crosspoint::api::jsapi
