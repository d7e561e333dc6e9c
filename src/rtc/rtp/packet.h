#pragma once
#include <array>
#include <optional>

#include "base/bytes.h"
#include "base/ids.h"
#include "rtc/media.h"

namespace crosspoint::rtc::rtp {

/// One RTP packet read in place (RFC 3550 5.1, extensions RFC 8285 one-byte and two-byte). Views point into the
/// datagram.
struct Packet {
    bool marker = false;
    PayloadType payload_type;
    uint16_t sequence = 0;
    uint32_t timestamp = 0;
    Ssrc ssrc;
    Bytes csrcs;                     // 4 bytes each
    uint16_t extension_profile = 0;  // 0xBEDE, 0x100x, or 0 when there is no extension block
    Bytes extension_block;
    Bytes payload;        // without padding
    uint8_t padding = 0;  // padding bytes, the count byte included

    /// Nothing on a wrong version, a header that does not fit, or padding longer than the payload.
    static std::optional<Packet> parse(Bytes datagram);

    /// The data of extension `id`; empty when absent or `id` is 0.
    Bytes extension(uint8_t id) const;
};

/// What a forwarder writes: a fresh header round somebody's payload.
struct OutgoingHeader {
    bool marker = false;
    PayloadType payload_type;
    uint16_t sequence = 0;
    uint32_t timestamp = 0;
    Ssrc ssrc;
};

/// Writes header, extensions and payload pieces into `out`. Extensions are added in call order; ids up to 14 and data
/// up to 16 bytes use the one-byte form, anything else switches the block to the two-byte form.
class PacketWriter {
public:
    PacketWriter(MutableBytes out, const OutgoingHeader& header);
    /// Does nothing when `id` is 0 (not negotiated). At most 16 extensions and 256 bytes of them.
    void extension(uint8_t id, Bytes data);
    /// Ends the extension block and appends; may be called several times.
    void payload(Bytes piece);
    /// The whole packet so far, or empty when it did not fit.
    Bytes finish();
    /// Where the data of the extension `id` will stand in the finished packet; nothing when it was not written. Right
    /// once all extensions were added. Lets a sender stamp the transport sequence number last.
    std::optional<size_t> extension_offset(uint8_t id) const;

private:
    void close_extensions();

    ByteWriter out_;
    struct Extension {
        uint8_t id;
        uint8_t size;
        uint16_t at;  // in data_
    };
    std::array<Extension, 16> extensions_{};
    std::array<uint8_t, 256> data_{};
    size_t extension_count_ = 0;
    size_t data_used_ = 0;
    bool two_byte_ = false;
    bool closed_ = false;
};

/// RFC 5761 4: with rtcp-mux the second byte tells RTCP (192–223 as packet type) from RTP.
bool looks_like_rtcp(Bytes datagram);

}  // namespace crosspoint::rtc::rtp
