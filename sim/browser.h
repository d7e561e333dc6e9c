#pragma once
#include <boost/json/object.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "connection.h"
#include "offer_checker.h"
#include "sockets.h"

namespace crosspoint::sim {

/// What an application learns of a remote stream.
struct StreamEvent {
    bool available = false;
    std::string stream;
    std::string participant;
    std::string alias;
    std::vector<std::string> media_types;
};

struct PublishOptions {
    std::string alias{};
    bool audio = true;
    bool video = true;
};

/// A page with the hosted SDK in it: what it does on its own (spec 2.3 to 2.9), and what its user does.
class Browser final : public SocketOwner {
public:
    Browser(Surroundings& around, Sockets& sockets, std::string name, uint32_t number, std::string participant,
            std::string token);

    const std::string& name() const { return name_; }
    const std::string& participant() const { return participant_; }
    const std::string& token() const { return token_; }

    // What its user does.
    void connects();
    /// The stream's id; publishing goes on by itself.
    std::string publishes(const PublishOptions& options = {});
    void unpublishes(const std::string& stream);
    void leaves();
    /// The machine is switched off: nobody is told.
    void vanishes();
    /// A connection attempt of a socket layer that nobody uses any more (spec 2.9).
    void opens_zombie() { open_socket(); }
    void mute_camera(bool muted);

    // What the network does to it.
    Wire publishing_wire;
    Wire subscribing_wire;
    SignalPath signal_path;
    void loses_signalling(bool server_hears = true);
    /// No socket opens until it is mended.
    void cut_signalling();
    void mend_signalling() { signal_path.cut = false; }
    /// Its NAT gives both connections other addresses.
    void moves();
    void set_network(Duration delay, uint32_t lost_per_mille);

    // What can be seen of it.
    bool connected() const { return ready_ && socket_up_; }
    /// Its first request was lost with its socket: connect() never settles (spec 2.9).
    bool connect_hangs() const { return said_preferences_ && !ready_ && socket_up_ && calls_.empty(); }
    bool closed_for_good() const { return closed_for_good_; }
    bool publishing_connected() const;
    bool subscribing_connected() const;
    bool hears(const Browser& other) const { return receives(other, rtc::MediaKind::Audio); }
    bool sees(const Browser& other) const { return receives(other, rtc::MediaKind::Video); }
    bool receives(const Browser& other, rtc::MediaKind kind) const;
    bool receives_anything() const;
    /// Of the track of that kind that it receives from `other`; nothing when there is none.
    const Figures* figures(const Browser& other, rtc::MediaKind kind) const;
    void measure_anew();
    /// What its tracks have sent so far.
    const SentTrack* sent(rtc::MediaKind kind) const;
    Connection* publishing() const { return publishing_.get(); }
    Connection* subscribing() const { return subscribing_.get(); }

    const std::vector<StreamEvent>& stream_events() const { return events_; }
    size_t available_events(const Browser& publisher) const;
    size_t unavailable_events() const;
    /// Ids of the streams that are there now.
    std::set<std::string> streams() const;
    /// The answers to its calls that were errors.
    const std::vector<boost::json::object>& errors() const { return errors_; }
    int64_t revision() const { return revision_; }
    size_t offers() const { return offers_seen_; }
    /// m-lines in the last offer.
    size_t offered_lines() const { return offer_checker_.lines(); }

    std::function<void(std::string)> on_complaint;

private:
    using Reply = std::function<void(const boost::json::object* result)>;  // null: an error
    struct Line {  // one m-line of the publishing connection after the data channel's
        rtc::sdp::ClientTrack description;
        SentTrack* track = nullptr;
    };

    void socket_opened(SocketId socket) override;
    void socket_text(SocketId socket, const std::string& text) override;
    void socket_closed(SocketId socket, uint16_t code) override;

    void open_socket();
    void call(std::string_view method, boost::json::object params, Reply reply);
    void notify(std::string_view method, boost::json::value params);
    void ping();

    void queue(std::function<void()> job);
    void job_done();
    void open_publishing();
    void add_track(rtc::MediaKind kind, const std::string& stream);
    void negotiate();
    void take_answer(const boost::json::object& result);
    void restart_publishing();
    void retry_publishing();

    void take_offer(const boost::json::object& params);
    void next_offer();
    void answer(const boost::json::object& params);
    void update_streams(const std::vector<rtc::sdp::OfferedTrack>& tracks, const boost::json::object& metadata);
    NetAddress next_address();
    std::unique_ptr<Connection> make_connection(Connection::Purpose purpose);
    void complain(const std::string& what);

    Surroundings& around_;
    Sockets& sockets_;
    std::string name_;
    uint32_t number_;
    std::string participant_;
    std::string token_;
    std::string unique_id_;
    uint16_t next_port_ = 5000;

    SocketId socket_;
    bool socket_up_ = false;
    bool said_preferences_ = false;
    bool ready_ = false;  // connect() has resolved
    bool gone_ = false;
    bool closed_for_good_ = false;
    uint64_t last_call_ = 0;
    std::map<uint64_t, Reply> calls_;
    std::vector<boost::json::object> errors_;

    std::unique_ptr<Connection> publishing_;
    std::vector<Line> lines_;
    std::map<std::string, std::string> aliases_;  // of what is published
    std::deque<std::function<void()>> jobs_;
    bool job_runs_ = false;
    uint32_t next_mid_ = 1;
    uint32_t next_source_ = 0;

    std::unique_ptr<Connection> subscribing_;
    std::deque<boost::json::object> offers_;
    bool answering_ = false;
    bool unanswered_ = false;
    Timestamp offered_at_{};
    int64_t revision_ = 0;
    int64_t highest_revision_ = 0;
    size_t offers_seen_ = 0;
    OfferChecker offer_checker_;
    std::map<std::string, StreamEvent> streams_;
    std::vector<StreamEvent> events_;

    Alarm reconnect_;
    Alarm ping_;
    Alarm retry_publishing_;
};

}  // namespace crosspoint::sim
