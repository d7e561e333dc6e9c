#include "rtc/srtp/transform.h"

#include "base/verify.h"
#include "crypto/hash.h"

namespace crosspoint::rtc::srtp {
namespace {

template <size_t size>
void mix_number(std::array<uint8_t, size>& block, size_t at, uint64_t value, size_t width) {
    for (size_t i = 0; i < width; ++i) block[at + width - 1 - i] ^= static_cast<uint8_t>(value >> (8 * i));
}

void write_rtcp_index(MutableBytes out, PacketId id) {
    ByteWriter(out).u32(kRtcpEncrypted | static_cast<uint32_t>(id.index));
}

// RFC 7714 9.2: what stays readable and the word with the index are associated data.
std::array<uint8_t, kRtcpClear + kRtcpIndexSize> rtcp_associated(Bytes packet) {
    std::array<uint8_t, kRtcpClear + kRtcpIndexSize> associated;
    std::memcpy(associated.data(), packet.data(), kRtcpClear);
    std::memcpy(associated.data() + kRtcpClear, packet.last(kRtcpIndexSize).data(), kRtcpIndexSize);
    return associated;
}

}  // namespace

GcmTransform::GcmTransform(const TransformKeys& keys, crypto::AesGcm::Use use) : cipher_(keys.cipher, use) {
    VERIFY(keys.salt.size() == salt_.size());
    std::memcpy(salt_.data(), keys.salt.data(), salt_.size());
}

// RFC 7714 8.1: 00 00 | SSRC | ROC | sequence number, mixed with the salt.
GcmTransform::Iv GcmTransform::rtp_iv(PacketId id) const {
    Iv iv = salt_;
    mix_number(iv, 2, id.ssrc, 4);
    mix_number(iv, 6, id.index, 6);
    return iv;
}

// RFC 7714 9.1: 00 00 | SSRC | 00 00 | SRTCP index, mixed with the salt.
GcmTransform::Iv GcmTransform::rtcp_iv(PacketId id) const {
    Iv iv = salt_;
    mix_number(iv, 2, id.ssrc, 4);
    mix_number(iv, 8, id.index, 4);
    return iv;
}

void GcmTransform::seal_rtp(MutableBytes packet, size_t clear, PacketId id) {
    const size_t payload = packet.size() - clear - rtp_trailer();
    cipher_.seal(rtp_iv(id), packet.first(clear), packet.subspan(clear, payload), packet.last(rtp_trailer()));
}

bool GcmTransform::open_rtp(MutableBytes packet, size_t clear, PacketId id) {
    const size_t payload = packet.size() - clear - rtp_trailer();
    return cipher_.open(rtp_iv(id), packet.first(clear), packet.subspan(clear, payload), packet.last(rtp_trailer()));
}

// RFC 7714 9: clear part | encrypted part | tag | E and index.
void GcmTransform::seal_rtcp(MutableBytes packet, PacketId id) {
    const size_t body = packet.size() - kRtcpClear - rtcp_trailer();
    write_rtcp_index(packet.last(kRtcpIndexSize), id);
    cipher_.seal(rtcp_iv(id), rtcp_associated(packet), packet.subspan(kRtcpClear, body),
                 packet.subspan(kRtcpClear + body, crypto::AesGcm::kTagSize));
}

bool GcmTransform::open_rtcp(MutableBytes packet, PacketId id) {
    const size_t body = packet.size() - kRtcpClear - rtcp_trailer();
    return cipher_.open(rtcp_iv(id), rtcp_associated(packet), packet.subspan(kRtcpClear, body),
                        packet.subspan(kRtcpClear + body, crypto::AesGcm::kTagSize));
}

uint32_t GcmTransform::rtcp_index_word(Bytes packet) const { return ByteReader(packet.last(kRtcpIndexSize)).u32(); }

CounterTransform::CounterTransform(const TransformKeys& keys, const ProfileSizes& sizes)
    : cipher_(keys.cipher), mac_(keys.mac), rtp_tag_(sizes.rtp_tag), rtcp_tag_(sizes.rtcp_tag) {
    VERIFY(keys.salt.size() == sizes.salt);
    std::memcpy(salt_.data(), keys.salt.data(), keys.salt.size());
}

// RFC 3711 4.1.1: salt * 2^16 xor SSRC * 2^64 xor index * 2^16.
void CounterTransform::apply_key_stream(MutableBytes data, PacketId id) {
    auto block = salt_;
    mix_number(block, 4, id.ssrc, 4);
    mix_number(block, 8, id.index, 6);
    cipher_.apply(block, data);
}

// RFC 3711 4.2: the rollover counter is authenticated, though it is not sent.
crypto::HmacSha1::Digest CounterTransform::rtp_digest(Bytes covered, PacketId id) const {
    std::array<uint8_t, 4> rollover;
    ByteWriter(rollover).u32(static_cast<uint32_t>(id.index >> 16));
    return mac_.digest(covered, rollover);
}

void CounterTransform::seal_rtp(MutableBytes packet, size_t clear, PacketId id) {
    const MutableBytes covered = packet.first(packet.size() - rtp_tag_);
    apply_key_stream(covered.subspan(clear), id);
    const auto digest = rtp_digest(covered, id);
    std::memcpy(packet.last(rtp_tag_).data(), digest.data(), rtp_tag_);
}

bool CounterTransform::open_rtp(MutableBytes packet, size_t clear, PacketId id) {
    const MutableBytes covered = packet.first(packet.size() - rtp_tag_);
    const auto digest = rtp_digest(covered, id);
    if (!crypto::constant_time_equal(Bytes(digest).first(rtp_tag_), packet.last(rtp_tag_))) return false;
    apply_key_stream(covered.subspan(clear), id);
    return true;
}

// RFC 3711 3.4: clear part | encrypted part | E and index | tag.
void CounterTransform::seal_rtcp(MutableBytes packet, PacketId id) {
    const MutableBytes covered = packet.first(packet.size() - rtcp_tag_);
    write_rtcp_index(covered.last(kRtcpIndexSize), id);
    apply_key_stream(covered.subspan(kRtcpClear, covered.size() - kRtcpClear - kRtcpIndexSize), id);
    const auto digest = mac_.digest(covered);
    std::memcpy(packet.last(rtcp_tag_).data(), digest.data(), rtcp_tag_);
}

bool CounterTransform::open_rtcp(MutableBytes packet, PacketId id) {
    const MutableBytes covered = packet.first(packet.size() - rtcp_tag_);
    const auto digest = mac_.digest(covered);
    if (!crypto::constant_time_equal(Bytes(digest).first(rtcp_tag_), packet.last(rtcp_tag_))) return false;
    apply_key_stream(covered.subspan(kRtcpClear, covered.size() - kRtcpClear - kRtcpIndexSize), id);
    return true;
}

uint32_t CounterTransform::rtcp_index_word(Bytes packet) const {
    return ByteReader(packet.last(rtcp_trailer()).first(kRtcpIndexSize)).u32();
}

Transform make_transform(SrtpProfile profile, const TransformKeys& keys, crypto::AesGcm::Use use) {
    if (is_gcm(profile)) return GcmTransform(keys, use);
    return CounterTransform(keys, sizes_of(profile));
}

}  // namespace crosspoint::rtc::srtp
