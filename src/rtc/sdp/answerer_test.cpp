#include "rtc/sdp/answerer.h"

#include <gtest/gtest.h>

#include "base/testdata.h"

namespace crosspoint::rtc::sdp {
namespace {

LocalTransport local_transport() {
    LocalTransport local;
    local.ice = {"abcd", "0123456789abcdef01234567"};
    local.sha256_fingerprint = "AB:CD";
    local.candidates = {NetAddress::v4(192, 0, 2, 7, 40000), *NetAddress::parse("2001:db8::7", 40000)};
    return local;
}

struct Answered {
    Answer answer;
    Description description;
};

Result<Answer, Error> try_answer(std::string_view offer, const AnswerPolicy& policy = {}) {
    auto parsed = Description::parse(offer);
    if (!parsed) return parsed.error();
    OriginState origin{77, 0};
    return answer(*parsed, policy, local_transport(), origin);
}

Answered answered(std::string_view offer, const AnswerPolicy& policy = {}) {
    auto result = try_answer(offer, policy);
    EXPECT_TRUE(result) << result.error().text();
    auto description = Description::parse(result->sdp);
    EXPECT_TRUE(description) << description.error().text();
    return {std::move(*result), std::move(*description)};
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

std::vector<Codec> codecs_of(const NegotiatedTrack& track) {
    std::vector<Codec> codecs;
    for (const CodecParameters& codec : track.parameters.codecs) codecs.push_back(codec.codec);
    return codecs;
}

}  // namespace

TEST(SdpAnswerer, ADataChannelAloneIsAcceptedWithAllWeNeedToConnect) {
    const auto [answer, sdp] = answered(testdata("sdp/chromium_offer_data_only.sdp"));
    EXPECT_TRUE(answer.data_channel);
    EXPECT_EQ(answer.remote_sctp_port, 5000);
    EXPECT_EQ(answer.remote_max_message_size, 262144u);
    EXPECT_TRUE(answer.tracks.empty());
    EXPECT_FALSE(answer.remote_ice.ufrag.empty());
    EXPECT_EQ(answer.remote_fingerprints.front().algorithm, "sha-256");
    EXPECT_TRUE(sdp.ice_lite);
    EXPECT_EQ(sdp.origin, (Origin{77, 1}));
    ASSERT_EQ(sdp.sections.size(), 1u);
    const Section& data = sdp.sections.front();
    EXPECT_EQ(data.transport.setup, Setup::Passive);
    EXPECT_EQ(data.transport.ice, local_transport().ice);
    EXPECT_EQ(data.transport.fingerprints, (std::vector<Fingerprint>{{"sha-256", "AB:CD"}}));
    ASSERT_EQ(data.candidates.size(), 2u);
    EXPECT_EQ(data.candidates[1].address(), NetAddress::parse("2001:db8::7", 40000));
    EXPECT_EQ(data.port, 40000);
    EXPECT_EQ(data.connection, "IN IP4 192.0.2.7");
}

TEST(SdpAnswerer, TakesOpusBehindRedAndOneVideoCodec) {
    const auto [answer, sdp] = answered(testdata("sdp/chromium_offer_audio_video.sdp"));
    ASSERT_EQ(answer.tracks.size(), 2u);
    const NegotiatedTrack& audio = answer.tracks[0];
    EXPECT_EQ(audio.mline, 1u);
    EXPECT_EQ(codecs_of(audio), (std::vector{Codec::Red, Codec::Opus, Codec::TelephoneEvent, Codec::TelephoneEvent}));
    EXPECT_EQ(audio.parameters.codecs[1].fmtp, "minptime=10;useinbandfec=1");
    EXPECT_TRUE(audio.parameters.codecs[1].transport_cc);
    EXPECT_EQ(audio.parameters.extensions.audio_level, 1);
    EXPECT_TRUE(audio.parameters.ssrc);
    const NegotiatedTrack& video = answer.tracks[1];
    EXPECT_EQ(video.client_stream_id, audio.client_stream_id);
    ASSERT_EQ(video.parameters.codecs.size(), 1u);
    const CodecParameters& vp8 = video.parameters.codecs[0];
    EXPECT_EQ(vp8.codec, Codec::Vp8);
    EXPECT_EQ(vp8.rtx, PayloadType{97});
    EXPECT_TRUE(vp8.nack && vp8.pli && vp8.fir && vp8.transport_cc);
    EXPECT_FALSE(vp8.remb);  // offered, but transport-cc is better
    EXPECT_TRUE(video.parameters.rtx_ssrc);
    EXPECT_EQ(video.parameters.extensions.mid, 4);
    EXPECT_EQ(video.parameters.extensions.video_orientation, 13);

    EXPECT_EQ(sdp.bundle, (std::vector<std::vector<std::string>>{{"0", "1", "2"}}));
    EXPECT_EQ(sdp.sections[1].direction, Direction::RecvOnly);
    EXPECT_EQ(sdp.sections[1].payload_types.front(), PayloadType{63});
    EXPECT_EQ(sdp.sections[2].payload_types, (std::vector{PayloadType{96}, PayloadType{97}}));
    EXPECT_TRUE(sdp.sections[1].candidates.empty());  // RFC 9143 7.1.3: the tagged section has them for all
    EXPECT_TRUE(sdp.sections[2].rtcp_mux && sdp.sections[2].rtcp_rsize);
}

TEST(SdpAnswerer, UnpublishedLinesStayRejectedAndComeBackWithAnotherMid) {
    const auto gone = answered(testdata("sdp/chromium_offer_unpublished.sdp"));
    EXPECT_TRUE(gone.answer.tracks.empty());
    EXPECT_TRUE(gone.answer.data_channel);
    EXPECT_EQ(gone.description.bundle, (std::vector<std::vector<std::string>>{{"0"}}));
    EXPECT_EQ(gone.description.sections[1].port, 0);
    EXPECT_EQ(gone.description.sections[2].port, 0);
    const auto back = answered(testdata("sdp/chromium_offer_republished.sdp"));
    ASSERT_EQ(back.answer.tracks.size(), 2u);
    EXPECT_EQ(back.answer.tracks[0].mline, 1u);
    EXPECT_EQ(back.answer.tracks[0].parameters.mid, "3");
}

TEST(SdpAnswerer, AnIceRestartShowsInTheCredentialsOnly) {
    const auto before = answered(testdata("sdp/chromium_offer_audio_video.sdp")).answer;
    const auto after = answered(testdata("sdp/chromium_offer_ice_restart.sdp")).answer;
    EXPECT_NE(before.remote_ice, after.remote_ice);
    EXPECT_EQ(before.remote_fingerprints, after.remote_fingerprints);
    ASSERT_EQ(before.tracks.size(), after.tracks.size());
    for (size_t i = 0; i < before.tracks.size(); ++i)
        EXPECT_EQ(before.tracks[i].parameters, after.tracks[i].parameters);
}

TEST(SdpAnswerer, FirefoxLinesWithPortZeroAreAliveAndItsBracesStay) {
    const auto [answer, sdp] = answered(testdata("sdp/firefox_offer_two_streams.sdp"));
    ASSERT_EQ(answer.tracks.size(), 3u);
    EXPECT_TRUE(answer.tracks[0].client_stream_id.starts_with('{'));
    EXPECT_TRUE(answer.tracks[0].client_stream_id.ends_with('}'));
    EXPECT_EQ(codecs_of(answer.tracks[0]), (std::vector{Codec::Opus, Codec::TelephoneEvent}));
    EXPECT_EQ(codecs_of(answer.tracks[1]), std::vector{Codec::Vp8});
    EXPECT_TRUE(answer.tracks[1].parameters.codecs[0].fmtp.empty());  // max-fs is what Firefox wants to receive
    for (const Section& section : sdp.sections) EXPECT_NE(section.port, 0) << section.mid;
    for (const ExtensionMap& map : sdp.sections[1].extensions) EXPECT_NE(map.id, 2) << "csrc-audio-level is not ours";
}

TEST(SdpAnswerer, RefusedKindsBecomeInactive) {
    AnswerPolicy policy;
    policy.video = false;
    const auto [answer, sdp] = answered(testdata("sdp/chromium_offer_audio_video.sdp"), policy);
    ASSERT_EQ(answer.tracks.size(), 1u);
    EXPECT_EQ(answer.tracks[0].parameters.kind, MediaKind::Audio);
    EXPECT_EQ(sdp.sections[2].direction, Direction::Inactive);
    EXPECT_NE(sdp.sections[2].port, 0);
    EXPECT_EQ(sdp.bundle.front().size(), 3u);
}

TEST(SdpAnswerer, DirectionsAreTurnedRound) {
    const std::string offer = testdata("sdp/chromium_offer_audio_video.sdp");
    const auto direction = [&](std::string_view offered) {
        return answered(replaced(offer, "a=sendonly", offered)).description.sections[2].direction;
    };
    EXPECT_EQ(direction("a=sendrecv"), Direction::RecvOnly);
    EXPECT_EQ(direction("a=recvonly"), Direction::Inactive);
    EXPECT_EQ(direction("a=inactive"), Direction::Inactive);
    EXPECT_EQ(direction("a=no-direction-at-all"), Direction::RecvOnly);
}

TEST(SdpAnswerer, TheFirstAllowedVideoCodecOfTheOfferWins) {
    const auto first_codec = [](std::string_view name, const AnswerPolicy& policy = {}) {
        return answered(testdata(name), policy).answer.tracks.back().parameters.codecs.at(0);
    };
    const auto h264 = first_codec("sdp/chromium_offer_h264_first.sdp");
    EXPECT_EQ(h264.codec, Codec::H264);
    EXPECT_EQ(format_parameter(h264.fmtp, "packetization-mode"), "1");
    // Chromium lists Baseline before it, which our own offers do not contain: no subscriber would get it.
    EXPECT_EQ(format_parameter(h264.fmtp, "profile-level-id"), "42e01f");
    EXPECT_TRUE(h264.rtx);
    EXPECT_EQ(first_codec("sdp/chromium_offer_vp9_first.sdp").fmtp, "profile-id=0");
    EXPECT_EQ(first_codec("sdp/chromium_offer_av1_first.sdp").codec, Codec::Av1);
    AnswerPolicy only_vp9;
    only_vp9.video_codecs = {Codec::Vp9};
    EXPECT_EQ(first_codec("sdp/chromium_offer_audio_video.sdp", only_vp9).codec, Codec::Vp9);
}

TEST(SdpAnswerer, TellsChromiumWhereToBeginWithVideo) {
    AnswerPolicy policy;
    policy.video_start_kbps = 1000;
    const std::string sdp = answered(testdata("sdp/chromium_offer_audio_video.sdp"), policy).answer.sdp;
    EXPECT_NE(sdp.find("x-google-start-bitrate=1000"), std::string::npos);
    policy.video_start_kbps = 0;
    const std::string plain = answered(testdata("sdp/chromium_offer_audio_video.sdp"), policy).answer.sdp;
    EXPECT_EQ(plain.find("x-google"), std::string::npos);
}

TEST(SdpAnswerer, ALineWithoutAnythingAcceptableIsRejected) {
    const auto [answer, sdp] = answered(testdata("sdp/chromium_offer_no_common_codec.sdp"));
    EXPECT_TRUE(answer.tracks.empty());
    EXPECT_TRUE(answer.data_channel);
    EXPECT_EQ(sdp.sections[1].port, 0);
    EXPECT_EQ(sdp.bundle, (std::vector<std::vector<std::string>>{{"0"}}));
}

TEST(SdpAnswerer, RedNeedsPermissionAndTheOpusItCarries) {
    const std::string offer = testdata("sdp/chromium_offer_audio_video.sdp");
    AnswerPolicy policy;
    policy.red = false;
    EXPECT_EQ(codecs_of(answered(offer, policy).answer.tracks[0])[0], Codec::Opus);
    const auto other = answered(replaced(offer, "a=fmtp:63 111/111", "a=fmtp:63 9/9"));
    EXPECT_EQ(codecs_of(other.answer.tracks[0])[0], Codec::Opus);
}

TEST(SdpAnswerer, WithoutOpusTheTelephonesCodecsAreEnough) {
    const std::string offer = replaced(testdata("sdp/chromium_offer_audio_video.sdp"), "opus/48000/2", "speex/48000/2");
    EXPECT_EQ(codecs_of(answered(offer).answer.tracks[0]),
              (std::vector{Codec::Pcmu, Codec::Pcma, Codec::TelephoneEvent, Codec::TelephoneEvent}));
}

TEST(SdpAnswerer, RembIsTakenWhereTransportCcCannotBe) {
    const std::string offer = replaced(testdata("sdp/chromium_offer_audio_video.sdp"),
                                       "draft-holmer-rmcat-transport-wide-cc-extensions-01", "something-else");
    const CodecParameters vp8 = answered(offer).answer.tracks[1].parameters.codecs[0];
    EXPECT_FALSE(vp8.transport_cc);
    EXPECT_TRUE(vp8.remb);
}

TEST(SdpAnswerer, OnlyWhatCannotConnectIsRefused) {
    const std::string offer = testdata("sdp/chromium_offer_audio_video.sdp");
    const auto reason = [](std::string_view changed) {
        const auto result = try_answer(changed);
        return result ? std::string() : result.error().reason;
    };
    EXPECT_EQ(reason("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n"), "no live section");
    EXPECT_EQ(reason(replaced(offer, "a=ice-pwd", "a=x-pwd")), "no ICE credentials");
    EXPECT_EQ(reason(replaced(offer, "sha-256", "sha-1")), "no SHA-2 fingerprint");
    EXPECT_EQ(reason(replaced(offer, "a=group:BUNDLE", "a=group:LS")), "several sections without BUNDLE");
    EXPECT_EQ(reason(replaced(offer, "actpass", "passive")), "the offer must allow the client to be DTLS client");
}

TEST(SdpAnswerer, SectionsOutsideTheGroupAreRejected) {
    const std::string offer =
        replaced(testdata("sdp/chromium_offer_audio_video.sdp"), "a=group:BUNDLE 0 1 2", "a=group:BUNDLE 0 2");
    const auto [answer, sdp] = answered(offer);
    EXPECT_EQ(sdp.sections[1].port, 0);
    ASSERT_EQ(answer.tracks.size(), 1u);
    EXPECT_EQ(answer.tracks[0].mline, 2u);
}

TEST(SdpAnswerer, AnSsrcBelongsToOneTrackOnly) {
    std::string offer = testdata("sdp/chromium_offer_audio_video.sdp");
    const auto before = answered(offer).answer;
    offer = replaced(offer, std::to_string(before.tracks[0].parameters.ssrc->value),
                     std::to_string(before.tracks[1].parameters.ssrc->value));
    const auto after = answered(offer).answer;
    EXPECT_TRUE(after.tracks[0].parameters.ssrc);
    EXPECT_FALSE(after.tracks[1].parameters.ssrc);
}

TEST(SdpAnswerer, AnyCutOfAnOfferIsAnsweredOrRefused) {
    const std::string whole = testdata("sdp/firefox_offer_audio_video.sdp");
    for (size_t cut = 0; cut < whole.size(); ++cut) {
        const auto result = try_answer(std::string_view(whole).substr(0, cut));
        EXPECT_TRUE(!result || Description::parse(result->sdp)) << cut;
    }
}

}  // namespace crosspoint::rtc::sdp
