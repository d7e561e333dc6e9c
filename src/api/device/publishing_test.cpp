#include "api/device/publishing.h"

#include "api/device/test_device.h"

namespace crosspoint::api::device {
namespace {

using rtc::MediaKind;

const ParticipantId kSelf("self");

struct PublishingTest : testing::Test, Surroundings {
    Publishing publishing;
    PublishingBrowser browser;
    sessions::Permissions permissions{true, true};

    Result<json::object, RpcError> try_offer(const json::object& params) {
        clear();
        Context turn = context();
        return publishing.offer(turn, params, kSelf, permissions);
    }
    json::object offer(const json::object& aliases = {}) {
        auto result = try_offer(browser.params(aliases));
        EXPECT_TRUE(result) << result.error().message;
        return result.ok() ? *result : json::object();
    }
    RpcCode refusal(const json::object& params) {
        const auto result = try_offer(params);
        EXPECT_FALSE(result);
        EXPECT_TRUE(effects.outputs.empty()) << "a refused offer has changed something";
        return result ? RpcCode::ParseError : result.error().code;
    }
    LinkId link() const { return commands<sfu::SetPublications>().at(0).link; }
    json::object with_alias(json::value alias) {
        json::object params = browser.params();
        params["mediaMetadata"].as_object()["mediaStreams"] = {{"camera", {{"alias", std::move(alias)}}}};
        return params;
    }
};

}  // namespace

TEST_F(PublishingTest, TheFirstOfferHoldsTheDataChannelAlone) {
    const auto result = offer();
    EXPECT_TRUE(result.at("streamMetadata").as_object().empty());
    EXPECT_FALSE(text_of(result, "endpointId").empty());
    const auto answer = browser.read(result);
    EXPECT_TRUE(answer.server.data_channel);
    EXPECT_EQ(answer.server.candidates, settings.candidates);
    EXPECT_EQ(answer.server.client_role, rtc::DtlsRole::Client);
    const auto opened = commands<sfu::OpenLink>();
    ASSERT_EQ(opened.size(), 1u);
    EXPECT_EQ(opened[0].dtls_role, rtc::DtlsRole::Server);
    EXPECT_TRUE(opened[0].data_channel);
    EXPECT_EQ(commands<sfu::SetRemote>().at(0).remote_ice, browser.transport.ice);
}

TEST_F(PublishingTest, MetadataIsKeyedByTheClientsStreamIdAndSaysWhatWasTaken) {
    offer();
    browser.add_camera("{camera}");  // Firefox wraps its ids in braces
    const auto result = offer({{"{camera}", "usermedia"}});
    const json::value expected = {{"endpointId", publishing.streams().at(0).id.value},
                                  {"mediaTypes", {"AUDIO", "VIDEO"}},
                                  {"participantId", "self"},
                                  {"alias", "usermedia"}};
    EXPECT_EQ(result.at("streamMetadata").as_object().at("{camera}"), expected);
    EXPECT_TRUE(commands<sfu::OpenLink>().empty());
    EXPECT_EQ(commands<sfu::SetPublications>().at(0).tracks.size(), 2u);
    EXPECT_FALSE(offer().at("streamMetadata").as_object().at("{camera}").as_object().contains("alias"));
}

TEST_F(PublishingTest, PermissionsTakeMLinesOfTheirKindOnly) {
    permissions = {true, false};
    browser.add_camera("camera");
    const auto result = offer();
    EXPECT_EQ(result.at("streamMetadata").at("camera").at("mediaTypes"), json::value(json::array{"AUDIO"}));
    const auto answer = browser.read(result);
    EXPECT_TRUE(answer.tracks[0]);
    EXPECT_FALSE(answer.tracks[1]);
    permissions = {};
    EXPECT_TRUE(offer().at("streamMetadata").as_object().empty());
    EXPECT_TRUE(publishing.streams().empty());
    settings.enforce_permissions = false;
    EXPECT_EQ(offer().at("streamMetadata").at("camera").at("mediaTypes"), json::value({"AUDIO", "VIDEO"}));
}

TEST_F(PublishingTest, WhatStaysKeepsItsIdsAndWhatComesBackGetsNewOnes) {
    browser.add_camera("camera");
    browser.add_camera("screen");
    offer();
    const auto before = publishing.streams();
    browser.stop("screen");
    offer();
    ASSERT_EQ(publishing.streams().size(), 1u);
    EXPECT_EQ(publishing.streams()[0], before[0]);
    // The browser uses the m-lines again, under new mids.
    for (size_t i = 2; i < 4; ++i) {
        browser.tracks[i].stopped = false;
        browser.tracks[i].mid = std::to_string(i + 10);
    }
    offer();
    ASSERT_EQ(publishing.streams().size(), 2u);
    EXPECT_EQ(publishing.streams()[0], before[0]);
    EXPECT_NE(publishing.streams()[1].id, before[1].id);
    EXPECT_NE(publishing.streams()[1].tracks[0].id, before[1].tracks[0].id);
}

TEST_F(PublishingTest, AStreamGoesOnWhenATrackJoinsItOrIsNotPermittedAnyMore) {
    browser.add(MediaKind::Audio, "camera");
    offer();
    const auto sound = publishing.streams().at(0);
    browser.add(MediaKind::Video, "camera");
    offer();
    const auto both = publishing.streams().at(0);
    EXPECT_EQ(both.id, sound.id);
    ASSERT_EQ(both.tracks.size(), 2u);
    EXPECT_EQ(both.tracks[0], sound.tracks[0]);
    EXPECT_EQ(both.tracks[1].place, 1);

    permissions = {false, true};
    offer();
    const auto picture = publishing.streams().at(0);
    EXPECT_EQ(picture.id, both.id);
    EXPECT_EQ(picture.tracks, std::vector{both.tracks[1]});
    permissions = {true, true};
    offer();
    EXPECT_EQ(publishing.streams().at(0).id, both.id);
    EXPECT_EQ(publishing.streams().at(0).tracks[0].place, 0);
    EXPECT_EQ(publishing.streams().at(0).tracks[1], both.tracks[1]);
}

TEST_F(PublishingTest, AnIceRestartKeepsTheLinkAndIsAnsweredWithNewCredentials) {
    browser.add_camera("camera");
    const auto first = browser.read(offer());
    const LinkId before = link();
    EXPECT_EQ(browser.read(offer()).server.ice, first.server.ice);
    browser.transport.ice.ufrag = "other";
    const auto restarted = browser.read(offer());
    EXPECT_NE(restarted.server.ice, first.server.ice);
    EXPECT_EQ(restarted.server.fingerprints, first.server.fingerprints);
    EXPECT_EQ(link(), before);
    EXPECT_EQ(commands<sfu::RestartIce>().size(), 1u);
    EXPECT_EQ(commands<sfu::SetRemote>().at(0).remote_ice.ufrag, "other");
}

TEST_F(PublishingTest, FingerprintsThatWeDoNotBelieveDoNotMakeAnotherConnection) {
    browser.add_camera("camera");
    offer();
    const LinkId before = link();
    for (int round = 0; round < 2; ++round) {
        json::object params = browser.params();
        std::string sdp = text_of(params, "sdpOffer");
        for (size_t at = 0; (at = sdp.find("a=fingerprint:sha-256", at)) != std::string::npos; at += 40)
            sdp.insert(at, "a=fingerprint:sha-1 AB:CD\r\n");
        params["sdpOffer"] = sdp;
        ASSERT_TRUE(try_offer(params));
        EXPECT_EQ(link(), before);
        EXPECT_TRUE(commands<sfu::CloseLink>().empty());
    }
}

TEST_F(PublishingTest, ANewConnectionOfTheBrowserReplacesTheLinkAndKeepsTheStreams) {
    browser.add_camera("camera");
    const auto first = browser.read(offer());
    const LinkId old = link();
    const auto before = publishing.streams();
    browser.transport = browser_transport("77");
    const auto second = browser.read(offer());
    EXPECT_NE(second.server.fingerprints, first.server.fingerprints);
    EXPECT_EQ(commands<sfu::CloseLink>().at(0).link, old);
    EXPECT_NE(link(), old);
    EXPECT_EQ(publishing.streams(), before);
}

TEST_F(PublishingTest, AFailedLinkIsNeverUsedAgainEvenIfItsChecksComeBack) {
    browser.add_camera("camera");
    offer();
    const LinkId old = link();
    EXPECT_TRUE(publishing.handle_link(sfu::LinkFailed{old, sfu::LinkFailure::DtlsError}));
    EXPECT_TRUE(publishing.handle_link(sfu::LinkSilent{old}));
    EXPECT_TRUE(publishing.handle_link(sfu::LinkHeard{old}));
    EXPECT_FALSE(publishing.alive());
    browser.transport.ice.ufrag = "other";
    offer();
    EXPECT_NE(link(), old);
    EXPECT_EQ(commands<sfu::CloseLink>().at(0).link, old);
}

TEST_F(PublishingTest, HoweverOftenItOffersOneLinkIsOpen) {
    browser.add_camera("camera");
    int open = 0;
    for (int round = 0; round < 30; ++round) {
        browser.transport = browser_transport(std::to_string(10 + round));
        offer();
        open += static_cast<int>(commands<sfu::OpenLink>().size());
        open -= static_cast<int>(commands<sfu::CloseLink>().size());
        EXPECT_EQ(open, 1);
    }
    clear();
    Context turn = context();
    publishing.close(turn);
    EXPECT_EQ(commands<sfu::CloseLink>().size(), 1u);
    EXPECT_TRUE(publishing.streams().empty());
}

TEST_F(PublishingTest, OffersThatCannotBeAnsweredChangeNothing) {
    browser.add_camera("camera");
    offer();
    const auto before = publishing.streams();
    EXPECT_EQ(refusal({}), RpcCode::InvalidParams);
    EXPECT_EQ(refusal({{"sdpOffer", 7}}), RpcCode::InvalidParams);
    EXPECT_EQ(refusal({{"sdpOffer", "no description"}}), RpcCode::InvalidParams);
    json::object params = browser.params();
    params["mediaMetadata"] = 5;
    EXPECT_EQ(refusal(params), RpcCode::InvalidParams);
    params["mediaMetadata"] = {{"mediaStreams", "all"}};
    EXPECT_EQ(refusal(params), RpcCode::InvalidParams);
    params["mediaMetadata"] = {{"mediaStreams", {{"camera", 5}}}};
    EXPECT_EQ(refusal(params), RpcCode::InvalidParams);
    // Another connection, but one without any fingerprint that proves something.
    browser.transport.sha256_fingerprint.clear();
    EXPECT_EQ(refusal(browser.params()), RpcCode::InvalidParams);
    EXPECT_EQ(publishing.streams(), before);
}

TEST_F(PublishingTest, AliasesAreShortTextsWithoutALeadingTilde) {
    browser.add_camera("camera");
    EXPECT_EQ(refusal(with_alias(5)), RpcCode::InvalidParams);
    EXPECT_EQ(refusal(with_alias("~x")), RpcCode::InvalidParams);
    EXPECT_EQ(refusal(with_alias(json::string(257, 'x'))), RpcCode::InvalidParams);
    EXPECT_TRUE(try_offer(with_alias(json::string(256, 'x'))));
    EXPECT_TRUE(try_offer(with_alias("x~")));
    EXPECT_TRUE(try_offer(with_alias(nullptr)));
    EXPECT_EQ(publishing.streams().at(0).alias, std::nullopt);
    EXPECT_TRUE(try_offer(with_alias("")));
    EXPECT_EQ(publishing.streams().at(0).alias, "");
    json::object params = browser.params();
    params["mediaMetadata"] = nullptr;
    EXPECT_TRUE(try_offer(params));
}

TEST_F(PublishingTest, TracksAndNamedStreamsHaveALimit) {
    for (size_t i = 0; i < Publishing::kMaxTracks; ++i) browser.add(MediaKind::Audio, "s" + std::to_string(i));
    offer();
    EXPECT_EQ(publishing.streams().size(), Publishing::kMaxTracks);
    browser.add(MediaKind::Audio, "one too many");
    EXPECT_EQ(refusal(browser.params()), RpcCode::Application);
    browser.tracks.back().stopped = true;  // an m-line that carries nothing counts for nothing
    offer();
    json::object streams;
    for (int i = 0; i < 257; ++i) streams[std::to_string(i)] = json::object();
    json::object params = browser.params();
    params["mediaMetadata"] = {{"mediaStreams", streams}};
    EXPECT_EQ(refusal(params), RpcCode::InvalidParams);
}

TEST_F(PublishingTest, ASuccessorAnswersTheRestartWithTheSameStreamIds) {
    browser.add_camera("camera");
    browser.add_camera("screen");
    browser.stop("camera");
    offer({{"screen", "slides"}});
    const auto before = publishing.streams();

    Publishing successor;
    numbers = {};
    successor.restore(publishing.stored(), numbers);
    ASSERT_EQ(successor.streams().size(), 1u);
    EXPECT_EQ(successor.streams()[0].id, before[0].id);
    EXPECT_EQ(successor.streams()[0].alias, "slides");
    EXPECT_FALSE(successor.alive());
    publishing = successor;
    const auto answer = browser.read(offer({{"screen", "slides"}}));
    EXPECT_FALSE(answer.tracks[0]);
    EXPECT_TRUE(answer.tracks[2]);
    EXPECT_TRUE(answer.tracks[3]);
    EXPECT_EQ(publishing.streams(), successor.streams());
    EXPECT_EQ(commands<sfu::OpenLink>().size(), 1u);
}

TEST_F(PublishingTest, ASuccessorKnowsATrackThatIsLeftOfItsStream) {
    browser.add_camera("camera");
    offer();
    const auto before = publishing.streams();
    permissions = {false, true};
    for (int restarts = 0; restarts < 2; ++restarts) {
        const json::array stored = publishing.stored();
        publishing = Publishing();
        publishing.restore(stored, numbers);
        offer();
        ASSERT_EQ(publishing.streams().size(), 1u);
        EXPECT_EQ(publishing.streams()[0].id, before[0].id);
        ASSERT_EQ(publishing.streams()[0].tracks.size(), 1u);
        EXPECT_EQ(publishing.streams()[0].tracks[0].place, before[0].tracks[1].place);
    }
}

}  // namespace crosspoint::api::device
