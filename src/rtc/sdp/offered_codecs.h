#pragma once
#include <vector>

#include "rtc/media.h"
#include "rtc/sdp/description.h"

// What all our own offers contain. One table of payload types for every section of every device: a line can be used
// again for a track of any codec, and forwarding maps onto numbers that never change.
namespace crosspoint::rtc::sdp {

const std::vector<CodecParameters>& offered_codecs(MediaKind kind);
HeaderExtensions offered_extensions(MediaKind kind);

/// What an answer keeps of them, in its order of preference. A payload type that does not mean in the answer what it
/// meant in the offer is left out (RFC 3264 6.1), and so is RTX when it came without NACK.
std::vector<CodecParameters> agreed_codecs(MediaKind kind, const Section& answered);
HeaderExtensions agreed_extensions(MediaKind kind, const Section& answered);

}  // namespace crosspoint::rtc::sdp
