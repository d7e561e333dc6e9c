#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/net_address.h"
#include "rtc/media.h"
#include "rtc/sdp/description.h"

// The publishing side: the client offers, we answer (docs/api.md 2.6). Stateless but for the origin: sections
// are matched by position alone, since a reused m-line comes back with another mid.
namespace crosspoint::rtc::sdp {

/// Our end of one connection, as it stands in our offers and answers.
struct LocalTransport {
    IceCredentials ice;
    std::string sha256_fingerprint;      // "AB:CD:…", of crypto::Certificate
    std::vector<NetAddress> candidates;  // host candidates, best first; Transport::Tcp ones are passive (RFC 6544)
};

/// What stands in `o=` of all our descriptions to one peer connection.
struct OriginState {
    uint64_t session_id = 0;  // below 2^63 (RFC 8829 5.2.1)
    uint64_t version = 0;     // of the last description written; each new one counts on

    Origin next();
};

/// What the publisher may send and what we take of it.
struct AnswerPolicy {
    bool audio = true;  // false: such m-lines are answered inactive, without a track
    bool video = true;
    std::vector<Codec> video_codecs{Codec::Vp8, Codec::H264, Codec::Vp9, Codec::Av1};  // order of no meaning
    bool red = true;
    /// Where a Chromium publisher's bandwidth estimate begins, in kbit/s; 0 leaves it at the browser's own 300, with
    /// which it sends a quarter of the wanted size at first and takes half a minute to grow.
    unsigned video_start_kbps = 0;
};

/// One m-line on which media will come.
struct NegotiatedTrack {
    size_t mline = 0;              // counts from 0, over all sections
    std::string client_stream_id;  // first token of a=msid, exactly as it stood (Firefox: with braces); may be empty
    std::string client_track_id;
    ReceiveParameters parameters;
};

struct Answer {
    std::string sdp;
    std::vector<NegotiatedTrack> tracks;  // in the order of the m-lines
    IceCredentials remote_ice;
    std::vector<Fingerprint> remote_fingerprints;  // SHA-2 only, at least one
    bool data_channel = false;
    uint16_t remote_sctp_port = 5000;
    uint64_t remote_max_message_size = 65536;  // bytes (RFC 8841 6.1); 0 means any
};

/// Answers as DTLS server (`setup:passive`) and lite ICE agent, everything in one BUNDLE on the offer's first live
/// section. Keeps one video codec per section, the first of the offer that `policy` allows. Refuses only offers that
/// cannot become a connection at all: no section, no ICE credentials, no SHA-2 fingerprint, no BUNDLE or RTCP mux.
Result<Answer, Error> answer(const Description& offer, const AnswerPolicy& policy, const LocalTransport& local,
                             OriginState& origin);

}  // namespace crosspoint::rtc::sdp
