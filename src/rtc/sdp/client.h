#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rtc/media.h"
#include "rtc/sdp/answerer.h"
#include "rtc/sdp/description.h"

// The other side, for the simulation and the load generator: descriptions as the browser SDK makes them.
namespace crosspoint::rtc::sdp {

struct ClientTransport {
    IceCredentials ice;
    std::string sha256_fingerprint;
};

/// One m-line of a publishing connection, in the order of its first use.
struct ClientTrack {
    MediaKind kind = MediaKind::Audio;
    std::string stream_id;
    std::string track_id;
    Ssrc ssrc;
    Ssrc rtx_ssrc;  // video only
    std::string mid;
    bool stopped = false;  // unpublished: the line stays, with port 0
};

/// What a client learns of the server from one of its descriptions.
struct ServerSide {
    IceCredentials ice;
    std::vector<Fingerprint> fingerprints;
    std::vector<NetAddress> candidates;
    DtlsRole client_role = DtlsRole::Client;  // ours, after this exchange
    bool data_channel = false;
    uint16_t sctp_port = 5000;
};

/// The offer of a publishing connection; no tracks: the data channel alone, as the SDK's first offer is.
std::string publishing_offer(std::span<const ClientTrack> tracks, const ClientTransport& local, OriginState& origin);

struct PublishingAnswer {
    ServerSide server;
    std::vector<std::optional<SendParameters>> tracks;  // one per track offered; none where the server takes nothing
};
Result<PublishingAnswer, Error> read_publishing_answer(std::string_view answer, std::span<const ClientTrack> tracks);

/// One live m-line of the server's offer.
struct OfferedTrack {
    std::string stream_id;
    std::string track_id;
    ReceiveParameters parameters;
};
struct SubscribingAnswer {
    std::string sdp;  // recvonly, setup:passive, no candidates
    ServerSide server;
    std::vector<OfferedTrack> tracks;
};
Result<SubscribingAnswer, Error> answer_subscribing_offer(std::string_view offer, const ClientTransport& local,
                                                          OriginState& origin);

}  // namespace crosspoint::rtc::sdp
