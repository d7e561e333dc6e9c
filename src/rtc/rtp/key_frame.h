#pragma once
#include "base/bytes.h"
#include "rtc/media.h"

namespace crosspoint::rtc::rtp {

/// Whether a decoder can begin with this RTP payload: the first packet of a key frame, which for H.264 is the one with
/// its parameter sets. False for damaged payloads and for codecs without key frames.
bool starts_key_frame(Codec codec, Bytes payload);

}  // namespace crosspoint::rtc::rtp
