#pragma once
#include <functional>
#include <map>
#include <memory>

#include "heard_track.h"
#include "network.h"
#include "rtc/link/link.h"
#include "rtc/sctp/association.h"
#include "rtc/sdp/client.h"
#include "sent_track.h"
#include "sfu/transport_feedback.h"

namespace crosspoint::sim {

/// What everything in a world shares.
struct Surroundings {
    Schedule& schedule;
    Network& network;
    Trace& trace;
    Random& random;
    rtc::dtls::TransportFactory& transports;
    std::function<std::shared_ptr<const crypto::Certificate>()> make_certificate;
    /// So many times fewer packets a second than really: a world of many people stays cheap.
    int media_pace = 1;
};

/// A browser's RTCPeerConnection: ICE, DTLS, SRTP, the heartbeat channel, RTCP, and the tracks that it sends or
/// receives.
class Connection final : public MediaOutlet {
public:
    enum class Purpose : uint8_t { Publishing, Subscribing };
    enum class State : uint8_t { New, Checking, Connected, Failed };

    /// `wire` must outlive it.
    Connection(Surroundings& surroundings, const NetAddress& address, Wire& wire, Purpose purpose);
    ~Connection() override;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// What the next local description says.
    rtc::sdp::ClientTransport local() const { return {ice_, certificate_->sha256_fingerprint()}; }
    /// New credentials from the next local description on.
    void restart_ice();
    /// Whether these credentials are others than the server's last.
    bool is_restart(const rtc::IceCredentials& server) const {
        return !server_ice_.ufrag.empty() && server_ice_ != server;
    }
    /// The server's description.
    void apply(const rtc::sdp::ServerSide& server);
    /// A NAT forgot its mapping: what is sent comes from another address from now on.
    void move_to(const NetAddress& address);
    /// The page closes it.
    void close();

    State state() const { return dtls_failed_ ? State::Failed : state_; }
    rtc::sdp::OriginState& origin() { return origin_; }
    std::function<void()> on_failed;
    std::function<void(std::string)> on_complaint;

    SentTrack& add(std::unique_ptr<SentTrack> track);
    void remove(const SentTrack& track);
    /// What is received from now on; a track that stays goes on.
    void set_heard(const std::vector<rtc::sdp::OfferedTrack>& tracks);
    const std::vector<std::unique_ptr<SentTrack>>& sent() const { return sent_; }
    const std::vector<std::unique_ptr<HeardTrack>>& heard() const { return heard_; }
    /// Tracks were negotiated: their timers count from now.
    void wake();

    int pings() const { return pings_; }
    uint64_t feedback_arrivals() const { return feedback_arrivals_; }

    bool can_send() const override { return link_ && link_->can_send(); }
    uint16_t next_transport_sequence() override { return transport_sequence_++; }
    void send_rtp(Bytes packet) override;
    void send_rtcp(const rtc::rtcp::Message& message) override;

private:
    void attach();
    void open_link();
    void handle_datagram(const NetAddress& from, MutableBytes datagram);
    void handle_timeout();
    void take(const rtc::link::Received& packet);
    void take_rtp(Bytes plain);
    void take_rtcp(Bytes plain);
    void take(const rtc::link::Event& event);
    void take_data(Bytes packet);
    void flush_sctp(rtc::sctp::Output& out);
    void send_reports();
    void heard_from_server();
    void turn(const std::function<void(rtc::link::Output&)>& work);
    Timestamp next_timeout() const;
    void complain(std::string what) {
        if (on_complaint) on_complaint(std::move(what));
    }

    Surroundings& around_;
    NetAddress address_;
    Wire& wire_;
    Purpose purpose_;
    std::shared_ptr<const crypto::Certificate> certificate_;
    rtc::IceCredentials ice_;
    rtc::IceCredentials server_ice_;
    std::vector<rtc::Fingerprint> server_fingerprints_;
    rtc::sdp::OriginState origin_;
    SendBatch batch_;
    std::unique_ptr<rtc::link::Link> link_;
    std::optional<rtc::sctp::Association> association_;
    State state_ = State::New;
    bool dtls_failed_ = false;
    Timestamp fails_at_ = kNever;
    std::vector<std::unique_ptr<SentTrack>> sent_;
    std::vector<std::unique_ptr<HeardTrack>> heard_;
    std::map<Ssrc, Timestamp> retired_;  // when we were told that they are over
    uint16_t transport_sequence_ = 0;
    sfu::TransportFeedbackGenerator feedback_;
    Ssrc own_ssrc_;
    Timestamp next_report_ = kNever;
    int pings_ = 0;
    uint64_t feedback_arrivals_ = 0;
    Alarm alarm_;
};

}  // namespace crosspoint::sim
