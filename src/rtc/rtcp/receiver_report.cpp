#include "rtc/rtcp/receiver_report.h"

#include "rtc/rtcp/header.h"

namespace crosspoint::rtc::rtcp {

std::optional<ReceiverReport> ReceiverReport::parse(uint8_t count, Bytes body) {
    ByteReader in(body);
    ReceiverReport report;
    report.sender = Ssrc{in.u32()};
    report.blocks = read_report_blocks(in, count);
    if (!in.done()) return std::nullopt;  // what follows is a profile's extension
    return report;
}

void ReceiverReport::write(ByteWriter& out) const {
    const PacketScope scope(out, PacketType::ReceiverReport,
                            static_cast<uint8_t>(std::min(blocks.size(), kMaxReportBlocks)));
    out.u32(sender.value);
    write_report_blocks(out, blocks);
}

}  // namespace crosspoint::rtc::rtcp
