#pragma once
#include <memory>
#include <string>
#include <unordered_map>

#include "api/device/address_limiter.h"
#include "api/device/device.h"
#include "base/deadline_queue.h"
#include "sessions/directory.h"

namespace crosspoint::api::device {

/// All devices of this node: which socket and which link belongs to whom. Reads the directory to check tokens, and
/// tells it what changed through messages only.
class Devices {
public:
    Devices(const sessions::Directory& directory, Settings settings, Random& random);

    struct Turn {
        Now now;
        Effects& out;
        std::vector<Message>& messages;
    };

    /// Stored devices whose participant still exists; call after the directory was restored. A state that cannot be
    /// read is forgotten.
    void restore(Turn turn, const std::vector<Row>& rows);

    /// True for a socket that is not even to be opened: its token is no good, and too many such came from its address
    /// (spec 2.9). Ask once for each.
    bool turns_away(Now now, const HttpRequest& request);
    void socket_opened(Turn turn, SocketId socket, const HttpRequest& request);
    void socket_text(Turn turn, SocketId socket, std::string_view text);
    void socket_closed(Turn turn, SocketId socket);
    void link_event(Turn turn, const sfu::Event& event);
    void incoming_changed(Turn turn, const sessions::IncomingChanged& change);
    void participant_ended(Turn turn, const ParticipantId& participant);
    void permissions_changed(const sessions::PermissionsChanged& change);
    /// Asks every client to connect again, here or elsewhere.
    void stopping(Turn turn);

    void handle_timeout(Turn turn);
    Timestamp next_timeout() const { return deadlines_.next(); }

    size_t connected() const { return sockets_.size(); }
    /// Tracks that a subscriber had no codec for, since the start.
    uint64_t untaken_codecs() const { return numbers_.untaken_codecs; }
    /// Tracks that a subscriber's descriptions had no room for, since the start.
    uint64_t unplaced_tracks() const { return numbers_.unplaced_tracks; }
    /// Sockets that were opened with a token that is no good, and those that were turned away.
    uint64_t refused() const { return refused_; }
    uint64_t turned_away() const { return turned_away_; }

private:
    struct Entry {
        Device device;
        std::string stored;  // what the store has
    };

    Entry& entry(const sessions::Participant& participant);
    /// One turn of a device, and what each ends with: its links are noted, its state goes to the store when it changed,
    /// its next wake-up is set.
    template <class Work>
    void run(const Turn& turn, Entry& entry, Work work);

    const sessions::Directory& directory_;
    Settings settings_;
    Random& random_;
    Numbers numbers_;
    std::unordered_map<ParticipantId, Entry> devices_;
    std::unordered_map<SocketId, ParticipantId> sockets_;
    std::unordered_map<LinkId, ParticipantId> links_;
    DeadlineQueue<ParticipantId> deadlines_;
    AddressLimiter refusals_;
    uint64_t refused_ = 0;
    uint64_t turned_away_ = 0;
};

}  // namespace crosspoint::api::device
