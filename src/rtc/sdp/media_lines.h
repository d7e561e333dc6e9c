#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rtc/media.h"
#include "rtc/sdp/answerer.h"
#include "rtc/sdp/description.h"

// Between the words of rtc/media.h and the lines of a section, in both directions. Offerer, answerer and the client
// share these.
namespace crosspoint::rtc::sdp {

/// One payload type of a section with its parameters, feedback and the RTX type that points at it; nothing when the
/// codec is unknown, malformed or RTX itself.
std::optional<CodecParameters> read_codec(const Section& section, PayloadType type);
/// All of them, in the section's order.
std::vector<CodecParameters> read_codecs(const Section& section);
/// The reverse of read_codec(): appends the payload type and, when it has one, its RTX type.
void add_codec(Section& section, const CodecParameters& codec);

/// Ids of the extensions we know; of two with the same URI the first counts.
HeaderExtensions read_extensions(const Section& section);
void add_extensions(Section& section, const HeaderExtensions& extensions);
/// The member that a URI stands for; null for the many we do not speak.
uint8_t* extension_by_uri(HeaderExtensions& extensions, std::string_view uri);

struct Sources {
    std::optional<Ssrc> media;
    std::optional<Ssrc> rtx;
};
/// From a=ssrc-group:FID, or else from the first a=ssrc.
Sources read_sources(const Section& section);
void add_sources(Section& section, Ssrc media, std::optional<Ssrc> rtx, std::string_view cname);

/// An empty RTP or data-channel section of WebRTC, port 9.
Section rtp_section(MediaKind kind, std::string_view mid);
Section data_section(std::string_view mid, uint16_t sctp_port);
/// Our end of the transport. Candidates and the default address stand in one section of a BUNDLE only (RFC 9143 7.1.3).
void add_transport(Section& section, const IceCredentials& ice, const std::string& sha256_fingerprint, Setup setup);
void add_candidates(Section& section, const std::vector<NetAddress>& candidates);

/// The section whose transport attributes count for all: the first live one that the BUNDLE group names (RFC
/// 9143 7.2.1), or the first live one. Null when all are rejected.
const Section* tagged_section(const Description& description);
/// Those of the SHA-2 family: others prove nothing (RFC 8122 5.1).
std::vector<Fingerprint> believed_fingerprints(const TransportAttributes& transport);

constexpr uint16_t kSctpPort = 5000;
constexpr uint64_t kOurMaxMessageSize = 65536;      // bytes; a longer message ends the association (sctp::Options)
constexpr uint64_t kDefaultMaxMessageSize = 65536;  // RFC 8841 6.1

}  // namespace crosspoint::rtc::sdp
