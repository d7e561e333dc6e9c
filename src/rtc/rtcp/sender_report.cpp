#include "rtc/rtcp/sender_report.h"

#include "rtc/rtcp/header.h"

namespace crosspoint::rtc::rtcp {

std::optional<SenderReport> SenderReport::parse(uint8_t count, Bytes body) {
    ByteReader in(body);
    SenderReport report;
    report.sender = Ssrc{in.u32()};
    report.ntp_time = in.u64();
    report.rtp_timestamp = in.u32();
    report.packets = in.u32();
    report.octets = in.u32();
    report.blocks = read_report_blocks(in, count);
    if (!in.done()) return std::nullopt;  // what follows is a profile's extension
    return report;
}

void SenderReport::write(ByteWriter& out) const {
    const PacketScope scope(out, PacketType::SenderReport,
                            static_cast<uint8_t>(std::min(blocks.size(), kMaxReportBlocks)));
    out.u32(sender.value);
    out.u64(ntp_time);
    out.u32(rtp_timestamp);
    out.u32(packets);
    out.u32(octets);
    write_report_blocks(out, blocks);
}

}  // namespace crosspoint::rtc::rtcp
