#include "rtc/sdp/description.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/testdata.h"

namespace crosspoint::rtc::sdp {
namespace {

std::vector<std::string> captures() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(CROSSPOINT_TESTDATA "/sdp"))
        if (entry.path().extension() == ".sdp") names.push_back("sdp/" + entry.path().filename().string());
    return names;
}

std::string error_of(const std::string& text) {
    const auto parsed = Description::parse(text);
    return parsed ? "" : parsed.error().text();
}

const std::string kHead = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
const std::string kAudio = kHead + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n";

}  // namespace

TEST(SdpDescription, ReadsWhatChromiumOffers) {
    const auto parsed = Description::parse(testdata("sdp/chromium_offer_audio_video.sdp"));
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_TRUE(parsed->extmap_allow_mixed);
    EXPECT_EQ(parsed->bundle, (std::vector<std::vector<std::string>>{{"0", "1", "2"}}));
    ASSERT_EQ(parsed->sections.size(), 3u);
    const Section& data = parsed->sections[0];
    EXPECT_EQ(data.kind, SectionKind::Application);
    EXPECT_EQ(data.sctp_port, 5000);
    EXPECT_EQ(data.max_message_size, 262144u);
    EXPECT_FALSE(data.direction);
    const Section& audio = parsed->sections[1];
    EXPECT_EQ(audio.direction, Direction::SendOnly);
    EXPECT_EQ(audio.payload_types.front(), PayloadType{111});
    EXPECT_EQ(audio.rtpmap(PayloadType{111}), (RtpMap{PayloadType{111}, "opus", 48000, 2}));
    EXPECT_EQ(audio.fmtp(PayloadType{63}), "111/111");
    EXPECT_TRUE(audio.has_feedback(PayloadType{111}, "transport-cc"));
    EXPECT_EQ(audio.transport.setup, Setup::ActPass);
    EXPECT_TRUE(audio.rtcp_mux);
    const Section& video = parsed->sections[2];
    EXPECT_EQ(video.msids.front().stream, audio.msids.front().stream);
    ASSERT_EQ(video.ssrc_groups.size(), 1u);
    EXPECT_EQ(video.ssrc_groups.front().semantics, "FID");
}

TEST(SdpDescription, SessionLevelTransportCountsForEachSection) {
    const auto parsed = Description::parse(testdata("sdp/firefox_offer_two_streams.sdp"));
    ASSERT_TRUE(parsed) << parsed.error().text();
    for (const Section& section : parsed->sections) {
        EXPECT_EQ(section.transport.fingerprints, parsed->transport.fingerprints);
        EXPECT_EQ(section.transport.ice_options, std::vector<std::string>{"trickle"});
    }
    EXPECT_TRUE(parsed->sections[1].msids.front().stream.starts_with('{'));
}

TEST(SdpDescription, APortOfZeroIsARejectionUnlessBundled) {
    const auto firefox = Description::parse(testdata("sdp/firefox_offer_two_streams.sdp"));
    ASSERT_TRUE(firefox);
    for (const Section& section : firefox->sections) EXPECT_FALSE(firefox->is_rejected(section)) << section.mid;
    const auto chromium = Description::parse(testdata("sdp/chromium_offer_unpublished.sdp"));
    ASSERT_TRUE(chromium);
    EXPECT_FALSE(chromium->is_rejected(chromium->sections[0]));
    EXPECT_TRUE(chromium->is_rejected(chromium->sections[1]));
    EXPECT_TRUE(chromium->is_rejected(chromium->sections[2]));
}

TEST(SdpDescription, WhatIsWrittenReadsTheSame) {
    for (const std::string& name : captures()) {
        const auto first = Description::parse(testdata(name));
        ASSERT_TRUE(first) << name << ": " << first.error().text();
        const auto second = Description::parse(first->write());
        ASSERT_TRUE(second) << name << ": " << second.error().text();
        EXPECT_EQ(*first, *second) << name;
        EXPECT_EQ(first->write(), second->write()) << name;
    }
}

TEST(SdpDescription, AnyCutOfACaptureIsReadOrRefused) {
    const std::string whole = testdata("sdp/chromium_offer_audio_video.sdp");
    for (size_t cut = 0; cut < whole.size(); ++cut) {
        const auto parsed = Description::parse(std::string_view(whole).substr(0, cut));
        EXPECT_TRUE(parsed || !parsed.error().reason.empty());
    }
}

TEST(SdpDescription, TakesBareLineFeeds) {
    std::string text = testdata("sdp/chromium_offer_audio_video.sdp");
    const auto with = Description::parse(text);
    std::erase(text, '\r');
    const auto without = Description::parse(text);
    ASSERT_TRUE(with && without);
    EXPECT_EQ(*with, *without);
}

TEST(SdpDescription, ErrorsNameTheLine) {
    EXPECT_EQ(error_of(""), "no session lines");
    EXPECT_EQ(error_of("hello\r\n"), "line 1: not a line of the form x=…");
    EXPECT_EQ(error_of("v=1\r\n"), "line 1: does not begin with v=0");
    EXPECT_EQ(error_of("v=0\r\ns=-\r\n"), "line 2: o= expected");
    EXPECT_EQ(error_of("v=0\r\no=- x 2 IN IP4 127.0.0.1\r\n"), "line 2: malformed origin");
    EXPECT_EQ(error_of(kHead + "m=audio x RTP 0\r\n"), "line 5: malformed m-line");
    EXPECT_EQ(error_of(kHead + "m=audio 9 UDP/TLS/RTP/SAVPF\r\n"), "line 5: m-line without a format");
    EXPECT_EQ(error_of(kHead + "m=audio 9 UDP/TLS/RTP/SAVPF 128\r\n"), "line 5: malformed payload type");
    EXPECT_EQ(error_of(kHead + "m=audio 9 UDP/TLS/RTP/SAVPF 1 1\r\n"), "line 5: payload type listed twice");
    for (const std::string attribute :
         {"rtpmap:111 opus", "rtpmap:x opus/48000", "fmtp:", "rtcp-fb:111", "extmap:0 urn:x", "extmap:1/up urn:x",
          "extmap:70000 urn:x", "msid:", "ssrc:x cname:y", "ssrc-group:FID 1 x", "setup:maybe", "fingerprint:sha-256 A",
          "fingerprint:sha-256 AB:C", "fingerprint:sha-256 AB-CD", "ice-ufrag:abc", "ice-pwd:short",
          "mid:", "sctp-port:x", "max-message-size:-1"}) {
        const std::string name = attribute.substr(0, attribute.find(':'));
        EXPECT_EQ(error_of(kAudio + "a=" + attribute + "\r\n"), "line 6: malformed " + name) << attribute;
    }
    EXPECT_EQ(error_of(kAudio + "a=mid:0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"),
              "two sections with the same mid");
}

TEST(SdpDescription, IsBounded) {
    EXPECT_EQ(error_of(std::string(kMaxDescriptionBytes + 1, 'v')), "description too long");
    EXPECT_EQ(error_of(kHead + "a=" + std::string(kMaxLineBytes, 'x') + "\r\n"), "line 5: line too long");
    std::string sections = kHead;
    for (size_t i = 0; i <= kMaxSections; ++i) sections += "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\n";
    EXPECT_EQ(error_of(sections), "line 261: too many sections");
    std::string maps = kAudio;
    for (int i = 0; i < 300; ++i) maps += "a=rtpmap:111 opus/48000/2\r\n";
    EXPECT_EQ(error_of(maps), "line 262: malformed rtpmap");
}

TEST(SdpDescription, WhatCouldForgeALineIsRefused) {
    EXPECT_EQ(error_of(kAudio + std::string("a=msid:a\0b c\r\n", 14)), "line 6: control character");
    EXPECT_EQ(error_of(kAudio + "a=msid:a\ra=ice-lite b\r\n"), "line 6: control character");
}

TEST(SdpDescription, UnknownThingsAreLeftOut) {
    const auto parsed = Description::parse(kHead +
                                           "b=AS:5\r\na=group:LS 1 2\r\na=rtpmap:junk at session level\r\n"
                                           "m=text 9 RTP/AVP 98\r\nb=AS:7\r\na=shape:round\r\na=group:BUNDLE 1\r\n"
                                           "a=candidate:1 1 quic 5 192.0.2.1 9 typ host\r\n");
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_TRUE(parsed->bundle.empty());
    EXPECT_EQ(parsed->sections.front().kind, SectionKind::Other);
    EXPECT_TRUE(parsed->sections.front().candidates.empty());
}

TEST(SdpDescription, StaticPayloadTypesNeedNoMap) {
    const Section section;
    EXPECT_EQ(section.rtpmap(PayloadType{8})->name, "PCMA");
    EXPECT_EQ(section.effective_direction(), Direction::SendRecv);
    EXPECT_FALSE(section.rtpmap(PayloadType{96}));
}

TEST(SdpDescription, FeedbackForAllCountsForEach) {
    const auto parsed = Description::parse(kAudio + "a=rtcp-fb:* transport-cc\r\na=rtcp-fb:0 nack\r\n");
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->sections[0].has_feedback(PayloadType{111}, "transport-cc"));
    EXPECT_FALSE(parsed->sections[0].has_feedback(PayloadType{111}, "nack"));
}

TEST(SdpCandidate, OursPreferUdpAndKeepTheirOrder) {
    auto tcp = NetAddress::v4(192, 0, 2, 1, 40000);
    tcp.transport = Transport::Tcp;
    const auto first = Candidate::of(NetAddress::v4(192, 0, 2, 1, 40000), 0);
    const auto second = Candidate::of(NetAddress::v4(192, 0, 2, 2, 40000), 1);
    const auto third = Candidate::of(tcp, 2);
    EXPECT_GT(first.priority, second.priority);
    EXPECT_GT(second.priority, third.priority);
    EXPECT_EQ(first.priority, 2130706431u);  // RFC 8445 5.1.2.1 with local preference 65535
    EXPECT_EQ(third.tcp_type, "passive");
    EXPECT_EQ(third.address(), tcp);
}

TEST(SdpFormatParameter, IsFoundWithoutRegardToCaseAndSpaces) {
    EXPECT_EQ(format_parameter("a=1; Packetization-Mode=1;b", "packetization-mode"), "1");
    EXPECT_EQ(format_parameter("a=1;b", "b"), "");
    EXPECT_FALSE(format_parameter("apt=96", "ap"));
}

}  // namespace crosspoint::rtc::sdp
