#include "app/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace crosspoint::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <class Command>
Command parsed(const std::vector<std::string>& arguments) {
    const CommandLine command = parse_command_line(arguments);
    if (const auto* wanted = std::get_if<Command>(&command)) return *wanted;
    ADD_FAILURE() << "another command" << (std::holds_alternative<Exit>(command) ? std::get<Exit>(command).text : "");
    return {};
}

TEST(CommandLine, Serve) {
    EXPECT_TRUE(parsed<Serve>({"serve", "--dev"}).config.dev);
    const auto serve =
        parsed<Serve>({"serve", "--config", "a.toml", "--set", "media.port=1", "--set", "log.level=info"});
    EXPECT_FALSE(serve.config.dev);
    EXPECT_EQ(serve.config.file, "a.toml");
    EXPECT_THAT(serve.config.settings, ElementsAre("media.port=1", "log.level=info"));
}

TEST(CommandLine, SettingsKeepTheirCommas) {
    EXPECT_THAT(parsed<Serve>({"serve", "--set", "media.announce=192.0.2.1,192.0.2.2"}).config.settings,
                ElementsAre("media.announce=192.0.2.1,192.0.2.2"));
}

TEST(CommandLine, LoadJsapi) {
    const auto usual = parsed<LoadJsapi>({"load", "jsapi"});
    EXPECT_EQ(usual.server, NetAddress::v4(127, 0, 0, 1, 8080));
    EXPECT_EQ(usual.account.value + usual.user + usual.password, "devdevdev");
    EXPECT_EQ(usual.connections, 10'000);
    EXPECT_EQ(usual.texts, 1000);
    EXPECT_EQ(usual.calls, 100);
    EXPECT_EQ(usual.duration, 30s);
    EXPECT_FALSE(usual.json);

    const auto chosen = parsed<LoadJsapi>({"load",       "jsapi", "--server",      "192.0.2.1:80",
                                           "--account",  "a",     "--user",        "u",
                                           "--password", "p",     "--connections", "7",
                                           "--texts",    "0",     "--calls",       "2",
                                           "--duration", "2m",    "--idle",        "1s",
                                           "--json"});
    EXPECT_EQ(chosen.server, NetAddress::v4(192, 0, 2, 1, 80));
    EXPECT_EQ(chosen.account.value + chosen.user + chosen.password, "aup");
    EXPECT_EQ(chosen.connections, 8);  // they go in pairs
    EXPECT_EQ(chosen.texts, 0);
    EXPECT_EQ(chosen.calls, 2);
    EXPECT_EQ(chosen.duration, 2min);
    EXPECT_EQ(chosen.idle, 1s);
    EXPECT_TRUE(chosen.json);

    EXPECT_EQ(parsed<Exit>({"load", "jsapi", "--server", "example.com"}).status, 2);
    EXPECT_EQ(parsed<Exit>({"load", "jsapi", "--texts", "-1"}).status, 2);
    EXPECT_EQ(parsed<Exit>({"load"}).status, 2);
}

TEST(CommandLine, TokenParticipant) {
    const auto token =
        parsed<TokenParticipant>({"token", "participant", "--dev", "--account", "a", "--participant", "p"});
    EXPECT_TRUE(token.config.dev);
    EXPECT_EQ(token.account, AccountId("a"));
    EXPECT_EQ(token.participant, ParticipantId("p"));
}

TEST(CommandLine, TheSmallCommands) {
    EXPECT_EQ(parsed<ConfigCheck>({"config", "check", "--config", "a.toml"}).config.file, "a.toml");
    EXPECT_FALSE(parsed<ConfigPrint>({"config", "print"}).markdown);
    EXPECT_TRUE(parsed<ConfigPrint>({"config", "print", "--markdown"}).markdown);
    parsed<HashPassword>({"hash-password"});
    parsed<Version>({"version"});
    parsed<Version>({"--version"});
    EXPECT_THAT(version_text(), testing::StartsWith("crosspoint "));
}

TEST(CommandLine, HelpIsAboutTheCommandThatWasNamed) {
    const Exit help = parsed<Exit>({"--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_THAT(help.text, HasSubstr("crosspoint serve --dev"));
    EXPECT_THAT(help.text, HasSubstr("hash-password"));
    EXPECT_THAT(parsed<Exit>({"serve", "--help"}).text, HasSubstr("Usage: crosspoint serve [OPTIONS]"));
    EXPECT_THAT(parsed<Exit>({"token", "participant", "--help"}).text, HasSubstr("--participant ID"));
}

TEST(CommandLine, MistakesExitWithStatus2AndSayWhere) {
    const std::vector<std::vector<std::string>> wrong{
        {},
        {"srve"},
        {"serve", "--port", "1"},
        {"serve", "extra"},
        {"serve", "--set"},
        {"token"},
        {"config"},
        {"token", "participant", "--account", "a"},
        {"token", "user", "--account", "a", "--user", "u", "--life", "9000h"}};
    for (const auto& arguments : wrong) EXPECT_EQ(parsed<Exit>(arguments).status, 2);
    EXPECT_THAT(parsed<Exit>({"serve", "--port", "1"}).text, HasSubstr("crosspoint serve --help"));
}

TEST(CommandLine, SourcesAreReadFromFileAndEnvironment) {
    const auto path = std::filesystem::temp_directory_path() / "crosspoint_command_line_test.toml";
    std::ofstream(path) << "[media]\nport = 7\n";
    const char* const environment[] = {"CROSSPOINT_MEDIA__VIDEO_START_KBPS=3", "EMPTY=", "ODD", nullptr};
    const auto sources = config_sources({true, path.string(), {"log.level=error"}}, environment, "hash");
    std::filesystem::remove(path);
    ASSERT_TRUE(sources);
    const auto loaded = load_config(*sources);
    ASSERT_TRUE(loaded) << loaded.error().text();
    EXPECT_EQ(loaded->config.media.port, 7);
    EXPECT_EQ(loaded->config.media.video_start_kbps, 3);
    EXPECT_EQ(loaded->config.log.level, LogLevel::Error);
    EXPECT_EQ(loaded->config.accounts.at(0).users.at(0).password_hash, "hash");
}

TEST(CommandLine, AFileThatCannotBeReadIsAProblem) {
    const char* const environment[] = {nullptr};
    const auto sources = config_sources({false, "/nowhere/crosspoint.toml", {}}, environment, "");
    ASSERT_FALSE(sources);
    EXPECT_THAT(sources.error().lines, ElementsAre("/nowhere/crosspoint.toml: cannot be read"));
    EXPECT_FALSE(config_sources({false, "/", {}}, environment, ""));
}

}  // namespace
}  // namespace crosspoint::app
