#include "rtc/media.h"

namespace crosspoint::rtc {
namespace {

struct Name {
    Codec codec;
    std::string_view name;
};
constexpr Name kNames[] = {
    {Codec::Opus, "opus"}, {Codec::Red, "red"},   {Codec::TelephoneEvent, "telephone-event"},
    {Codec::Pcmu, "PCMU"}, {Codec::Pcma, "PCMA"}, {Codec::G722, "G722"},
    {Codec::Vp8, "VP8"},   {Codec::Vp9, "VP9"},   {Codec::H264, "H264"},
    {Codec::Av1, "AV1"},   {Codec::Rtx, "rtx"},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string_view codec_name(Codec codec) {
    for (const Name& known : kNames)
        if (known.codec == codec) return known.name;
    return {};
}

std::optional<Codec> codec_from_name(std::string_view name) {
    for (const Name& known : kNames)
        if (std::ranges::equal(known.name, name, {}, lower, lower)) return known.codec;
    return std::nullopt;
}

MediaKind kind_of(Codec codec) {
    switch (codec) {
        case Codec::Opus:
        case Codec::Red:
        case Codec::TelephoneEvent:
        case Codec::Pcmu:
        case Codec::Pcma:
        case Codec::G722: return MediaKind::Audio;
        case Codec::Vp8:
        case Codec::Vp9:
        case Codec::H264:
        case Codec::Av1:
        case Codec::Rtx: return MediaKind::Video;
    }
    return MediaKind::Audio;
}

}  // namespace crosspoint::rtc
