#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "sfu/plain_outlet.h"
#include "sfu/publisher.h"
#include "sfu/subscriber.h"
#include "sfu/test_media.h"

// One publisher and two subscribers on plain outlets: what becomes of a packet between them.
namespace crosspoint::sfu::test {

inline constexpr TrackId kVideo{1}, kAudio{2}, kOtherVideo{3};
inline constexpr Ssrc kOut{0x9000}, kOutAudio{0x9100};
inline const NetAddress kFirst = NetAddress::v4(192, 0, 2, 1, 1000);
inline const NetAddress kSecond = NetAddress::v4(192, 0, 2, 2, 1000);
inline const NetAddress kSender = NetAddress::v4(192, 0, 2, 3, 1000);

struct Forwarding : testing::Test {
    SeededRandom random{1};
    Switchboard switchboard{random};
    PlainOutlet to_sender{kSender}, to_first{kFirst}, to_second{kSecond};
    Publisher publisher{switchboard, LinkId{1}};
    Subscriber first{switchboard, LinkId{2}, to_first};
    Subscriber second{switchboard, LinkId{3}, to_second};
    Timestamp now = Timestamp{} + 1h;
    SendBatch batch;
    std::deque<Buffer> kept;  // what the packets given out look into

    std::vector<rtc::rtp::Packet> sent_to(const NetAddress& to) {
        std::vector<rtc::rtp::Packet> packets;
        for (const Transmit& transmit : batch.transmits()) {
            if (transmit.to != to || rtc::rtp::looks_like_rtcp(batch.datagram(transmit))) continue;
            packets.push_back(*rtc::rtp::Packet::parse(kept.emplace_back(to_buffer(batch.datagram(transmit)))));
        }
        return packets;
    }
    std::vector<rtc::rtcp::Message> reports_to(const NetAddress& to) {
        std::vector<rtc::rtcp::Message> messages;
        for (const Transmit& transmit : batch.transmits()) {
            if (transmit.to != to || !rtc::rtp::looks_like_rtcp(batch.datagram(transmit))) continue;
            auto compound = rtc::rtcp::Compound::parse(batch.datagram(transmit));
            for (auto& message : compound->messages) messages.push_back(std::move(message));
        }
        return messages;
    }
    template <class M>
    std::vector<M> reports_to(const NetAddress& to) {
        std::vector<M> found;
        for (const auto& message : reports_to(to))
            if (const auto* one = std::get_if<M>(&message)) found.push_back(*one);
        return found;
    }
    // Hands one packet in and says what the first subscriber got for it.
    std::vector<rtc::rtp::Packet> publish(const Buffer& packet) {
        batch.clear();
        publisher.handle_rtp(now, packet, batch);
        return sent_to(kFirst);
    }
    void tick(Duration passed) {
        now += passed;
        batch.clear();
        publisher.handle_timeout(now, to_sender, batch);
        first.handle_timeout(now, batch);
        second.handle_timeout(now, batch);
    }
    void tell_first(rtc::rtcp::Message message) {
        batch.clear();
        rtc::rtcp::Compound compound;
        compound.messages.push_back(std::move(message));
        first.handle_rtcp(now, compound, batch);
    }
    void publish_and_subscribe_video() {
        publisher.set_tracks({published_video(kVideo)});
        first.set_tracks(now, {subscribed_video(kVideo, kOut)});
    }
    void publish_and_subscribe_audio(bool red) {
        publisher.set_tracks({published_audio(kAudio)});
        first.set_tracks(now, {subscribed_audio(kAudio, kOutAudio, red)});
    }
};

}  // namespace crosspoint::sfu::test
