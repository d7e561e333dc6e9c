#include "rtc/sctp/crc32c.h"

#include <array>

namespace crosspoint::rtc::sctp {
namespace {

constexpr std::array<uint32_t, 256> make_table() {
    constexpr uint32_t kReversedPolynomial = 0x82f63b78;
    std::array<uint32_t, 256> table{};
    for (uint32_t byte = 0; byte < 256; ++byte) {
        uint32_t remainder = byte;
        for (int bit = 0; bit < 8; ++bit) remainder = remainder >> 1 ^ (remainder & 1 ? kReversedPolynomial : 0);
        table[byte] = remainder;
    }
    return table;
}
constexpr std::array<uint32_t, 256> kTable = make_table();

}  // namespace

uint32_t crc32c(Bytes bytes) {
    uint32_t crc = 0xffffffff;
    for (const uint8_t byte : bytes) crc = crc >> 8 ^ kTable[(crc ^ byte) & 0xff];
    return ~crc;
}

}  // namespace crosspoint::rtc::sctp
