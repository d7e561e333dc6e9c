#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "rtc/sctp/data_chunk.h"
#include "rtc/sctp/forward_tsn_chunk.h"

namespace crosspoint::rtc::sctp {

/// One user message of a stream.
struct Message {
    uint16_t stream = 0;
    uint32_t ppid = 0;
    Buffer bytes;
    bool operator==(const Message&) const = default;
};

/// Makes messages out of DATA chunks (RFC 9260 6.5, 6.6, 6.9), ordered ones in the order of their stream. Holds at most
/// twice `window` bytes, whatever the peer does.
class Reassembly {
public:
    enum class Verdict : uint8_t {
        Taken,
        NoRoom,     // must not be acknowledged; the peer will send it again
        TooLong,    // a message above the maximum
        Violation,  // chunks that contradict each other, or more than a peer that heeds our window could send
    };

    Reassembly(size_t window, size_t max_message) : window_(window), max_message_(max_message) {}

    /// `next_in_order` says that everything before `tsn` has arrived: such a chunk is taken even when the window is
    /// full, since only it can empty the window. A TSN must come only once.
    Verdict add(int64_t tsn, const DataChunk& data, bool next_in_order, std::vector<Message>& out);
    /// RFC 3758 3.6: what was given up will not be completed.
    void forward(int64_t tsn, std::span<const ForwardTsnChunk::Skipped> skipped, std::vector<Message>& out);
    /// RFC 6525 5.2.2: these streams begin again; all of them when the list is empty.
    void reset(std::span<const uint16_t> streams);

    /// What the peer may still send.
    size_t window() const { return buffered_ < window_ ? window_ - buffered_ : 0; }

private:
    static constexpr size_t kMaxFragments = 2048;  // and complete messages that wait
    static constexpr int64_t kFirstSsn = 0x10000;  // one wrap above zero, so that older ones stay positive

    struct Fragment {
        uint16_t stream;
        uint16_t ssn;
        uint32_t ppid;
        bool beginning;
        bool end;
        bool unordered;
        Buffer payload;
    };
    using Fragments = std::map<int64_t, Fragment>;
    struct Stream {
        int64_t next_ssn = kFirstSsn;
        std::map<int64_t, Message> ready;  // complete, waiting for an earlier one
    };

    bool contradicts_neighbours(Fragments::const_iterator at) const;
    Verdict complete(Fragments::iterator at, std::vector<Message>& out);
    Verdict deliver(const Fragment& last, Message message, std::vector<Message>& out);
    void deliver_ready(Stream& stream, std::vector<Message>& out);

    size_t window_;
    size_t max_message_;
    size_t buffered_ = 0;  // bytes in `fragments_` and in the streams' `ready`
    size_t waiting_ = 0;   // messages in the streams' `ready`: short ones cost more than their bytes
    Fragments fragments_;  // of messages that are not complete, by TSN
    std::unordered_map<uint16_t, Stream> streams_;
};

}  // namespace crosspoint::rtc::sctp
