#include "explore/mirror.h"

#include <algorithm>

#include "base/verify.h"

namespace crosspoint::explore {
namespace {

using namespace chains;

ParticipantView& participant(CallView& view, const ProfileId& profile) {
    const auto found = std::ranges::find(view.participants, profile, &ParticipantView::id);
    VERIFY(found != view.participants.end());
    return *found;
}

void goes_out(ParticipantView& p, ParticipantState state) {
    p.state = state;
    p.media_state = MediaState::None;
    p.active_connection.reset();
    p.ringing_connections.clear();
}

void comes_in_on(ParticipantView& p, const ConnectionId& connection) {
    p.state = ParticipantState::Active;
    p.media_state = MediaState::None;
    p.active_connection = connection;
    p.ringing_connections.clear();
}

void rings(CallView& view, ParticipantView& p, const ConnectionId& connection) {
    p.state = ParticipantState::Ringing;
    const auto place = std::ranges::lower_bound(p.ringing_connections, connection);
    if (place == p.ringing_connections.end() || *place != connection) p.ringing_connections.insert(place, connection);
    if (view.state == CallState::Init) view.state = CallState::Ringing;
}

void take(CallView& view, const CallNotice& notice) {
    if (notice.what == Notice::Pending || notice.what == Notice::Ignore) return;  // of one's own devices
    ParticipantView& p = participant(view, notice.profile);
    switch (notice.what) {
        case Notice::Ringing: rings(view, p, notice.connection.value()); break;
        case Notice::InitTimeout: goes_out(p, ParticipantState::Unreachable); break;
        case Notice::RingingTimeout: goes_out(p, ParticipantState::Timeout); break;
        case Notice::Reject: goes_out(p, ParticipantState::Rejected); break;
        case Notice::Busy: goes_out(p, ParticipantState::Busy); break;
        case Notice::HangUp: goes_out(p, ParticipantState::Left); break;
        case Notice::Drop: goes_out(p, ParticipantState::Lost); break;
        case Notice::Remove: goes_out(p, ParticipantState::Removed); break;
        case Notice::Reconnecting: p.state = ParticipantState::Reconnecting; break;
        case Notice::Reconnected: p.state = ParticipantState::Active; break;
        case Notice::Hold: p.held = true; break;
        case Notice::Resume: p.held = false; break;
        case Notice::Pending:
        case Notice::Ignore: break;
    }
}
void take(CallView& view, const CallInit& init) { view = init.call; }
void take(CallView& view, const CallStateIs& state) { view = state.call; }
void take(CallView& view, const CallAccepted& accepted) {
    ParticipantView& p = participant(view, accepted.profile);
    comes_in_on(p, accepted.connection);
    p.media = accepted.media;
    view.state = CallState::Active;
}
void take(CallView& view, const CallActivated& activated) {
    comes_in_on(participant(view, activated.profile), activated.connection);
}
void take(CallView& view, const CallUpdated& updated) {
    ParticipantView& p = participant(view, updated.profile);
    if (updated.media) p.media = *updated.media;
    if (updated.media_state) p.media_state = *updated.media_state;
    if (updated.options) view.options = *updated.options;
}
void take(CallView& view, const CallInvited& invited) {
    for (const ParticipantView& p : invited.participants) {
        const auto known = std::ranges::find(view.participants, p.id, &ParticipantView::id);
        if (known != view.participants.end()) {
            *known = p;
            continue;
        }
        view.participants.push_back(p);
        view.to.push_back(p.id);
    }
}
void take(CallView&, const CallMedia&) {}
void take(CallView& view, const CallEnded& ended) {
    view.state = CallState::Ended;
    view.end_reason = ended.reason;
    view.replaced_by = ended.replaced_by;
    for (ParticipantView& p : view.participants) {
        if (undecided(p.state)) goes_out(p, ParticipantState::Cancelled);
        if (in(p.state)) goes_out(p, ParticipantState::Left);
    }
}

}  // namespace

void apply(const CallNews& news, CallView& view) {
    std::visit([&](const auto& one) { take(view, one); }, news);
}

bool same_picture(const CallView& a, const CallView& b) {
    const auto same_participant = [](ParticipantView x, ParticipantView y) {
        x.connections.clear();
        y.connections.clear();
        return x == y;
    };
    return a.ref == b.ref && a.from == b.from && a.to == b.to && a.connection == b.connection &&
           a.options == b.options && a.state == b.state && a.end_reason == b.end_reason &&
           a.replaced_by == b.replaced_by && std::ranges::equal(a.participants, b.participants, same_participant);
}

}  // namespace crosspoint::explore
