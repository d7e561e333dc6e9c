#pragma once
#include <array>
#include <optional>
#include <variant>

#include "base/bytes.h"
#include "crypto/cipher.h"
#include "rtc/srtp/keys.h"

// From a plain packet to a protected one and back, in place, once it is known which packet it is. What was seen before
// is the business of `session.h`.
namespace crosspoint::rtc::srtp {

/// The most that protection adds to a packet: a GCM tag and the SRTCP index.
inline constexpr size_t kMaxTrailer = 20;
/// Up to here RTCP stays readable: first header word and sender SSRC (RFC 3711 3.4).
inline constexpr size_t kRtcpClear = 8;
/// The E bit and the SRTCP index (RFC 3711 3.4).
inline constexpr size_t kRtcpIndexSize = 4;
inline constexpr uint32_t kRtcpEncrypted = 0x80000000;

/// Which packet: what makes its key stream unique. `index` is ROC and sequence number for RTP (48 bits), the SRTCP
/// index for RTCP (31 bits).
struct PacketId {
    uint32_t ssrc = 0;
    uint64_t index = 0;
};

/// RFC 7714. Keys of RTP or of RTCP, in one direction.
class GcmTransform {
public:
    GcmTransform(const TransformKeys& keys, crypto::AesGcm::Use use);

    size_t rtp_trailer() const { return crypto::AesGcm::kTagSize; }
    size_t rtcp_trailer() const { return crypto::AesGcm::kTagSize + kRtcpIndexSize; }
    /// `packet` includes the trailer; the first `clear` bytes stay readable.
    void seal_rtp(MutableBytes packet, size_t clear, PacketId id);
    [[nodiscard]] bool open_rtp(MutableBytes packet, size_t clear, PacketId id);
    void seal_rtcp(MutableBytes packet, PacketId id);
    [[nodiscard]] bool open_rtcp(MutableBytes packet, PacketId id);
    /// E bit and index of a protected packet.
    uint32_t rtcp_index_word(Bytes packet) const;

private:
    using Iv = std::array<uint8_t, crypto::AesGcm::kIvSize>;
    Iv rtp_iv(PacketId id) const;
    Iv rtcp_iv(PacketId id) const;

    crypto::AesGcm cipher_;
    Iv salt_;
};

/// RFC 3711 with AES-CM and HMAC-SHA1. Keys of RTP or of RTCP, in one direction.
class CounterTransform {
public:
    CounterTransform(const TransformKeys& keys, const ProfileSizes& sizes);

    size_t rtp_trailer() const { return rtp_tag_; }
    size_t rtcp_trailer() const { return rtcp_tag_ + kRtcpIndexSize; }
    void seal_rtp(MutableBytes packet, size_t clear, PacketId id);
    [[nodiscard]] bool open_rtp(MutableBytes packet, size_t clear, PacketId id);
    void seal_rtcp(MutableBytes packet, PacketId id);
    [[nodiscard]] bool open_rtcp(MutableBytes packet, PacketId id);
    uint32_t rtcp_index_word(Bytes packet) const;

private:
    void apply_key_stream(MutableBytes data, PacketId id);
    crypto::HmacSha1::Digest rtp_digest(Bytes covered, PacketId id) const;

    crypto::AesCounter cipher_;
    crypto::HmacSha1 mac_;
    std::array<uint8_t, crypto::AesCounter::kIvSize> salt_{};
    size_t rtp_tag_;
    size_t rtcp_tag_;
};

using Transform = std::variant<GcmTransform, CounterTransform>;
Transform make_transform(SrtpProfile profile, const TransformKeys& keys, crypto::AesGcm::Use use);

}  // namespace crosspoint::rtc::srtp
