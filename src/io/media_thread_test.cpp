#include "io/media_thread.h"

#include <gtest/gtest.h>

#include "crypto/system_random.h"
#include "io/event_loop.h"
#include "io/test_wait.h"

namespace crosspoint::io {
namespace {

sfu::Command open_link(uint64_t id) {
    return sfu::OpenLink{LinkId(id),
                         sfu::LinkPurpose::Publishing,
                         {"ufrag" + std::to_string(id), "password"},
                         rtc::DtlsRole::Server,
                         crypto::make_certificate(read_clock().wall),
                         {rtc::SrtpProfile::AeadAes128Gcm},
                         false};
}

class MediaThreadTest : public testing::Test {
protected:
    crypto::SystemRandom random_;
    MediaThread media_{0, random_, [](const std::vector<sfu::Event>&) {}};
};

TEST_F(MediaThreadTest, CarriesOutCommandsOfSeveralThreadsAndReportsThem) {
    media_.start();
    std::vector<std::thread> others;
    for (uint64_t thread = 0; thread < 4; ++thread)
        others.emplace_back([this, thread] {
            for (uint64_t i = 0; i < 25; ++i) media_.command(open_link(100 * thread + i));
        });
    for (auto& one : others) one.join();
    EXPECT_TRUE(happens([&] { return media_.report().load.links == 100; }));
    for (uint64_t i = 0; i < 25; ++i) media_.command(sfu::CloseLink{LinkId(i)});
    EXPECT_TRUE(happens([&] { return media_.report().load.links == 75; }));
}

TEST_F(MediaThreadTest, CountsWhatNobodyHasAskedFor) {
    media_.start();
    UdpSocket stranger(0, UdpSocket::Family::V4);
    SendBatch garbage;
    for (int i = 0; i < 10; ++i) garbage.add(NetAddress::v4(127, 0, 0, 1, media_.port()), as_bytes("\x80garbage"));
    stranger.send(garbage);
    EXPECT_TRUE(happens([&] { return media_.report().counters.datagrams_received == 10; }));
    EXPECT_EQ(media_.report().counters.datagrams_unknown, 10u);
}

TEST_F(MediaThreadTest, MayEndBeforeItHasBegunAndWithMailInTheBox) {
    MediaThread never_started(0, random_, [](const std::vector<sfu::Event>&) {});
    never_started.command(open_link(1));
    media_.start();
    for (uint64_t i = 0; i < 100; ++i) media_.command(open_link(i));
}

}  // namespace
}  // namespace crosspoint::io
