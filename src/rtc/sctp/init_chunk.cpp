#include "rtc/sctp/init_chunk.h"

#include <algorithm>
#include <array>

#include "rtc/sctp/parameter.h"

namespace crosspoint::rtc::sctp {
namespace {

constexpr size_t kFixedSize = 16;
constexpr uint16_t kIpv4Address = 5;
constexpr uint16_t kIpv6Address = 6;
constexpr uint16_t kStateCookie = 7;
constexpr uint16_t kUnrecognizedParameter = 8;
constexpr uint16_t kCookiePreservative = 9;
constexpr uint16_t kSupportedAddressTypes = 12;
constexpr uint16_t kSupportedExtensions = 0x8008;
constexpr uint16_t kForwardTsnSupported = 0xc000;
constexpr size_t kMaxUnknown = 8;  // more of them are not worth the bytes

void take_parameter(InitChunk& init, const Parameter& parameter) {
    switch (parameter.type) {
        case kIpv4Address:
        case kIpv6Address:
        case kCookiePreservative:
        case kSupportedAddressTypes:
        case kUnrecognizedParameter: return;  // over DTLS there are no addresses (RFC 8261 5), and cookies keep
        case kStateCookie: init.cookie = to_buffer(parameter.body); return;
        case kForwardTsnSupported: init.forward_tsn = true; return;
        case kSupportedExtensions:
            init.reconfig =
                std::count(parameter.body.begin(), parameter.body.end(), static_cast<uint8_t>(ChunkType::ReConfig)) > 0;
            return;
        default:
            if (unknown_parameter_rule(parameter.type).report && init.unknown.size() < kMaxUnknown)
                init.unknown.push_back(to_buffer(parameter.whole));
    }
}

bool is_known(uint16_t type) {
    constexpr auto kKnown =
        std::to_array<uint16_t>({kIpv4Address, kIpv6Address, kStateCookie, kUnrecognizedParameter, kCookiePreservative,
                                 kSupportedAddressTypes, kSupportedExtensions, kForwardTsnSupported});
    return std::find(kKnown.begin(), kKnown.end(), type) != kKnown.end();
}

}  // namespace

std::optional<InitChunk> InitChunk::parse(Bytes body) {
    ByteReader in(body);
    InitChunk init;
    init.tag = in.u32();
    init.window = in.u32();
    init.outbound_streams = in.u16();
    init.inbound_streams = in.u16();
    init.initial_tsn = in.u32();
    while (in.done() && in.remaining() > 0) {
        const auto parameter = read_parameter(in, body);
        if (!parameter) return std::nullopt;
        take_parameter(init, *parameter);
        if (!is_known(parameter->type) && !unknown_parameter_rule(parameter->type).go_on) break;
    }
    if (!in.done()) return std::nullopt;
    return init;
}

size_t InitChunk::size() const {
    size_t size = kFixedSize;
    if (forward_tsn) size += parameter_size(0);
    if (forward_tsn || reconfig) size += parameter_size(size_t{forward_tsn} + size_t{reconfig});
    if (!cookie.empty()) size += parameter_size(cookie.size());
    for (const Buffer& parameter : unknown) size += parameter_size(parameter.size());
    return size;
}

void InitChunk::write(ByteWriter& out) const {
    out.u32(tag);
    out.u32(window);
    out.u16(outbound_streams);
    out.u16(inbound_streams);
    out.u32(initial_tsn);
    Buffer extensions;
    if (reconfig) extensions.push_back(static_cast<uint8_t>(ChunkType::ReConfig));
    if (forward_tsn) extensions.push_back(static_cast<uint8_t>(ChunkType::ForwardTsn));
    if (!extensions.empty()) write_parameter(out, kSupportedExtensions, extensions);
    if (forward_tsn) write_parameter(out, kForwardTsnSupported, {});
    if (!cookie.empty()) write_parameter(out, kStateCookie, cookie);
    for (const Buffer& parameter : unknown) write_parameter(out, kUnrecognizedParameter, parameter);
}

}  // namespace crosspoint::rtc::sctp
