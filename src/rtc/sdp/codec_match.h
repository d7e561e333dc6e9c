#pragma once
#include "rtc/media.h"

namespace crosspoint::rtc::sdp {

/// Can a receiver that negotiated `sink` decode what `source` sends, with nothing changed but the payload type? H.264
/// compares profile and packetization mode (RFC 6184 8.1), VP9 and AV1 the profile.
bool forwardable(const CodecParameters& source, const CodecParameters& sink);

}  // namespace crosspoint::rtc::sdp
