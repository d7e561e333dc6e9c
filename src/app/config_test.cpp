#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/config_keys.h"
#include "app/config_load.h"
#include "app/config_print.h"

namespace crosspoint::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

ConfigSources file(std::string text) {
    ConfigSources sources;
    sources.file_name = "crosspoint.toml";
    sources.file_text = std::move(text);
    return sources;
}
ConfigSources settings(std::vector<std::string> settings) {
    ConfigSources sources;
    sources.settings = std::move(settings);
    return sources;
}

Config config_of(const ConfigSources& sources) {
    const auto loaded = load_config(sources);
    if (!loaded) ADD_FAILURE() << loaded.error().text();
    return loaded ? loaded->config : Config{};
}
std::vector<std::string> problems_of(const ConfigSources& sources) {
    const auto loaded = load_config(sources);
    return loaded ? std::vector<std::string>{} : loaded.error().lines;
}

constexpr const char* kWholeFile = R"(
[http]
listen = "[::]:443"
tls_certificate = "cert.pem"
tls_key = "key.pem"
[media]
port = 50000
video_start_kbps = 4
announce = ["192.0.2.1", "192.0.2.2:3478", "2001:db8::1", "[2001:db8::2]:3478"]
announce_loopback = true
video_codecs = ["vp9", "vp8"]
[store]
path = "/var/lib/crosspoint.db"
[log]
level = "debug"
format = "json"
[sessions]
duration = "30m"
max_participants = 5
enforce_publish_permissions = false
[webhooks]
allow_private_addresses = true
timeout = 3
give_up_after = "2d"
[limits]
body_bytes = 1024
[[accounts]]
id = "one"
webhook_secret = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH"
[[accounts.users]]
name = "backend"
password_hash = "scrypt$1"
[[accounts]]
id = "two"
name = "Second"
[[accounts.users]]
name = "root"
password_hash = "scrypt$2"
role = "admin"
)";

TEST(Config, ReadsEveryKindOfValueFromAFile) {
    const Config config = config_of(file(kWholeFile));
    EXPECT_EQ(config.http.listen.text(), "[::]:443");
    EXPECT_EQ(config.http.tls_key, "key.pem");
    EXPECT_EQ(config.media.port, 50000);
    EXPECT_EQ(config.media.video_start_kbps, 4);
    EXPECT_THAT(config.media.announce,
                ElementsAre(NetAddress::v4(192, 0, 2, 1, 0), NetAddress::v4(192, 0, 2, 2, 3478),
                            *NetAddress::parse("2001:db8::1", 0), *NetAddress::parse("2001:db8::2", 3478)));
    EXPECT_THAT(config.media.video_codecs, ElementsAre(rtc::Codec::Vp9, rtc::Codec::Vp8));
    EXPECT_EQ(config.log.level, LogLevel::Debug);
    EXPECT_EQ(config.log.format, LogFormat::Json);
    EXPECT_EQ(config.sessions.duration, 30min);
    EXPECT_FALSE(config.sessions.enforce_publish_permissions);
    EXPECT_EQ(config.webhooks.timeout, 3s);
    EXPECT_EQ(config.webhooks.give_up_after, 48h);
    ASSERT_EQ(config.accounts.size(), 2u);
    EXPECT_EQ(config.accounts[0].name, "one");
    EXPECT_EQ(config.accounts[0].webhook_secret, Buffer(24, 7));
    EXPECT_TRUE(config.accounts[1].webhook_secret.empty());
    EXPECT_EQ(config.accounts[0].users[0].role, UserRole::Account);
    EXPECT_EQ(config.accounts[1].name, "Second");
    EXPECT_EQ(config.accounts[1].users[0].role, UserRole::Admin);
    EXPECT_FALSE(missing_for_serving(config));
}

TEST(Config, DefaultsStandWhereNobodyHasASay) {
    const Config config = config_of({});
    EXPECT_EQ(config.http.listen.text(), "0.0.0.0:8080");
    EXPECT_EQ(config.sessions.duration, 9h);
    EXPECT_EQ(config.limits.body_bytes, 65536);
    EXPECT_TRUE(missing_for_serving(config));
}

TEST(Config, DevNeedsNothingElse) {
    ConfigSources sources;
    sources.dev = true;
    sources.dev_password_hash = "hash of dev";
    const Config config = config_of(sources);
    EXPECT_EQ(config.http.listen.text(), "127.0.0.1:8080");
    EXPECT_TRUE(config.media.announce_loopback);
    EXPECT_TRUE(config.webhooks.allow_private_addresses);
    EXPECT_EQ(config.accounts.at(0).users.at(0).password_hash, "hash of dev");
    EXPECT_FALSE(missing_for_serving(config));
}

TEST(Config, SettingBeatsEnvironmentBeatsFileBeatsDefault) {
    ConfigSources sources = file("[media]\nport = 1\nvideo_start_kbps = 2\n[limits]\nconnections = 10\n");
    sources.environment = {{"CROSSPOINT_MEDIA__PORT", "3"},
                           {"CROSSPOINT_MEDIA__VIDEO_START_KBPS", "4"},
                           {"PATH", "/bin"},
                           {"CROSSPOINT_PORT", "tcp://10.0.0.1:80"}};
    sources.settings = {"media.port=4", "media.port=5"};
    const auto loaded = load_config(sources);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->config.media.port, 5);
    EXPECT_EQ(loaded->config.media.video_start_kbps, 4);
    EXPECT_EQ(loaded->config.limits.connections, 10);
    EXPECT_EQ(loaded->origins.at("media.port"), "--set");
    EXPECT_EQ(loaded->origins.at("media.video_start_kbps"), "CROSSPOINT_MEDIA__VIDEO_START_KBPS");
    EXPECT_EQ(loaded->origins.at("limits.connections"), "crosspoint.toml:5");
    EXPECT_FALSE(loaded->origins.contains("http.listen"));
}

TEST(Config, ListsAndSwitchesAreReadFromLooseText) {
    const Config config = config_of(settings({"media.announce=192.0.2.1, 2001:db8::1", "media.video_codecs=h264",
                                              "sessions.enforce_publish_permissions=false", "sessions.duration=90"}));
    EXPECT_EQ(config.media.announce.size(), 2u);
    EXPECT_THAT(config.media.video_codecs, ElementsAre(rtc::Codec::H264));
    EXPECT_FALSE(config.sessions.enforce_publish_permissions);
    EXPECT_EQ(config.sessions.duration, 90s);
    EXPECT_TRUE(config_of(settings({"media.announce="})).media.announce.empty());
}

TEST(Config, AccountsAreReadFromLooseText) {
    ConfigSources sources;
    sources.environment = {{"CROSSPOINT_ACCOUNTS", R"([{id="a", users=[{name="u", password_hash="h"}]}])"}};
    EXPECT_EQ(config_of(sources).accounts.at(0).users.at(0).name, "u");
    EXPECT_THAT(problems_of(settings({"accounts=["})), ElementsAre(HasSubstr("--set: accounts: not TOML")));
    EXPECT_THAT(problems_of(settings({"accounts=7"})), ElementsAre("--set: accounts must be an array of tables"));
}

TEST(Config, ProblemsNameThePlaceTheKeyTheValueAndTheLimit) {
    EXPECT_THAT(problems_of(file("[media]\nport = 99999\n")),
                ElementsAre("crosspoint.toml:2: media.port is 99999: must be a whole number from 0 to 65535"));
    EXPECT_THAT(problems_of(file("[media]\nport = \"40000\"\n")),
                ElementsAre("crosspoint.toml:2: media.port is \"40000\": must be a whole number from 0 to 65535"));
    EXPECT_THAT(problems_of(settings({"media.prot=1"})),
                ElementsAre("--set media.prot=1: media.prot is not a known key; did you mean media.port?"));
    EXPECT_THAT(problems_of(file("\n[nonsense]\nx = 1\n")),
                ElementsAre("crosspoint.toml:3: nonsense.x is not a known key"));
    EXPECT_THAT(problems_of(file("media = 1\n")), ElementsAre("crosspoint.toml:1: media is not a known key"));
    EXPECT_THAT(problems_of(settings({"media.port"})),
                ElementsAre("--set media.port: must have the form section.key=value"));
    EXPECT_THAT(problems_of(file("[media\nport = 1")), ElementsAre(HasSubstr("crosspoint.toml:1: not TOML: ")));
    ConfigSources sources;
    sources.environment = {{"CROSSPOINT_LOG__LEVEL", "loud"}, {"CROSSPOINT_LOG__LEVLE", "info"}};
    EXPECT_THAT(problems_of(sources),
                ElementsAre("CROSSPOINT_LOG__LEVEL: log.level is \"loud\": must be one of \"debug\", \"info\", "
                            "\"warning\", \"error\"",
                            "CROSSPOINT_LOG__LEVLE: no configuration key has this variable"));
}

TEST(Config, EveryWrongValueIsRefused) {
    const auto wrong = std::to_array<const char*>({
        "http.listen=8080",
        "http.listen=0.0.0.0",
        "http.listen=localhost:80",
        "http.listen=1.2.3.4:65536",
        "http.listen=::1:80",
        "http.listen=[1.2.3.4]:80",
        "media.port=-1",
        "media.port=",
        "media.port=1x",
        "media.port=99999999999999999999",
        "media.video_start_kbps=-1",
        "media.announce=1.2.3.4,,5.6.7.8",
        "media.announce=example.org",
        "media.video_codecs=",
        "media.video_codecs=vp8,vp8",
        "media.video_codecs=vp6",
        "media.announce_loopback=yes",
        "store.path=",
        "sessions.duration=9x",
        "sessions.duration=h",
        "sessions.duration=0s",
        "sessions.duration=8d",
        "sessions.duration=-1",
        "sessions.duration=99999999999d",
        "sessions.max_participants=0",
        "limits.body_bytes=1",
    });
    for (const char* setting : wrong) EXPECT_EQ(problems_of(settings({setting})).size(), 1u) << setting;
    for (const char* text : {"[http]\nlisten = 8080", "[media]\nannounce = \"1.2.3.4\"", "[media]\nannounce = [1]",
                             "[media]\nport = 1.5", "[media]\nport = true", "[log]\nlevel = 1", "[http.listen]\nx = 1",
                             "[sessions]\nduration = 1979-05-27", "accounts = 1", "accounts = [1]"})
        EXPECT_EQ(problems_of(file(text)).size(), 1u) << text;
}

TEST(Config, AllProblemsAreReportedTogether) {
    EXPECT_EQ(problems_of(file("[media]\nport = 99999\nvideo_start_kbps = -1\nx = 1\n")).size(), 3u);
}

TEST(Config, KeysThatContradictEachOtherAreRefused) {
    EXPECT_THAT(problems_of(settings({"http.tls_key=key.pem"})), ElementsAre(HasSubstr("need each other")));
}

TEST(Config, WrongAccountsAreRefused) {
    EXPECT_THAT(problems_of(file("[[accounts]]\nname = \"x\"\n")),
                ElementsAre(HasSubstr(":1: accounts[0].id must be")));
    EXPECT_THAT(problems_of(file("[[accounts]]\nid = \"a b\"\n")), ElementsAre(HasSubstr("accounts[0].id must be")));
    EXPECT_THAT(problems_of(file("[[accounts]]\nid = \"a\"\nwebhook_secret = \"whsec_AAAA\"\n")),
                ElementsAre(HasSubstr(":3: accounts[0].webhook_secret must be")));
    EXPECT_THAT(problems_of(file("[[accounts]]\nid = \"a\"\ncolour = 1\n")),
                ElementsAre("crosspoint.toml:3: accounts[0].colour is not a known key"));
    EXPECT_THAT(problems_of(file("[[accounts]]\nid = \"a\"\n[[accounts]]\nid = \"a\"\n")),
                ElementsAre("crosspoint.toml:3: accounts[1].id is used by an earlier account"));
    const std::string user = "[[accounts]]\nid = \"a\"\n[[accounts.users]]\n";
    EXPECT_THAT(problems_of(file(user + "name = \"u:v\"\npassword_hash = \"h\"\n")),
                ElementsAre(HasSubstr("users[0].name must be")));
    EXPECT_THAT(problems_of(file(user + "name = \"u\"\n")),
                ElementsAre(HasSubstr("users[0].password_hash must be what `crosspoint hash-password` printed")));
    EXPECT_THAT(problems_of(file(user + "name = \"u\"\npassword_hash = \"h\"\nrole = \"king\"\n")),
                ElementsAre(HasSubstr("users[0].role must be one of")));
    EXPECT_THAT(problems_of(file(user + "name = 5\npassword_hash = \"h\"\n")),
                testing::Contains(HasSubstr("must be text")));
}

TEST(Config, WhatIsPrintedReadsBackAsTheSame) {
    const auto loaded = load_config(file(kWholeFile));
    ASSERT_TRUE(loaded);
    const std::string printed = print_config(*loaded);
    EXPECT_THAT(printed, HasSubstr("port = 50000  # crosspoint.toml:7"));
    EXPECT_THAT(printed, HasSubstr("connections = 10000  # default"));
    EXPECT_THAT(printed, Not(HasSubstr("scrypt")));
    const auto again = load_config(file(printed));
    ASSERT_TRUE(again) << again.error().text();
    for (const ConfigKey& key : config_keys())
        EXPECT_EQ(write_value(key.kind, again->config), write_value(key.kind, loaded->config)) << key.path();
}

TEST(Config, DefaultsAreWithinTheirOwnLimits) {
    const auto printed = print_config({});
    EXPECT_THAT(problems_of(file(printed)), ElementsAre());
}

TEST(Config, TheDocumentedReferenceIsCurrent) {
    const auto path = std::filesystem::path(CROSSPOINT_TESTDATA).parent_path() / "docs" / "configuration.md";
    std::ifstream in(path);
    const std::string page{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    EXPECT_EQ(page, config_markdown()) << "write it anew: crosspoint config print --markdown > docs/configuration.md";
}

TEST(Config, DurationsReadAndPrint) {
    EXPECT_EQ(parse_duration("90"), 90s);
    EXPECT_EQ(parse_duration("90s"), 90s);
    EXPECT_EQ(parse_duration("15m"), 15min);
    EXPECT_EQ(parse_duration("9h"), 9h);
    EXPECT_EQ(parse_duration("7d"), 24h * 7);
    for (const char* text : {"", "s", "-1s", "1.5h", "1 h", "1w", "h1", "99999999999"})
        EXPECT_FALSE(parse_duration(text)) << text;
    EXPECT_EQ(duration_text(9h), "9h");
    EXPECT_EQ(duration_text(90s), "90s");
    EXPECT_EQ(duration_text(0s), "0s");
    EXPECT_EQ(duration_text(48h), "2d");
}

}  // namespace
}  // namespace crosspoint::app
