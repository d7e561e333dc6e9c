#include "rtc/stun/crc32.h"

namespace crosspoint::rtc::stun {
namespace {

constexpr std::array<uint32_t, 256> make_table() {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0xedb88320u : 0);
        table[i] = value;
    }
    return table;
}
constexpr std::array<uint32_t, 256> kTable = make_table();

}  // namespace

uint32_t crc32(Bytes bytes) {
    uint32_t value = 0xffffffff;
    for (uint8_t byte : bytes) value = value >> 8 ^ kTable[(value ^ byte) & 0xff];
    return ~value;
}

}  // namespace crosspoint::rtc::stun
