#include "base/random.h"
#include "base/verify.h"
#include "rtc/sdp/answerer.h"
#include "rtc/sdp/client.h"
#include "rtc/sdp/offerer.h"

using namespace crosspoint;
using namespace crosspoint::rtc;
using namespace crosspoint::rtc::sdp;

namespace {

const LocalTransport kLocal{{"abcd", "0123456789abcdef01234567"}, "AB:CD", {NetAddress::v4(192, 0, 2, 7, 40000)}};

void write_and_read_again(const Description& description) {
    const auto again = Description::parse(description.write());
    VERIFY(again.ok() && *again == description);
}

/// RFC 3264 6: an answer has the offer's sections, whatever these are.
void answer_as_server(const Description& offer) {
    OriginState origin;
    const auto answered = answer(offer, {}, kLocal, origin);
    if (!answered) return;
    const auto description = Description::parse(answered->sdp);
    VERIFY(description.ok() && description->sections.size() == offer.sections.size());
    for (const NegotiatedTrack& track : answered->tracks) {
        const Section& section = description->sections.at(track.mline);
        VERIFY(section.port != 0 && section.direction == Direction::RecvOnly && !track.parameters.codecs.empty());
    }
    VERIFY(!answered->remote_fingerprints.empty() && !answered->remote_ice.ufrag.empty());
}

void answer_as_client(std::string_view offer) {
    OriginState origin;
    const auto answered = answer_subscribing_offer(offer, {kLocal.ice, "CD:EF"}, origin);
    if (answered) VERIFY(Description::parse(answered->sdp).ok());
}

void be_answered(std::string_view sdp) {
    SeededRandom random(1);
    Offerer offerer(random);
    offerer.set_wanted(
        {{StreamId("s"), "a", MediaKind::Audio, TrackId(1)}, {StreamId("s"), "v", MediaKind::Video, TrackId(2)}},
        random);
    offerer.offer(kLocal);
    const auto accepted = offerer.accept_answer(sdp);
    VERIFY(offerer.lines().size() == (accepted ? 2 : 0));
    const auto successor = Offerer::restore(offerer.layout());
    VERIFY(successor && successor->layout() == offerer.layout());
}

}  // namespace

// Any text, as offer and as answer.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto description = Description::parse(text)) {
        write_and_read_again(*description);
        answer_as_server(*description);
    }
    answer_as_client(text);
    be_answered(text);
    if (const auto restored = Offerer::restore(text)) VERIFY(Offerer::restore(restored->layout()).has_value());
    return 0;
}
