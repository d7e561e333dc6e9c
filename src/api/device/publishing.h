#pragma once
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "api/device/local_link.h"
#include "api/device/rpc.h"
#include "sessions/model.h"

namespace crosspoint::api::device {

/// The connection on which a device publishes: it offers, we answer (spec 2.6).
class Publishing {
public:
    /// How many a device may publish at a time. Each costs every subscriber an m-line, of which a description holds
    /// 256; the hosted SDK publishes two, four with a shared screen.
    static constexpr size_t kMaxTracks = 16;

    /// The answer to `offerSdp`, all state included (`sdpAnswer`, `endpointId`, `streamMetadata`). On an error nothing
    /// has changed. `self` is the participant, for the metadata.
    Result<boost::json::object, RpcError> offer(Context& context, const boost::json::object& params,
                                                const ParticipantId& self, sessions::Permissions permissions);

    std::vector<sessions::PublishedStream> streams() const;
    bool alive() const;  // checks are heard: media may come even while there is no socket
    /// Nothing when there is no connection.
    std::optional<LocalLink::Health> health() const { return link_ ? std::optional(link_->health()) : std::nullopt; }

    /// True when the event was about this connection.
    bool handle_link(const sfu::Event& event);
    /// The device is gone: the link ends and nothing is published any more.
    void close(Context& context);

    /// What a successor after a restart needs so that the same streams keep their ids.
    boost::json::array stored() const;
    void restore(const boost::json::array& stored, Numbers& numbers);

private:
    struct PublishedTrack {
        TrackId id;
        std::string mid;  // empty after a restart, until the client offers again
        rtc::MediaKind kind = rtc::MediaKind::Audio;
        rtc::Codec codec = rtc::Codec::Opus;
        uint8_t place = 0;  // as in sessions::Track
    };
    struct Stream {
        std::string client_id;  // as in a=msid: the key of all metadata that the publisher sees
        StreamId id;
        std::optional<std::string> alias;
        std::vector<PublishedTrack> tracks;
    };
    using Aliases = std::vector<std::pair<std::string, std::string>>;  // client's stream id, alias

    /// `where` names the stream in messages.
    static Result<std::optional<std::string>, RpcError> read_alias(const std::string& where,
                                                                   const boost::json::value& stream);
    static Result<Aliases, RpcError> read_aliases(const boost::json::object& params);
    bool needs_new_link(const rtc::sdp::Section& offered) const;
    void adopt(Context& context, const rtc::sdp::Answer& answer, const Aliases& aliases);
    /// The stream of these tracks; what was published before keeps its ids, and its place.
    Stream follow(Context& context, const std::string& client_id,
                  const std::vector<const rtc::sdp::NegotiatedTrack*>& tracks) const;
    boost::json::object metadata(const ParticipantId& self) const;

    std::optional<LocalLink> link_;
    rtc::sdp::OriginState origin_;
    std::string endpoint_;
    std::vector<Stream> streams_;
};

}  // namespace crosspoint::api::device
