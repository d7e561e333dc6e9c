#pragma once
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "api/device/context.h"
#include "crypto/certificate.h"
#include "rtc/sdp/client.h"

// What the tests of this folder share: the surroundings of one machine, and a browser to play against it.
namespace crosspoint::api::device {

namespace json = boost::json;
namespace client = rtc::sdp;

/// Time, randomness and everything that the machine under test has put out since the last `clear`.
struct Surroundings {
    SeededRandom random{7};
    Settings settings;
    Numbers numbers;
    Now now{Timestamp(1h), WallTime{1'767'225'600'750}};
    Effects effects;
    std::vector<Message> messages;

    Surroundings() {
        settings.candidates = {NetAddress::v4(192, 0, 2, 7, 40000)};
        settings.instance = "first";
        settings.make_certificate = &crypto::make_certificate;
    }

    Context context() { return {now, settings, numbers, random, effects, messages}; }
    void pass(Duration time) {
        now.mono += time;
        now.wall = now.wall + std::chrono::duration_cast<std::chrono::milliseconds>(time);
    }
    void clear() {
        effects = {};
        messages.clear();
    }

    template <class Wanted>
    std::vector<Wanted> outputs() const {
        std::vector<Wanted> found;
        for (const Effect& effect : effects.outputs)
            if (const auto* one = std::get_if<Wanted>(&effect)) found.push_back(*one);
        return found;
    }
    template <class Wanted>
    std::vector<Wanted> commands() const {
        std::vector<Wanted> found;
        for (const sfu::Command& command : outputs<sfu::Command>())
            if (const auto* one = std::get_if<Wanted>(&command)) found.push_back(*one);
        return found;
    }
    std::vector<Presence> presences() const {
        std::vector<Presence> found;
        for (const Message& message : messages)
            if (const auto* one = std::get_if<PresenceChanged>(&message)) found.push_back(one->presence);
        return found;
    }
};

inline std::string text_of(const json::object& object, std::string_view name) {
    return std::string(object.at(name).as_string());
}

inline client::ClientTransport browser_transport(std::string_view name) {
    return {{"ufrag" + std::string(name), "0123456789abcdef01234567"}, "AA:" + std::string(name)};
}

/// The browser's publishing connection.
struct PublishingBrowser {
    std::vector<client::ClientTrack> tracks;
    client::ClientTransport transport = browser_transport("01");
    client::OriginState origin{1, 0};

    void add(rtc::MediaKind kind, const std::string& stream) {
        const auto mid = static_cast<uint32_t>(tracks.size()) + 1;
        tracks.push_back(
            {kind, stream, "track" + std::to_string(mid), Ssrc{10 * mid}, Ssrc{10 * mid + 1}, std::to_string(mid)});
    }
    void add_camera(const std::string& stream) {
        add(rtc::MediaKind::Audio, stream);
        add(rtc::MediaKind::Video, stream);
    }
    void stop(const std::string& stream) {
        for (auto& track : tracks) track.stopped |= track.stream_id == stream;
    }
    /// The parameters of `offerSdp`; `aliases` by stream id.
    json::object params(const json::object& aliases = {}) {
        json::object streams;
        for (const auto& track : tracks)
            if (!track.stopped) streams[track.stream_id] = json::object();
        for (const auto& [stream, alias] : aliases) streams[stream] = json::object{{"alias", alias}};
        return {{"sdpOffer", client::publishing_offer(tracks, transport, origin)},
                {"mediaMetadata", {{"mediaStreams", streams}, {"dataChannels", json::object()}}}};
    }
    client::PublishingAnswer read(const json::object& result) const {
        auto answer = client::read_publishing_answer(text_of(result, "sdpAnswer"), tracks);
        EXPECT_TRUE(answer) << answer.error().text();
        return *answer;
    }
};

/// The browser's subscribing connection.
struct SubscribingBrowser {
    client::ClientTransport transport = browser_transport("02");
    client::OriginState origin{2, 0};

    client::SubscribingAnswer answer(std::string_view offer) {
        auto answer = client::answer_subscribing_offer(offer, transport, origin);
        EXPECT_TRUE(answer) << answer.error().text();
        return *answer;
    }
};

}  // namespace crosspoint::api::device
