#pragma once
#include "base/bytes.h"
#include "rtc/media.h"

namespace crosspoint::rtc::srtp {

/// Sizes in bytes. RFC 3711 8.2 and RFC 5764 4.1.2 for AES-CM, RFC 7714 12 for AES-GCM.
struct ProfileSizes {
    size_t key = 0;
    size_t salt = 0;
    size_t rtp_tag = 0;
    size_t rtcp_tag = 0;
};
ProfileSizes sizes_of(SrtpProfile profile);

inline bool is_gcm(SrtpProfile profile) {
    return profile == SrtpProfile::AeadAes128Gcm || profile == SrtpProfile::AeadAes256Gcm;
}

/// What one direction of one stream kind, RTP or RTCP, is protected with.
struct TransformKeys {
    Buffer cipher;
    Buffer salt;
    Buffer mac;  // empty with AES-GCM
};

struct SessionKeys {
    TransformKeys rtp;
    TransformKeys rtcp;
};

/// RFC 3711 4.3 with a key derivation rate of zero; RFC 7714 11 for AES-GCM. The master key and salt must have the
/// profile's sizes.
SessionKeys derive_session_keys(SrtpProfile profile, Bytes master_key, Bytes master_salt);

}  // namespace crosspoint::rtc::srtp
