#pragma once
#include <boost/json/object.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/device/local_link.h"
#include "api/device/rpc.h"
#include "base/timers.h"
#include "rtc/sdp/offerer.h"

namespace crosspoint::api::device {

/// The connection on which a device receives: we offer, it answers (spec 2.4, 2.7). At most one offer is outstanding;
/// what changes meanwhile goes into the next one.
class Subscribing {
public:
    explicit Subscribing(Random& random) : offerer_(random) {}

    /// All that flows to the device from now on. What is no longer in it stops at once, new streams start with an
    /// answer.
    void set_incoming(Context& context, std::vector<sessions::IncomingStream> streams);

    /// The next `sdpOffer` notification, when one is due. To be asked whenever the socket is up and something happened.
    std::optional<std::string> next_offer(Context& context);
    /// `answerSdp`. On an error the offer is made again, later.
    Result<void, RpcError> answer(Context& context, std::string_view sdp);

    /// The client may have missed what was sent to its last socket.
    void socket_replaced();
    bool handle_link(Context& context, const sfu::Event& event);
    bool alive() const;  // checks are heard
    /// Nothing when there is no connection that the client has answered.
    std::optional<LocalLink::Health> health() const {
        return link_ && link_->has_remote() ? std::optional(link_->health()) : std::nullopt;
    }

    void handle_timeout(Timestamp now);
    Timestamp next_timeout() const { return timers_.next(); }

    /// The device is gone; the layout stays, for a client that comes back with the same connection.
    void close(Context& context);
    /// The client has ended its connection; the next one knows none of the m-lines. What flows to it stays the same.
    void connection_ended(Context& context);
    /// The same, and what was learnt about the client does not hold for the next one.
    void client_changed(Context& context);

    boost::json::object stored() const;
    void restore(const boost::json::object& stored);

private:
    enum class Timer : uint8_t {
        Answer,   // no answer to an offer for 10 s: the client could not use it and will not say so
        Connect,  // an answered connection that does not come up
        Restart,  // the next ICE restart of a connection on which no check is heard: the client never restarts it
        kCount,
    };

    void update_wanted(Context& context);
    /// Tracks whose codec the answer did not take: their lines fall silent with the next offer.
    void give_up_untaken(Context& context, const std::vector<rtc::sdp::Offerer::Line>& lines);
    void send_subscriptions(Context& context);
    bool offer_due() const;
    void prepare_link(Context& context);
    uint32_t next_revision(WallTime now);
    boost::json::object metadata() const;

    rtc::sdp::Offerer offerer_;
    std::optional<LocalLink> link_;
    std::vector<sessions::IncomingStream> incoming_;
    std::set<TrackId> untaken_;               // of incoming_, those that the client has no codec for
    std::vector<sfu::SubscribedTrack> sent_;  // what the worker was told last
    Timers<Timer> timers_;
    uint32_t revision_ = 0;
    std::string endpoint_;
    bool offered_ = false;  // the client may have a connection by now, with the m-lines of the layout
    bool outstanding_ = false;
    bool offer_again_ = false;   // even though the tracks have not changed
    bool overdue_ = false;       // an answer to an offer that was given up may still come
    bool replace_link_ = false;  // with the next offer: the client's connection or ours is another one now
    bool restart_ice_ = false;   // with an offer as soon as possible
    bool all_profiles_ = false;  // the client took no AES-GCM
};

}  // namespace crosspoint::api::device
