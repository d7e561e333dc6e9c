#pragma once
#include <variant>
#include <vector>

#include "rtc/rtcp/bye.h"
#include "rtc/rtcp/fir.h"
#include "rtc/rtcp/nack.h"
#include "rtc/rtcp/pli.h"
#include "rtc/rtcp/receiver_report.h"
#include "rtc/rtcp/remb.h"
#include "rtc/rtcp/sender_report.h"
#include "rtc/rtcp/source_description.h"
#include "rtc/rtcp/transport_feedback.h"

namespace crosspoint::rtc::rtcp {

using Message =
    std::variant<SenderReport, ReceiverReport, SourceDescription, Bye, Nack, Pli, Fir, Remb, TransportFeedback>;

/// What one RTCP datagram says: a compound (RFC 3550 6.1) or packets alone (RFC 5506). Types and feedback formats that
/// we do not know are read over.
struct Compound {
    std::vector<Message> messages;

    /// Nothing when the packets do not fill the datagram exactly, or one that we know is damaged.
    static std::optional<Compound> parse(Bytes datagram);
    /// Appends all messages; `out.done()` tells whether they fitted.
    void write(ByteWriter& out) const;
};

void write(ByteWriter& out, const Message& message);

}  // namespace crosspoint::rtc::rtcp
