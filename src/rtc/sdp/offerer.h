#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "rtc/media.h"
#include "rtc/sdp/answerer.h"
#include "rtc/sdp/description.h"

// The subscribing side of one device: we offer, the client answers (docs/api.md 2.7). The m-line table lives
// as long as the client's peer connection: lines are never deleted, a line falls silent and is used again later.
namespace crosspoint::rtc::sdp {

/// A track that the device shall receive. Stream, label and kind name it towards the client; `source` is where its
/// media comes from and may change without a new offer.
struct WantedTrack {
    StreamId stream;          // a token (RFC 8830 2), unique per published stream
    std::string track_label;  // a token, unique within the stream
    MediaKind kind = MediaKind::Audio;
    TrackId source;
    bool operator==(const WantedTrack&) const = default;
};

class Offerer {
public:
    /// `random` is used here only, for the session id.
    explicit Offerer(Random& random);

    /// The whole wanted set; its order decides about the order of new lines only. True when the client must be told,
    /// that is, when the next offer would differ from the last one in its tracks.
    bool set_wanted(const std::vector<WantedTrack>& wanted, Random& random);
    /// What the last set_wanted() returned would be, now.
    bool offer_needed() const;
    /// Wanted tracks that found no line at the last set_wanted(), since a description could not hold one more. Lines
    /// that have fallen silent by now may take them: set_wanted() again tries it.
    size_t unplaced() const { return unplaced_; }

    /// New SSRCs on every line, for a transport that is new: sequence numbers and clocks start again there, and a
    /// browser takes packets of an SSRC it knows for old ones.
    void renew_ssrcs(Random& random);

    /// The offer for what is wanted now. One offer is outstanding at a time; a newer one replaces it.
    std::string offer(const LocalTransport& local);

    /// One wanted track on its line.
    struct Line {
        TrackId source;
        StreamId stream;
        MediaKind kind = MediaKind::Audio;
        bool accepted = false;      // false: the client cannot or will not take it, nothing may be sent
        SendParameters parameters;  // codecs and extensions as answered; all set even when not accepted, codecs empty
    };
    struct Accepted {
        std::vector<Line> lines;  // as lines() returns them now
        IceCredentials remote_ice;
        std::vector<Fingerprint> remote_fingerprints;  // SHA-2 only
        bool data_channel = false;
        uint16_t remote_sctp_port = 5000;
        uint64_t remote_max_message_size = 65536;  // bytes; 0 means any
    };
    /// The answer to the last offer. On an error nothing has changed and the offer stays outstanding.
    Result<Accepted, Error> accept_answer(std::string_view sdp);

    /// The wanted tracks that an answer has spoken about, with what it said: what may be sent right now. Shrinks at
    /// once when set_wanted() drops a track and grows only with an answer.
    std::vector<Line> lines() const;

    /// Everything a successor needs to go on with the same client connection after a restart of the server: one short
    /// text, of no meaning elsewhere. Changes with each offer and each answer.
    std::string layout() const;
    /// Nothing when `layout` is not what layout() wrote. Nothing is wanted at first, but the tracks the client knows
    /// get their old lines when set_wanted() names them again (by stream, label and kind).
    static std::optional<Offerer> restore(std::string_view layout);

private:
    struct Name {  // what the client knows a track by
        StreamId stream;
        std::string label;
        bool operator==(const Name&) const = default;
    };
    struct Slot {  // one m-line
        MediaKind kind = MediaKind::Audio;
        std::string mid;
        Ssrc ssrc;
        Ssrc rtx_ssrc;
        std::optional<Name> wanted;
        TrackId source;
        std::optional<Name> told;  // as the last offer said
        bool idle = true;          // no description the client has ever applied shows a track here
        bool dead = false;         // answered with port 0: RFC 8829 5.2.2 wants a new mid before it is used again
        std::optional<Name> answered;
        std::vector<CodecParameters> codecs;
        HeaderExtensions extensions;
    };

    Offerer() = default;
    static bool is_changed(const Slot& slot);
    static std::optional<Slot> read_slot(std::string_view line);
    Slot* line_for(const WantedTrack& track, Random& random);
    Slot* free_line(MediaKind kind);
    void put_on(Slot& slot, const Name& name, Random& random);
    Ssrc new_ssrc(Random& random) const;
    Section section_of(const Slot& slot, const LocalTransport& local) const;
    std::optional<Error> check_answer(const Description& answered) const;
    static void apply_answer(Slot& slot, const Section& answered, bool rejected);
    static Line line_of(const Slot& slot);

    OriginState origin_;
    std::vector<Slot> slots_;  // m-line i + 1; m-line 0 is the data channel's
    size_t unplaced_ = 0;
    size_t offered_ = 0;  // how many of them the last offer held
    uint32_t next_mid_ = 1;
    bool outstanding_ = false;
};

}  // namespace crosspoint::rtc::sdp
