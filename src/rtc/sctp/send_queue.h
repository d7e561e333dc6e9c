#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

#include "base/time.h"
#include "rtc/sctp/congestion.h"
#include "rtc/sctp/data_chunk.h"
#include "rtc/sctp/sack_chunk.h"

namespace crosspoint::rtc::sctp {

/// Messages on their way to the peer: cut into chunks, sent as the windows allow, kept until acknowledged, sent again
/// when lost (RFC 9260 6.1, 6.2.1, 6.3.3, 7.2.4). TSNs are 64-bit here.
class SendQueue {
public:
    struct Limits {
        size_t packet = 0;    // bytes of an SCTP packet
        size_t message = 0;   // bytes of a message
        size_t buffered = 0;  // bytes waiting or unacknowledged
    };
    SendQueue(int64_t initial_tsn, const Limits& limits);

    /// False when the message is empty, too long or there is no room for it now.
    bool push(uint16_t stream, uint32_t ppid, Bytes message);
    void set_peer_window(size_t bytes);

    /// The size that the next chunk will have in a packet; nothing when nothing may be sent now.
    std::optional<size_t> next_size() const;
    /// That chunk, with its TSN; the payload is valid until the next call.
    DataChunk take(Timestamp now);

    struct SackResult {
        bool news = false;  // the SACK acknowledges more than those before it
        std::optional<Duration> round_trip;
    };
    /// Nothing when the SACK is older than one before it, or acknowledges what was never sent.
    std::optional<SackResult> handle_sack(Timestamp now, const SackChunk& sack);
    /// T3-rtx ran out: everything on its way counts as lost.
    void handle_timeout();

    /// Whether T3-rtx has something to wait for.
    bool waits_for_sack() const { return !sent_.empty(); }
    bool empty() const { return sent_.empty() && waiting_.empty(); }
    int64_t last_acknowledged() const { return acknowledged_; }

private:
    enum class Fate : uint8_t { InFlight, Arrived, Lost };
    struct Fragment {
        DataChunk header;  // its payload is `payload`
        Buffer payload;
    };
    struct Sent {
        Fragment fragment;
        Fate fate = Fate::InFlight;
        Timestamp at;
        int transmissions = 1;
        int misses = 0;  // SACKs that acknowledged later ones but not this
        bool fast_retransmitted = false;
    };
    struct Progress {
        size_t bytes = 0;
        int64_t highest_new = 0;
        std::optional<Duration> round_trip;
    };

    static size_t size_in_packet(const Fragment& fragment);
    size_t largest_payload() const;
    int64_t tsn_of(size_t index) const { return acknowledged_ + 1 + static_cast<int64_t>(index); }
    bool may_send(size_t size) const;
    void set_fate(Sent& sent, Fate fate);
    void arrived(Timestamp now, size_t index, Progress& progress);
    void take_gaps(Timestamp now, const SackChunk& sack, int64_t cumulative, Progress& progress);
    void count_misses(const Progress& progress, bool cumulative_advanced);
    DataChunk send_again(Timestamp now);
    DataChunk send_first(Timestamp now);

    Limits limits_;
    Congestion congestion_;
    int64_t acknowledged_;          // cumulative
    std::deque<Sent> sent_;         // TSNs from `acknowledged_` + 1
    std::deque<Fragment> waiting_;  // without TSN
    std::unordered_map<uint16_t, uint16_t> next_ssn_;
    size_t buffered_ = 0;   // payload bytes in `sent_` and `waiting_`
    size_t in_flight_ = 0;  // payload bytes of those in flight
    size_t lost_ = 0;       // how many are lost and not sent again yet
    size_t peer_window_ = 0;
    std::optional<int64_t> recovery_until_;  // fast recovery, RFC 9260 7.2.4
    bool free_retransmission_ = false;       // the one packet that 7.2.4 sends whatever the window
};

}  // namespace crosspoint::rtc::sctp
