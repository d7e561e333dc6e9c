#include "api/jsapi/doorway.h"

#include <gtest/gtest.h>

namespace crosspoint::api::jsapi {
namespace {

NetAddress address(std::string_view ip) { return *NetAddress::parse(ip, 1); }

TEST(Doorway, CountsThoseOfOneNetworkAndAll) {
    Doorway doorway({.all = 3, .of_network = 2});
    doorway.enter(SocketId(1), address("192.0.2.1"));
    doorway.enter(SocketId(1), address("192.0.2.1"));
    EXPECT_FALSE(doorway.full(address("192.0.2.1")));
    doorway.enter(SocketId(2), *NetAddress::parse("192.0.2.1", 2));
    EXPECT_TRUE(doorway.full(address("192.0.2.1")));
    EXPECT_FALSE(doorway.full(address("192.0.2.2")));
    doorway.enter(SocketId(3), address("2001:db8::1"));
    EXPECT_TRUE(doorway.full(address("192.0.2.2")));
    doorway.leave(SocketId(2));
    doorway.leave(SocketId(2));
    EXPECT_EQ(doorway.size(), 2U);
    EXPECT_FALSE(doorway.full(address("192.0.2.1")));
}

TEST(Doorway, OneSubscribersAddressesOfVersion6AreOne) {
    Doorway doorway({.all = 10, .of_network = 1});
    doorway.enter(SocketId(1), address("2001:db8::1"));
    EXPECT_TRUE(doorway.full(address("2001:db8::2")));
    EXPECT_FALSE(doorway.full(address("2001:db8:0:1::1")));
}

}  // namespace
}  // namespace crosspoint::api::jsapi
