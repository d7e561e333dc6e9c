#include "chains/call_turn.h"

// Media of an answered call (11): one session for the call, one seat in it for each participant who is in.
namespace crosspoint::chains {

// INV-7: whoever is in an answered call has a seat, or is about to.
void CallTurn::keep_media() {
    if (call_.state != CallState::Active) return;
    if (call_.session == SessionState::None) {
        call_.session = SessionState::Asked;
        call_.timers.set(CallTimer::Session, in_time(env_.settings.media_timeout));
        env_.out.sends.push_back(ToMedia{MakeSession{ref()}});
    }
    for (Participant& p : call_.participants)
        if (p.in() && !p.seat.wanted) want_seat(p);
}

void CallTurn::want_seat(Participant& p) {
    ++p.seat.epoch;  // MED-4
    p.seat.wanted = true;
    p.timers.set(ParticipantTimer::Media, in_time(env_.settings.media_timeout));
    if (call_.session == SessionState::Made) make_seat(p);
}

void CallTurn::make_seat(const Participant& p) {
    env_.out.sends.push_back(
        ToMedia{MakeSeat{ref(), call_.session_id, p.who.profile, p.seat.epoch, both(p.media, call_.options), p.held}});
}

void CallTurn::change_seat(const Participant& p) {
    if (!p.seat.wanted || call_.session != SessionState::Made) return;
    env_.out.sends.push_back(
        ToMedia{ChangeSeat{ref(), p.who.profile, p.seat.epoch, both(p.media, call_.options), p.held}});
}

void CallTurn::drop_seat(Participant& p) {
    p.timers.clear(ParticipantTimer::Media);
    if (!p.seat.wanted) return;
    env_.out.sends.push_back(ToMedia{RemoveSeat{ref(), p.who.profile, p.seat.epoch}});
    p.seat = {.epoch = p.seat.epoch};
}

// Whoever stays where it is gets a new epoch, and everybody hears that its media is away.
void CallTurn::renew_seat(Participant& p) {
    const MediaState told = p.seat.state;
    const int tries = p.seat.tries;
    drop_seat(p);
    if (!p.in() || call_.state != CallState::Active) return;
    p.seat.tries = tries;
    p.seat.state = told;
    if (told == MediaState::Connected) {
        p.seat.state = MediaState::Reconnecting;
        tell_all(CallUpdated{.profile = p.who.profile, .media = {}, .media_state = p.seat.state, .options = {}});
    }
    want_seat(p);
}

void CallTurn::say_seats_again(const Participant& p) {
    const uint64_t over = p.seat.wanted ? p.seat.epoch - 1 : p.seat.epoch;
    if (over > 0) env_.out.sends.push_back(ToMedia{RemoveSeat{ref(), p.who.profile, over}});
    if (!p.seat.wanted || call_.session != SessionState::Made) return;
    if (p.seat.made) return change_seat(p);
    make_seat(p);
}

void CallTurn::session_made(const SessionMade& made) {
    if (call_.session != SessionState::Asked) return;
    call_.session = SessionState::Made;
    call_.session_id = made.session;
    call_.timers.clear(CallTimer::Session);
    for (Participant& p : call_.participants) {
        if (!p.seat.wanted) continue;
        make_seat(p);
        p.timers.set(ParticipantTimer::Media, in_time(env_.settings.media_timeout));
    }
}

// MED-10: a session that is gone takes its seats with it; there will be a new one, and a new epoch for all.
void CallTurn::session_failed(const SessionFailed& failed) {
    if (call_.session != SessionState::Made || call_.session_id != failed.session) return;
    call_.session = SessionState::None;
    call_.session_id = {};
    for (Participant& p : call_.participants)
        if (p.seat.wanted) renew_seat(p);
    settle();
}

void CallTurn::seat_made(const SeatMade& made) {
    Participant* p = call_.participant(made.profile);
    const bool expected = p && p->seat.wanted && p->seat.epoch == made.epoch && call_.session == SessionState::Made;
    if (!expected) {  // made too late (MED-4)
        env_.out.sends.push_back(ToMedia{RemoveSeat{ref(), made.profile, made.epoch}});
        return;
    }
    if (p->seat.made) return;
    p->seat.made = true;
    p->timers.set(ParticipantTimer::Media, in_time(env_.settings.media_timeout));
    tell_leg(*p, *p->active_leg(),
             CallMedia{made.epoch, call_.session_id, made.participant, made.device_token, made.url,
                       both(p->media, call_.options)});
}

void CallTurn::seat_report(const SeatReport& report) {
    Participant* p = call_.participant(report.profile);
    if (!p || !p->seat.made || p->seat.epoch != report.epoch || p->seat.state == report.state) return;
    p->seat.state = report.state;
    CallUpdated news{.profile = report.profile, .media = {}, .media_state = report.state, .options = {}};
    tell_all(news);
    if (report.state == MediaState::Connected) {
        p->seat.tries = 0;
        p->timers.clear(ParticipantTimer::Media);
        return;
    }
    if (!p->timers.armed(ParticipantTimer::Media))
        p->timers.set(ParticipantTimer::Media, in_time(env_.settings.media_timeout));
    // MED-8: its time was up already, and only its media spoke for it.
    if (p->grace_extended) is_lost(*p, nullptr);
    settle();
}

// MED-7: nobody waits in "connecting" for ever.
void CallTurn::media_times_out(Participant& p) {
    if (p.seat.tries >= env_.settings.media_retry_max) {
        cause_ = EndReason::MediaFailed;
        apply(Event::MediaGivenUp, p, p.active_leg());
        return;
    }
    ++p.seat.tries;
    renew_seat(p);
}

}  // namespace crosspoint::chains
