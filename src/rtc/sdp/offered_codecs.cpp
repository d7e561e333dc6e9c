#include "rtc/sdp/offered_codecs.h"

#include <algorithm>

#include "rtc/sdp/media_lines.h"

namespace crosspoint::rtc::sdp {
namespace {

CodecParameters audio(Codec codec, uint8_t type, uint32_t clock_rate, uint8_t channels, std::string fmtp = {}) {
    CodecParameters parameters;
    parameters.codec = codec;
    parameters.payload_type = PayloadType{type};
    parameters.clock_rate = clock_rate;
    parameters.channels = channels;
    parameters.fmtp = std::move(fmtp);
    parameters.transport_cc = codec != Codec::TelephoneEvent;
    return parameters;
}

CodecParameters video(Codec codec, uint8_t type, uint8_t rtx, std::string fmtp = {}) {
    CodecParameters parameters;
    parameters.codec = codec;
    parameters.payload_type = PayloadType{type};
    parameters.rtx = PayloadType{rtx};
    parameters.clock_rate = 90000;
    parameters.fmtp = std::move(fmtp);
    parameters.nack = parameters.pli = parameters.fir = parameters.transport_cc = true;
    return parameters;
}

// The numbers browsers use themselves, where they agree.
const std::vector<CodecParameters> kAudio{
    audio(Codec::Opus, 111, 48000, 2, "minptime=10;useinbandfec=1"),
    audio(Codec::Red, 63, 48000, 2, "111/111"),
    audio(Codec::Pcmu, 0, 8000, 1),
    audio(Codec::Pcma, 8, 8000, 1),
    audio(Codec::TelephoneEvent, 110, 48000, 1, "0-15"),
    audio(Codec::TelephoneEvent, 126, 8000, 1, "0-15"),
};
const std::vector<CodecParameters> kVideo{
    video(Codec::Vp8, 96, 97),
    video(Codec::H264, 102, 103, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"),
    video(Codec::Vp9, 98, 99, "profile-id=0"),
    video(Codec::Av1, 45, 46, "level-idx=5;profile=0;tier=0"),
};

}  // namespace

const std::vector<CodecParameters>& offered_codecs(MediaKind kind) {
    return kind == MediaKind::Audio ? kAudio : kVideo;
}

HeaderExtensions offered_extensions(MediaKind kind) {
    HeaderExtensions extensions;
    extensions.absolute_send_time = 2;
    extensions.transport_sequence = 3;
    extensions.mid = 4;
    if (kind == MediaKind::Audio) {
        extensions.audio_level = 1;
    } else {
        extensions.video_orientation = 5;
        extensions.dependency_descriptor = 6;
    }
    return extensions;
}

std::vector<CodecParameters> agreed_codecs(MediaKind kind, const Section& answered) {
    std::vector<CodecParameters> agreed;
    for (const CodecParameters& theirs : read_codecs(answered)) {
        const auto ours = std::ranges::find(offered_codecs(kind), theirs.payload_type, &CodecParameters::payload_type);
        if (ours == offered_codecs(kind).end() || ours->codec != theirs.codec || ours->clock_rate != theirs.clock_rate)
            continue;
        CodecParameters codec = *ours;
        codec.nack &= theirs.nack;
        codec.pli &= theirs.pli;
        codec.fir &= theirs.fir;
        codec.transport_cc &= theirs.transport_cc;
        if (!codec.nack || theirs.rtx != ours->rtx) codec.rtx.reset();
        agreed.push_back(std::move(codec));
    }
    return agreed;
}

HeaderExtensions agreed_extensions(MediaKind kind, const Section& answered) {
    HeaderExtensions agreed;
    const HeaderExtensions answered_ids = read_extensions(answered);
    const HeaderExtensions offered = offered_extensions(kind);
    const auto keep = [&](uint8_t HeaderExtensions::* id) {
        if (answered_ids.*id == offered.*id) agreed.*id = offered.*id;
    };
    keep(&HeaderExtensions::mid);
    keep(&HeaderExtensions::transport_sequence);
    keep(&HeaderExtensions::absolute_send_time);
    keep(&HeaderExtensions::audio_level);
    keep(&HeaderExtensions::video_orientation);
    keep(&HeaderExtensions::dependency_descriptor);
    return agreed;
}

}  // namespace crosspoint::rtc::sdp
