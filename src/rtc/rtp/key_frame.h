#pragma once
#include "base/bytes.h"
#include "rtc/media.h"

namespace crosspoint::rtc::rtp {

/// Whether a decoder can begin with this RTP payload: the first packet of a key frame. For H.264 also its parameter
/// sets, which browsers send just before. False for damaged payloads and for codecs without key frames.
bool starts_key_frame(Codec codec, Bytes payload);

}  // namespace crosspoint::rtc::rtp
