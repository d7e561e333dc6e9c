#pragma once
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/time.h"
#include "base/timers.h"
#include "rtc/sctp/error_cause.h"
#include "rtc/sctp/init_chunk.h"
#include "rtc/sctp/packet.h"
#include "rtc/sctp/reassembly.h"
#include "rtc/sctp/received_tsns.h"
#include "rtc/sctp/retransmission_timeout.h"
#include "rtc/sctp/send_queue.h"
#include "rtc/sctp/state_cookie.h"
#include "rtc/sctp/stream_resets.h"

// SCTP over DTLS (RFC 9260, RFC 8261) as far as WebRTC's data channels need it (RFC 8831): one path, reliable sending,
// ordered and unordered receiving, partial reliability of the peer (RFC 3758), stream resets by the peer (RFC 6525).
namespace crosspoint::rtc::sctp {

/// RFC 8831 8. Empty messages are `StringEmpty` and `BinaryEmpty` with one byte on the wire only; above this header
/// they are `String` and `Binary` without bytes.
namespace ppid {
inline constexpr uint32_t kDcep = 50;
inline constexpr uint32_t kString = 51;
inline constexpr uint32_t kBinary = 53;
inline constexpr uint32_t kStringEmpty = 56;
inline constexpr uint32_t kBinaryEmpty = 57;
}  // namespace ppid

struct Options {
    uint16_t local_port = 5000;
    uint16_t remote_port = 5000;
    size_t packet = 1191;     // the most bytes of a packet: fits DTLS, UDP and IPv6 into 1280 and a TURN relay's header
    uint16_t streams = 1024;  // in each direction; ids above are refused
    size_t message = 64 * 1024;  // the longest message in both directions, `a=max-message-size` (RFC 8841 6)
    size_t receive_window = 256 * 1024;
    size_t send_buffer = 256 * 1024;  // bytes waiting or unacknowledged
};

/// Comes again when the peer lost its state and began anew (RFC 9260 5.2): what it had not acknowledged is lost then.
struct Connected {};
/// RFC 8831 6.7: the peer closed these channels; all of them when the list is empty.
struct StreamReset {
    std::vector<uint16_t> streams;
};
/// Ended at once, by an ABORT of the peer's or of ours.
struct Aborted {
    CauseCode cause = CauseCode::None;
    bool by_peer = false;
};
/// Ended in order: everything that was sent before has arrived, or the peer has long been silent.
struct Closed {};
using Event = std::variant<Connected, Message, StreamReset, Aborted, Closed>;

struct Output {
    std::vector<Buffer> packets;  // for one DTLS record each, in order
    std::vector<Event> events;
};

/// One association. It never gives up on a silent peer while it is open: whether the path lives is ICE's to say
/// (RFC 7675), and after an ICE restart the association goes on. For the same reason it sends no heartbeats of its own.
class Association {
public:
    /// `random` must outlive it.
    Association(const Options& options, Random& random);

    /// Either side may begin, or both. Does nothing unless the association is closed.
    void connect(Timestamp now, Output& out);
    /// Garbage, packets of another association and chunks out of place are counted and dropped.
    void handle_packet(Timestamp now, Bytes packet, Output& out);
    void handle_timeout(Timestamp now, Output& out);
    Timestamp next_timeout() const { return timers_.next(); }

    /// Sends in order, and reliably. False, with nothing done, when the association is neither open nor opening, the
    /// stream is not below the number agreed on, the message is too long, or the buffer is full.
    bool send(Timestamp now, uint16_t stream, uint32_t ppid, Bytes message, Output& out);

    /// Sends what is waiting, then closes (RFC 9260 9.2).
    void shutdown(Timestamp now, Output& out);
    /// Closes at once (RFC 9260 9.1).
    void abort(Output& out);

    bool connected() const { return state_ == State::Established; }
    uint64_t dropped_packets() const { return dropped_packets_; }

private:
    // RFC 9260 4.
    enum class State : uint8_t {
        Closed,
        CookieWait,
        CookieEchoed,
        Established,
        ShutdownPending,
        ShutdownSent,
        ShutdownReceived,
        ShutdownAckSent,
    };
    enum class Timer : uint8_t {
        Handshake,   // T1-init and T1-cookie: send INIT or COOKIE ECHO again
        Retransmit,  // T3-rtx: nothing on its way was acknowledged
        Shutdown,    // T2-shutdown: send SHUTDOWN or SHUTDOWN ACK again
        Sack,        // acknowledge although no second packet came
        kCount,
    };
    /// What the peer said about itself, and what came from it.
    struct Peer {
        uint32_t tag;
        uint32_t window;
        uint16_t outbound_streams;  // of ours that it accepts
        uint16_t inbound_streams;
        ReceivedTsns received;
        Reassembly reassembly;
        StreamResets resets;
    };

    // association.cpp
    void start_over();
    SendQueue new_sender() const;
    bool belongs(const Packet& packet) const;
    bool handle_chunk(Timestamp now, const Packet& packet, const RawChunk& chunk, Output& out);
    bool handle_unknown(const RawChunk& chunk);
    void handle_out_of_the_blue(const Packet& packet, Output& out);
    void transmit(Timestamp now, Output& out);
    void add_data(Timestamp now, PacketBuilder& packet, Output& out);
    void send_alone(uint32_t tag, Bytes chunk, Output& out) const;
    void queue(Buffer chunk) { control_.push_back(std::move(chunk)); }
    void end(Event why, Output& out);
    void fail(CauseCode cause, Output& out);

    // association_setup.cpp
    InitChunk own_init(uint32_t tag, uint32_t initial_tsn) const;
    void handle_init(const RawChunk& chunk, Output& out);
    void handle_init_ack(Timestamp now, const RawChunk& chunk, Output& out);
    void handle_cookie_echo(const Packet& packet, const RawChunk& chunk, Output& out);
    void handle_cookie_ack(Output& out);
    void meet_peer(const InitChunk& peer);
    void open(Output& out);

    // association_transfer.cpp
    bool may_receive_data() const;
    void handle_data(const RawChunk& chunk, Output& out);
    void take_data(int64_t tsn, const DataChunk& data, Output& out);
    void handle_sack(Timestamp now, const SackChunk& sack);
    void handle_forward_tsn(const RawChunk& chunk, Output& out);
    void handle_reconfig(const RawChunk& chunk, Output& out);
    void report(std::vector<Message> messages, Output& out) const;
    void schedule_sack(Timestamp now);
    Buffer make_sack();

    // association_shutdown.cpp
    void handle_shutdown(Timestamp now, const RawChunk& chunk);
    void handle_shutdown_ack(Output& out);
    void go_on_with_shutdown(Timestamp now);
    void send_shutdown(Timestamp now);
    void handle_shutdown_timeout(Timestamp now, Output& out);

    Options options_;
    Random& random_;
    State state_ = State::Closed;
    Timers<Timer> timers_;
    RetransmissionTimeout timeout_;
    uint32_t own_tag_ = 0;
    uint32_t own_initial_tsn_ = 0;
    Buffer handshake_chunk_;  // INIT or COOKIE ECHO, while its answer is awaited
    std::optional<Peer> peer_;
    SendQueue sender_;
    std::vector<Buffer> control_;  // chunks for the next packet; empty between calls
    bool data_arrived_ = false;    // in the packet at hand
    bool sack_owed_ = false;       // some DATA is not acknowledged yet
    bool sack_now_ = false;
    int shutdown_attempts_ = 0;
    uint64_t dropped_packets_ = 0;
};

}  // namespace crosspoint::rtc::sctp
