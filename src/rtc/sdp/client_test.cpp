#include "rtc/sdp/client.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "rtc/sdp/offerer.h"

namespace crosspoint::rtc::sdp {
namespace {

const ClientTransport kClient{{"wxyz", "0123456789abcdef01234567"}, "CD:EF"};
const LocalTransport kServer{{"abcd", "0123456789abcdef01234567"}, "AB:CD", {NetAddress::v4(192, 0, 2, 7, 40000)}};

}  // namespace

TEST(SdpClient, PublishesUnpublishesAndPublishesAgain) {
    OriginState client_origin{1, 0};
    OriginState server_origin{2, 0};
    const auto publish = [&](std::span<const ClientTrack> tracks, const AnswerPolicy& policy = {}) {
        const auto offer = Description::parse(publishing_offer(tracks, kClient, client_origin));
        auto answered = answer(*offer, policy, kServer, server_origin);
        EXPECT_TRUE(answered) << answered.error().text();
        auto read = read_publishing_answer(answered->sdp, tracks);
        EXPECT_TRUE(read) << read.error().text();
        return std::pair(std::move(*answered), std::move(*read));
    };
    const auto [first, seen] = publish({});
    EXPECT_TRUE(first.tracks.empty());
    EXPECT_EQ(seen.server.ice, kServer.ice);
    EXPECT_EQ(seen.server.candidates, kServer.candidates);
    EXPECT_EQ(seen.server.client_role, DtlsRole::Client);
    EXPECT_TRUE(seen.server.data_channel);

    std::vector<ClientTrack> tracks{{MediaKind::Audio, "s", "a", Ssrc{10}, Ssrc{}, "1"},
                                    {MediaKind::Video, "s", "v", Ssrc{20}, Ssrc{21}, "2"}};
    const auto [published, sending] = publish(tracks);
    ASSERT_EQ(published.tracks.size(), 2u);
    EXPECT_EQ(published.tracks[1].parameters.ssrc, Ssrc{20});
    EXPECT_EQ(published.tracks[1].parameters.rtx_ssrc, Ssrc{21});
    EXPECT_EQ(published.tracks[1].client_track_id, "v");
    ASSERT_TRUE(sending.tracks[0] && sending.tracks[1]);
    EXPECT_EQ(sending.tracks[0]->codecs[0].codec, Codec::Red);
    EXPECT_EQ(sending.tracks[1]->codecs.size(), 1u);
    EXPECT_EQ(sending.tracks[1]->codecs, published.tracks[1].parameters.codecs);
    EXPECT_EQ(sending.tracks[1]->extensions, published.tracks[1].parameters.extensions);

    AnswerPolicy no_video;
    no_video.video = false;
    EXPECT_FALSE(publish(tracks, no_video).second.tracks[1]);
    tracks[0].stopped = tracks[1].stopped = true;
    EXPECT_TRUE(publish(tracks).first.tracks.empty());
    tracks[0] = {MediaKind::Audio, "s2", "a", Ssrc{30}, Ssrc{}, "3"};
    const auto again = publish(tracks).first;
    ASSERT_EQ(again.tracks.size(), 1u);
    EXPECT_EQ(again.tracks[0].parameters.mid, "3");
    EXPECT_EQ(again.tracks[0].mline, 1u);
}

TEST(SdpClient, SeesTheTracksOfAnOffer) {
    SeededRandom random(3);
    Offerer offerer(random);
    offerer.set_wanted({{StreamId("s"), "v", MediaKind::Video, TrackId(1)}}, random);
    OriginState origin{1, 0};
    const auto answer = answer_subscribing_offer(offerer.offer(kServer), kClient, origin);
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(answer->server.client_role, DtlsRole::Server);
    EXPECT_EQ(answer->server.candidates, kServer.candidates);
    ASSERT_EQ(answer->tracks.size(), 1u);
    EXPECT_EQ(answer->tracks[0].stream_id, "s");
    EXPECT_EQ(answer->tracks[0].parameters.codecs.size(), 4u);
    const auto accepted = offerer.accept_answer(answer->sdp);
    ASSERT_TRUE(accepted) << accepted.error().text();
    EXPECT_EQ(accepted->lines.at(0).parameters.ssrc, answer->tracks[0].parameters.ssrc);
    EXPECT_EQ(accepted->lines[0].parameters.codecs, answer->tracks[0].parameters.codecs);
}

TEST(SdpClient, RefusesWhatIsNoDescription) {
    OriginState origin;
    EXPECT_FALSE(answer_subscribing_offer("v=0", kClient, origin));
    EXPECT_FALSE(read_publishing_answer("", {}));
    EXPECT_FALSE(read_publishing_answer("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\nm=audio 0 RTP/AVP 0\r\n", {}));
}

}  // namespace crosspoint::rtc::sdp
