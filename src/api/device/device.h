#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "api/device/publishing.h"
#include "api/device/subscribing.h"
#include "base/timers.h"
#include "base/token_bucket.h"

namespace crosspoint::api::device {

/// How a client introduces itself in the URL of its socket (spec 2.1).
struct ClientIdentity {
    std::string unique_id;  // made once per SDK object, the same over all its reconnects
    bool ours = false;      // client=crosspoint: understands messages that the hosted protocol has not
};

/// The device of one participant, from its first socket to the end of the participant: signalling, both connections,
/// and whether it counts as present. There is one at a time; a newer one replaces it.
class Device {
public:
    Device(const sessions::Participant& participant, Random& random);

    void socket_opened(Context& context, SocketId socket, const ClientIdentity& client);
    void socket_text(Context& context, std::string_view text);
    void socket_closed(Context& context, SocketId socket);
    void incoming_changed(Context& context, std::vector<sessions::IncomingStream> streams);
    /// The participant was deleted or its time is over: everything goes, for good.
    void participant_ended(Context& context);
    void permissions_changed(sessions::Permissions permissions) { permissions_ = permissions; }
    /// True when the event was about one of this device's links.
    bool handle_link(Context& context, const sfu::Event& event);
    void handle_timeout(Context& context);
    Timestamp next_timeout() const { return std::min(timers_.next(), subscribing_.next_timeout()); }

    const ParticipantId& participant() const { return participant_; }
    const std::string& device_id() const { return device_id_; }
    /// Connected, this device or the one it replaces, and not known to have left since.
    bool present() const { return present_; }
    std::optional<SocketId> socket() const { return socket_; }
    /// How its better connection is doing; nothing when there is none.
    std::optional<LocalLink::Health> media() const;

    /// What has to survive a restart, as JSON text; empty for a device that was never there.
    std::string stored() const;
    /// Throws on anything that `stored` did not write.
    void restore(Context& context, std::string_view stored);

private:
    enum class Timer : uint8_t {
        Silent,  // a new socket that says nothing: a zombie of a client that left, or one that lost its state with us
        Leave,   // a client that said `leave` and does not close its socket
        Gone,    // no socket: the device may come back until then
        kCount,
    };
    enum class Signalling : uint8_t {
        None,     // no media preferences yet: a client that is still connecting
        Ready,    // offers may go both ways
        Leaving,  // it said `leave` on this socket
        Left,     // that socket is closed; one that opens now and says nothing is a zombie (spec 2.9)
    };

    void refuse(Context& context, SocketId socket, std::string_view code, std::string_view message);
    void replace(Context& context, const ClientIdentity& client);
    void become_ready(Context& context);
    void stop_publishing(Context& context);
    void refuse_flood(Context& context, std::string_view text);
    void handle_call(Context& context, const RpcCall& call);
    Result<boost::json::object, RpcError> dispatch(Context& context, const RpcCall& call);
    bool has_left() const { return signalling_ == Signalling::Leaving || signalling_ == Signalling::Left; }
    /// There is something to end: a device, or the presence of the one before that it replaced without being ready.
    bool may_be_gone() const { return signalling_ == Signalling::Ready || present_; }
    void handle_leave(Context& context);
    void check_gone(Context& context);
    void offer_if_due(Context& context);
    void tell_presence(Context& context, Presence presence);
    void tell_streams(Context& context);
    void send(Context& context, std::string text);
    void greet(Context& context, bool resumed);

    AccountId account_;
    ParticipantId participant_;
    sessions::Permissions permissions_;
    std::string callback_url_;
    std::optional<std::string> tag_;
    std::string device_id_;
    ClientIdentity client_;
    std::optional<SocketId> socket_;
    Signalling signalling_ = Signalling::None;
    bool present_ = false;    // onConnect was told, of this device or the one before it, and onLeave not yet
    bool signalled_ = false;  // onConnect was told, onDisconnect not yet
    Publishing publishing_;
    Subscribing subscribing_;
    TokenBucket messages_;  // over all its sockets
    Timers<Timer> timers_;
};

}  // namespace crosspoint::api::device
