#include "sfu/ntp.h"
#include "sfu/test_forwarding.h"

// What publishers and subscribers are told about their packets, and what we learn from what they say.
namespace crosspoint::sfu {

namespace {
using namespace test;
using testing::SizeIs;
}  // namespace

TEST_F(Forwarding, ThePublisherHearsHowItsPacketsFared) {
    publish_and_subscribe_video();
    SourceStream stream(kVideoSsrc, kVp8, 65530);
    for (int i = 0; i < 20; ++i) {
        const Buffer packet = stream.packet(vp8_payload(i == 0));
        if (i != 5) publish(packet);
    }
    tick(50ms);
    const auto feedback = reports_to<rtc::rtcp::TransportFeedback>(kSender);
    ASSERT_THAT(feedback, SizeIs(1));
    EXPECT_EQ(feedback[0].status_count, 20);
    EXPECT_THAT(feedback[0].arrivals, SizeIs(19));
    tick(1s);
    const auto reports = reports_to<rtc::rtcp::ReceiverReport>(kSender);
    ASSERT_THAT(reports, SizeIs(1));
    ASSERT_THAT(reports[0].blocks, SizeIs(1));
    EXPECT_EQ(reports[0].blocks[0].source, kVideoSsrc);
    EXPECT_EQ(reports[0].blocks[0].lost, 1);
    EXPECT_THAT(reports_to<rtc::rtcp::SourceDescription>(kSender), SizeIs(1));
}

TEST_F(Forwarding, SenderReportsKeepAudioAndVideoInSync) {
    publisher.set_tracks({published_video(kVideo), published_audio(kAudio)});
    first.set_tracks(now, {subscribed_video(kVideo, kOut), subscribed_audio(kAudio, kOutAudio, false)});
    const Timestamp theirs = Timestamp{} + 777h;  // the publisher's clock
    const auto report = [&](Ssrc ssrc, uint32_t rtp, Duration at) {
        rtc::rtcp::Compound compound;
        compound.messages.push_back(rtc::rtcp::SenderReport{.sender = ssrc,
                                                            .ntp_time = to_ntp(theirs + at),
                                                            .rtp_timestamp = rtp,
                                                            .packets = 0,
                                                            .octets = 0,
                                                            .blocks = {}});
        publisher.handle_rtcp(now + at, compound);
    };
    // Both capture at second 0 what they call 1000 and 5000; the reports come at different times with jitter.
    SourceStream video(kVideoSsrc, kVp8, 9, 1000), audio(kAudioSsrc, kOpus, 9, 5000);
    const uint32_t video_out = publish(video.packet(vp8_payload(true))).at(0).timestamp;
    now += 30ms;
    const uint32_t audio_out = publish(audio.packet(Buffer(3))).at(0).timestamp;
    now -= 30ms;
    report(kVideoSsrc, 1000 + 9000, 100ms);
    now += 35ms;  // this one took longer
    report(kAudioSsrc, 5000 + 480 * 40, 400ms);

    tick(2s);
    const auto reports = reports_to<rtc::rtcp::SenderReport>(kFirst);
    ASSERT_THAT(reports, SizeIs(2));
    EXPECT_EQ(reports[0].ntp_time, reports[1].ntp_time);
    const double video_seconds = (reports[0].rtp_timestamp - video_out) / 90'000.0;
    const double audio_seconds = (reports[1].rtp_timestamp - audio_out) / 48'000.0;
    EXPECT_NEAR(video_seconds, audio_seconds, 0.001);
    const auto names = reports_to<rtc::rtcp::SourceDescription>(kFirst);
    ASSERT_THAT(names, SizeIs(2));
    EXPECT_EQ(names[0].chunks[0].cname, "room");
    EXPECT_EQ(reports[0].packets, 1u);
    EXPECT_EQ(reports[0].octets, 100u);
}

TEST_F(Forwarding, WhatAClockSaidBeforeItStoodStillIsForgotten) {
    publish_and_subscribe_audio(false);
    SourceStream audio(kAudioSsrc, kOpus, 9, 5000);
    const auto report = [&] {
        rtc::rtcp::Compound compound;
        compound.messages.push_back(rtc::rtcp::SenderReport{.sender = kAudioSsrc,
                                                            .ntp_time = to_ntp(now),
                                                            .rtp_timestamp = audio.timestamp(),
                                                            .packets = 0,
                                                            .octets = 0,
                                                            .blocks = {}});
        publisher.handle_rtcp(now, compound);
    };
    publish(audio.packet(Buffer(3)));
    report();
    // A pause of the sender whose clock goes on, as in discontinuous transmission.
    now += 400ms;
    audio.new_frame(19'200);
    publish(audio.packet(Buffer(3)));
    tick(2s);
    EXPECT_THAT(reports_to<rtc::rtcp::SenderReport>(kFirst), SizeIs(1));
    // The microphone was off meanwhile.
    audio.new_frame(960);
    const uint32_t out = publish(audio.packet(Buffer(3))).at(0).timestamp;
    tick(2s);
    EXPECT_THAT(reports_to<rtc::rtcp::SenderReport>(kFirst), SizeIs(0));
    audio.new_frame(96'000);
    report();
    tick(1s);
    const auto reports = reports_to<rtc::rtcp::SenderReport>(kFirst);
    ASSERT_THAT(reports, SizeIs(1));
    EXPECT_NEAR(static_cast<int32_t>(reports[0].rtp_timestamp - out), 3 * 48'000, 48);
}

TEST_F(Forwarding, LearnsRoundTripAndLossFromReports) {
    publish_and_subscribe_video();
    SourceStream stream(kVideoSsrc, kVp8, 9);
    publish(stream.packet(vp8_payload(true)));
    for (int i = 0; i < 50; ++i) {
        const uint32_t last = middle_of_ntp(to_ntp(now));
        now += 60ms;
        tell_first(rtc::rtcp::ReceiverReport{.sender = Ssrc{1},
                                             .blocks = {{.source = kOut,
                                                         .fraction_lost = 64,
                                                         .last_sender_report = last,
                                                         .delay_since_sender_report = to_ntp_units(20ms)}}});
    }
    EXPECT_NEAR(static_cast<double>(first.reception().round_trip.count()), 40'000, 1'000);
    EXPECT_NEAR(first.reception().loss, 0.25, 0.01);
    tell_first(rtc::rtcp::Remb{.sender = Ssrc{1}, .bits_per_second = 1'000'000, .sources = {kOut}});
    EXPECT_EQ(first.reception().bits_per_second, 1'000'000u);
}

}  // namespace crosspoint::sfu
