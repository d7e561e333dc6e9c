#include "api/device/devices.h"

#include <boost/json/serialize.hpp>
#include <map>

#include "api/device/test_device.h"

namespace crosspoint::api::device {
namespace {

const AccountId kAccount("1");

struct DevicesTest : testing::Test, Surroundings {
    sessions::Directory directory{random};
    std::optional<Devices> devices;
    std::map<std::string, std::string> stored;  // state by participant
    sessions::Participant alice;
    std::string token;
    uint64_t last_socket = 0;

    DevicesTest() {
        sessions::Effects changes;
        directory.add_account(kAccount, changes);
        alice =
            *directory.create_participant(kAccount, {{true, "https://app.example/cb"}, {true, true}, {}}, now, changes);
        token = directory.issue_token(alice);
        devices.emplace(directory, settings, random);
    }

    Devices::Turn turn() { return {now, effects, messages}; }
    void store() {
        for (const Statement& statement : effects.statements) {
            const auto& participant = std::get<std::string>(statement.values.at(0));
            if (statement.sql.starts_with("INSERT"))
                stored[participant] = std::get<std::string>(statement.values.at(1));
            else
                stored.erase(participant);
        }
        effects.statements.clear();
    }
    SocketId open(const std::string& query, std::string_view address = "192.0.2.1") {
        const SocketId socket{++last_socket};
        devices->socket_opened(turn(), socket, request(query, address));
        store();
        return socket;
    }
    static HttpRequest request(const std::string& query, std::string_view address = "192.0.2.1") {
        HttpRequest request;
        request.target = query;
        request.peer = *NetAddress::parse(address, 5);
        return request;
    }
    void say(SocketId socket, std::string_view method) {
        devices->socket_text(turn(), socket,
                             json::serialize(json::object{{"jsonrpc", "2.0"}, {"method", method}, {"id", 1}}));
        store();
    }
    std::optional<uint16_t> close_code(SocketId socket) const {
        for (const CloseSocket& close : outputs<CloseSocket>())
            if (close.socket == socket) return close.code;
        return std::nullopt;
    }
    void restart() {
        clear();
        devices.emplace(directory, settings, random);
        std::vector<Row> rows;
        for (const auto& [participant, state] : stored) rows.push_back(Row{{participant, state}});
        devices->restore(turn(), rows);
        store();
    }
};

}  // namespace

TEST_F(DevicesTest, TakesTheUrlsThatClientsMake) {
    for (const std::string path : {"/v3/?token=", "/v3?token=", "//v3/?token=", "/v3/?client=browser&token="}) {
        clear();
        const SocketId socket = open(path + token + "&uniqueId=one&sdkVersion=0.12.0");
        EXPECT_FALSE(close_code(socket)) << path;
    }
    EXPECT_EQ(devices->connected(), 1u);
}

TEST_F(DevicesTest, RefusesATokenWithTheOneCodeThatKeepsClientsAway) {
    for (const std::string& query :
         {std::string("/v3/"), std::string("/v3/?token="), "/v3/?token=" + token + "x", std::string("/v3/?token=%zz")})
        EXPECT_EQ(close_code(open(query)), 1000) << query;
    EXPECT_TRUE(outputs<SendText>().empty());
    open("/v3/?client=crosspoint&token=x");
    ASSERT_EQ(outputs<SendText>().size(), 1u);
    EXPECT_NE(outputs<SendText>()[0].text.find("tokenInvalid"), std::string::npos);
    EXPECT_EQ(devices->connected(), 0u);
    EXPECT_TRUE(stored.empty());
}

TEST_F(DevicesTest, ATokenWorksExactlyAsLongAsItsParticipant) {
    pass(9h - 1ms);
    const SocketId socket = open("/v3/?token=" + token);
    EXPECT_FALSE(close_code(socket));
    pass(1ms);
    sessions::Effects changes;
    directory.handle_timeout(now, changes);
    for (const sessions::Message& message : changes.messages)
        if (const auto* ended = std::get_if<sessions::ParticipantEnded>(&message))
            devices->participant_ended(turn(), ended->participant);
    store();
    EXPECT_EQ(close_code(socket), 1000);
    EXPECT_EQ(close_code(open("/v3/?token=" + token)), 1000);
    EXPECT_TRUE(stored.empty());
    EXPECT_EQ(devices->connected(), 0u);
    // What still comes of it finds nobody.
    devices->socket_text(turn(), socket, "{}");
    devices->socket_closed(turn(), socket);
    devices->link_event(turn(), sfu::LinkSilent{LinkId{1}});
    EXPECT_EQ(devices->next_timeout(), kNever);
}

TEST_F(DevicesTest, TellsHowTheMediaOfAParticipantIsDoing) {
    PublishingBrowser browser;
    browser.add_camera("camera");
    const SocketId socket = open("/v3/?token=" + token);
    json::object call{{"jsonrpc", "2.0"}, {"method", "offerSdp"}, {"params", browser.params()}, {"id", 1}};
    devices->socket_text(turn(), socket, json::serialize(call));
    const auto told = [&] {
        std::vector<MediaChanged::Health> all;
        for (const Message& message : messages)
            if (const auto* media = std::get_if<MediaChanged>(&message)) {
                EXPECT_EQ(media->participant, alice.id);
                all.push_back(media->health);
            }
        messages.clear();
        return all;
    };
    using enum MediaChanged::Health;
    EXPECT_EQ(told(), std::vector{Connecting});
    const LinkId link = commands<sfu::OpenLink>().at(0).link;
    const auto hear = [&](const sfu::Event& event) {
        devices->link_event(turn(), event);
        return told();
    };
    EXPECT_EQ(hear(sfu::LinkConnected{link, rtc::SrtpProfile::AeadAes128Gcm}), std::vector{Connected});
    EXPECT_TRUE(hear(sfu::LinkConnected{link, rtc::SrtpProfile::AeadAes128Gcm}).empty()) << "no news";
    EXPECT_EQ(hear(sfu::LinkSilent{link}), std::vector{Silent});
    EXPECT_EQ(hear(sfu::LinkHeard{link}), std::vector{Connected});
    EXPECT_EQ(hear(sfu::LinkFailed{link, sfu::LinkFailure::DtlsError}), std::vector{Failed});
    EXPECT_TRUE(hear(sfu::LinkSilent{link}).empty()) << "only a new link helps";
}

TEST_F(DevicesTest, TurnsAwayWhoComesTooOftenWithoutAGoodToken) {
    const HttpRequest bad = request("/v3/?token=x");
    int let_in = 0;
    while (!devices->turns_away(now, bad)) ASSERT_LT(++let_in, 1000);
    EXPECT_EQ(let_in, 30);
    EXPECT_TRUE(devices->turns_away(now, request("no url")));
    EXPECT_EQ(devices->turned_away(), 2u);
    EXPECT_FALSE(devices->turns_away(now, request("/v3/?token=" + token)));
    EXPECT_FALSE(devices->turns_away(now, request("/v3/?token=x", "192.0.2.2")));
    pass(2s);
    EXPECT_FALSE(devices->turns_away(now, bad));
    EXPECT_TRUE(devices->turns_away(now, bad));
}

TEST_F(DevicesTest, StoresADeviceWhenItHasChangedAndOnlyThen) {
    const SocketId socket = open("/v3/?uniqueId=one&token=" + token);
    say(socket, "setMediaPreferences");
    EXPECT_EQ(stored.size(), 1u);
    devices->socket_text(turn(), socket, R"({"method":"ping","id":2})");
    EXPECT_TRUE(effects.statements.empty());
}

TEST_F(DevicesTest, ComesBackFromTheStoreAsItWas) {
    say(open("/v3/?uniqueId=one&client=crosspoint&token=" + token), "setMediaPreferences");
    restart();
    const auto before = stored;
    restart();
    EXPECT_EQ(stored, before);
    open("/v3/?uniqueId=one&client=crosspoint&token=" + token);
    ASSERT_FALSE(outputs<SendText>().empty());
    const auto hello = json::parse(outputs<SendText>()[0].text).as_object();
    EXPECT_EQ(hello.at("params").at("resumed"), true);
}

TEST_F(DevicesTest, AnyUniqueIdSurvivesARestart) {
    const std::string long_id(5000, 'x');
    for (const std::string& id : {std::string("%FF%FE"), std::string("%00"), std::string("%22%7D"), long_id}) {
        say(open("/v3/?client=crosspoint&uniqueId=" + id + "&token=" + token), "setMediaPreferences");
        ASSERT_EQ(stored.size(), 1u);
        EXPECT_LT(stored.begin()->second.size(), 1000u);
        restart();
        open("/v3/?client=crosspoint&uniqueId=" + id + "&token=" + token);
        ASSERT_FALSE(outputs<SendText>().empty()) << id;
        const auto hello = json::parse(outputs<SendText>()[0].text).as_object();
        EXPECT_EQ(hello.at("params").at("resumed"), true) << id;
    }
}

TEST_F(DevicesTest, AStateThatCannotBeReadIsForgotten) {
    say(open("/v3/?token=" + token), "setMediaPreferences");
    std::string unknown_codec = stored.at(alice.id.value);
    unknown_codec.replace(unknown_codec.find(R"("streams":[])"), 12,
                          R"("streams":[{"clientId":"a","id":"b","codecs":["H266"]}])");
    for (const std::string& state : {std::string(), std::string("{"), std::string("[]"), std::string("{}"),
                                     std::string(R"({"uniqueId":7})"), std::string("\xff"), unknown_codec}) {
        stored = {{alice.id.value, state}};
        restart();
        EXPECT_TRUE(stored.empty()) << state;
        EXPECT_TRUE(messages.empty()) << state;
        EXPECT_FALSE(close_code(open("/v3/?token=" + token)));
    }
    stored = {{"nobody", "{}"}};
    restart();
    EXPECT_TRUE(stored.empty());
}

TEST_F(DevicesTest, AsksEveryoneToComeBackWhenTheServerStops) {
    const SocketId socket = open("/v3/?token=" + token);
    devices->stopping(turn());
    EXPECT_EQ(close_code(socket), 1012);
}

}  // namespace crosspoint::api::device
