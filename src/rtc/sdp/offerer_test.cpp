#include "rtc/sdp/offerer.h"

#include <gtest/gtest.h>

#include <set>

#include "base/testdata.h"
#include "rtc/sdp/client.h"

namespace crosspoint::rtc::sdp {
namespace {

LocalTransport local_transport() {
    LocalTransport local;
    local.ice = {"abcd", "0123456789abcdef01234567"};
    local.sha256_fingerprint = "AB:CD";
    local.candidates = {NetAddress::v4(192, 0, 2, 7, 40000)};
    return local;
}

WantedTrack audio(std::string_view stream, uint64_t source = 1) {
    return {StreamId(stream), std::string("a-").append(stream), MediaKind::Audio, TrackId(source)};
}
WantedTrack video(std::string_view stream, uint64_t source = 2) {
    return {StreamId(stream), std::string("v-").append(stream), MediaKind::Video, TrackId(source)};
}

/// A device's subscribing connection, its client played by our own client half.
struct Device {
    SeededRandom random{1};
    Offerer offerer{random};
    OriginState client_origin{5, 0};

    bool want(const std::vector<WantedTrack>& wanted) { return offerer.set_wanted(wanted, random); }
    Description offer() {
        text = offerer.offer(local_transport());
        auto parsed = Description::parse(text);
        EXPECT_TRUE(parsed) << parsed.error().text();
        return std::move(*parsed);
    }
    std::string client_answer() {
        const ClientTransport client{{"wxyz", "0123456789abcdef01234567"}, "CD:EF"};
        auto answer = answer_subscribing_offer(text, client, client_origin);
        EXPECT_TRUE(answer) << answer.error().text();
        return answer->sdp;
    }
    Offerer::Accepted accept(std::string_view sdp) {
        auto accepted = offerer.accept_answer(sdp);
        EXPECT_TRUE(accepted) << accepted.error().text();
        return std::move(*accepted);
    }
    Description negotiate(const std::vector<WantedTrack>& wanted) {
        want(wanted);
        Description description = offer();
        accept(client_answer());
        return description;
    }

    std::string text;
};

std::vector<std::string> msids(const Description& description) {
    std::vector<std::string> ids;
    for (const Section& section : description.sections)
        ids.push_back(section.msids.empty() ? "-" : section.msids.front().stream);
    return ids;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST(SdpOfferer, TheDataChannelStandsFirstAndEverythingIsOneBundle) {
    Device device;
    EXPECT_FALSE(device.want({}));
    EXPECT_TRUE(device.want({audio("s1"), video("s1")}));
    const Description offer = device.offer();
    EXPECT_TRUE(offer.ice_lite);
    EXPECT_TRUE(offer.extmap_allow_mixed);
    EXPECT_EQ(offer.bundle, (std::vector<Ids>{{"0", "1", "2"}}));
    EXPECT_EQ(offer.sections[0].kind, SectionKind::Application);
    EXPECT_FALSE(offer.sections[0].direction);
    EXPECT_EQ(offer.sections[0].candidates.size(), 1u);
    for (const Section& section : offer.sections) EXPECT_EQ(section.transport.setup, Setup::ActPass);
    const Section& line = offer.sections[2];
    EXPECT_EQ(line.direction, Direction::SendOnly);
    EXPECT_EQ(line.msids, (std::vector<Msid>{{"s1", "v-s1"}}));
    EXPECT_EQ(line.payload_types.size(), 8u);
    EXPECT_EQ(line.ssrc_groups.size(), 1u);
    EXPECT_TRUE(line.rtcp_mux && line.rtcp_rsize);
}

TEST(SdpOfferer, AnAnswerSaysWhatMayBeSent) {
    Device device;
    device.want({audio("s1", 11), video("s1", 12)});
    const Description offer = device.offer();
    EXPECT_TRUE(device.offerer.lines().empty());
    const auto accepted = device.accept(device.client_answer());
    EXPECT_FALSE(device.offerer.offer_needed());
    EXPECT_EQ(accepted.remote_ice.ufrag, "wxyz");
    EXPECT_TRUE(accepted.data_channel);
    ASSERT_EQ(accepted.lines.size(), 2u);
    const Offerer::Line& line = accepted.lines[1];
    EXPECT_TRUE(line.accepted);
    EXPECT_EQ(line.source, TrackId(12));
    EXPECT_EQ(line.parameters.mid, "2");
    EXPECT_EQ(line.parameters.cname, "s1");
    EXPECT_EQ(line.parameters.codecs.size(), 4u);
    EXPECT_EQ(line.parameters.ssrc, offer.sections[2].ssrc_groups.front().ssrcs[0]);
    EXPECT_EQ(line.parameters.rtx_ssrc, offer.sections[2].ssrc_groups.front().ssrcs[1]);
    EXPECT_EQ(line.parameters.extensions.dependency_descriptor, 6);
}

TEST(SdpOfferer, OnlyALineTheClientKnowsToBeSilentIsUsedAgain) {
    Device device;
    const Description first = device.negotiate({audio("s1"), audio("s2")});
    // Gone and replaced at once: another line, since the old one still plays at the client.
    EXPECT_EQ(msids(device.negotiate({audio("s2"), audio("s3")})), (Ids{"-", "-", "s2", "s3"}));
    const Description third = device.negotiate({audio("s2"), audio("s3"), audio("s4")});
    EXPECT_EQ(msids(third), (Ids{"-", "s4", "s2", "s3"}));
    EXPECT_EQ(third.sections[1].mid, first.sections[1].mid);
    EXPECT_NE(third.sections[1].ssrcs.front().ssrc, first.sections[1].ssrcs.front().ssrc);
}

TEST(SdpOfferer, ALineThatWentSilentUnansweredIsNotUsedYet) {
    Device device;
    device.negotiate({audio("s1")});
    device.want({});
    const Description silent = device.offer();
    EXPECT_EQ(silent.sections[1].direction, Direction::Inactive);
    device.want({audio("s2")});
    device.accept(device.client_answer());
    EXPECT_TRUE(device.offerer.offer_needed());
    EXPECT_EQ(msids(device.offer()), (Ids{"-", "-", "s2"}));
}

TEST(SdpOfferer, ATrackPutOnASilentLineSurvivesTheAnswerToAnOlderOffer) {
    Device device;
    device.negotiate({audio("s1")});
    device.negotiate({});
    device.offer();  // an ICE restart, say
    device.want({audio("s2")});
    EXPECT_TRUE(device.accept(device.client_answer()).lines.empty());
    EXPECT_EQ(msids(device.offer()), (Ids{"-", "s2"}));
    EXPECT_EQ(device.accept(device.client_answer()).lines.size(), 1u);
}

TEST(SdpOfferer, LinesKeepTheirKind) {
    Device device;
    device.negotiate({audio("s1"), video("s1")});
    device.negotiate({});
    const Description offer = device.negotiate({video("s2"), audio("s2")});
    EXPECT_EQ(offer.sections.size(), 3u);
    EXPECT_EQ(offer.sections[1].kind, SectionKind::Audio);
    EXPECT_EQ(offer.sections[2].kind, SectionKind::Video);
}

TEST(SdpOfferer, AChangeThatIsTakenBackNeedsNoOffer) {
    Device device;
    device.negotiate({audio("s1")});
    EXPECT_TRUE(device.want({}));
    EXPECT_TRUE(device.offerer.lines().empty());
    EXPECT_FALSE(device.want({audio("s1")}));
    EXPECT_EQ(device.offerer.lines().size(), 1u);
    EXPECT_TRUE(device.want({audio("s1"), video("s2")}));
    EXPECT_FALSE(device.want({audio("s1")}));
    EXPECT_EQ(device.offer().sections.size(), 2u);
}

TEST(SdpOfferer, AnotherSourceForTheSameTrackNeedsNoOffer) {
    Device device;
    device.negotiate({audio("s1", 1)});
    EXPECT_FALSE(device.want({audio("s1", 9)}));
    EXPECT_EQ(device.offerer.lines().at(0).source, TrackId(9));
}

TEST(SdpOfferer, SsrcsAreNeverSharedAndVersionsGrow) {
    Device device;
    std::vector<WantedTrack> wanted;
    for (int i = 0; i < 40; ++i) wanted.push_back(video("s" + std::to_string(i)));
    const Description first = device.negotiate(wanted);
    std::set<Ssrc> ssrcs;
    for (const Section& section : first.sections)
        for (const SsrcGroup& group : section.ssrc_groups) ssrcs.insert(group.ssrcs.begin(), group.ssrcs.end());
    EXPECT_EQ(ssrcs.size(), 80u);
    EXPECT_EQ(device.offer().origin.version, first.origin.version + 1);
}

TEST(SdpOfferer, MoreTracksThanADescriptionHoldsAreLeftOut) {
    Device device;
    std::vector<WantedTrack> wanted;
    for (size_t i = 0; i < kMaxSections + 5; ++i) wanted.push_back(video("s" + std::to_string(i)));
    EXPECT_EQ(device.negotiate(wanted).sections.size(), kMaxSections);
    EXPECT_FALSE(device.want(wanted));
    EXPECT_EQ(device.offerer.unplaced(), 6u);
    wanted.resize(wanted.size() - 6);
    EXPECT_FALSE(device.want(wanted));
    EXPECT_EQ(device.offerer.unplaced(), 0u);
}

TEST(SdpOfferer, ASuccessorGoesOnWithTheSameLines) {
    Device device;
    const Description before = device.negotiate({audio("s1"), video("s1"), audio("s2")});
    device.negotiate({audio("s1"), video("s1")});
    auto successor = Offerer::restore(device.offerer.layout());
    ASSERT_TRUE(successor);
    EXPECT_EQ(successor->layout(), device.offerer.layout());
    device.offerer = std::move(*successor);
    EXPECT_FALSE(device.want({audio("s1", 31), video("s1", 32)}));
    const Description after = device.offer();
    EXPECT_EQ(msids(after), (Ids{"-", "s1", "s1", "-"}));
    EXPECT_EQ(after.sections[2].ssrc_groups, before.sections[2].ssrc_groups);
    EXPECT_GT(after.origin.version, before.origin.version);
    EXPECT_EQ(after.origin.session_id, before.origin.session_id);
    const auto accepted = device.accept(device.client_answer());
    EXPECT_EQ(accepted.lines.at(1).source, TrackId(32));
    EXPECT_EQ(msids(device.negotiate({audio("s1"), video("s1"), audio("s3")})), (Ids{"-", "s1", "s1", "s3"}));
}

TEST(SdpOfferer, ASuccessorSilencesWhatIsNoLongerWanted) {
    Device device;
    device.negotiate({audio("s1")});
    device.offerer = *Offerer::restore(device.offerer.layout());
    EXPECT_TRUE(device.want({audio("s2")}));
    EXPECT_EQ(msids(device.offer()), (Ids{"-", "-", "s2"}));
}

TEST(SdpOfferer, AForeignLayoutIsRefused) {
    Device device;
    device.negotiate({audio("s1"), video("s1")});
    const std::string layout = device.offerer.layout();
    for (const std::string bad : {"", "x", "lines1", "lines1 1 2", "lines1 1 2 3\nx 1 2 3 i", "lines1 1 2 3\na 1 2 3 z",
                                  "lines1 1 2 3\na 1 x 3 i"})
        EXPECT_FALSE(Offerer::restore(bad)) << bad;
    for (size_t cut = 0; cut < layout.size(); ++cut) (void)Offerer::restore(std::string_view(layout).substr(0, cut));
}

TEST(SdpOfferer, AnAnswerThatDoesNotFitChangesNothing) {
    Device device;
    const auto reason = [&](std::string_view sdp) {
        const auto result = device.offerer.accept_answer(sdp);
        return result ? std::string() : result.error().reason;
    };
    EXPECT_EQ(reason("v=0"), "no offer is waiting for an answer");
    device.want({audio("s1")});
    device.offer();
    std::string answer = device.client_answer();
    EXPECT_EQ(reason("v=0"), "no session lines");
    EXPECT_EQ(reason(answer.substr(0, answer.find("m=audio"))), "not as many sections as were offered");
    std::string other = answer;
    other.replace(other.find("m=audio"), 7, "m=video");
    EXPECT_EQ(reason(other), "section 1: other kind than offered");
    other = answer;
    for (size_t at = other.find("passive"); at != std::string::npos; at = other.find("passive"))
        other.replace(at, 7, "active");
    EXPECT_EQ(reason(other), "setup:passive expected, the server is DTLS client");
    for (size_t cut = 0; cut < answer.find("m=audio"); ++cut) reason(answer.substr(0, cut));
    EXPECT_TRUE(device.offerer.lines().empty());
    EXPECT_EQ(device.accept(answer).lines.size(), 1u);
    EXPECT_EQ(reason(answer), "no offer is waiting for an answer");
}

TEST(SdpOfferer, CodecsTheAnswerRenamesOrDropsAreNotSent) {
    Device device;
    device.want({video("s1")});
    device.offer();
    std::string answer = device.client_answer();
    answer.replace(answer.find("VP8/90000"), 9, "XX8/90000");
    answer.replace(answer.find("a=fmtp:99 apt=98"), 16, "a=fmtp:99 apt=96");
    const auto accepted = device.accept(answer);
    const auto& codecs = accepted.lines.at(0).parameters.codecs;
    ASSERT_EQ(codecs.size(), 3u);
    EXPECT_EQ(codecs[0].codec, Codec::H264);
    EXPECT_TRUE(codecs[0].rtx);
    EXPECT_EQ(codecs[1].codec, Codec::Vp9);
    EXPECT_FALSE(codecs[1].rtx);
}

// The offers of this story were given to Chromium, and these are its answers (testdata/sdp/README.md).
TEST(SdpOfferer, ChromiumFollowsThroughALongLife) {
    Device device;
    const auto step = [&](std::string_view name, const std::vector<WantedTrack>& wanted) {
        device.want(wanted);
        device.offer();
        return device.accept(testdata(std::string("sdp/chromium_answer_").append(name).append(".sdp"))).lines;
    };
    const auto all_accepted = [](const std::vector<Offerer::Line>& lines) {
        return std::ranges::all_of(lines, &Offerer::Line::accepted);
    };
    EXPECT_TRUE(step("nothing", {}).empty());
    const auto first = step("one_stream", {audio("s1"), video("s1")});
    ASSERT_EQ(first.size(), 2u);
    EXPECT_TRUE(all_accepted(first));
    EXPECT_EQ(first[0].parameters.codecs.at(0).codec, Codec::Opus);
    EXPECT_EQ(first[1].parameters.codecs.size(), 4u);
    EXPECT_TRUE(first[1].parameters.codecs[0].rtx && first[1].parameters.codecs[0].transport_cc);
    EXPECT_EQ(step("two_streams", {audio("s1"), video("s1"), audio("s2"), video("s2")}).size(), 4u);
    EXPECT_EQ(step("first_gone", {audio("s2"), video("s2")}).size(), 2u);
    const auto recycled = step("recycled", {audio("s2"), video("s2"), audio("s3"), video("s3")});
    EXPECT_TRUE(all_accepted(recycled));
    EXPECT_EQ(recycled.at(0).stream, StreamId("s3"));
    EXPECT_EQ(recycled[0].parameters.mid, "1");
    const std::vector kept{audio("s3"), video("s3"), video("s4")};
    EXPECT_EQ(step("replaced", kept).at(2).parameters.mid, "5");
    device.offerer = *Offerer::restore(device.offerer.layout());
    EXPECT_TRUE(all_accepted(step("restarted", kept)));

    auto wanted = kept;
    wanted.push_back(video("s5"));
    wanted.push_back(video("s6"));
    const auto refused = step("line_rejected", wanted);
    ASSERT_EQ(refused.size(), 5u);
    EXPECT_EQ(refused[4].stream, StreamId("s6"));
    EXPECT_FALSE(refused[4].accepted);
    EXPECT_FALSE(device.want(wanted));  // no use in offering it again
    EXPECT_EQ(device.offer().sections.back().port, 0);
    wanted.back() = video("s7");
    const auto reused = step("rejected_line_reused", wanted);
    EXPECT_TRUE(all_accepted(reused));
    EXPECT_EQ(reused.at(4).parameters.mid, "7");
    EXPECT_TRUE(step("all_gone", {}).empty());
}

TEST(SdpOfferer, FirefoxTakesWhatItKnows) {
    Device device;
    device.want({audio("s1"), video("s1")});
    device.offer();
    const auto lines = device.accept(testdata("sdp/firefox_answer_one_stream.sdp")).lines;
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_TRUE(lines[0].accepted && lines[1].accepted);
    EXPECT_EQ(lines[0].parameters.codecs.at(0).codec, Codec::Opus);
    EXPECT_EQ(lines[1].parameters.codecs.at(0).codec, Codec::Vp8);
    EXPECT_EQ(lines[1].parameters.extensions.dependency_descriptor, 0);
}

}  // namespace crosspoint::rtc::sdp
