#include "rtc/sdp/codec_match.h"

#include <charconv>

#include "rtc/sdp/description.h"

namespace crosspoint::rtc::sdp {
namespace {

enum class H264Profile : uint8_t { ConstrainedBaseline, Baseline, Main, ConstrainedHigh, High, Other };

// RFC 6184 8.1, table 5: the profile is told by profile_idc together with some bits of profile-iop. Where nothing says
// which, it is Baseline.
H264Profile h264_profile(std::string_view fmtp) {
    const std::string_view text = format_parameter(fmtp, "profile-level-id").value_or("42000a");
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

bool h264_forwardable(const CodecParameters& source, const CodecParameters& sink) {
    const auto mode = [](const CodecParameters& codec) {
        return format_parameter(codec.fmtp, "packetization-mode").value_or("0");
    };
    // Mode 1 receivers take single NAL units too, mode 0 receivers nothing else.
    if (mode(source) != mode(sink) && mode(sink) != "1") return false;
    return decodes(h264_profile(sink.fmtp), h264_profile(source.fmtp));
}

bool same_profile(const CodecParameters& source, const CodecParameters& sink, std::string_view name) {
    return format_parameter(source.fmtp, name).value_or("0") == format_parameter(sink.fmtp, name).value_or("0");
}

}  // namespace

bool forwardable(const CodecParameters& source, const CodecParameters& sink) {
    if (source.codec != sink.codec || source.clock_rate != sink.clock_rate) return false;
    switch (source.codec) {
        case Codec::H264: return h264_forwardable(source, sink);
        case Codec::Vp9: return same_profile(source, sink, "profile-id");
        case Codec::Av1: return same_profile(source, sink, "profile");
        case Codec::Opus:
        case Codec::Red:
        case Codec::TelephoneEvent:
        case Codec::Pcmu:
        case Codec::Pcma:
        case Codec::G722:
        case Codec::Vp8: return true;
        case Codec::Rtx: return false;  // belongs to its codec, never a codec of its own
    }
    return false;
}

}  // namespace crosspoint::rtc::sdp
