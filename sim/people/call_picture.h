#pragma once
#include <boost/json/object.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "people/jsapi_link.h"

namespace crosspoint::sim {

struct Media {
    bool audio = true;
    bool video = true;
    bool operator==(const Media&) const = default;
};
boost::json::object to_json(const Media& media);

/// Who looks at a call.
struct Viewer {
    std::string connection;
    std::set<std::string> profiles;
};

struct ParticipantPicture {
    std::string id;
    bool initiator = false;
    bool invited_back = false;  // an initiator, as a receiver (GRP-5); known of the own participant
    std::string state;
    Media media;
    std::string media_state;
    bool held = false;
    std::string active_connection;
    std::set<std::string> ringing;

    bool in() const { return state == "active" || state == "reconnecting"; }
    bool undecided() const { return state == "inviting" || state == "ringing"; }
    bool operator==(const ParticipantPicture&) const = default;
};

/// An event as an application gets it: its name, and what it tells beside the call.
struct CallEvent {
    std::string name;
    std::vector<std::string> args;
    bool operator==(const CallEvent&) const = default;
};

/// What a device knows of a call: made of messages alone (jsapi 7.2, 8.2), in the order of their revisions (SEQ-5).
class CallPicture {
public:
    std::string id;
    std::string local_id;  // of one that was opened here
    std::string chain;
    std::string from;
    std::vector<std::string> to;
    std::string connection;  // that opened it
    Media options;
    std::string state = "opening";
    std::string leg = "active";  // the state of this device in it
    std::string end_reason;
    std::string replaced_by;
    std::string over;   // why it is over for this user, as long as it is
    std::string error;  // why it could not be opened
    uint64_t rev = 0;
    std::vector<ParticipantPicture> participants;

    bool ignored = false;
    bool announced = false;  // `call:received` was emitted for it
    bool shown = false;      // the application knows it
    bool invited = false;    // a `call.init` has come that was not silent
    bool live() const { return state != "ended"; }
    bool unanswered() const { return state == "init" || state == "ringing"; }

    const ParticipantPicture* participant(std::string_view profile) const;
    const ParticipantPicture* me(const Viewer& viewer) const;
    std::string role(const Viewer& viewer) const;
    bool is_active(const Viewer& viewer) const;

    struct Told {
        bool applied = false;
        bool sync = false;  // the whole state is to be asked for
        std::vector<CallEvent> events;
        std::optional<boost::json::object> media;  // `call.media`
    };
    /// A message of this call.
    Told take(const std::string& type, const boost::json::object& body, const Viewer& viewer);

private:
    ParticipantPicture* find(std::string_view profile);
    void replace(const std::string& type, const boost::json::object& body, const Viewer& viewer, Told& told);
    void change(const std::string& type, const boost::json::object& body, const Viewer& viewer, Told& told);
    void take_notice(const std::string& type, ParticipantPicture& who, const boost::json::object& body, Told& told);
    void take_invite(const boost::json::object& body, Told& told);
    void take_update(ParticipantPicture& who, const boost::json::object& body, Told& told);
    void take_end(const boost::json::object& body);
    void own_leg_follows(const std::string& type, const boost::json::object& body, const Viewer& viewer);
    void tell_differences(const std::vector<ParticipantPicture>& before, Told& told) const;

    std::vector<Frame> held_;  // that came after one that is missing
    bool syncing_ = false;
};

}  // namespace crosspoint::sim
