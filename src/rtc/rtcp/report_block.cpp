#include "rtc/rtcp/report_block.h"

namespace crosspoint::rtc::rtcp {
namespace {
constexpr int32_t kMostLost = 0x7fffff;
constexpr int32_t kLeastLost = -0x800000;
}  // namespace

ReportBlock ReportBlock::read(ByteReader& in) {
    ReportBlock block;
    block.source = Ssrc{in.u32()};
    block.fraction_lost = in.u8();
    const uint32_t lost = in.u24();
    block.lost = static_cast<int32_t>(lost << 8) >> 8;
    block.highest_sequence = in.u32();
    block.jitter = in.u32();
    block.last_sender_report = in.u32();
    block.delay_since_sender_report = in.u32();
    return block;
}

void ReportBlock::write(ByteWriter& out) const {
    out.u32(source.value);
    out.u8(fraction_lost);
    out.u24(static_cast<uint32_t>(std::clamp(lost, kLeastLost, kMostLost)) & 0xffffff);
    out.u32(highest_sequence);
    out.u32(jitter);
    out.u32(last_sender_report);
    out.u32(delay_since_sender_report);
}

std::vector<ReportBlock> read_report_blocks(ByteReader& in, uint8_t count) {
    std::vector<ReportBlock> blocks;
    blocks.reserve(count);
    for (uint8_t i = 0; i < count; ++i) blocks.push_back(ReportBlock::read(in));
    return blocks;
}

void write_report_blocks(ByteWriter& out, const std::vector<ReportBlock>& blocks) {
    for (size_t i = 0; i < std::min(blocks.size(), kMaxReportBlocks); ++i) blocks[i].write(out);
}

}  // namespace crosspoint::rtc::rtcp
