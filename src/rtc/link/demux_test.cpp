#include "rtc/link/demux.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace crosspoint::rtc::link {
namespace {

DatagramKind kind_of(uint8_t first, uint8_t second, size_t size) {
    Buffer datagram(size);
    datagram[0] = first;
    if (size > 1) datagram[1] = second;
    return classify(datagram);
}

}  // namespace

TEST(Demux, TellsProtocolsApartByTheirFirstByte) {
    EXPECT_EQ(classify(*from_hex("000100002112a4420102030405060708090a0b0c")), DatagramKind::Stun);
    EXPECT_EQ(kind_of(20, 254, 13), DatagramKind::Dtls);
    EXPECT_EQ(kind_of(63, 254, 13), DatagramKind::Dtls);
    EXPECT_EQ(kind_of(128, 96, 12), DatagramKind::Rtp);
    EXPECT_EQ(kind_of(191, 0xff, 12), DatagramKind::Rtp);
    EXPECT_EQ(kind_of(128, 200, 8), DatagramKind::Rtcp);
    EXPECT_EQ(kind_of(129, 223, 8), DatagramKind::Rtcp);
}

TEST(Demux, WhatIsNothingIsUnknown) {
    EXPECT_EQ(classify({}), DatagramKind::Unknown);
    EXPECT_EQ(kind_of(0, 1, 20), DatagramKind::Unknown);  // no magic cookie
    EXPECT_EQ(kind_of(4, 0, 100), DatagramKind::Unknown);
    EXPECT_EQ(kind_of(19, 0, 100), DatagramKind::Unknown);  // ZRTP
    EXPECT_EQ(kind_of(64, 0, 100), DatagramKind::Unknown);  // TURN channel
    EXPECT_EQ(kind_of(192, 0, 100), DatagramKind::Unknown);
    EXPECT_EQ(kind_of(22, 254, 12), DatagramKind::Unknown);
    EXPECT_EQ(kind_of(128, 96, 11), DatagramKind::Unknown);
    EXPECT_EQ(kind_of(128, 200, 7), DatagramKind::Unknown);
    EXPECT_EQ(kind_of(128, 0, 1), DatagramKind::Unknown);
}

}  // namespace crosspoint::rtc::link
