#include "api/device/device.h"

#include <boost/json/serialize.hpp>

#include "api/device/test_device.h"

namespace crosspoint::api::device {
namespace {

using rtc::MediaKind;
using enum Presence;

sessions::Participant participant() {
    sessions::Participant made;
    made.id = ParticipantId("self");
    made.permissions = {true, true};
    made.callback = {true, "https://app.example/cb"};
    made.tag = "tag";
    return made;
}

struct DeviceTest : testing::Test, Surroundings {
    Device device{participant(), random};
    PublishingBrowser publisher;
    SubscribingBrowser subscriber;
    uint64_t last_socket = 0;
    int64_t last_id = 0;

    template <class Work>
    void run(Work work) {
        Context turn = context();
        work(turn);
    }
    SocketId open(const ClientIdentity& client = {"one"}) {
        const SocketId socket{++last_socket};
        run([&](Context& turn) { device.socket_opened(turn, socket, client); });
        return socket;
    }
    void lose() {
        run([&](Context& turn) { device.socket_closed(turn, SocketId{last_socket}); });
    }
    void say(std::string_view text) {
        run([&](Context& turn) { device.socket_text(turn, text); });
    }
    void notify(std::string_view method) { say(notification_text(method, {})); }
    /// The reply; what else was sent stays in `effects`.
    json::object call(std::string_view method, const json::object& params = {}) {
        const json::value id = ++last_id;
        const size_t from = effects.outputs.size();
        say(json::serialize(json::object{{"jsonrpc", "2.0"}, {"method", method}, {"params", params}, {"id", id}}));
        for (size_t i = from; i < effects.outputs.size(); ++i)
            if (const auto* sent = std::get_if<SendText>(&effects.outputs[i])) {
                auto message = json::parse(sent->text).as_object();
                if (message.contains("id") && message.at("id") == id) return message;
            }
        ADD_FAILURE() << "no reply to " << method;
        return {};
    }
    json::object result(std::string_view method, const json::object& params = {}) {
        auto reply = call(method, params);
        EXPECT_TRUE(reply.contains("result")) << json::serialize(reply);
        return reply.contains("result") ? reply.at("result").as_object() : json::object();
    }
    int64_t error(std::string_view method, const json::object& params = {}) {
        const auto reply = call(method, params);
        EXPECT_FALSE(reply.contains("result"));
        return reply.contains("error") ? reply.at("error").at("code").as_int64() : 0;
    }
    SocketId ready(const ClientIdentity& client = {"one"}) {
        const SocketId socket = open(client);
        EXPECT_TRUE(result("setMediaPreferences", {{"protocol", "WEBRTC"}}).empty());
        return socket;
    }
    /// All notifications of that name since the last `clear`.
    std::vector<json::object> notified(std::string_view method) const {
        std::vector<json::object> found;
        for (const SendText& sent : outputs<SendText>()) {
            const auto message = json::parse(sent.text).as_object();
            if (message.contains("method") && text_of(message, "method") == method)
                found.push_back(message.at("params").as_object());
        }
        return found;
    }
    std::vector<json::object> offers() const { return notified("sdpOffer"); }
    std::vector<uint16_t> closes(SocketId socket) const {
        std::vector<uint16_t> codes;
        for (const CloseSocket& close : outputs<CloseSocket>())
            if (close.socket == socket) codes.push_back(close.code);
        return codes;
    }
    void publish() {
        if (publisher.tracks.empty()) publisher.add_camera("camera");
        result("offerSdp", publisher.params());
    }
    void receive(const std::string& stream = "s1") {
        sessions::PublishedStream published{StreamId(stream), {}, {{numbers.track(), MediaKind::Audio}}};
        run([&](Context& turn) { device.incoming_changed(turn, {{ParticipantId("other"), published}}); });
    }
    void answer(const json::object& offer) {
        result("answerSdp", {{"sdpAnswer", subscriber.answer(text_of(offer, "sdpOffer")).sdp}});
    }
    void hear(const sfu::Event& event) {
        run([&](Context& turn) { EXPECT_TRUE(device.handle_link(turn, event)); });
    }
    /// Until that time has passed, with every timer on the way.
    void wait(Duration time) {
        const Timestamp end = now.mono + time;
        while (device.next_timeout() <= end) {
            pass(std::max(Duration{}, device.next_timeout() - now.mono));
            run([&](Context& turn) { device.handle_timeout(turn); });
        }
        pass(end - now.mono);
    }
    std::vector<sessions::PublishedStream> streams() const {
        std::vector<sessions::PublishedStream> last;
        for (const Message& message : messages)
            if (const auto* published = std::get_if<StreamsPublished>(&message)) last = published->streams;
        return last;
    }
    void restart_server() {
        const std::string stored = device.stored();
        clear();
        numbers = {};
        settings.instance = "second";
        device = Device(participant(), random);
        run([&](Context& turn) { device.restore(turn, stored); });
    }
};

}  // namespace

TEST_F(DeviceTest, IsPresentOnceItHasStatedItsPreferences) {
    open();
    EXPECT_TRUE(presences().empty());
    EXPECT_TRUE(result("ping").empty());
    EXPECT_TRUE(presences().empty());
    result("setMediaPreferences", {{"protocol", "WEBRTC"}});
    result("setMediaPreferences", {{"protocol", "WEBRTC"}});
    ASSERT_EQ(presences(), std::vector{Connected});
    const auto& told = std::get<PresenceChanged>(messages[0]);
    EXPECT_EQ(told.callback_url, "https://app.example/cb");
    EXPECT_EQ(told.tag, "tag");
    EXPECT_EQ(told.device_id.size(), 36u);
}

TEST_F(DeviceTest, TheReplyGoesBeforeTheFirstOffer) {
    receive();
    open();
    EXPECT_TRUE(offers().empty());
    clear();
    result("setMediaPreferences");
    ASSERT_EQ(outputs<SendText>().size(), 2u);
    EXPECT_EQ(offers().size(), 1u);
    EXPECT_NE(outputs<SendText>()[0].text.find("result"), std::string::npos);
    answer(offers()[0]);
}

TEST_F(DeviceTest, WrongCallsAreErrorsAndTheDeviceGoesOn) {
    ready();
    clear();
    EXPECT_EQ(error("becomeAdmin"), -32601);
    EXPECT_EQ(error("offerSdp"), -32602);
    EXPECT_EQ(error("answerSdp"), -32602);
    EXPECT_EQ(error("answerSdp", {{"sdpAnswer", "v=0"}}), -32000);
    clear();
    notify("becomeAdmin");
    notify("offerSdp");
    notify("deviceDiagnostics");
    EXPECT_TRUE(effects.outputs.empty());
    for (const char* text : {"{", "[]", "null", "{}"}) say(text);
    EXPECT_EQ(outputs<SendText>().size(), 4u);
    EXPECT_TRUE(result("ping").empty());
}

TEST_F(DeviceTest, LargeDiagnosticsAreDroppedUnparsed) {
    ready();
    clear();
    // Damaged on purpose: if it were parsed, there would be an error.
    const std::string head = R"({"jsonrpc":"2.0","method":"deviceDiagnostics","params":{"logs":[)";
    say(head + std::string(64 * 1024, '{'));
    EXPECT_TRUE(effects.outputs.empty());
    say(head);
    EXPECT_EQ(outputs<SendText>().size(), 1u);
}

TEST_F(DeviceTest, AFloodOfMessagesIsToldSoAndEnds) {
    ready();
    while (!call("ping").contains("error")) ASSERT_LT(last_id, 10'000);
    EXPECT_GT(last_id, 100);
    EXPECT_EQ(error("ping"), -32029);
    clear();
    notify("becomeAdmin");
    EXPECT_TRUE(effects.outputs.empty());
    wait(1s);
    EXPECT_TRUE(result("ping").empty());
    // What is long counts for more, and is not read once it is too much.
    clear();
    say(R"({"method":"ping","params":{"x":")" + std::string(4'000'000, 'x') + R"("},"id":1})");
    const auto reply = json::parse(outputs<SendText>().at(0).text).as_object();
    EXPECT_TRUE(reply.at("id").is_null());
    EXPECT_EQ(reply.at("error").at("code"), -32029);
}

TEST_F(DeviceTest, PublishingTellsTheDirectoryAndMakesTheDevicePresent) {
    open();
    publish();
    EXPECT_EQ(presences(), std::vector{Connected});
    ASSERT_EQ(streams().size(), 1u);
    EXPECT_EQ(streams()[0].tracks.size(), 2u);
}

TEST_F(DeviceTest, LeavingEndsEverythingAndWaitsForTheClientToClose) {
    const SocketId socket = ready();
    publish();
    receive();
    answer(offers()[0]);
    clear();
    notify("leave");
    notify("deviceDiagnostics");
    notify("leave");
    EXPECT_EQ(presences(), std::vector{Left});
    EXPECT_TRUE(streams().empty());
    EXPECT_EQ(commands<sfu::CloseLink>().size(), 2u);
    EXPECT_TRUE(outputs<SendText>().empty());
    EXPECT_TRUE(closes(socket).empty());
    EXPECT_EQ(error("setMediaPreferences"), -32000);
    EXPECT_EQ(error("offerSdp", publisher.params()), -32000);
    receive("s2");
    EXPECT_TRUE(offers().empty());
    wait(5s);
    EXPECT_EQ(closes(socket), std::vector<uint16_t>{1000});
    lose();
    wait(10min);
    EXPECT_EQ(presences(), std::vector{Left});
}

TEST_F(DeviceTest, AZombieThatSaysNothingAfterLeavingIsSentAway) {
    ready();
    notify("leave");
    lose();
    clear();
    const SocketId zombie = open();
    result("ping");
    wait(4999ms);
    EXPECT_TRUE(closes(zombie).empty());
    wait(1ms);
    EXPECT_EQ(closes(zombie), std::vector<uint16_t>{1000});
    EXPECT_TRUE(presences().empty());
}

TEST_F(DeviceTest, AClientThatConnectsAgainAfterLeavingNeedNotStateItsPreferences) {
    // SDKs up to 0.10 do not, when the same object is used again (spec 2.3).
    ready();
    receive();
    answer(offers()[0]);
    notify("leave");
    lose();
    clear();
    const SocketId again = open();
    publish();
    EXPECT_EQ(presences(), std::vector{Connected});
    ASSERT_EQ(offers().size(), 1u);
    subscriber = {};
    answer(offers()[0]);
    wait(1min);
    EXPECT_TRUE(closes(again).empty());
}

TEST_F(DeviceTest, ASocketThatComesBackTakesTheDeviceUpWhereItWas) {
    ready();
    publish();
    receive();
    ASSERT_EQ(offers().size(), 1u);
    clear();
    lose();
    EXPECT_EQ(presences(), std::vector{Disconnected});
    EXPECT_TRUE(outputs<sfu::Command>().empty());
    receive("s2");
    wait(30s);
    const SocketId back = open();
    EXPECT_EQ(presences(), (std::vector{Disconnected, Connected}));
    ASSERT_EQ(offers().size(), 1u);
    EXPECT_TRUE(offers()[0].at("streamMetadata").as_object().contains("s2"));
    answer(offers()[0]);
    clear();
    // The old connection was never closed here: only TCP did not tell us yet.
    const SocketId again = open();
    EXPECT_EQ(closes(back), std::vector<uint16_t>{1000});
    EXPECT_TRUE(offers().empty());
    run([&](Context& turn) { device.socket_closed(turn, back); });
    EXPECT_EQ(device.socket(), again);
    EXPECT_TRUE(presences().empty());
}

TEST_F(DeviceTest, AnotherDeviceReplacesTheFirstForGood) {
    const SocketId first = ready({"one", true});
    publish();
    receive();
    answer(offers()[0]);
    const std::string device_id = std::get<PresenceChanged>(messages[0]).device_id;
    clear();
    ready({"two", false});
    EXPECT_EQ(closes(first), std::vector<uint16_t>{1000});
    EXPECT_EQ(notified("refused").at(0).at("code"), "replaced");
    EXPECT_EQ(presences(), (std::vector{Disconnected, Connected}));
    EXPECT_EQ(std::get<PresenceChanged>(messages[0]).device_id, device_id);
    EXPECT_NE(std::get<PresenceChanged>(messages.back()).device_id, device_id);
    EXPECT_TRUE(streams().empty());
    EXPECT_EQ(commands<sfu::CloseLink>().size(), 2u);
    ASSERT_EQ(offers().size(), 1u);
    EXPECT_TRUE(offers()[0].at("streamMetadata").as_object().contains("s1"));
}

TEST_F(DeviceTest, AReplacementThatVanishesAtOnceLeavesForBoth) {
    ready({"one"});
    clear();
    open({"two"});
    lose();
    EXPECT_EQ(presences(), std::vector{Disconnected});
    wait(60s);
    EXPECT_EQ(presences(), (std::vector{Disconnected, Left}));
    EXPECT_EQ(device.next_timeout(), kNever);

    ready({"three"});
    clear();
    open({"four"});
    notify("leave");
    EXPECT_EQ(presences(), (std::vector{Disconnected, Left}));

    ready({"five"});
    open({"six"});
    restart_server();
    wait(60s);
    EXPECT_EQ(presences(), std::vector{Left});
}

TEST_F(DeviceTest, ASocketThatNeverSaysAnythingNeitherConnectsNorLeaves) {
    open();
    lose();
    wait(10min);
    EXPECT_TRUE(presences().empty());
}

TEST_F(DeviceTest, IsGoneAMinuteAfterItsSocketWhenNoMediaLives) {
    ready();
    publish();
    clear();
    lose();
    wait(59'999ms);
    EXPECT_EQ(presences(), std::vector{Disconnected});
    wait(1ms);
    EXPECT_EQ(presences(), (std::vector{Disconnected, Left}));
    EXPECT_TRUE(streams().empty());
    EXPECT_EQ(commands<sfu::CloseLink>().size(), 1u);
    EXPECT_EQ(device.next_timeout(), kNever);
}

TEST_F(DeviceTest, LivingMediaKeepsItWithoutSocketUntilThatFallsSilent) {
    ready();
    publish();
    const LinkId link{numbers.last_link};
    hear(sfu::LinkConnected{link, rtc::SrtpProfile::AeadAes128Gcm});
    clear();
    lose();
    wait(10min);
    EXPECT_EQ(presences(), std::vector{Disconnected});
    hear(sfu::LinkSilent{link});
    EXPECT_EQ(presences(), (std::vector{Disconnected, Left}));
}

TEST_F(DeviceTest, ComesBackAfterItWasGone) {
    ready();
    publish();
    receive();
    answer(offers()[0]);
    lose();
    wait(2min);
    clear();
    open();
    EXPECT_TRUE(offers().empty());
    wait(5s);  // it says nothing, since it does not know what we have forgotten
    EXPECT_EQ(presences(), std::vector{Connected});
    ASSERT_EQ(offers().size(), 1u);
    answer(offers()[0]);
    publish();
    EXPECT_EQ(streams().size(), 1u);
}

TEST_F(DeviceTest, TheEndOfTheParticipantEndsItEvenWithAnOfferOutstanding) {
    const SocketId socket = ready({"one", true});
    publish();
    receive();
    ASSERT_EQ(offers().size(), 1u);
    clear();
    run([&](Context& turn) { device.participant_ended(turn); });
    EXPECT_EQ(presences(), std::vector{Left});
    EXPECT_EQ(notified("refused").at(0).at("code"), "participantDeleted");
    EXPECT_EQ(closes(socket), std::vector<uint16_t>{1000});
    EXPECT_EQ(commands<sfu::CloseLink>().size(), 2u);
    EXPECT_EQ(device.next_timeout(), kNever);
}

TEST_F(DeviceTest, ExtraMessagesGoToOurOwnClientOnly) {
    open({"one", false});
    EXPECT_TRUE(effects.outputs.empty());
    open({"two", true});
    ASSERT_EQ(notified("hello").size(), 1u);
    EXPECT_EQ(notified("hello")[0].at("instance"), "first");
    EXPECT_EQ(notified("hello")[0].at("resumed"), false);
    result("setMediaPreferences");
    clear();
    open({"two", true});
    EXPECT_EQ(notified("hello").at(0).at("resumed"), true);
}

TEST_F(DeviceTest, SurvivesARestartOfTheServer) {
    ready();
    publish();
    receive();
    answer(offers()[0]);
    const auto published = streams();
    const int64_t revision = offers()[0].at("sdpRevision").as_int64();
    restart_server();
    // The socket went with the process before.
    EXPECT_EQ(presences(), std::vector{Disconnected});
    ASSERT_EQ(streams().size(), 1u);
    EXPECT_EQ(streams()[0].id, published[0].id);
    receive();
    EXPECT_TRUE(offers().empty());

    clear();
    open();
    EXPECT_EQ(presences(), std::vector{Connected});
    ASSERT_EQ(offers().size(), 1u);
    EXPECT_GT(offers()[0].at("sdpRevision").as_int64(), revision);
    answer(offers()[0]);
    publisher.transport.ice.ufrag = "restarted";
    publish();
    EXPECT_EQ(streams().at(0).id, published[0].id);
}

TEST_F(DeviceTest, WhoDoesNotComeBackAfterARestartIsGone) {
    ready();
    publish();
    restart_server();
    wait(60s);
    EXPECT_EQ(presences(), (std::vector{Disconnected, Left}));
    EXPECT_TRUE(streams().empty());
    const std::string stored = device.stored();
    restart_server();
    EXPECT_TRUE(presences().empty());
    EXPECT_EQ(device.stored(), stored);
}

TEST_F(DeviceTest, AZombieIsOneAfterARestartToo) {
    ready();
    notify("leave");
    restart_server();
    const SocketId zombie = open();
    wait(5s);
    EXPECT_EQ(closes(zombie), std::vector<uint16_t>{1000});
    EXPECT_TRUE(presences().empty());
}

}  // namespace crosspoint::api::device
