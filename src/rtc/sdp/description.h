#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/net_address.h"
#include "base/result.h"
#include "rtc/media.h"

// A session description as a plain value: what WebRTC needs of RFC 8866 and the attributes JSEP (RFC 8829) builds on.
// Attributes we do not know are dropped. Nothing here knows what an offer or an answer is.
namespace crosspoint::rtc::sdp {

/// Why a description was refused. `line` counts from 1; 0 means the description as a whole.
struct Error {
    size_t line = 0;
    std::string reason;

    /// "line 7: malformed rtpmap".
    std::string text() const;
};

constexpr size_t kMaxDescriptionBytes = 1024 * 1024;  // kMaxSections as browsers answer them, and room to grow
constexpr size_t kMaxLineBytes = 4096;
constexpr size_t kMaxSections = 256;

enum class SectionKind : uint8_t { Audio, Video, Application, Other };
enum class Direction : uint8_t { SendRecv, SendOnly, RecvOnly, Inactive };
enum class Setup : uint8_t { ActPass, Active, Passive, HoldConn };  // RFC 4145 4

/// `o=` (RFC 8866 5.2); only what tells one version of a description from another.
struct Origin {
    uint64_t session_id = 0;
    uint64_t version = 0;
    bool operator==(const Origin&) const = default;
};

struct RtpMap {
    PayloadType payload_type;
    std::string name;
    uint32_t clock_rate = 0;
    uint8_t channels = 1;
    bool operator==(const RtpMap&) const = default;
};

struct FormatParameters {
    PayloadType payload_type;
    std::string parameters;  // "minptime=10;useinbandfec=1"
    bool operator==(const FormatParameters&) const = default;
};

/// `a=rtcp-fb` (RFC 4585 4.2).
struct RtcpFeedback {
    std::optional<PayloadType> payload_type;  // none stands for "*"
    std::string value;                        // "nack pli"
    bool operator==(const RtcpFeedback&) const = default;
};

/// `a=extmap` (RFC 8285 8).
struct ExtensionMap {
    uint16_t id = 0;
    std::optional<Direction> direction;
    std::string uri;
    bool operator==(const ExtensionMap&) const = default;
};

/// `a=msid` (RFC 8830 2). `track` is empty when the line has one token only.
struct Msid {
    std::string stream;
    std::string track;
    bool operator==(const Msid&) const = default;
};

/// `a=ssrc` (RFC 5576 4.1).
struct SsrcAttribute {
    Ssrc ssrc;
    std::string attribute;  // "cname"
    std::string value;
    bool operator==(const SsrcAttribute&) const = default;
};

/// `a=ssrc-group` (RFC 5576 4.2).
struct SsrcGroup {
    std::string semantics;
    std::vector<Ssrc> ssrcs;
    bool operator==(const SsrcGroup&) const = default;
};

/// `a=candidate` (RFC 8839 5.1), without its extensions other than tcptype (RFC 6544 4.5).
struct Candidate {
    std::string foundation;
    uint16_t component = 1;
    Transport transport = Transport::Udp;
    uint32_t priority = 0;
    std::string host;  // an IP address, or a name such as browsers hide theirs behind ("….local")
    uint16_t port = 0;
    std::string type = "host";
    std::string tcp_type;  // "passive"; empty for UDP

    /// A host candidate of ours, TCP ones passive. `rank` counts from 0, the best first.
    static Candidate of(const NetAddress& address, size_t rank);
    /// Nothing when `host` is a name.
    std::optional<NetAddress> address() const;
    bool operator==(const Candidate&) const = default;
};

/// What may stand at session level for all sections, or in each section.
struct TransportAttributes {
    IceCredentials ice;  // empty strings when absent
    std::vector<std::string> ice_options;
    std::vector<Fingerprint> fingerprints;
    std::optional<Setup> setup;
    bool operator==(const TransportAttributes&) const = default;
};

/// One m-line with what belongs to it. Session-level attributes that apply to it are already in here.
struct Section {
    SectionKind kind = SectionKind::Other;
    std::string media;  // as the m-line spells it; matters for SectionKind::Other only
    uint16_t port = 9;
    std::string protocol;
    std::vector<std::string> formats;        // of sections that are not RTP: "webrtc-datachannel"
    std::vector<PayloadType> payload_types;  // of RTP sections, preferred first
    std::string connection;                  // what follows "c="; empty when absent

    std::string mid;  // empty when absent
    std::optional<Direction> direction;
    TransportAttributes transport;
    std::vector<Candidate> candidates;
    bool end_of_candidates = false;
    bool rtcp_mux = false;
    bool rtcp_rsize = false;
    bool bundle_only = false;

    std::vector<RtpMap> rtpmaps;
    std::vector<FormatParameters> fmtps;
    std::vector<RtcpFeedback> feedback;
    std::vector<ExtensionMap> extensions;
    std::vector<Msid> msids;
    std::vector<SsrcAttribute> ssrcs;
    std::vector<SsrcGroup> ssrc_groups;
    std::vector<std::string> rids;  // what follows "a=rid:" (RFC 8851)
    std::string simulcast;          // what follows "a=simulcast:" (RFC 8853)

    std::optional<uint16_t> sctp_port;         // RFC 8841 5
    std::optional<uint64_t> max_message_size;  // RFC 8841 6, bytes; 0 means any size

    bool is_rtp() const { return kind == SectionKind::Audio || kind == SectionKind::Video; }
    /// SendRecv when nothing says otherwise (RFC 8866 6.7).
    Direction effective_direction() const { return direction.value_or(Direction::SendRecv); }
    /// Static types (RFC 3551 6) need no a=rtpmap.
    std::optional<RtpMap> rtpmap(PayloadType type) const;
    /// Empty when there is none.
    std::string_view fmtp(PayloadType type) const;
    /// `a=rtcp-fb:*` counts for every type.
    bool has_feedback(PayloadType type, std::string_view value) const;
    bool operator==(const Section&) const = default;
};

struct Description {
    Origin origin;
    bool ice_lite = false;
    bool extmap_allow_mixed = false;
    std::string msid_semantic;                     // what follows "a=msid-semantic:"
    std::vector<std::vector<std::string>> bundle;  // mids of each a=group:BUNDLE (RFC 9143 5)
    TransportAttributes transport;
    std::vector<Section> sections;

    /// LF and CRLF line ends. Never throws, never reads past kMaxDescriptionBytes.
    static Result<Description, Error> parse(std::string_view text);
    /// CRLF line ends. What parse() of this gives is equal to this, session-level attributes spread over the sections.
    std::string write() const;

    /// True for a section whose port is 0 for good; RFC 9143 6: a bundle-only one in a BUNDLE group is alive.
    bool is_rejected(const Section& section) const;
    bool is_bundled(const Section& section) const;
    bool operator==(const Description&) const = default;
};

/// The value of `key` in "key=value;key2=value2"; keys compare without regard to case.
std::optional<std::string_view> format_parameter(std::string_view parameters, std::string_view key);

}  // namespace crosspoint::rtc::sdp
