#pragma once
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/bytes.h"
#include "rtc/media.h"
#include "rtc/srtp/keys.h"
#include "rtc/srtp/replay_window.h"
#include "rtc/srtp/transform.h"

// SRTP and SRTCP (RFC 3711, RFC 7714). One object is one direction of one link: a sender protects what we send, a
// receiver opens what came. Everything happens in place; memory is taken only for an SSRC that was not there before.
namespace crosspoint::rtc::srtp {

/// RFC 3711 3.3.1: the 48-bit index that `sequence` most likely means when `highest` was the highest so far. A stream
/// starts with a rollover counter of zero, so nothing is before index 0.
uint64_t estimate_index(std::optional<uint64_t> highest, uint16_t sequence);

class Sender {
public:
    /// The master key and salt must have the profile's sizes.
    Sender(SrtpProfile profile, Bytes master_key, Bytes master_salt);
    Sender(SrtpProfile profile, const SessionKeys& keys);

    /// Protects the RTP packet in the first `plain_size` bytes of `buffer`, which has room for kMaxTrailer more. Says
    /// the protected size; nothing when this is no RTP packet or there is no room. Sequence numbers may come out of
    /// order; one that comes twice must be the same packet, or its key stream would protect two.
    std::optional<size_t> protect_rtp(MutableBytes buffer, size_t plain_size);
    /// The same for a compound or reduced-size RTCP packet. Nothing, too, once an SSRC has sent 2^31 of them.
    std::optional<size_t> protect_rtcp(MutableBytes buffer, size_t plain_size);

private:
    Transform rtp_;
    Transform rtcp_;
    // SSRCs that we send are our own, so they are few, and none is ever forgotten: its counter would start again and
    // with it the key stream.
    std::unordered_map<uint32_t, uint64_t> highest_rtp_;
    std::unordered_map<uint32_t, uint64_t> next_rtcp_;
};

class Receiver {
public:
    /// SSRCs remembered for each of RTP and RTCP. One more makes the one forgotten that was silent for longest.
    static constexpr size_t kMaxSsrcs = 256;

    Receiver(SrtpProfile profile, Bytes master_key, Bytes master_salt);
    Receiver(SrtpProfile profile, const SessionKeys& keys);

    /// Opens a protected packet and says its plain size. Nothing when it is damaged, forged, too old or was there
    /// before; what is in `packet` is garbage then, and nothing is remembered of it.
    std::optional<size_t> unprotect_rtp(MutableBytes packet);
    /// RFC 3711 3.4; packets without the E bit are refused, since no profile here negotiates that.
    std::optional<size_t> unprotect_rtcp(MutableBytes packet);

private:
    class Streams {
    public:
        ReplayWindow* find(uint32_t ssrc);
        /// Remembers an authenticated packet.
        void add(uint32_t ssrc, uint64_t index);

    private:
        struct Stream {
            ReplayWindow window;
            uint64_t last_used = 0;
        };
        void forget_oldest();

        std::unordered_map<uint32_t, Stream> streams_;
        uint64_t uses_ = 0;
    };

    Transform rtp_;
    Transform rtcp_;
    Streams rtp_streams_;
    Streams rtcp_streams_;
};

}  // namespace crosspoint::rtc::srtp
