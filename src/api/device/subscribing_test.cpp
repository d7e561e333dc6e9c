#include "api/device/subscribing.h"

#include "api/device/test_device.h"

namespace crosspoint::api::device {
namespace {

using rtc::MediaKind;

const ParticipantId kAlice("alice");

struct SubscribingTest : testing::Test, Surroundings {
    Subscribing subscribing{random};
    SubscribingBrowser browser;
    rtc::Codec video_codec = rtc::Codec::Vp8;
    std::vector<sessions::IncomingStream> incoming;
    json::object last;  // parameters of the newest sdpOffer

    void add(const std::string& stream, const std::vector<MediaKind>& kinds, std::optional<std::string> alias = {}) {
        sessions::PublishedStream published{StreamId(stream), std::move(alias), {}};
        for (const MediaKind kind : kinds)
            published.tracks.push_back({numbers.track(), kind,
                                        kind == MediaKind::Audio ? rtc::Codec::Opus : video_codec,
                                        static_cast<uint8_t>(published.tracks.size())});
        incoming.push_back({kAlice, std::move(published)});
    }
    void tell() {
        Context turn = context();
        subscribing.set_incoming(turn, incoming);
    }
    bool offers() {
        Context turn = context();
        const auto text = subscribing.next_offer(turn);
        if (!text) return false;
        const auto message = json::parse(*text).as_object();
        EXPECT_EQ(message.at("method"), "sdpOffer");
        EXPECT_FALSE(message.contains("id"));
        last = message.at("params").as_object();
        return true;
    }
    int64_t revision() const { return last.at("sdpRevision").as_int64(); }
    client::SubscribingAnswer read() { return browser.answer(text_of(last, "sdpOffer")); }
    Result<void, RpcError> give(std::string_view sdp) {
        Context turn = context();
        return subscribing.answer(turn, sdp);
    }
    client::SubscribingAnswer answer() {
        auto answer = read();
        const auto accepted = give(answer.sdp);
        EXPECT_TRUE(accepted) << accepted.error().message;
        return answer;
    }
    LinkId link() const { return LinkId{numbers.last_link}; }
    void hear(const sfu::Event& event) {
        Context turn = context();
        EXPECT_TRUE(subscribing.handle_link(turn, event));
    }
    void connect() { hear(sfu::LinkConnected{link(), rtc::SrtpProfile::AeadAes128Gcm}); }
    /// An audio and video stream that flows.
    void start() {
        add("s1", {MediaKind::Audio, MediaKind::Video}, "camera");
        tell();
        ASSERT_TRUE(offers());
        answer();
        connect();
        clear();
    }
    void wait(Duration time) {
        pass(time);
        subscribing.handle_timeout(now.mono);
    }
    bool due_within(Duration time) {
        for (Duration passed{}; passed < time; passed += 1s) {
            wait(1s);
            if (offers()) return true;
        }
        return false;
    }
};

}  // namespace

TEST_F(SubscribingTest, NothingToReceiveIsNoOffer) {
    tell();
    EXPECT_FALSE(offers());
    EXPECT_TRUE(effects.outputs.empty());
}

TEST_F(SubscribingTest, AnOfferTellsAllThatTheClientNeeds) {
    add("s1", {MediaKind::Audio, MediaKind::Video}, "camera");
    add("s2", {MediaKind::Audio});
    tell();
    ASSERT_TRUE(offers());
    EXPECT_GE(revision(), 1);
    EXPECT_LT(revision(), int64_t{1} << 31);
    EXPECT_FALSE(text_of(last, "endpointId").empty());
    const json::value first = {
        {"endpointId", "s1"}, {"mediaTypes", {"AUDIO", "VIDEO"}}, {"participantId", "alice"}, {"alias", "camera"}};
    const json::value second = {{"endpointId", "s2"}, {"mediaTypes", json::array{"AUDIO"}}, {"participantId", "alice"}};
    EXPECT_EQ(last.at("streamMetadata"), json::value({{"s1", first}, {"s2", second}}));
    const auto opened = commands<sfu::OpenLink>();
    ASSERT_EQ(opened.size(), 1u);
    EXPECT_EQ(opened[0].dtls_role, rtc::DtlsRole::Client);
    EXPECT_EQ(opened[0].srtp_profiles, std::vector{rtc::SrtpProfile::AeadAes128Gcm});
    EXPECT_TRUE(commands<sfu::SetSubscriptions>().empty());

    const auto taken = answer();
    EXPECT_EQ(taken.tracks.size(), 3u);
    EXPECT_EQ(taken.server.candidates, settings.candidates);
    EXPECT_EQ(commands<sfu::SetSubscriptions>().at(0).tracks.size(), 3u);
    EXPECT_EQ(commands<sfu::SetRemote>().at(0).remote_ice, browser.transport.ice);
}

TEST_F(SubscribingTest, TracksThatFindNoLineAreCountedAndGetTheNextThatFallsSilent) {
    for (size_t i = 1; i <= rtc::sdp::kMaxSections; ++i) add("s" + std::to_string(i), {MediaKind::Video});
    tell();
    ASSERT_TRUE(offers());
    EXPECT_EQ(numbers.unplaced_tracks, 1u);
    EXPECT_EQ(answer().tracks.size(), rtc::sdp::kMaxSections - 1);
    EXPECT_EQ(numbers.unplaced_tracks, 1u);
    EXPECT_FALSE(offers());

    incoming.erase(incoming.begin());
    tell();
    ASSERT_TRUE(offers());
    EXPECT_EQ(answer().tracks.size(), rtc::sdp::kMaxSections - 2);
    ASSERT_TRUE(offers());
    EXPECT_EQ(answer().tracks.size(), rtc::sdp::kMaxSections - 1);
    EXPECT_EQ(numbers.unplaced_tracks, 1u);
}

TEST_F(SubscribingTest, OneOfferIsOutstandingAndTheNextHoldsAllThatHasChanged) {
    add("s1", {MediaKind::Audio});
    tell();
    ASSERT_TRUE(offers());
    const int64_t before = revision();
    add("s2", {MediaKind::Audio});
    tell();
    add("s3", {MediaKind::Audio});
    tell();
    EXPECT_FALSE(offers());
    answer();
    ASSERT_TRUE(offers());
    EXPECT_GT(revision(), before);
    EXPECT_EQ(answer().tracks.size(), 3u);
    EXPECT_FALSE(offers());
}

TEST_F(SubscribingTest, WhatIsNotWantedStopsBeforeTheAnswer) {
    start();
    incoming.clear();
    tell();
    ASSERT_EQ(commands<sfu::SetSubscriptions>().size(), 1u);
    EXPECT_TRUE(commands<sfu::SetSubscriptions>()[0].tracks.empty());
    ASSERT_TRUE(offers());
    EXPECT_TRUE(last.at("streamMetadata").as_object().empty());
    EXPECT_TRUE(answer().tracks.empty());
}

TEST_F(SubscribingTest, ATrackThatStopsAndComesBackLeavesTheOtherAlone) {
    start();
    const auto with_sound = incoming;
    auto& tracks = incoming[0].stream.tracks;
    tracks.erase(tracks.begin());
    tell();
    ASSERT_EQ(commands<sfu::SetSubscriptions>().size(), 1u);
    const auto video = commands<sfu::SetSubscriptions>()[0].tracks;
    ASSERT_EQ(video.size(), 1u);
    ASSERT_TRUE(offers());
    answer();
    EXPECT_EQ(commands<sfu::SetSubscriptions>().size(), 1u) << "the picture has not noticed";
    incoming = with_sound;
    tell();
    ASSERT_TRUE(offers());
    EXPECT_EQ(answer().tracks.size(), 2u);
    ASSERT_EQ(commands<sfu::SetSubscriptions>().size(), 2u);
    EXPECT_EQ(commands<sfu::SetSubscriptions>()[1].tracks.at(1), video[0]);
    EXPECT_EQ(commands<sfu::SetSubscriptions>()[1].tracks.size(), 2u) << "on the lines they had";
}

TEST_F(SubscribingTest, AnUnansweredOfferIsMadeAgainAfterTenSecondsWithAHigherRevision) {
    add("s1", {MediaKind::Audio});
    tell();
    ASSERT_TRUE(offers());
    const int64_t before = revision();
    wait(9999ms);
    EXPECT_FALSE(offers());
    wait(1ms);
    ASSERT_TRUE(offers());
    EXPECT_GT(revision(), before);
    answer();
    EXPECT_EQ(commands<sfu::SetSubscriptions>().size(), 1u);
}

TEST_F(SubscribingTest, AnAnswerThatComesLateIsNotTheLastWord) {
    start();
    incoming.clear();
    tell();
    ASSERT_TRUE(offers());
    answer();
    add("s2", {MediaKind::Video});
    tell();
    ASSERT_TRUE(offers());
    const auto late = read();  // the line of sound is silent
    add("s3", {MediaKind::Audio});
    tell();
    wait(10s);
    ASSERT_TRUE(offers());
    ASSERT_TRUE(give(late.sdp)) << "it cannot be told from one to the second offer";
    EXPECT_FALSE(give(read().sdp)) << "which is answered, it seems";
    clear();
    ASSERT_TRUE(offers()) << "so it is made once more";
    answer();
    ASSERT_EQ(commands<sfu::SetSubscriptions>().size(), 1u);
    EXPECT_EQ(commands<sfu::SetSubscriptions>()[0].tracks.size(), 2u);
    EXPECT_FALSE(offers());
}

TEST_F(SubscribingTest, AnAnswerThatNobodyAskedForIsNoOffer) {
    EXPECT_FALSE(give("v=0"));
    EXPECT_FALSE(offers());
}

TEST_F(SubscribingTest, AnAnswerThatCannotBeReadIsRefusedAndTheOfferMadeAgain) {
    EXPECT_EQ(give("v=0").error().code, RpcCode::Application);
    add("s1", {MediaKind::Audio});
    tell();
    ASSERT_TRUE(offers());
    EXPECT_EQ(give("no description").error().code, RpcCode::InvalidParams);
    EXPECT_FALSE(offers());
    wait(10s);
    ASSERT_TRUE(offers());
    const std::string sdp = answer().sdp;
    EXPECT_EQ(give(sdp).error().code, RpcCode::Application);
}

TEST_F(SubscribingTest, AClientThatComesBackGetsTheOfferItMayHaveMissed) {
    start();
    subscribing.socket_replaced();
    EXPECT_FALSE(offers());
    add("s2", {MediaKind::Audio});
    tell();
    ASSERT_TRUE(offers());
    const int64_t before = revision();
    subscribing.socket_replaced();
    ASSERT_TRUE(offers());
    EXPECT_GT(revision(), before);
    EXPECT_EQ(answer().tracks.size(), 3u);
}

TEST_F(SubscribingTest, RevisionsGrowWhateverTheClockDoesAndWhoeverIsTheClient) {
    start();
    int64_t before = revision();
    const auto grows = [&](const char* when) {
        EXPECT_TRUE(offers()) << when;
        EXPECT_GT(revision(), before) << when;
        before = revision();
    };
    now.wall.unix_milliseconds -= 3'600'000;
    add("s2", {MediaKind::Audio});
    tell();
    grows("the clock was set back");
    answer();
    Context turn = context();
    subscribing.close(turn);
    grows("the device was gone");
    subscribing.client_changed(turn);
    grows("another client");
    const json::object stored = subscribing.stored();
    subscribing = Subscribing(random);
    subscribing.restore(stored);
    tell();
    grows("the server was restarted");
}

TEST_F(SubscribingTest, SilenceIsAnsweredByAnIceRestartEveryTenSeconds) {
    start();
    const auto before = read();
    hear(sfu::LinkSilent{link()});
    wait(0s);
    ASSERT_TRUE(offers());
    const auto restarted = answer();
    EXPECT_NE(restarted.server.ice, before.server.ice);
    EXPECT_EQ(restarted.server.fingerprints, before.server.fingerprints);
    EXPECT_EQ(commands<sfu::RestartIce>().size(), 1u);
    EXPECT_TRUE(commands<sfu::OpenLink>().empty());
    wait(9999ms);
    EXPECT_FALSE(offers());
    wait(1ms);
    ASSERT_TRUE(offers());
    EXPECT_EQ(commands<sfu::RestartIce>().size(), 2u);
    answer();
    hear(sfu::LinkHeard{link()});
    EXPECT_FALSE(due_within(60s));
}

TEST_F(SubscribingTest, APathThatComesBackByItselfNeedsNoRestart) {
    start();
    hear(sfu::LinkSilent{link()});
    wait(0s);  // the restart is due, but there is no socket that would take the offer
    wait(10s);
    hear(sfu::LinkHeard{link()});
    EXPECT_FALSE(due_within(60s));
    EXPECT_TRUE(commands<sfu::RestartIce>().empty());
}

TEST_F(SubscribingTest, AnAnsweredConnectionThatDoesNotComeUpIsRestarted) {
    add("s1", {MediaKind::Audio});
    tell();
    ASSERT_TRUE(offers());
    answer();
    wait(29'999ms);
    EXPECT_FALSE(offers());
    wait(1ms);
    ASSERT_TRUE(offers());
    EXPECT_EQ(commands<sfu::RestartIce>().size(), 1u);
}

TEST_F(SubscribingTest, AFailedLinkIsReplacedAtThePaceOfRestarts) {
    start();
    const auto before = read();
    for (int round = 0; round < 3; ++round) {
        clear();
        const LinkId old = link();
        hear(sfu::LinkFailed{old, sfu::LinkFailure::DtlsError});
        wait(9999ms);
        EXPECT_FALSE(offers());
        wait(1ms);
        ASSERT_TRUE(offers());
        EXPECT_EQ(commands<sfu::CloseLink>().at(0).link, old);
        EXPECT_EQ(commands<sfu::OpenLink>().size(), 1u);
        EXPECT_NE(answer().server.fingerprints, before.server.fingerprints);
        EXPECT_EQ(commands<sfu::SetSubscriptions>().at(0).tracks.size(), 2u);
    }
    connect();
    EXPECT_FALSE(due_within(60s));
}

TEST_F(SubscribingTest, AFailureBeforeTheFirstConnectionIsPacedToo) {
    add("s1", {MediaKind::Audio});
    tell();
    ASSERT_TRUE(offers());
    answer();
    wait(29s);
    hear(sfu::LinkFailed{link(), sfu::LinkFailure::DtlsError});
    wait(9999ms);
    EXPECT_FALSE(offers());
    wait(1ms);
    EXPECT_TRUE(offers());
}

TEST_F(SubscribingTest, AClientWithoutAesGcmIsOfferedEverythingAtOnceAndFromThenOn) {
    start();
    hear(sfu::LinkFailed{link(), sfu::LinkFailure::NoSrtpProfile});
    wait(0s);
    ASSERT_TRUE(offers());
    EXPECT_EQ(commands<sfu::OpenLink>().at(0).srtp_profiles.size(), 3u);
    answer();
    clear();
    // The next time it is a failure like any other.
    hear(sfu::LinkFailed{link(), sfu::LinkFailure::NoSrtpProfile});
    wait(0s);
    EXPECT_FALSE(offers());
    wait(10s);
    ASSERT_TRUE(offers());
    EXPECT_EQ(commands<sfu::OpenLink>().at(0).srtp_profiles.size(), 3u);
    answer();
    clear();
    Context turn = context();
    subscribing.connection_ended(turn);
    ASSERT_TRUE(offers());
    EXPECT_EQ(commands<sfu::OpenLink>().at(0).srtp_profiles.size(), 3u);
    clear();
    subscribing.client_changed(turn);
    ASSERT_TRUE(offers());
    EXPECT_EQ(commands<sfu::OpenLink>().at(0).srtp_profiles.size(), 1u);
}

TEST_F(SubscribingTest, AnotherFingerprintInTheAnswerIsAnotherConnectionOfTheClient) {
    start();
    const LinkId old = link();
    add("s2", {MediaKind::Audio});
    tell();
    ASSERT_TRUE(offers());
    browser.transport = browser_transport("99");
    answer();
    ASSERT_TRUE(offers());
    EXPECT_EQ(commands<sfu::CloseLink>().at(0).link, old);
    answer();
    EXPECT_EQ(commands<sfu::SetSubscriptions>().back().link, link());
    EXPECT_EQ(commands<sfu::SetSubscriptions>().back().tracks.size(), 3u);
    EXPECT_FALSE(offers());
}

TEST_F(SubscribingTest, ADeviceThatWasGoneIsOfferedAgainOnTheSameLines) {
    start();
    const auto before = read();
    Context turn = context();
    subscribing.close(turn);
    EXPECT_EQ(commands<sfu::CloseLink>().size(), 1u);
    EXPECT_EQ(subscribing.next_timeout(), kNever);
    ASSERT_TRUE(offers());
    const auto after = answer();
    ASSERT_EQ(after.tracks.size(), 2u);
    EXPECT_EQ(after.tracks[1].parameters.mid, before.tracks[1].parameters.mid);
    EXPECT_NE(after.tracks[1].parameters.ssrc, before.tracks[1].parameters.ssrc);
    EXPECT_EQ(commands<sfu::SetSubscriptions>().back().tracks.size(), 2u);
    EXPECT_FALSE(offers());
}

TEST_F(SubscribingTest, AnotherConnectionThatReceivesNothingIsNotOfferedAnything) {
    start();
    incoming.clear();
    tell();
    ASSERT_TRUE(offers());
    answer();
    Context turn = context();
    subscribing.connection_ended(turn);
    EXPECT_FALSE(offers());
    subscribing.client_changed(turn);
    EXPECT_FALSE(offers());
}

TEST_F(SubscribingTest, ASuccessorOffersItsNewLinkOnTheSameLines) {
    start();
    const auto before = read();
    const json::object stored = subscribing.stored();
    subscribing = Subscribing(random);
    subscribing.restore(stored);
    tell();
    ASSERT_TRUE(offers());
    const auto after = answer();
    ASSERT_EQ(after.tracks.size(), 2u);
    EXPECT_EQ(after.tracks[0].parameters.mid, before.tracks[0].parameters.mid);
    EXPECT_EQ(after.tracks[0].stream_id, before.tracks[0].stream_id);
    EXPECT_FALSE(offers());
}

TEST_F(SubscribingTest, ASuccessorOfOneThatNeverOfferedOffersNothing) {
    const json::object stored = subscribing.stored();
    subscribing.restore(stored);
    tell();
    EXPECT_FALSE(offers());
}

TEST_F(SubscribingTest, ATrackThatTheClientHasNoCodecForFallsSilentAndTheOthersGoOn) {
    video_codec = rtc::Codec::Av1;
    add("s1", {MediaKind::Audio, MediaKind::Video});
    tell();
    ASSERT_TRUE(offers());
    auto answered = rtc::sdp::Description::parse(read().sdp);
    ASSERT_TRUE(answered);
    for (rtc::sdp::Section& section : answered->sections) {
        std::erase_if(section.payload_types, [&](PayloadType type) {
            const auto map = section.rtpmap(type);
            return map && map->name == "AV1";
        });
    }
    ASSERT_TRUE(give(answered->write()));
    EXPECT_EQ(numbers.untaken_codecs, 1u);
    ASSERT_TRUE(offers()) << "the line has to fall silent";
    const auto offer = rtc::sdp::Description::parse(text_of(last, "sdpOffer"));
    ASSERT_TRUE(offer);
    EXPECT_EQ(offer->sections.at(1).direction, rtc::sdp::Direction::SendOnly);
    EXPECT_EQ(offer->sections.at(2).direction, rtc::sdp::Direction::Inactive);
    answer();
    tell();
    EXPECT_FALSE(offers()) << "asking again would not change it";
    Context turn = context();
    subscribing.client_changed(turn);
    ASSERT_TRUE(offers());
    EXPECT_EQ(answer().tracks.size(), 2u) << "another client may have it";
}

}  // namespace crosspoint::api::device
