#include <fmt/format.h>

#include "rtc/sdp/offerer.h"
#include "rtc/sdp/words.h"

// The m-line table as text. First line: form, session id, version, next mid. Then one line per m-line:
// kind, mid, both SSRCs, state, and, when a track is on it, its stream and label.
namespace crosspoint::rtc::sdp {
namespace {

constexpr std::string_view kForm = "lines1";

}  // namespace

std::string Offerer::layout() const {
    std::string text = fmt::format("{} {} {} {}\n", kForm, origin_.session_id, origin_.version, next_mid_);
    for (size_t i = 0; i < offered_; ++i) {
        const Slot& slot = slots_[i];
        const char state = slot.dead ? 'd' : slot.idle ? 'i' : 'u';
        text += fmt::format("{} {} {} {} {}", slot.kind == MediaKind::Audio ? 'a' : 'v', slot.mid, slot.ssrc.value,
                            slot.rtx_ssrc.value, state);
        if (slot.told) text += fmt::format(" {} {}", slot.told->stream.value, slot.told->label);
        text += '\n';
    }
    return text;
}

std::optional<Offerer::Slot> Offerer::read_slot(std::string_view line) {
    const auto kind = take_word(line);
    Slot slot;
    slot.kind = kind == "a" ? MediaKind::Audio : MediaKind::Video;
    slot.mid = take_word(line);
    const auto ssrc = number<uint32_t>(take_word(line));
    const auto rtx_ssrc = number<uint32_t>(take_word(line));
    const auto state = take_word(line);
    if ((kind != "a" && kind != "v") || slot.mid.empty() || !ssrc || !rtx_ssrc) return std::nullopt;
    if (state != "d" && state != "i" && state != "u") return std::nullopt;
    slot.ssrc = Ssrc{*ssrc};
    slot.rtx_ssrc = Ssrc{*rtx_ssrc};
    slot.dead = state == "d";
    slot.idle = state == "i";
    if (!line.empty()) slot.told = Name{StreamId(take_word(line)), std::string(take_word(line))};
    return slot;
}

std::optional<Offerer> Offerer::restore(std::string_view layout) {
    auto head = take_until(layout, '\n');
    if (take_word(head) != kForm) return std::nullopt;
    const auto session_id = number<uint64_t>(take_word(head));
    const auto version = number<uint64_t>(take_word(head));
    const auto next_mid = number<uint32_t>(take_word(head));
    if (!session_id || !version || !next_mid) return std::nullopt;
    Offerer offerer;
    offerer.origin_ = {*session_id, *version};
    offerer.next_mid_ = *next_mid;
    while (!layout.empty()) {
        auto slot = read_slot(take_until(layout, '\n'));
        if (!slot || offerer.slots_.size() + 1 == kMaxSections) return std::nullopt;
        offerer.slots_.push_back(std::move(*slot));
    }
    offerer.offered_ = offerer.slots_.size();
    return offerer;
}

}  // namespace crosspoint::rtc::sdp
