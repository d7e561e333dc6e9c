#include "sfu/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "rtc/rtp/rtx.h"
#include "rtc/sctp/association.h"
#include "rtc/stun/message.h"
#include "sfu/ntp.h"
#include "sfu/test_media.h"
#include "sfu/test_network.h"

// The whole worker with browsers on a virtual network, real ICE, DTLS and SRTP between them.
namespace crosspoint::sfu {

namespace {
using namespace test;
using rtc::rtp::Packet;

constexpr TrackId kVideo{1}, kAudio{2}, kOtherVideo{3};
constexpr Ssrc kOut{0x9000}, kOutAudio{0x9100};

/// Sends 20 frames of three packets and 50 audio packets a second, each with its number in it, and does what it is
/// asked for.
class Camera final : public Browser {
public:
    Camera(LinkId id, Random& random, rtc::dtls::TransportFactory& transports)
        : Browser(id, LinkPurpose::Publishing, random, transports),
          video_(kVideoSsrc, kVp8, static_cast<uint16_t>(random.u32())),
          rtx_(kVideoRtxSsrc, kVp8Rtx, static_cast<uint16_t>(random.u32())),
          audio_(kAudioSsrc, kRed, static_cast<uint16_t>(random.u32())) {}

    uint32_t packets = 0;  // of video, so far
    uint32_t audio_packets = 0;
    int key_frames = 0;
    uint64_t feedback_arrivals = 0;
    int reports = 0;
    bool on = true;

private:
    Timestamp media_timeout() const override { return next_; }
    void media(Timestamp now) override {
        next_ = now + 10ms;
        ++ticks_;
        if (!on || !can_send()) return;
        if (ticks_ % 2 == 0) send_audio();
        if (ticks_ % 5 == 0) send_frame();
        if (ticks_ % 100 == 50) send_reports(now);
    }
    void send_audio() {
        audio_.new_frame(960);
        ++audio_packets;
        send_rtp(audio_.packet(red_payload(kOpus)));
    }
    void send_frame() {
        video_.new_frame(4500);
        const bool key = std::exchange(key_wanted_, false);
        key_frames += key;
        for (int part = 0; part < 3; ++part) {
            Buffer payload(400, 0x55);
            ByteWriter out(payload);
            out.u8(part == 0 ? 0x10 : 0);
            out.u8(key ? 0 : 1);
            out.u32(packets++);
            const uint16_t sequence = video_.next();
            sent_[sequence] = payload;
            send_rtp(video_.packet(payload, part == 2));
        }
    }
    void send_reports(Timestamp now) {
        for (const auto& [ssrc, stream] : {std::pair{kVideoSsrc, &video_}, std::pair{kAudioSsrc, &audio_}})
            send_rtcp(rtc::rtcp::SenderReport{.sender = ssrc,
                                              .ntp_time = to_ntp(now + 100h),
                                              .rtp_timestamp = stream->timestamp(),
                                              .packets = 0,
                                              .octets = 0,
                                              .blocks = {}});
    }
    void heard(Timestamp, const rtc::link::Received& packet) override {
        const auto compound = rtc::rtcp::Compound::parse(packet.plain);
        ASSERT_TRUE(compound);
        for (const auto& message : compound->messages) {
            if (std::holds_alternative<rtc::rtcp::Pli>(message)) key_wanted_ = true;
            if (std::holds_alternative<rtc::rtcp::ReceiverReport>(message)) ++reports;
            if (const auto* feedback = std::get_if<rtc::rtcp::TransportFeedback>(&message))
                feedback_arrivals += feedback->arrivals.size();
            if (const auto* nack = std::get_if<rtc::rtcp::Nack>(&message))
                for (const uint16_t sequence : nack->lost) send_again(sequence);
        }
    }
    void send_again(uint16_t sequence) {
        const auto found = sent_.find(sequence);
        if (found == sent_.end()) return;
        Buffer payload{static_cast<uint8_t>(sequence >> 8), static_cast<uint8_t>(sequence)};
        payload.insert(payload.end(), found->second.begin(), found->second.end());
        send_rtp(rtx_.packet(payload));
    }

    SourceStream video_, rtx_, audio_;
    std::map<uint16_t, Buffer> sent_;
    Timestamp next_{};
    int ticks_ = 0;
    bool key_wanted_ = true;
};

/// Takes what comes, asks for what is missing, and remembers which packets it saw.
class Viewer final : public Browser {
public:
    Viewer(LinkId id, Random& random, rtc::dtls::TransportFactory& transports)
        : Browser(id, LinkPurpose::Subscribing, random, transports), association_({}, random) {}

    std::set<uint32_t> packets;
    std::set<int64_t> sequences;
    std::map<uint8_t, int> audio_types;
    int sender_reports = 0;
    bool began_with_key = false;
    Timestamp first_at{};
    int pings = 0;

    /// The share of the packets between the first and last one seen that came, and that our numbers left no gap for.
    double completeness() const {
        return static_cast<double>(packets.size()) / (*packets.rbegin() - *packets.begin() + 1);
    }
    double continuity() const {
        return static_cast<double>(sequences.size()) /
               static_cast<double>(*sequences.rbegin() - *sequences.begin() + 1);
    }

private:
    Timestamp media_timeout() const override { return nacks_.next_timeout(); }
    void media(Timestamp now) override {
        rtc::rtcp::Nack nack{.sender = Ssrc{7}, .media = kOut, .lost = {}};
        nacks_.collect(now, nack.lost);
        if (!nack.lost.empty()) send_rtcp(nack);
    }
    void heard(Timestamp now, const rtc::link::Received& received) override {
        if (received.kind == rtc::link::PacketKind::Rtcp) return report(received.plain);
        const auto packet = Packet::parse(received.plain);
        ASSERT_TRUE(packet);
        if (packet->ssrc == kOutAudio) {
            ++audio_types[packet->payload_type.value];
        } else if (packet->ssrc == kOut) {
            const auto taken = window_.take(packet->sequence);
            if (taken.verdict == ReceiveWindow::Verdict::New) video(now, taken.sequence, packet->payload);
        } else {
            ASSERT_EQ(packet->ssrc.value, kOut.value + 1);
            const auto again = rtc::rtp::Rtx::parse(packet->payload);
            ASSERT_TRUE(again);
            const auto taken = window_.take_recovered(again->original_sequence);
            if (taken.verdict == ReceiveWindow::Verdict::New) video(now, taken.sequence, again->payload);
        }
    }
    void video(Timestamp now, int64_t sequence, Bytes payload) {
        ByteReader in(payload);
        const bool key = in.u8() == 0x10 && in.u8() == 0;
        if (packets.empty()) {
            began_with_key = key;
            first_at = now;
        }
        sequences.insert(sequence);
        packets.insert(ByteReader(payload.subspan(2)).u32());
        nacks_.received(now, sequence);
    }
    void data(Timestamp now, const Buffer& packet) override {
        rtc::sctp::Output sctp;
        association_.handle_packet(now, packet, sctp);
        for (size_t i = 0; i < sctp.events.size(); ++i) {
            const auto* message = std::get_if<rtc::sctp::Message>(&sctp.events[i]);
            if (!message || message->stream != 0 || as_text(message->bytes) != "PING") continue;
            ++pings;
            association_.send(now, 0, rtc::sctp::ppid::kString, as_bytes("PONG"), sctp);
        }
        for (const Buffer& answer : sctp.packets) link().send_data(answer, link_out());
    }
    void report(Bytes plain) {
        const auto compound = rtc::rtcp::Compound::parse(plain);
        ASSERT_TRUE(compound);
        for (const auto& message : compound->messages)
            sender_reports += std::holds_alternative<rtc::rtcp::SenderReport>(message);
    }

    ReceiveWindow window_;
    NackGenerator nacks_;
    rtc::sctp::Association association_;
};

struct WorkerStory : testing::Test {
    Network network{11};
    Worker& worker = network.worker;

    Camera& camera(uint64_t id) {
        return network.add(std::make_unique<Camera>(LinkId{id}, network.random, network.transports));
    }
    Viewer& viewer(uint64_t id) {
        return network.add(std::make_unique<Viewer>(LinkId{id}, network.random, network.transports));
    }
    bool all_connected(std::initializer_list<uint64_t> ids) {
        return network.run_until([&] {
            return std::ranges::all_of(ids, [&](uint64_t id) { return network.count<LinkConnected>(LinkId{id}) == 1; });
        });
    }
    void publish(uint64_t id) {
        network.command(SetPublications{LinkId{id}, {published_video(kVideo), published_audio(kAudio)}});
    }
    void subscribe(uint64_t id, bool red) {
        network.command(
            SetSubscriptions{LinkId{id}, {subscribed_video(kVideo, kOut), subscribed_audio(kAudio, kOutAudio, red)}});
    }
};
}  // namespace

TEST_F(WorkerStory, OnePublishesAndTwoSeeAndHear) {
    Camera& alice = camera(1);
    Viewer& bob = viewer(2);
    Viewer& carol = viewer(3);
    publish(1);
    subscribe(2, true);
    subscribe(3, false);
    ASSERT_TRUE(all_connected({1, 2, 3}));
    network.run_for(5s);
    alice.on = false;
    network.run_for(1s);

    for (const Viewer* one : {&bob, &carol}) {
        EXPECT_TRUE(one->began_with_key);
        EXPECT_GT(one->packets.size(), 250u);
        EXPECT_EQ(one->completeness(), 1.0);
        EXPECT_EQ(one->continuity(), 1.0);
        EXPECT_GT(one->sender_reports, 4);
    }
    EXPECT_EQ(bob.audio_types.size(), 1u);
    EXPECT_GT(bob.audio_types[kRedOut], 200) << "RED is handed on";
    EXPECT_EQ(carol.audio_types.size(), 1u);
    EXPECT_GT(carol.audio_types[kOpusOut], 200) << "and unpacked";
    EXPECT_GT(alice.feedback_arrivals, 500u);
    EXPECT_GT(alice.reports, 3);
    EXPECT_EQ(worker.load().links, 3u);
    EXPECT_EQ(worker.load().publications, 2u);
    EXPECT_EQ(worker.load().subscriptions, 4u);
}

struct LossStory : WorkerStory, testing::WithParamInterface<uint64_t> {};

TEST_P(LossStory, FivePercentBothWaysIsRepaired) {
    network.random = SeededRandom(GetParam());
    network.lost_percent = 5;
    Camera& alice = camera(1);
    Viewer& bob = viewer(2);
    Viewer& carol = viewer(3);
    publish(1);
    subscribe(2, true);
    subscribe(3, false);
    ASSERT_TRUE(all_connected({1, 2, 3}));
    network.run_for(30s);
    alice.on = false;
    network.run_for(2s);
    for (const Viewer* one : {&bob, &carol}) {
        EXPECT_GT(one->packets.size(), 1500u);
        EXPECT_GT(one->completeness(), 0.99);
    }
    EXPECT_GT(worker.counters().rtp_recovered, 50u);
    EXPECT_GT(worker.counters().rtp_resent, 100u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, LossStory, testing::Range<uint64_t>(1, 6));

TEST_F(WorkerStory, SubscriptionsChangeLive) {
    Camera& alice = camera(1);
    Viewer& bob = viewer(2);
    publish(1);
    ASSERT_TRUE(all_connected({1, 2}));
    network.run_for(2s);
    EXPECT_TRUE(bob.packets.empty());
    const int key_frames = alice.key_frames;

    const Timestamp asked = network.now;
    subscribe(2, true);
    network.run_for(1s);
    EXPECT_TRUE(bob.began_with_key);
    EXPECT_LT(bob.first_at - asked, 500ms);
    EXPECT_EQ(alice.key_frames, key_frames + 1) << "asked for once";

    network.command(SetSubscriptions{LinkId{2}, {}});
    network.run_for(100ms);
    const size_t seen = bob.packets.size();
    network.run_for(1s);
    EXPECT_EQ(bob.packets.size(), seen);

    subscribe(2, true);
    network.run_for(1s);
    alice.on = false;
    network.run_for(1s);
    EXPECT_GT(bob.packets.size(), seen + 30);
    EXPECT_EQ(bob.continuity(), 1.0) << "the numbers go on where they stopped";
}

TEST_F(WorkerStory, AnotherPublisherTakesOverWithoutAGap) {
    camera(1);
    Camera& dave = camera(4);
    Viewer& bob = viewer(2);
    publish(1);
    network.command(SetPublications{LinkId{4}, {published_video(kOtherVideo)}});
    subscribe(2, true);
    ASSERT_TRUE(all_connected({1, 2, 4}));
    network.run_for(2s);
    const size_t seen = bob.sequences.size();
    network.command(SetSubscriptions{LinkId{2}, {subscribed_video(kOtherVideo, kOut)}});
    network.run_for(2s);
    dave.on = false;
    network.run_for(1s);
    EXPECT_GT(bob.sequences.size(), seen + 60);
    EXPECT_EQ(bob.continuity(), 1.0);
}

TEST_F(WorkerStory, APublisherLeavesAndComesBack) {
    Camera& alice = camera(1);
    Viewer& bob = viewer(2);
    publish(1);
    subscribe(2, true);
    ASSERT_TRUE(all_connected({1, 2}));
    network.run_for(1s);
    network.command(CloseLink{LinkId{1}});
    network.run_for(100ms);
    const size_t seen = bob.packets.size();
    network.run_for(2s);
    EXPECT_EQ(bob.packets.size(), seen);
    EXPECT_EQ(worker.load().links, 1u);
    EXPECT_EQ(worker.load().addresses, 1u);
    EXPECT_FALSE(alice.can_send());

    Camera& again = camera(5);
    publish(5);
    ASSERT_TRUE(all_connected({5}));
    network.run_for(2s);
    again.on = false;
    network.run_for(1s);
    EXPECT_GT(bob.sequences.size(), seen + 60);
    EXPECT_EQ(bob.continuity(), 1.0);
}

TEST_F(WorkerStory, MediaOutlivesAnIceRestartFromAnotherAddress) {
    Camera& alice = camera(1);
    Viewer& bob = viewer(2);
    publish(1);
    subscribe(2, true);
    ASSERT_TRUE(all_connected({1, 2}));
    network.run_for(1s);
    for (Browser* browser : {static_cast<Browser*>(&alice), static_cast<Browser*>(&bob)}) {
        browser->restart_ice(network.now, worker, network.out, network.random);
        browser->address.port = 6000;
    }
    network.flush();
    network.run_for(3s);
    EXPECT_GT(bob.packets.size(), 200u);
    EXPECT_GT(bob.completeness(), 0.9);
    EXPECT_EQ(network.count<LinkFailed>(LinkId{1}), 0);
}

TEST_F(WorkerStory, ASilentLinkIsToldAndMediaResumesWhenItIsHeard) {
    camera(1);
    Viewer& bob = viewer(2);
    publish(1);
    subscribe(2, true);
    ASSERT_TRUE(all_connected({1, 2}));
    network.run_for(1s);
    network.cut = {bob.address};
    network.run_for(40s);
    EXPECT_EQ(network.count<LinkSilent>(LinkId{2}), 1);
    const size_t seen = bob.packets.size();
    network.cut.clear();
    bob.restart_ice(network.now, worker, network.out, network.random);
    network.flush();
    network.run_for(3s);
    EXPECT_EQ(network.count<LinkHeard>(LinkId{2}), 1);
    EXPECT_GT(bob.packets.size(), seen + 100);
}

TEST_F(WorkerStory, APeerThatHasNotHeardOfTwoRestartsYetStaysConnected) {
    camera(1);
    Viewer& bob = viewer(2);
    publish(1);
    subscribe(2, true);
    ASSERT_TRUE(all_connected({1, 2}));
    for (const char* ufrag : {"restart1", "restart2"})
        network.command(RestartIce{LinkId{2}, {ufrag, "a password of 22 letters"}});
    network.run_for(40s);
    EXPECT_EQ(network.count<LinkSilent>(LinkId{2}), 0);
    const size_t seen = bob.packets.size();
    network.run_for(2s);
    EXPECT_GT(bob.packets.size(), seen + 100);
}

TEST_F(WorkerStory, NobodyTakesAnothersAddressAwayWhileItIsInUse) {
    Camera& alice = camera(1);
    Viewer& bob = viewer(2);
    publish(1);
    subscribe(2, true);
    ASSERT_TRUE(all_connected({1, 2}));
    const rtc::IceCredentials own{"mallory1", "a password of 22 letters"};
    network.command(OpenLink{.link = LinkId{9},
                             .local_ice = own,
                             .certificate = crypto::make_certificate({}),
                             .srtp_profiles = {rtc::SrtpProfile::AeadAes128Gcm}});
    const auto forge = [&] {
        Buffer memory(200);
        rtc::stun::MessageWriter check(memory, rtc::stun::MessageClass::Request, rtc::stun::kBinding, {});
        check.username(own.ufrag, "mine");
        check.use_candidate();
        check.integrity(crypto::HmacSha1(as_bytes(own.password)));
        Buffer datagram = to_buffer(check.finish());
        worker.handle_datagram(network.now, alice.address, datagram, network.out);
        network.flush();
    };
    forge();
    const size_t seen = bob.packets.size();
    network.run_for(2s);
    EXPECT_GT(bob.packets.size(), seen + 100);
    EXPECT_EQ(worker.counters().addresses_contested, 1u);

    network.cut = {alice.address};  // and whoever is behind her NAT has it after her
    network.run_for(20s);
    forge();
    EXPECT_EQ(worker.counters().addresses_contested, 1u);
}

TEST_F(WorkerStory, TheHeartbeatChannelPingsAndHearsItsAnswers) {
    Viewer& bob = viewer(2);
    ASSERT_TRUE(all_connected({2}));
    network.run_for(50s);
    EXPECT_EQ(bob.pings, 3);
    EXPECT_EQ(worker.counters().heartbeats_sent, 3u);
    EXPECT_EQ(worker.counters().heartbeats_answered, 3u);
}

TEST_F(WorkerStory, GoodbyeOfThePeerIsTold) {
    Camera& alice = camera(1);
    ASSERT_TRUE(network.run_until([&] { return alice.can_send(); }));
    alice.leave();
    network.flush();
    network.run_for(1s);
    EXPECT_EQ(network.count<LinkFailed>(LinkId{1}), 1);
}

TEST_F(WorkerStory, WhatIsForNobodyIsCountedAndLeavesNothingBehind) {
    camera(1);
    ASSERT_TRUE(all_connected({1}));
    const Load before = worker.load();
    const uint64_t dropped = worker.counters().datagrams_unknown + worker.counters().stun_unknown;
    for (int i = 0; i < 2000; ++i) {
        Buffer garbage(1 + network.random.below(200));
        network.random.fill(garbage);
        garbage[0] = std::to_array<uint8_t>({0x00, 0x16, 0x80, 0xff})[static_cast<size_t>(i % 4)];
        worker.handle_datagram(network.now, NetAddress::v4(203, 0, 113, 1, static_cast<uint16_t>(i)), garbage,
                               network.out);
    }
    EXPECT_EQ(worker.counters().datagrams_unknown + worker.counters().stun_unknown, dropped + 2000);
    EXPECT_TRUE(network.out.batch.empty());
    EXPECT_EQ(worker.load().addresses, before.addresses);
}

TEST_F(WorkerStory, ReplayedAndForgedMediaIsCountedEvenAfterItsLinkIsGone) {
    Camera& alice = camera(1);
    publish(1);
    ASSERT_TRUE(network.run_until([&] { return alice.can_send(); }));
    Buffer forged(100, 0x11);
    forged[0] = 0x80;
    forged[1] = kVp8;
    worker.handle_datagram(network.now, alice.address, forged, network.out);
    EXPECT_EQ(worker.link_counters().bad_rtp, 1u);
    network.command(CloseLink{LinkId{1}});
    EXPECT_EQ(worker.link_counters().bad_rtp, 1u);
}

TEST_F(WorkerStory, CommandsForLinksThatAreGoneDoNoHarm) {
    Camera& alice = camera(1);
    ASSERT_TRUE(all_connected({1}));
    alice.connect(network.now, worker, network.out, network.random);  // the same link opened twice
    for (const Command& command : std::initializer_list<Command>{
             CloseLink{LinkId{99}}, SetPublications{LinkId{99}, {published_video(kVideo)}},
             SetSubscriptions{LinkId{1}, {subscribed_video(kVideo, kOut)}},  // a publishing link takes none
             RestartIce{LinkId{99}, {"a", "b"}}, SetRemote{LinkId{99}, {"a", "b"}, {}}})
        network.command(command);
    EXPECT_EQ(worker.load().links, 1u);
    EXPECT_EQ(worker.load().subscriptions, 0u);
}

}  // namespace crosspoint::sfu
