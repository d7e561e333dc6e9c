#include "rtc/srtp/session.h"

namespace crosspoint::rtc::srtp {
namespace {

using Use = crypto::AesGcm::Use;

constexpr uint64_t kMaxRtpIndex = (uint64_t{1} << 48) - 1;
constexpr uint64_t kMaxRtcpIndex = (uint64_t{1} << 31) - 1;

struct RtpHeader {
    uint16_t sequence = 0;
    uint32_t ssrc = 0;
    size_t size = 0;  // fixed part, CSRCs and extension: what stays readable (RFC 3711 3.1)
};

std::optional<RtpHeader> read_rtp_header(Bytes packet) {
    ByteReader in(packet);
    const uint8_t first = in.u8();
    in.skip(1);
    RtpHeader header;
    header.sequence = in.u16();
    in.skip(4);
    header.ssrc = in.u32();
    in.skip(size_t{4} * (first & 0x0f));
    if (first & 0x10) {
        in.skip(2);
        const size_t words = in.u16();
        in.skip(4 * words);
    }
    header.size = in.position();
    if (!in.done() || first >> 6 != 2) return std::nullopt;
    return header;
}

std::optional<uint32_t> read_rtcp_ssrc(Bytes packet) {
    ByteReader in(packet);
    const uint8_t first = in.u8();
    in.skip(3);
    const uint32_t ssrc = in.u32();
    if (!in.done() || first >> 6 != 2) return std::nullopt;
    return ssrc;
}

size_t rtp_trailer(const Transform& transform) {
    return std::visit([](const auto& t) { return t.rtp_trailer(); }, transform);
}

size_t rtcp_trailer(const Transform& transform) {
    return std::visit([](const auto& t) { return t.rtcp_trailer(); }, transform);
}

}  // namespace

uint64_t estimate_index(std::optional<uint64_t> highest, uint16_t sequence) {
    constexpr uint64_t kWrap = 0x10000;
    constexpr uint64_t kHalf = 0x8000;
    if (!highest) return sequence;
    const uint64_t same_wrap = (*highest & ~(kWrap - 1)) | sequence;
    if (same_wrap + kHalf < *highest) return same_wrap + kWrap;
    if (same_wrap > *highest + kHalf && same_wrap >= kWrap) return same_wrap - kWrap;
    return same_wrap;
}

Sender::Sender(SrtpProfile profile, Bytes master_key, Bytes master_salt)
    : Sender(profile, derive_session_keys(profile, master_key, master_salt)) {}

Sender::Sender(SrtpProfile profile, const SessionKeys& keys)
    : rtp_(make_transform(profile, keys.rtp, Use::Seal)), rtcp_(make_transform(profile, keys.rtcp, Use::Seal)) {}

std::optional<size_t> Sender::protect_rtp(MutableBytes buffer, size_t plain_size) {
    const size_t size = plain_size + rtp_trailer(rtp_);
    if (buffer.size() < size) return std::nullopt;
    const auto header = read_rtp_header(buffer.first(plain_size));
    if (!header) return std::nullopt;

    const auto known = highest_rtp_.find(header->ssrc);
    const bool first = known == highest_rtp_.end();
    const uint64_t index =
        estimate_index(first ? std::nullopt : std::optional<uint64_t>(known->second), header->sequence);
    if (index > kMaxRtpIndex) return std::nullopt;
    if (first)
        highest_rtp_.emplace(header->ssrc, index);
    else
        known->second = std::max(known->second, index);

    std::visit([&](auto& t) { t.seal_rtp(buffer.first(size), header->size, {header->ssrc, index}); }, rtp_);
    return size;
}

std::optional<size_t> Sender::protect_rtcp(MutableBytes buffer, size_t plain_size) {
    const size_t size = plain_size + rtcp_trailer(rtcp_);
    if (buffer.size() < size) return std::nullopt;
    const auto ssrc = read_rtcp_ssrc(buffer.first(plain_size));
    if (!ssrc) return std::nullopt;
    uint64_t& next = next_rtcp_[*ssrc];
    if (next > kMaxRtcpIndex) return std::nullopt;
    std::visit([&](auto& t) { t.seal_rtcp(buffer.first(size), {*ssrc, next}); }, rtcp_);
    ++next;
    return size;
}

Receiver::Receiver(SrtpProfile profile, Bytes master_key, Bytes master_salt)
    : Receiver(profile, derive_session_keys(profile, master_key, master_salt)) {}

Receiver::Receiver(SrtpProfile profile, const SessionKeys& keys)
    : rtp_(make_transform(profile, keys.rtp, Use::Open)), rtcp_(make_transform(profile, keys.rtcp, Use::Open)) {}

std::optional<size_t> Receiver::unprotect_rtp(MutableBytes packet) {
    const size_t trailer = rtp_trailer(rtp_);
    if (packet.size() < trailer) return std::nullopt;
    const size_t plain_size = packet.size() - trailer;
    const auto header = read_rtp_header(packet.first(plain_size));
    if (!header) return std::nullopt;

    const ReplayWindow* window = rtp_streams_.find(header->ssrc);
    const uint64_t index = estimate_index(window ? window->highest() : std::nullopt, header->sequence);
    if (index > kMaxRtpIndex || (window && !window->fresh(index))) return std::nullopt;
    const PacketId id{header->ssrc, index};
    if (!std::visit([&](auto& t) { return t.open_rtp(packet, header->size, id); }, rtp_)) return std::nullopt;
    rtp_streams_.add(header->ssrc, index);
    return plain_size;
}

std::optional<size_t> Receiver::unprotect_rtcp(MutableBytes packet) {
    const size_t trailer = rtcp_trailer(rtcp_);
    if (packet.size() < kRtcpClear + trailer) return std::nullopt;
    const auto ssrc = read_rtcp_ssrc(packet);
    if (!ssrc) return std::nullopt;
    const uint32_t word = std::visit([&](const auto& t) { return t.rtcp_index_word(packet); }, rtcp_);
    if (!(word & kRtcpEncrypted)) return std::nullopt;

    const uint64_t index = word & ~kRtcpEncrypted;
    const ReplayWindow* window = rtcp_streams_.find(*ssrc);
    if (window && !window->fresh(index)) return std::nullopt;
    const PacketId id{*ssrc, index};
    if (!std::visit([&](auto& t) { return t.open_rtcp(packet, id); }, rtcp_)) return std::nullopt;
    rtcp_streams_.add(*ssrc, index);
    return packet.size() - trailer;
}

ReplayWindow* Receiver::Streams::find(uint32_t ssrc) {
    const auto found = streams_.find(ssrc);
    return found == streams_.end() ? nullptr : &found->second.window;
}

void Receiver::Streams::add(uint32_t ssrc, uint64_t index) {
    auto found = streams_.find(ssrc);
    if (found == streams_.end()) {
        if (streams_.size() == kMaxSsrcs) forget_oldest();
        found = streams_.try_emplace(ssrc).first;
    }
    found->second.window.add(index);
    found->second.last_used = ++uses_;
}

void Receiver::Streams::forget_oldest() {
    const auto oldest = std::min_element(streams_.begin(), streams_.end(), [](const auto& a, const auto& b) {
        return a.second.last_used < b.second.last_used;
    });
    streams_.erase(oldest);
}

}  // namespace crosspoint::rtc::srtp
