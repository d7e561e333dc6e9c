#include "rtc/sdp/offerer.h"

#include <algorithm>

#include "rtc/sdp/media_lines.h"
#include "rtc/sdp/offered_codecs.h"
#include "rtc/sdp/words.h"

namespace crosspoint::rtc::sdp {
namespace {

constexpr std::string_view kDataMid = "0";

Ssrc fresh_ssrc(Random& random) {
    while (true)
        if (const uint32_t value = random.u32()) return Ssrc{value};
}

}  // namespace

Offerer::Offerer(Random& random) { origin_.session_id = random.u64() >> 1; }

bool Offerer::is_changed(const Slot& slot) {
    if (slot.dead && !slot.wanted) return false;  // stands at port 0 whatever was on it
    return slot.wanted != slot.told;
}

bool Offerer::offer_needed() const { return std::ranges::any_of(slots_, is_changed); }

bool Offerer::set_wanted(const std::vector<WantedTrack>& wanted, Random& random) {
    const auto names = [](const WantedTrack& track, const Slot& slot) {
        return slot.wanted && slot.kind == track.kind && *slot.wanted == Name{track.stream, track.track_label};
    };
    for (Slot& slot : slots_)
        if (std::ranges::none_of(wanted, [&](const WantedTrack& track) { return names(track, slot); }))
            slot.wanted.reset();
    unplaced_ = 0;
    for (const WantedTrack& track : wanted) {
        if (Slot* slot = line_for(track, random))
            slot->source = track.source;
        else
            ++unplaced_;
    }
    // Lines that were thought of but never offered leave no trace.
    for (size_t i = slots_.size(); i-- > offered_;)
        if (!slots_[i].wanted) slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(i));
    return offer_needed();
}

/// The line this track is on, or was on in the last offer (it never left then, as far as the client knows), or gets
/// now. Null when a description could not hold one more.
Offerer::Slot* Offerer::line_for(const WantedTrack& track, Random& random) {
    const Name name{track.stream, track.track_label};
    const auto same = [&](const std::optional<Name>& there, const Slot& slot) {
        return slot.kind == track.kind && there == name;
    };
    for (Slot& slot : slots_)
        if (same(slot.wanted, slot)) return &slot;
    for (Slot& slot : slots_)
        if (!slot.wanted && same(slot.told, slot)) {
            slot.wanted = name;
            return &slot;
        }
    Slot* slot = free_line(track.kind);
    if (slot) put_on(*slot, name, random);
    return slot;
}

/// Only a line that the client has answered as silent is used again: with another msid on a line that never fell silent
/// the browser would keep the old track and tell nobody.
Offerer::Slot* Offerer::free_line(MediaKind kind) {
    for (Slot& slot : slots_)
        if (slot.kind == kind && !slot.wanted && (slot.dead || (slot.idle && !slot.told))) return &slot;
    if (slots_.size() + 1 == kMaxSections) return nullptr;
    Slot& slot = slots_.emplace_back();
    slot.kind = kind;
    slot.mid = std::to_string(next_mid_++);
    return &slot;
}

/// With new SSRCs, so that late packets of the line's former track are not taken for the new one's.
void Offerer::put_on(Slot& slot, const Name& name, Random& random) {
    if (slot.dead) slot.mid = std::to_string(next_mid_++);
    slot.dead = false;
    slot.told.reset();
    slot.answered.reset();
    slot.wanted = name;
    slot.ssrc = new_ssrc(random);
    if (slot.kind == MediaKind::Video) slot.rtx_ssrc = new_ssrc(random);
}

void Offerer::renew_ssrcs(Random& random) {
    for (Slot& slot : slots_) {
        slot.ssrc = new_ssrc(random);
        if (slot.kind == MediaKind::Video) slot.rtx_ssrc = new_ssrc(random);
    }
}

Ssrc Offerer::new_ssrc(Random& random) const {
    while (true) {
        const Ssrc ssrc = fresh_ssrc(random);
        const auto used = [&](const Slot& slot) { return slot.ssrc == ssrc || slot.rtx_ssrc == ssrc; };
        if (std::ranges::none_of(slots_, used)) return ssrc;
    }
}

std::string Offerer::offer(const LocalTransport& local) {
    Description out;
    out.origin = origin_.next();
    out.ice_lite = true;
    out.extmap_allow_mixed = true;
    out.bundle.emplace_back().emplace_back(kDataMid);
    Section& data = out.sections.emplace_back(data_section(kDataMid, kSctpPort));
    // The browser must answer passive, or else SRTP_AES128_CM_SHA1_80 is what it picks (spec 2.7).
    add_transport(data, local.ice, local.sha256_fingerprint, Setup::ActPass);
    add_candidates(data, local.candidates);
    for (Slot& slot : slots_) {
        out.sections.push_back(section_of(slot, local));
        if (!slot.dead) out.bundle.front().push_back(slot.mid);
        slot.told = slot.wanted;
        if (slot.told) slot.idle = false;
    }
    offered_ = slots_.size();
    outstanding_ = true;
    return out.write();
}

Section Offerer::section_of(const Slot& slot, const LocalTransport& local) const {
    Section section = rtp_section(slot.kind, slot.mid);
    for (const CodecParameters& codec : offered_codecs(slot.kind)) add_codec(section, codec);
    if (slot.dead) {  // RFC 8829 5.2.2: stays at port 0 until it is used again
        section.port = 0;
        section.direction = Direction::Inactive;
        return section;
    }
    add_transport(section, local.ice, local.sha256_fingerprint, Setup::ActPass);
    add_extensions(section, offered_extensions(slot.kind));
    section.direction = slot.wanted ? Direction::SendOnly : Direction::Inactive;
    if (!slot.wanted) return section;
    section.msids.push_back({slot.wanted->stream.value, slot.wanted->label});
    const auto rtx = slot.kind == MediaKind::Video ? std::optional(slot.rtx_ssrc) : std::nullopt;
    add_sources(section, slot.ssrc, rtx, slot.wanted->stream.value);
    return section;
}

Result<Offerer::Accepted, Error> Offerer::accept_answer(std::string_view sdp) {
    if (!outstanding_) return Error{0, "no offer is waiting for an answer"};
    auto parsed = Description::parse(sdp);
    if (!parsed) return parsed.error();
    const Description& answered = *parsed;
    if (auto error = check_answer(answered)) return *error;
    const Section* transport = tagged_section(answered);
    Accepted accepted;
    accepted.remote_ice = transport->transport.ice;
    accepted.remote_fingerprints = believed_fingerprints(transport->transport);
    const Section& data = answered.sections.front();
    accepted.data_channel = !answered.is_rejected(data);
    accepted.remote_sctp_port = data.sctp_port.value_or(kSctpPort);
    accepted.remote_max_message_size = data.max_message_size.value_or(kDefaultMaxMessageSize);
    for (size_t i = 0; i < offered_; ++i)
        apply_answer(slots_[i], answered.sections[i + 1], answered.is_rejected(answered.sections[i + 1]));
    outstanding_ = false;
    accepted.lines = lines();
    return accepted;
}

std::optional<Error> Offerer::check_answer(const Description& answered) const {
    // RFC 3264 6: the same sections in the same order.
    if (answered.sections.size() != offered_ + 1) return Error{0, "not as many sections as were offered"};
    if (answered.sections.front().kind != SectionKind::Application)
        return Error{0, "section 0: other kind than offered"};
    for (size_t i = 0; i < offered_; ++i) {
        const auto kind = slots_[i].kind == MediaKind::Audio ? SectionKind::Audio : SectionKind::Video;
        if (answered.sections[i + 1].kind != kind)
            return Error{0, "section " + std::to_string(i + 1) + ": other kind than offered"};
    }
    const Section* transport = tagged_section(answered);
    if (!transport) return Error{0, "every section rejected"};
    const TransportAttributes& remote = transport->transport;
    if (remote.ice.ufrag.empty() || remote.ice.password.empty()) return Error{0, "no ICE credentials"};
    if (believed_fingerprints(remote).empty()) return Error{0, "no SHA-2 fingerprint"};
    if (remote.setup != Setup::Passive) return Error{0, "setup:passive expected, the server is DTLS client"};
    return std::nullopt;
}

void Offerer::apply_answer(Slot& slot, const Section& answered, bool rejected) {
    if (slot.wanted && !slot.told) return;  // put on after this offer, which was about nothing on this line
    slot.answered = slot.told;
    slot.idle = !slot.told;
    slot.codecs.clear();
    // Falling silent or port 0 both end what was on the line; after port 0 the line itself is gone.
    slot.dead = rejected;
    const Direction direction = answered.effective_direction();
    if (rejected || (direction != Direction::RecvOnly && direction != Direction::SendRecv)) return;
    slot.extensions = agreed_extensions(slot.kind, answered);
    slot.codecs = agreed_codecs(slot.kind, answered);
}

Offerer::Line Offerer::line_of(const Slot& slot) {
    Line line;
    line.source = slot.source;
    line.stream = slot.wanted->stream;
    line.kind = slot.kind;
    line.accepted = !slot.codecs.empty();
    line.parameters = {
        slot.kind, slot.mid, slot.codecs, slot.extensions, slot.ssrc, slot.rtx_ssrc, slot.wanted->stream.value};
    return line;
}

std::vector<Offerer::Line> Offerer::lines() const {
    std::vector<Line> lines;
    for (const Slot& slot : slots_)
        if (slot.wanted && slot.answered == slot.wanted) lines.push_back(line_of(slot));
    return lines;
}

}  // namespace crosspoint::rtc::sdp
