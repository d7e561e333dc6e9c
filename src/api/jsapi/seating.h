#pragma once
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "api/device/context.h"
#include "chains/messages.h"
#include "sessions/directory.h"

namespace crosspoint::api::jsapi {

/// The media of calls between people, made of sessions and participants (jsapi 11): a call has one session, and a
/// seat is one participant in it. In one process with the directory, so every answer comes in the same turn.
class Seating {
public:
    explicit Seating(sessions::Directory& directory) : directory_(directory) {}

    struct Turn {
        Now now;
        sessions::Effects& changes;
        std::vector<chains::ToChain>& answers;
    };

    /// What was there when the process ended; call once, after the directory was restored. Whose participant or session
    /// is gone is told so at the next `handle_lost`.
    void restore(const std::vector<Row>& sessions, const std::vector<Row>& seats);
    static Statement select_sessions();
    static Statement select_seats();

    void handle(const chains::MediaMessage& message, const AccountId& account, const Turn& turn);
    void media_changed(const device::MediaChanged& change, const Turn& turn);
    /// Deleted from outside, or its time was over.
    void participant_ended(const ParticipantId& participant, const Turn& turn);
    /// Whoever ended it: a call that goes on gets another one (MED-10).
    void session_ended(const SessionId& session, const Turn& turn);
    /// After a restart no device has a connection: who had media must show it again (MED-10), and what did not survive
    /// is told. After `restore` and after the chains were restored.
    void tell_what_is_lost(const Turn& turn);

    size_t seats() const { return seats_.size(); }
    bool has(const ParticipantId& participant) const { return by_participant_.contains(participant); }

private:
    struct Room {
        chains::CallRef ref;
        AccountId account;
        SessionId session;
    };
    using SeatKey = std::pair<chains::CallId, chains::ProfileId>;
    struct Seat {
        chains::CallRef ref;
        AccountId account;
        SessionId session;
        ParticipantId participant;
        uint64_t epoch = 0;
    };

    void on(const chains::MakeSession& make, const AccountId& account, const Turn& turn);
    void on(const chains::DeleteSession& gone, const AccountId& account, const Turn& turn);
    void on(const chains::MakeSeat& make, const AccountId& account, const Turn& turn);
    void on(const chains::ChangeSeat& change, const AccountId& account, const Turn& turn);
    void on(const chains::RemoveSeat& remove, const AccountId& account, const Turn& turn);
    void report(const SeatKey& key, const Seat& seat, chains::MediaState state, const Turn& turn) const;
    void remove(std::map<SeatKey, Seat>::iterator seat, const Turn& turn);

    sessions::Directory& directory_;
    std::map<chains::CallId, Room> rooms_;
    std::unordered_map<SessionId, chains::CallId> by_session_;
    std::map<SeatKey, Seat> seats_;
    std::unordered_map<ParticipantId, SeatKey> by_participant_;
};

}  // namespace crosspoint::api::jsapi
