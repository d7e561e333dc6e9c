#include "rtc/rtp/rtx.h"
#include "sfu/test_forwarding.h"

// What becomes of a packet between its publisher and its subscribers.
namespace crosspoint::sfu {

namespace {
using namespace test;
using rtc::rtp::Packet;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr uint16_t kStarts[] = {0, 1, 32767, 32768, 65530, 65535};
}  // namespace

TEST_F(Forwarding, GivesEachPacketTheSubscribersNames) {
    publish_and_subscribe_video();
    SourceStream stream(kVideoSsrc, kVp8, 17);
    const Buffer payload = vp8_payload(true);
    const auto sent = publish(stream.packet(payload, true));
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(sent[0].ssrc, kOut);
    EXPECT_EQ(sent[0].payload_type, PayloadType{kVp8Out});
    EXPECT_TRUE(sent[0].marker);
    EXPECT_EQ(to_buffer(sent[0].payload), payload);
    EXPECT_EQ(as_text(sent[0].extension(1)), "v") << "our MID";
    EXPECT_EQ(sent[0].extension(2).size(), 2u) << "our transport sequence number";
    EXPECT_EQ(sent[0].extension(3).size(), 3u);
    EXPECT_EQ(to_buffer(sent[0].extension(5)), Buffer{0x85}) << "the audio level is handed on";
}

TEST_F(Forwarding, NumbersTheTransportOncePerLink) {
    publisher.set_tracks({published_video(kVideo), published_audio(kAudio)});
    first.set_tracks(now, {subscribed_video(kVideo, kOut), subscribed_audio(kAudio, kOutAudio, false)});
    SourceStream video(kVideoSsrc, kVp8, 17), audio(kAudioSsrc, kOpus, 900);
    std::optional<uint16_t> last;
    for (int i = 0; i < 10; ++i) {
        const auto sent = publish(i % 2 ? audio.packet(Buffer(20)) : video.packet(vp8_payload(true)));
        ASSERT_THAT(sent, SizeIs(1));
        const uint16_t number = ByteReader(sent[0].extension(2)).u16();
        EXPECT_EQ(number, static_cast<uint16_t>(last.value_or(static_cast<uint16_t>(number - 1)) + 1));
        last = number;
    }
}

TEST_F(Forwarding, VideoBeginsWithAKeyFrameThatWasAskedFor) {
    publisher.set_tracks({published_video(kVideo)});
    SourceStream stream(kVideoSsrc, kVp8, 17);
    publish(stream.packet(vp8_payload(true)));
    first.set_tracks(now, {subscribed_video(kVideo, kOut)});
    EXPECT_THAT(switchboard.woken(), testing::Contains(LinkId{1}));
    tick(0ms);
    EXPECT_THAT(reports_to<rtc::rtcp::Pli>(kSender), SizeIs(1));
    EXPECT_THAT(publish(stream.packet(vp8_payload(false))), IsEmpty());
    tick(500ms);
    EXPECT_THAT(reports_to<rtc::rtcp::Pli>(kSender), SizeIs(1)) << "asked again until one comes";
    EXPECT_THAT(publish(stream.packet(vp8_payload(true))), SizeIs(1));
    tick(2s);
    EXPECT_THAT(reports_to<rtc::rtcp::Pli>(kSender), IsEmpty());
}

TEST_F(Forwarding, WhatOvertookTheFirstPacketOfTheKeyFrameIsNotLost) {
    publish_and_subscribe_video();
    SourceStream stream(kVideoSsrc, kVp8, 65534);
    publish(stream.packet(vp8_payload(false)));
    const Buffer begin = stream.packet(vp8_payload(true));
    EXPECT_THAT(publish(stream.packet(vp8_payload(false))), IsEmpty());
    stream.packet(vp8_payload(false));  // lost
    EXPECT_THAT(publish(stream.packet(vp8_payload(false))), IsEmpty());
    const auto sent = publish(begin);
    ASSERT_THAT(sent, SizeIs(3));
    EXPECT_EQ(static_cast<uint16_t>(sent[1].sequence - sent[0].sequence), 1);
    EXPECT_EQ(static_cast<uint16_t>(sent[2].sequence - sent[0].sequence), 3);
}

TEST_F(Forwarding, H264BeginsWithItsParameterSetsEvenWhenTheyCameByRetransmission) {
    PublishedTrack published = published_video(kVideo);
    SubscribedTrack subscribed = subscribed_video(kVideo, kOut);
    published.parameters.codecs[0].codec = subscribed.parameters.codecs[0].codec = rtc::Codec::H264;
    published.parameters.codecs[0].fmtp = subscribed.parameters.codecs[0].fmtp = "profile-level-id=42e01f";
    publisher.set_tracks({published});
    first.set_tracks(now, {subscribed});
    const Buffer slice{0x41, 0x88}, idr{0x7c, 0x85, 0x88};
    SourceStream stream(kVideoSsrc, kVp8, 100), rtx(kVideoRtxSsrc, kVp8Rtx, 7);
    EXPECT_THAT(publish(stream.packet(slice)), IsEmpty());
    const uint16_t lost = stream.next();
    stream.packet(Buffer{0x67, 0x42});
    EXPECT_THAT(publish(stream.packet(idr)), IsEmpty());
    tick(10ms);
    const auto nacks = reports_to<rtc::rtcp::Nack>(kSender);
    ASSERT_THAT(nacks, SizeIs(1));
    EXPECT_THAT(nacks[0].lost, ElementsAre(lost));
    const auto sent = publish(rtx.packet(Buffer{0, static_cast<uint8_t>(lost), 0x67, 0x42}));
    ASSERT_THAT(sent, SizeIs(2));
    EXPECT_EQ(sent[0].payload[0], 0x67);
    EXPECT_EQ(to_buffer(sent[1].payload), idr);
}

TEST_F(Forwarding, RequestsOfManySubscribersAreMerged) {
    publish_and_subscribe_video();
    second.set_tracks(now, {subscribed_video(kVideo, kOut)});
    SourceStream stream(kVideoSsrc, kVp8, 17);
    publish(stream.packet(vp8_payload(true)));
    int requests = 0;
    for (int i = 0; i < 20; ++i) {
        tell_first(rtc::rtcp::Pli{.sender = Ssrc{1}, .media = kOut});
        tell_first(rtc::rtcp::Fir{.sender = Ssrc{1}, .requests = {{kOut, static_cast<uint8_t>(i)}}});
        tick(50ms);
        requests += static_cast<int>(reports_to<rtc::rtcp::Pli>(kSender).size());
        publish(stream.packet(vp8_payload(true)));
    }
    EXPECT_GE(requests, 1);
    EXPECT_LE(requests, 3);
}

TEST_F(Forwarding, LossesStayVisibleAndNobodySeesTheSourcesNumbers) {
    for (const uint16_t start : kStarts) {
        publisher.set_tracks({});
        first.set_tracks(now, {});
        publish_and_subscribe_video();
        SourceStream stream(kVideoSsrc, kVp8, start, 0xfffffff0);
        const auto begin = publish(stream.packet(vp8_payload(true))).at(0);
        stream.packet(vp8_payload(false));  // lost
        const Buffer late = stream.packet(vp8_payload(false));
        stream.new_frame(3000);
        const auto after = publish(stream.packet(vp8_payload(false))).at(0);
        EXPECT_EQ(static_cast<uint16_t>(after.sequence - begin.sequence), 3);
        EXPECT_EQ(after.timestamp - begin.timestamp, 3000u);
        const auto found = publish(late).at(0);
        EXPECT_EQ(static_cast<uint16_t>(found.sequence - begin.sequence), 2);
        EXPECT_THAT(publish(late), IsEmpty()) << "a repeat is not sent twice";
    }
}

TEST_F(Forwarding, WhatWeDropLeavesNoGap) {
    publish_and_subscribe_video();
    SourceStream stream(kVideoSsrc, kVp8, 65534);
    uint16_t expected = publish(stream.packet(vp8_payload(true))).at(0).sequence;
    for (int i = 0; i < 10; ++i) {
        EXPECT_THAT(publish(stream.packet({})), IsEmpty());  // padding alone
        EXPECT_EQ(publish(stream.packet(vp8_payload(false))).at(0).sequence, ++expected);
    }
}

TEST_F(Forwarding, AnotherSourceContinuesTheStream) {
    Publisher other{switchboard, LinkId{4}};
    PublishedTrack track = published_video(kOtherVideo);
    track.parameters.ssrc = Ssrc{0x7000};
    other.set_tracks({track});
    publish_and_subscribe_video();
    SourceStream stream(kVideoSsrc, kVp8, 65000, 5), next(Ssrc{0x7000}, kVp8, 12, 0x80000000);
    const auto before = publish(stream.packet(vp8_payload(true))).at(0);

    now += 100ms;
    first.set_tracks(now, {subscribed_video(kOtherVideo, kOut)});
    EXPECT_THAT(publish(stream.packet(vp8_payload(true))), IsEmpty()) << "the old source is gone";
    batch.clear();
    other.handle_rtp(now, next.packet(vp8_payload(false)), batch);
    EXPECT_THAT(sent_to(kFirst), IsEmpty()) << "not before its key frame";
    batch.clear();
    other.handle_rtp(now, next.packet(vp8_payload(true)), batch);
    const auto after = sent_to(kFirst);
    ASSERT_THAT(after, SizeIs(1));
    EXPECT_EQ(after[0].ssrc, kOut);
    EXPECT_EQ(after[0].sequence, static_cast<uint16_t>(before.sequence + 1));
    EXPECT_EQ(after[0].timestamp, before.timestamp + 9000) << "100 ms passed";
}

TEST_F(Forwarding, ASourceThatComesLaterStartsByItselfAndOneThatLeavesJustStops) {
    first.set_tracks(now, {subscribed_video(kVideo, kOut)});
    publisher.set_tracks({published_video(kVideo)});
    SourceStream stream(kVideoSsrc, kVp8, 65000);
    const auto before = publish(stream.packet(vp8_payload(true))).at(0);
    publisher.set_tracks({});
    EXPECT_THAT(publish(stream.packet(vp8_payload(true))), IsEmpty());
    publisher.set_tracks({published_video(kVideo)});
    EXPECT_EQ(publish(stream.packet(vp8_payload(true))).at(0).sequence, static_cast<uint16_t>(before.sequence + 1));
    first.set_tracks(now, {});
    EXPECT_THAT(publish(stream.packet(vp8_payload(true))), IsEmpty());
    publisher.set_tracks({});
    EXPECT_EQ(switchboard.size(), 0u) << "nothing is kept of tracks that nobody names";
}

TEST_F(Forwarding, APublisherThatComesBackBeforeItsOldLinkIsClosedTakesOver) {
    publish_and_subscribe_video();
    SourceStream stream(kVideoSsrc, kVp8, 65000);
    publish(stream.packet(vp8_payload(true)));
    std::optional<Publisher> again(std::in_place, switchboard, LinkId{4});
    again->set_tracks({published_video(kVideo)});
    EXPECT_THAT(publish(stream.packet(vp8_payload(true))), IsEmpty());
    batch.clear();
    again->handle_rtp(now, SourceStream(kVideoSsrc, kVp8, 7).packet(vp8_payload(true)), batch);
    EXPECT_THAT(sent_to(kFirst), SizeIs(1));
    again.reset();
    EXPECT_THAT(publish(stream.packet(vp8_payload(true))), SizeIs(1));
    first.set_tracks(now, {});
    again.emplace(switchboard, LinkId{5});
    again->set_tracks({published_video(kVideo)});
    again.reset();
    EXPECT_THAT(publish(stream.packet(vp8_payload(true))), IsEmpty());
}

TEST_F(Forwarding, AnSsrcThatIsUsedAgainContinuesItsNumbers) {
    publish_and_subscribe_video();
    SourceStream stream(kVideoSsrc, kVp8, 1);
    const auto before = publish(stream.packet(vp8_payload(true))).at(0);
    first.set_tracks(now, {});
    first.set_tracks(now, {subscribed_video(kVideo, kOut)});
    EXPECT_EQ(publish(stream.packet(vp8_payload(true))).at(0).sequence, static_cast<uint16_t>(before.sequence + 1));
}

TEST_F(Forwarding, ASilentLinkGetsNothingAndBeginsAnewWithoutAGap) {
    publish_and_subscribe_video();
    SourceStream stream(kVideoSsrc, kVp8, 65530);
    const auto before = publish(stream.packet(vp8_payload(true))).at(0);
    to_first.set_ready(false);
    for (int i = 0; i < 10; ++i) EXPECT_THAT(publish(stream.packet(vp8_payload(true))), IsEmpty());
    to_first.set_ready(true);
    EXPECT_THAT(publish(stream.packet(vp8_payload(false))), IsEmpty());
    EXPECT_EQ(publish(stream.packet(vp8_payload(true))).at(0).sequence, static_cast<uint16_t>(before.sequence + 1));
}

TEST_F(Forwarding, AsksThePublisherForWhatIsMissingAndTakesItFromRtx) {
    for (const uint16_t start : kStarts) {
        publisher.set_tracks({});
        publish_and_subscribe_video();
        SourceStream stream(kVideoSsrc, kVp8, start), rtx(kVideoRtxSsrc, kVp8Rtx, start);
        const auto before = publish(stream.packet(vp8_payload(true))).at(0);
        const uint16_t lost = stream.next();
        stream.packet(vp8_payload(false));
        publish(stream.packet(vp8_payload(false)));
        tick(10ms);
        const auto nacks = reports_to<rtc::rtcp::Nack>(kSender);
        ASSERT_THAT(nacks, SizeIs(1));
        EXPECT_THAT(nacks[0].lost, ElementsAre(lost));
        EXPECT_EQ(nacks[0].media, kVideoSsrc);

        Buffer again{static_cast<uint8_t>(lost >> 8), static_cast<uint8_t>(lost)};
        const Buffer payload = vp8_payload(false, 50);
        again.insert(again.end(), payload.begin(), payload.end());
        const auto recovered = publish(rtx.packet(again));
        ASSERT_THAT(recovered, SizeIs(1));
        EXPECT_EQ(recovered[0].sequence, static_cast<uint16_t>(before.sequence + 1));
        EXPECT_EQ(recovered[0].payload_type, PayloadType{kVp8Out});
        EXPECT_EQ(to_buffer(recovered[0].payload), payload);
        tick(5s);
        EXPECT_THAT(reports_to<rtc::rtcp::Nack>(kSender), IsEmpty());
    }
}

TEST_F(Forwarding, SendsAgainThroughRtxOncePerRoundTrip) {
    for (const uint16_t start : kStarts) {
        publisher.set_tracks({});
        first.set_tracks(now, {});
        publish_and_subscribe_video();
        SourceStream stream(kVideoSsrc, kVp8, start);
        publish(stream.packet(vp8_payload(true)));
        const Buffer payload = vp8_payload(false, 77);
        const auto original = publish(stream.packet(payload)).at(0);

        const rtc::rtcp::Nack nack{.sender = Ssrc{1}, .media = kOut, .lost = {original.sequence}};
        tell_first(nack);
        const auto again = sent_to(kFirst);
        ASSERT_THAT(again, SizeIs(1));
        EXPECT_EQ(again[0].ssrc, Ssrc{kOut.value + 1});
        EXPECT_EQ(again[0].payload_type, PayloadType{kVp8RtxOut});
        EXPECT_EQ(again[0].timestamp, original.timestamp);
        EXPECT_EQ(as_text(again[0].extension(1)), "v");
        const auto inner = rtc::rtp::Rtx::parse(again[0].payload);
        EXPECT_EQ(inner->original_sequence, original.sequence);
        EXPECT_EQ(to_buffer(inner->payload), payload);

        tell_first(nack);
        EXPECT_THAT(sent_to(kFirst), IsEmpty());
        now += 150ms;
        tell_first(nack);
        EXPECT_THAT(sent_to(kFirst), SizeIs(1));
        now += 3s;
        tell_first(nack);
        EXPECT_THAT(sent_to(kFirst), IsEmpty()) << "no longer kept";
    }
}

TEST_F(Forwarding, SendsNothingAgainForEver) {
    publish_and_subscribe_video();
    SourceStream stream(kVideoSsrc, kVp8, 7);
    const auto original = publish(stream.packet(vp8_payload(true))).at(0);
    size_t sent = 0;
    for (int i = 0; i < 18; ++i) {
        tell_first(rtc::rtcp::Nack{.sender = Ssrc{1}, .media = kOut, .lost = {original.sequence}});
        sent += sent_to(kFirst).size();
        now += 105ms;
    }
    EXPECT_EQ(sent, 10u);
    EXPECT_EQ(switchboard.counters().resends_refused, 8u);
}

TEST_F(Forwarding, WithoutRtxTheVerySamePacketIsSentAgain) {
    publisher.set_tracks({published_video(kVideo)});
    SubscribedTrack track = subscribed_video(kVideo, kOut);
    track.parameters.codecs[0].rtx.reset();
    first.set_tracks(now, {track});
    SourceStream stream(kVideoSsrc, kVp8, 9);
    batch.clear();
    publisher.handle_rtp(now, stream.packet(vp8_payload(true)), batch);
    const Buffer original = to_buffer(batch.datagram(batch.transmits()[0]));
    publish(stream.packet(vp8_payload(false)));
    now += 40ms;
    tell_first(rtc::rtcp::Nack{.sender = Ssrc{1}, .media = kOut, .lost = {Packet::parse(original)->sequence}});
    ASSERT_THAT(batch.transmits(), SizeIs(1));
    EXPECT_EQ(to_buffer(batch.datagram(batch.transmits()[0])), original);
}

TEST_F(Forwarding, AskingForWhatWasNeverSentGivesNothing) {
    publish_and_subscribe_video();
    SourceStream stream(kVideoSsrc, kVp8, 9);
    publish(stream.packet(vp8_payload(true)));
    rtc::rtcp::Nack nack{.sender = Ssrc{1}, .media = kOut, .lost = {}};
    const uint16_t last = sent_to(kFirst).at(0).sequence;
    for (int i = 1; i < 2000; ++i) nack.lost.push_back(static_cast<uint16_t>(last + i));
    tell_first(nack);
    EXPECT_THAT(sent_to(kFirst), IsEmpty());
    nack.media = Ssrc{4711};
    nack.lost = {last};
    tell_first(nack);
    EXPECT_THAT(sent_to(kFirst), IsEmpty());
}

TEST_F(Forwarding, RedGoesToWhoTakesItAndItsPrimaryToWhoDoesNot) {
    publisher.set_tracks({published_audio(kAudio)});
    first.set_tracks(now, {subscribed_audio(kAudio, kOutAudio, true)});
    second.set_tracks(now, {subscribed_audio(kAudio, kOutAudio, false)});
    SourceStream stream(kAudioSsrc, kRed, 65535);
    const auto whole = publish(stream.packet(red_payload(kOpus)));
    const auto primary = sent_to(kSecond);
    ASSERT_THAT(whole, SizeIs(1));
    ASSERT_THAT(primary, SizeIs(1));
    EXPECT_EQ(whole[0].payload_type, PayloadType{kRedOut});
    EXPECT_EQ(to_buffer(whole[0].payload), red_payload(kOpusOut)) << "the blocks inside have payload types too";
    EXPECT_EQ(primary[0].payload_type, PayloadType{kOpusOut});
    EXPECT_EQ(as_text(primary[0].payload), "new");
    // Browsers change between RED and plain Opus as they like.
    EXPECT_EQ(publish(stream.packet_of(kOpus, Buffer(3))).at(0).payload_type, PayloadType{kOpusOut});
    EXPECT_EQ(sent_to(kSecond).at(0).sequence, static_cast<uint16_t>(primary[0].sequence + 1));
}

TEST_F(Forwarding, TelephoneEventsAreMappedAndLeaveNoGapWhereNotTaken) {
    publish_and_subscribe_audio(false);
    SubscribedTrack deaf = subscribed_audio(kAudio, kOutAudio, false);
    std::erase_if(deaf.parameters.codecs, [](const auto& codec) { return codec.codec == rtc::Codec::TelephoneEvent; });
    second.set_tracks(now, {deaf});
    SourceStream stream(kAudioSsrc, kOpus, 9);
    publish(stream.packet(Buffer(3)));
    const auto before = sent_to(kSecond).at(0);
    EXPECT_EQ(publish(stream.packet_of(kDtmf, Buffer{1, 0, 0, 0})).at(0).payload_type, PayloadType{kDtmfOut});
    EXPECT_THAT(sent_to(kSecond), IsEmpty());
    publish(stream.packet(Buffer(3)));
    EXPECT_EQ(sent_to(kSecond).at(0).sequence, static_cast<uint16_t>(before.sequence + 1));
    EXPECT_EQ(switchboard.counters().rtp_not_taken, 1u);
}

TEST_F(Forwarding, WithoutAnnouncedSsrcTheMidDecidesAndIsRemembered) {
    PublishedTrack track = published_video(kVideo);
    track.parameters.ssrc.reset();
    track.parameters.rtx_ssrc.reset();
    publisher.set_tracks({published_audio(kAudio), track});
    first.set_tracks(now, {subscribed_video(kVideo, kOut)});
    SourceStream stream(Ssrc{0xabcd}, kVp8, 9);
    EXPECT_THAT(publish(stream.packet(vp8_payload(true))), IsEmpty()) << "nothing says whose it is";
    stream.carry_mid("1");
    EXPECT_THAT(publish(stream.packet(vp8_payload(true))), SizeIs(1));
    stream.carry_mid("");
    EXPECT_THAT(publish(stream.packet(vp8_payload(false))), SizeIs(1));

    SourceStream thief(Ssrc{0xdcba}, kVp8, 9000);
    thief.carry_mid("1");
    EXPECT_THAT(publish(thief.packet(vp8_payload(true))), IsEmpty()) << "the SSRC is still heard";
    now += 3s;
    const uint16_t before = publish(thief.packet(vp8_payload(true))).at(0).sequence;
    EXPECT_EQ(publish(thief.packet(vp8_payload(false))).at(0).sequence, static_cast<uint16_t>(before + 1));
}

TEST_F(Forwarding, WhatNobodyPublishesIsCountedAndForgotten) {
    publish_and_subscribe_video();
    for (uint32_t ssrc = 0x50000; ssrc < 0x50000 + 1000; ++ssrc)
        EXPECT_THAT(publish(SourceStream(Ssrc{ssrc}, kVp8, 1).packet(vp8_payload(true))), IsEmpty());
    EXPECT_EQ(switchboard.counters().rtp_unknown_source, 1000u);
    SourceStream stream(kVideoSsrc, 35, 1);
    EXPECT_THAT(publish(stream.packet(vp8_payload(true))), IsEmpty());
    EXPECT_EQ(switchboard.counters().rtp_unknown_payload_type, 1u);
    EXPECT_THAT(publish(Buffer{0x80, 96, 0}), IsEmpty());
    EXPECT_EQ(switchboard.counters().rtp_damaged, 1u);
}

}  // namespace crosspoint::sfu
