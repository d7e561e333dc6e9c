#pragma once
#include <functional>
#include <optional>

#include "chains/call.h"
#include "chains/messages.h"
#include "chains/rules.h"
#include "chains/settings.h"

namespace crosspoint::chains {

struct CallEnvironment {
    const ChainId& chain;
    const Settings& settings;
    const Rules& rules;
    Now now;
    Effects& out;
};

/// GLR-1 and LAST-1: `open` is its sender's answer to `call`, the other way round and not answered yet.
bool may_answer_by_opening(const Call& call, const OpenCall& open);

/// One event's way through one call: what the rows of `Rules` do, and what everybody is told of it. The first group are
/// the events; each leaves the call settled, which means that no row of 9.1 applies to it any more.
class CallTurn {
public:
    CallTurn(Call& call, const CallEnvironment& environment) : call_(call), env_(environment) {}

    void begin(const OpenCall& open);
    void command(const CallCommand& command);
    /// GLR-1: `open` answers this call, which `may_answer_by_opening`.
    void answer_by_opening(const OpenCall& open);
    /// `open` came, or came again, and was refused as this call is live (LAST-1).
    void turn_away(const OpenCall& open);
    void offer_answered(const OfferAnswer& answer);
    void connection_changed(const ConnectionChanged& change);
    void lose_crossing(const CallRef& winner);
    void merge(const MergeAccept& merge);
    void happen(CallEvent event, std::optional<CallId> replaced_by = std::nullopt);
    void expire(CallTimer timer);
    void expire(ParticipantTimer timer, Participant& participant);
    void expire_init(Participant& participant, Leg& leg);
    void session_made(const SessionMade& made);
    void session_failed(const SessionFailed& failed);
    void seat_made(const SeatMade& made);
    void seat_report(const SeatReport& report);
    /// After a restart: asks again for what may have been on its way, and tells every leg the whole state (OWN-5).
    void restore();

    // Effects of 9.2, in its order.
    void leg_pends(Participant& p, Leg* leg);
    void leg_rings(Participant& p, Leg* leg);
    void leg_stops_counting(Participant& p, Leg* leg);
    void is_unreachable(Participant& p, Leg* leg);
    void times_out(Participant& p, Leg* leg);
    void answers(Participant& p, Leg* leg);
    void rejects(Participant& p, Leg* leg);
    void ignores(Participant& p, Leg* leg);
    void hangs_up(Participant& p, Leg* leg);
    void takes_over(Participant& p, Leg* leg);
    void loses_transport(Participant& p, Leg* leg);
    void leg_detaches(Participant& p, Leg* leg);
    void regains_transport(Participant& p, Leg* leg);
    void leg_attaches(Participant& p, Leg* leg);
    void grace_ends(Participant& p, Leg* leg);
    void is_lost(Participant& p, Leg* leg);
    void leaves_with_leg(Participant& p, Leg* leg);
    void is_lost_with_leg(Participant& p, Leg* leg);
    void candidate_leg_goes(Participant& p, Leg* leg);
    void leg_goes(Participant& p, Leg* leg);
    void initiator_leg_comes(Participant& p, Leg* leg);
    void candidate_leg_comes(Participant& p, Leg* leg);
    void passive_leg_comes(Participant& p, Leg* leg);

private:
    bool apply(Event event, Participant& p, Leg* leg);
    void settle();
    void enter(CallState next, std::optional<EndReason> reason, std::optional<CallId> replaced_by);
    void end(EndReason reason, std::optional<CallId> replaced_by);
    void send_record(const Participant& p);

    // 9.3
    std::optional<Refused> act(const CallCommand& command, Participant& p);
    std::optional<Refused> act_on_leg(Answer answer, const CallCommand& command, Participant& p, Leg* leg);
    std::optional<Refused> take_over(const CallCommand& command, Participant& p, Leg* leg);
    std::optional<Refused> does(const CallCommand& command, Participant& p);
    Situation situation(const Participant& p, const Leg* leg) const;
    void hold(Participant& p, bool held);
    void update(Participant& p, MediaKinds media);
    std::optional<Refused> invite(Participant& by, const std::vector<Party>& parties);
    std::optional<Refused> remove(const Participant& by, const std::vector<Party>& parties);
    void reply(const ConnectionId& to, uint64_t request, std::optional<Refused> refused);
    void ask_to_answer(const Merge& merge);

    // participants and legs
    void start_inviting(Participant& p);
    void offer(Participant& p);
    void ask_again(Participant& p);
    void take_wishes_of_second(Participant& p, const OfferAnswer& answer);
    void come_in(Participant& p, Leg& leg, MediaKinds media);
    void go_out(Participant& p, ParticipantState state, EndReason cause);
    void park(Participant& p, const Leg* except);
    void after_a_candidate_went(Participant& p);
    void take_connections(Participant& p, const OfferAnswer& answer);
    void comes_back(Participant& p);
    Leg& invite_leg(Participant& p, const ConnectionFact& connection, bool quietly);
    bool takes_part(const Participant& p) const;
    void agree_on(MediaKinds media);
    void answer_on(Participant& p, const ConnectionFact& connection, MediaKinds media,
                   const std::optional<CallId>& replaces, std::optional<std::string> local_id);
    void snapshot(Participant& p, Leg& leg);
    void wake_devices();
    void wait_until_woken(Participant& p);
    std::chrono::milliseconds reach_timeout(const Participant& p) const;
    std::chrono::milliseconds left(Timestamp deadline) const;

    // media (11)
    void keep_media();
    void want_seat(Participant& p);
    void make_seat(const Participant& p);
    void change_seat(const Participant& p);
    void drop_seat(Participant& p);
    void renew_seat(Participant& p);
    void say_seats_again(const Participant& p);
    void media_times_out(Participant& p);

    // telling
    void tell_all(const CallNews& news);
    void tell_own(Participant& p, const CallNews& news);
    /// `own` to the legs of `p`, `others` to everybody else's.
    void tell_apart(Participant& p, const CallNews& own, const CallNews& others);
    void tell_leg(Participant& p, Leg& leg, const CallNews& news);
    void tell_accepted(Participant& p, const Leg& leg, const std::optional<std::string>& local_id);
    void send(const Participant& p, Leg& leg, const CallNews& news);
    void send_whole(const Participant& p, Leg& leg, const CallNews& news);
    void send_init(const Participant& p, Leg& leg, bool silent, std::optional<CallId> replaces = std::nullopt);
    void send_state(const Participant& p, Leg& leg);
    CallRef ref() const { return {call_.id, env_.chain}; }
    Timestamp in_time(std::chrono::milliseconds wait) const { return env_.now.mono + wait; }

    Call& call_;
    const CallEnvironment& env_;
    EndReason cause_ = EndReason::HangUp;  // of the last change of a participant
    // What a row of 9.2 needs to know of the event that it is applied to.
    MediaKinds asked_media_;
    bool asked_busy_ = false;
    ConnectionId from_;
    ConnectionFact coming_;
    std::optional<std::string> merging_local_id_;
};

}  // namespace crosspoint::chains
