#pragma once
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "api/effects.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/certificate.h"
#include "rtc/sdp/answerer.h"
#include "sessions/messages.h"
#include "sessions/model.h"

// What the machines of this folder share in one turn.
namespace crosspoint::api::device {

/// All that a device publishes from now on; for the directory.
struct StreamsPublished {
    ParticipantId participant;
    std::vector<sessions::PublishedStream> streams;
};

enum class Presence : uint8_t {
    Connected,     // onConnect: signalling is up
    Disconnected,  // onDisconnect: signalling is lost, the device may come back
    Left,          // onLeave: it left, was removed, or stayed away too long
};

/// A change that the participant's `callbackUrl` hears of (spec 1.5). Carries what the callback says, since the
/// participant may be gone by the time it is told.
struct PresenceChanged {
    AccountId account;
    ParticipantId participant;
    std::string callback_url;
    std::optional<std::string> tag;
    std::string device_id;
    Presence presence = Presence::Connected;
};

/// How the media of a participant is doing from now on.
struct MediaChanged {
    enum class Health : uint8_t { Connecting, Connected, Silent, Failed };
    ParticipantId participant;
    Health health = Health::Connecting;
};

using Message = std::variant<StreamsPublished, PresenceChanged, MediaChanged>;

struct Settings {
    std::vector<NetAddress> candidates;  // what our descriptions announce, best first
    std::vector<rtc::Codec> video_codecs{rtc::Codec::Vp8, rtc::Codec::H264, rtc::Codec::Vp9, rtc::Codec::Av1};
    unsigned video_start_kbps = 1000;  // see rtc::sdp::AnswerPolicy
    bool enforce_permissions = true;   // spec 1.4.4
    std::string instance;              // of this process; tells our own SDK that the server was restarted
    std::function<std::shared_ptr<const crypto::Certificate>(WallTime)> make_certificate;
};

/// Ids that are unique in this process's life, and what is counted over all devices.
struct Numbers {
    uint64_t last_link = 0;
    uint64_t last_track = 0;
    uint64_t untaken_codecs = 0;   // tracks that a subscriber could not take; counted here for all devices
    uint64_t unplaced_tracks = 0;  // and those that found no m-line left with a subscriber
    LinkId link() { return LinkId{++last_link}; }
    TrackId track() { return TrackId{++last_track}; }
};

struct Context {
    Now now;
    const Settings& settings;
    Numbers& numbers;
    Random& random;
    Effects& out;
    std::vector<Message>& messages;
    ParticipantId participant = {};  // whose device this turn is about, for the log

    void command(sfu::Command command) { out.outputs.emplace_back(std::move(command)); }
    void log(std::string message, std::vector<std::pair<std::string, std::string>> fields = {}) {
        fields.emplace_back("participant", participant.value);
        out.outputs.emplace_back(LogEntry{std::move(message), std::move(fields)});
    }
};

}  // namespace crosspoint::api::device
