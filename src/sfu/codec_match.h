#pragma once
#include <optional>
#include <string_view>

#include "rtc/media.h"

namespace crosspoint::sfu {

/// Can a receiver that negotiated `sink` decode what `source` sends, with nothing changed but the payload type? H.264
/// compares profile and packetization mode (RFC 6184 8.1), VP9 and AV1 the profile.
bool forwardable(const rtc::CodecParameters& source, const rtc::CodecParameters& sink);

/// The value of `name` in "a=1;b=2"; nothing when it is not there.
std::optional<std::string_view> format_parameter(std::string_view fmtp, std::string_view name);

}  // namespace crosspoint::sfu
