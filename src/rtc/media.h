#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

// What a negotiation agreed on, in words that the SDP code, the SFU and the load generator share.
namespace crosspoint::rtc {

enum class MediaKind : uint8_t { Audio, Video };

enum class Codec : uint8_t { Opus, Red, TelephoneEvent, Pcmu, Pcma, G722, Vp8, Vp9, H264, Av1, Rtx };

/// "opus", "VP8", … as `a=rtpmap` spells it.
std::string_view codec_name(Codec codec);
/// Names compare without regard to case (RFC 8866 6.6).
std::optional<Codec> codec_from_name(std::string_view name);

/// Of the codec's media; RED and telephone-event count as audio, RTX as video.
MediaKind kind_of(Codec codec);

struct CodecParameters {
    Codec codec = Codec::Opus;
    PayloadType payload_type;
    uint32_t clock_rate = 0;
    uint8_t channels = 1;
    std::string fmtp;                // parameters as they stand in the SDP, without "a=fmtp:PT "
    std::optional<PayloadType> rtx;  // the payload type that retransmits this one (RFC 4588)
    bool nack = false;               // generic NACK, RFC 4585 6.2.1
    bool pli = false;                // RFC 4585 6.3.1
    bool fir = false;                // RFC 5104 4.3.1
    bool remb = false;
    bool transport_cc = false;
    bool operator==(const CodecParameters&) const = default;
};

/// Which one-byte or two-byte id stands for which header extension; 0 means not negotiated (RFC 8285).
struct HeaderExtensions {
    uint8_t mid = 0;                 // urn:ietf:params:rtp-hdrext:sdes:mid
    uint8_t transport_sequence = 0;  // http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
    uint8_t absolute_send_time = 0;  // http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
    uint8_t audio_level = 0;         // urn:ietf:params:rtp-hdrext:ssrc-audio-level
    uint8_t video_orientation = 0;   // urn:3gpp:video-orientation
    uint8_t dependency_descriptor =
        0;  // https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension
    bool operator==(const HeaderExtensions&) const = default;
};

/// How we receive one track: an m-line of a publishing connection.
struct ReceiveParameters {
    MediaKind kind = MediaKind::Audio;
    std::string mid;
    std::vector<CodecParameters> codecs;  // as answered, preferred first; RTX is a member of its codec, not an entry
    HeaderExtensions extensions;
    std::optional<Ssrc> ssrc;      // from a=ssrc; absent when the peer announced none, and the MID decides
    std::optional<Ssrc> rtx_ssrc;  // from a=ssrc-group:FID
    bool operator==(const ReceiveParameters&) const = default;
};

/// How we send one track: an m-line of a subscribing connection.
struct SendParameters {
    MediaKind kind = MediaKind::Audio;
    std::string mid;
    std::vector<CodecParameters> codecs;  // what the answer accepted, with our fixed payload types
    HeaderExtensions extensions;
    Ssrc ssrc;
    Ssrc rtx_ssrc;
    std::string cname;
    bool operator==(const SendParameters&) const = default;
};

struct IceCredentials {
    std::string ufrag;
    std::string password;
    bool operator==(const IceCredentials&) const = default;
};

/// `a=fingerprint` (RFC 8122). Only the hash functions of the SHA-2 family are believed.
struct Fingerprint {
    std::string algorithm;  // "sha-256", lower case
    std::string value;      // "AB:CD:…", upper case
    bool operator==(const Fingerprint&) const = default;
};

enum class DtlsRole : uint8_t { Client, Server };

enum class SrtpProfile : uint16_t {  // numbers of DTLS-SRTP (RFC 5764 4.1.2, RFC 7714 14.2)
    Aes128CmSha1_80 = 0x0001,
    Aes128CmSha1_32 = 0x0002,
    AeadAes128Gcm = 0x0007,
    AeadAes256Gcm = 0x0008,
};

}  // namespace crosspoint::rtc
