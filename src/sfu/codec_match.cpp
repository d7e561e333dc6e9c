#include "sfu/codec_match.h"

#include <charconv>

namespace crosspoint::sfu {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

enum class H264Profile : uint8_t { ConstrainedBaseline, Baseline, Main, ConstrainedHigh, High, Other };

// RFC 6184 8.1, table 5: the profile is told by profile_idc together with some bits of profile-iop.
H264Profile h264_profile(std::string_view fmtp) {
    const std::string_view text = format_parameter(fmtp, "profile-level-id").value_or("42e01f");
    uint32_t id = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), id, 16);
    if (read.ec != std::errc{} || text.size() != 6) return H264Profile::Other;
    const uint32_t idc = id >> 16;
    const uint32_t iop = id >> 8 & 0xff;
    if (idc == 0x42) return iop & 0x40 ? H264Profile::ConstrainedBaseline : H264Profile::Baseline;
    if (idc == 0x4d) return iop & 0x80 ? H264Profile::ConstrainedBaseline : H264Profile::Main;
    if (idc == 0x58 && (iop & 0xc0) == 0xc0) return H264Profile::ConstrainedBaseline;
    if (idc == 0x64) return iop == 0x0c ? H264Profile::ConstrainedHigh : H264Profile::High;
    return H264Profile::Other;
}

bool decodes(H264Profile decoder, H264Profile stream) {
    using enum H264Profile;
    if (decoder == Other || stream == Other) return false;
    if (decoder == stream || stream == ConstrainedBaseline) return true;
    return decoder == High && (stream == Main || stream == ConstrainedHigh);
}

bool h264_forwardable(const rtc::CodecParameters& source, const rtc::CodecParameters& sink) {
    const auto mode = [](const rtc::CodecParameters& codec) {
        return format_parameter(codec.fmtp, "packetization-mode").value_or("0");
    };
    // Mode 1 receivers take single NAL units too, mode 0 receivers nothing else.
    if (mode(source) != mode(sink) && mode(sink) != "1") return false;
    return decodes(h264_profile(sink.fmtp), h264_profile(source.fmtp));
}

bool same_profile(const rtc::CodecParameters& source, const rtc::CodecParameters& sink, std::string_view name) {
    return format_parameter(source.fmtp, name).value_or("0") == format_parameter(sink.fmtp, name).value_or("0");
}

}  // namespace

std::optional<std::string_view> format_parameter(std::string_view fmtp, std::string_view name) {
    while (!fmtp.empty()) {
        const size_t end = fmtp.find(';');
        const std::string_view pair = trimmed(fmtp.substr(0, end));
        const size_t equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
        if (end == std::string_view::npos) break;
        fmtp.remove_prefix(end + 1);
    }
    return std::nullopt;
}

bool forwardable(const rtc::CodecParameters& source, const rtc::CodecParameters& sink) {
    if (source.codec != sink.codec || source.clock_rate != sink.clock_rate) return false;
    switch (source.codec) {
        case rtc::Codec::H264: return h264_forwardable(source, sink);
        case rtc::Codec::Vp9: return same_profile(source, sink, "profile-id");
        case rtc::Codec::Av1: return same_profile(source, sink, "profile");
        case rtc::Codec::Opus:
        case rtc::Codec::Red:
        case rtc::Codec::TelephoneEvent:
        case rtc::Codec::Pcmu:
        case rtc::Codec::Pcma:
        case rtc::Codec::G722:
        case rtc::Codec::Vp8: return true;
        case rtc::Codec::Rtx: return false;  // belongs to its codec, never a codec of its own
    }
    return false;
}

}  // namespace crosspoint::sfu
