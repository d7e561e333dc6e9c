#include <fmt/format.h>

#include <array>

#include "explore/call_world.h"

// Steps as a reader of a failed exploration wants them.
namespace crosspoint::explore {
namespace {

using namespace chains;

constexpr std::array kVerbs{"rings", "accepts", "rejects",     "ignores", "is unavailable", "hangs up", "activates",
                            "holds", "resumes", "turns video", "invites", "removes",        "pends",    "syncs"};
static_assert(kVerbs.size() == static_cast<size_t>(Verb::kCount));
constexpr std::array kConnectionEvents{"comes", "drops", "resumes", "is gone", "says bye", "is revoked"};
constexpr std::array kParticipantTimers{"reach", "ring", "ring window", "grace", "media", "invite again"};

std::string text(const CallCommand& m) {
    std::string out = fmt::format("{} {}", m.connection.value, kVerbs[static_cast<size_t>(m.verb)]);
    if (m.named) out += fmt::format(" ({})", m.named->value);
    for (const Party& party : m.parties) out += " " + party.profile.value;
    return out;
}
std::string text(const OfferAnswer& m) {
    return fmt::format("{} is offered: {} devices{}{}{}{}", m.profile.value, m.connections.size(),
                       m.blocked ? ", blocked" : "", m.dnd ? ", dnd" : "", m.busy ? ", busy" : "",
                       m.wakeable ? ", wakeable" : "");
}
std::string text(const ConnectionChanged& m) {
    return fmt::format("{} {}", m.connection.value, kConnectionEvents[static_cast<size_t>(m.event)]);
}
std::string text(const OpenCall& m) {
    return fmt::format("{} opens a call{}", m.connection.value, m.replace ? " in its place" : "");
}
std::string text(const AnswerByOpening& m) { return fmt::format("{} answers by opening", m.open.connection.value); }
std::string text(const Crossed&) { return "loses a crossing"; }
std::string text(const Yield&) { return "yields to an answered call"; }
std::string text(const MergeAccept& m) {
    return fmt::format("wins a crossing with {}{}", m.connection.id.value, m.connection.attached ? "" : ", detached");
}
std::string text(const Terminate&) { return "is terminated"; }
std::string text(const SessionMade&) { return "session made"; }
std::string text(const SessionFailed&) { return "session failed"; }
std::string text(const SeatMade& m) { return fmt::format("seat {} of {} made", m.epoch, m.profile.value); }
std::string text(const PostText&) { return "a text is posted"; }
std::string text(const ChangeText&) { return "a text is changed"; }
std::string text(const RowsRead&) { return "the store answers"; }
std::string text(const SeatReport& m) {
    return fmt::format("seat {} of {} is {}", m.epoch, m.profile.value,
                       m.state == MediaState::Connected ? "connected" : "lost");
}

}  // namespace

std::string describe(const ChainMessage& message) {
    return std::visit([](const auto& m) { return text(m); }, message);
}

std::string CallWorld::describe(const Step& step) const {
    if (const auto* message = std::get_if<ChainMessage>(&step)) return explore::describe(*message);
    if (const auto* twice = std::get_if<Twice>(&step))
        return explore::describe(twice->message) + ", and once more later";
    if (std::holds_alternative<Restart>(step)) return "the process ends, another goes on";
    if (std::holds_alternative<Again>(step)) return explore::describe(repetition_->message) + ", once more";
    const auto& timer = std::get<ArmedTimer>(step);
    switch (timer.kind) {
        case ArmedTimer::Kind::Forget: return "timer: forget";
        case ArmedTimer::Kind::Call:
            return timer.call_timer == CallTimer::MaxDuration ? "timer: longest duration" : "timer: no session";
        case ArmedTimer::Kind::Participant:
            return fmt::format("timer: {} of {}", kParticipantTimers[static_cast<size_t>(timer.participant_timer)],
                               call().participants[timer.participant].who.profile.value);
        case ArmedTimer::Kind::Leg: return fmt::format("timer: init of {}", timer.leg.value);
    }
    return {};
}

}  // namespace crosspoint::explore
