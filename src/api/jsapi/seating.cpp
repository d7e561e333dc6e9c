#include "api/jsapi/seating.h"

namespace crosspoint::api::jsapi {
namespace {

using chains::CallId;
using chains::ChainId;
using chains::ProfileId;

Statement insert_room(const chains::CallRef& ref, const AccountId& account, const SessionId& session) {
    return {"INSERT INTO call_sessions (call, chain, account, session) VALUES (:call, :chain, :account, :session)",
            {ref.call.value, ref.chain.value, account.value, session.value}};
}
Statement erase_room(const CallId& call) { return {"DELETE FROM call_sessions WHERE call = :call", {call.value}}; }

Statement insert_seat(const ParticipantId& participant, const CallId& call, const ProfileId& profile, uint64_t epoch) {
    return {R"(INSERT INTO call_seats (participant, call, profile, epoch)
               VALUES (:participant, :call, :profile, :epoch))",
            {participant.value, call.value, profile.value, static_cast<int64_t>(epoch)}};
}
Statement erase_seat(const ParticipantId& participant) {
    return {"DELETE FROM call_seats WHERE participant = :participant", {participant.value}};
}

sessions::Permissions permissions(const chains::MediaKinds& media) { return {media.audio, media.video}; }

chains::MediaState state_of(device::MediaChanged::Health health) {
    switch (health) {
        case device::MediaChanged::Health::Connecting: return chains::MediaState::Connecting;
        case device::MediaChanged::Health::Connected: return chains::MediaState::Connected;
        case device::MediaChanged::Health::Silent: return chains::MediaState::Reconnecting;
        case device::MediaChanged::Health::Failed: return chains::MediaState::Failed;
    }
    return {};
}

}  // namespace

Statement Seating::select_sessions() {
    return {"SELECT call, chain, account, session FROM call_sessions ORDER BY call", {}};
}
Statement Seating::select_seats() {
    return {"SELECT participant, call, profile, epoch FROM call_seats ORDER BY call, profile", {}};
}

void Seating::restore(const std::vector<Row>& sessions, const std::vector<Row>& seats) {
    for (const Row& row : sessions) {
        const CallId call(row.text(0));
        rooms_[call] = {{call, ChainId(row.text(1))}, AccountId(row.text(2)), SessionId(row.text(3))};
        by_session_[SessionId(row.text(3))] = call;
    }
    for (const Row& row : seats) {
        const ParticipantId participant(row.text(0));
        const SeatKey key{CallId(row.text(1)), ProfileId(row.text(2))};
        const Room& room = rooms_.at(key.first);  // they go together, in one transaction
        seats_[key] = {room.ref, room.account, room.session, participant, static_cast<uint64_t>(row.number(3))};
        by_participant_[participant] = key;
    }
}

void Seating::handle(const chains::MediaMessage& message, const AccountId& account, const Turn& turn) {
    std::visit([&](const auto& one) { on(one, account, turn); }, message);
}

// MED-1. A second request is one whose answer was lost.
void Seating::on(const chains::MakeSession& make, const AccountId& account, const Turn& turn) {
    auto room = rooms_.find(make.ref.call);
    if (room != rooms_.end() && !directory_.session(room->second.account, room->second.session)) {
        on(chains::DeleteSession{make.ref}, account, turn);
        room = rooms_.end();
    }
    if (room == rooms_.end()) {
        const auto made = directory_.create_session(account, make.ref.call.value, turn.now, turn.changes);
        if (!made) return;  // the call's own timer ends it (MED-10)
        turn.changes.statements.push_back(insert_room(make.ref, account, made->id));
        room = rooms_.insert_or_assign(make.ref.call, Room{make.ref, account, made->id}).first;
        by_session_[made->id] = make.ref.call;
    }
    turn.answers.push_back({make.ref.chain, chains::SessionMade{make.ref.call, room->second.session}});
}

// MED-5
void Seating::on(const chains::DeleteSession& gone, const AccountId&, const Turn& turn) {
    const auto room = rooms_.find(gone.ref.call);
    if (room == rooms_.end()) return;
    for (auto seat = seats_.lower_bound({gone.ref.call, {}});
         seat != seats_.end() && seat->first.first == gone.ref.call;)
        remove(seat++, turn);
    (void)directory_.delete_session(room->second.account, room->second.session, turn.changes);  // may have expired
    turn.changes.statements.push_back(erase_room(gone.ref.call));
    by_session_.erase(room->second.session);
    rooms_.erase(room);
}

// MED-2
void Seating::on(const chains::MakeSeat& make, const AccountId& account, const Turn& turn) {
    const SeatKey key{make.ref.call, make.profile};
    if (const auto old = seats_.find(key); old != seats_.end()) {
        if (old->second.epoch > make.epoch) return;
        if (old->second.epoch < make.epoch) remove(old, turn);
    }
    if (!directory_.session(account, make.session)) {
        turn.answers.push_back({make.ref.chain, chains::SessionFailed{make.ref.call, make.session}});
        return;
    }
    auto seat = seats_.find(key);
    if (seat == seats_.end()) {
        const auto made = directory_.create_participant(
            account, {.callback = {}, .permissions = permissions(make.publish), .tag = make.ref.call.value}, turn.now,
            turn.changes);
        if (!made) return;  // tried again with the next epoch (MED-7)
        seat = seats_.emplace(key, Seat{make.ref, account, make.session, made->id, make.epoch}).first;
        by_participant_[made->id] = key;
        turn.changes.statements.push_back(insert_seat(made->id, make.ref.call, make.profile, make.epoch));
        on(chains::ChangeSeat{make.ref, make.profile, make.epoch, make.publish, make.held}, account, turn);
    }
    const auto participant = directory_.participant(account, seat->second.participant);
    if (!participant) return;
    turn.answers.push_back({make.ref.chain, chains::SeatMade{make.ref.call, make.profile, make.epoch, participant->id,
                                                             directory_.issue_token(*participant), ""}});
}

// MED-6, HOLD-1: who is held is in no session, so nothing flows to or from it, while its connections stay.
void Seating::on(const chains::ChangeSeat& change, const AccountId& account, const Turn& turn) {
    const auto found = seats_.find({change.ref.call, change.profile});
    if (found == seats_.end() || found->second.epoch != change.epoch) return;
    const Seat& seat = found->second;
    (void)directory_.set_permissions(account, seat.participant, permissions(change.publish), turn.changes);
    if (change.held)
        (void)directory_.remove_member(account, seat.session, seat.participant, turn.changes);
    else
        (void)directory_.add_member(account, seat.session, seat.participant, sessions::WholeSession{}, turn.changes);
}

void Seating::on(const chains::RemoveSeat& gone, const AccountId&, const Turn& turn) {
    const auto seat = seats_.find({gone.ref.call, gone.profile});
    if (seat != seats_.end() && seat->second.epoch <= gone.epoch) remove(seat, turn);
}

void Seating::remove(std::map<SeatKey, Seat>::iterator seat, const Turn& turn) {
    const Seat gone = std::move(seat->second);
    by_participant_.erase(gone.participant);
    seats_.erase(seat);  // first, so that its end is nobody's news
    turn.changes.statements.push_back(erase_seat(gone.participant));
    (void)directory_.delete_participant(gone.account, gone.participant, turn.changes);  // may have expired
}

void Seating::report(const SeatKey& key, const Seat& seat, chains::MediaState state, const Turn& turn) const {
    turn.answers.push_back({seat.ref.chain, chains::SeatReport{key.first, key.second, seat.epoch, state}});
}

void Seating::media_changed(const device::MediaChanged& change, const Turn& turn) {
    const auto key = by_participant_.find(change.participant);
    if (key != by_participant_.end()) report(key->second, seats_.at(key->second), state_of(change.health), turn);
}

void Seating::participant_ended(const ParticipantId& participant, const Turn& turn) {
    const auto key = by_participant_.find(participant);
    if (key == by_participant_.end()) return;
    const auto seat = seats_.find(key->second);
    report(seat->first, seat->second, chains::MediaState::Failed, turn);
    remove(seat, turn);
}

void Seating::session_ended(const SessionId& session, const Turn& turn) {
    const auto call = by_session_.find(session);
    if (call == by_session_.end()) return;
    turn.answers.push_back({rooms_.at(call->second).ref.chain, chains::SessionFailed{call->second, session}});
}

void Seating::tell_what_is_lost(const Turn& turn) {
    for (const auto& [call, room] : rooms_)
        if (!directory_.session(room.account, room.session))
            turn.answers.push_back({room.ref.chain, chains::SessionFailed{call, room.session}});
    for (const auto& [key, seat] : seats_) report(key, seat, chains::MediaState::Reconnecting, turn);
}

}  // namespace crosspoint::api::jsapi
