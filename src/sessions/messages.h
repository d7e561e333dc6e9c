#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/statement.h"
#include "rtc/media.h"
#include "sessions/model.h"

// What the directory of sessions and the participants' devices say to each other. The directory decides who may hear
// whom; devices know what is published and negotiate what is received.
namespace crosspoint::sessions {

struct Track {
    TrackId id;
    rtc::MediaKind kind = rtc::MediaKind::Audio;
    rtc::Codec codec = rtc::Codec::Opus;  // the one its publisher sends
    uint8_t place = 0;                    // in its stream, as long as it is published: subscribers know it by this
    bool operator==(const Track&) const = default;
};

/// One MediaStream that a participant publishes. `id` is ours: new for every publication, and what subscribers see.
struct PublishedStream {
    StreamId id;
    std::optional<std::string> alias;
    std::vector<Track> tracks;
    bool operator==(const PublishedStream&) const = default;
};

/// One stream that flows to a participant.
struct IncomingStream {
    ParticipantId publisher;
    PublishedStream stream;
    bool operator==(const IncomingStream&) const = default;
};

/// All that flows to this participant from now on, in a stable order.
struct IncomingChanged {
    ParticipantId participant;
    std::vector<IncomingStream> streams;
};

/// The participant was deleted or its life ended: its token is worth nothing, its device has to go.
struct ParticipantEnded {
    ParticipantId participant;
};

/// What the participant may publish from now on.
struct PermissionsChanged {
    ParticipantId participant;
    Permissions permissions;
};

/// The session was deleted or its life ended.
struct SessionEnded {
    SessionId session;
};

using Message = std::variant<IncomingChanged, ParticipantEnded, PermissionsChanged, SessionEnded>;

struct Effects {
    std::vector<Statement> statements;
    std::vector<Message> messages;
};

}  // namespace crosspoint::sessions
