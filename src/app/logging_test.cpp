#include "app/logging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace crosspoint::app {
namespace {

using testing::MatchesRegex;

TEST(Log, TextQuotesOnlyWhatNeedsIt) {
    EXPECT_EQ(log::format_line(LogFormat::Text, "device connected", {{"id", "abc"}, {"tries", 3}, {"tls", true}}),
              "device connected id=abc tries=3 tls=true");
    EXPECT_EQ(log::format_line(LogFormat::Text, "x", {{"a", "two words"}, {"b", ""}, {"c", "k=v"}, {"d", "\"\\"}}),
              R"(x a="two words" b="" c="k=v" d="\"\\")");
}

TEST(Log, NothingFromOutsideCanBreakALine) {
    EXPECT_EQ(log::format_line(LogFormat::Text, "x", {{"a", "1\n2"}}), "x a=\"1\\u000a2\"");
    EXPECT_EQ(log::format_line(LogFormat::Text, "x\ny", {}), "\"x\\u000ay\"");
    EXPECT_EQ(log::format_line(LogFormat::Json, "x\n", {}), "\"message\":\"x\\u000a\"");
}

TEST(Log, JsonKeepsNumbersAndTruthValues) {
    EXPECT_EQ(
        log::format_line(LogFormat::Json, "m", {{"n", -1}, {"u", uint64_t{7}}, {"d", 0.5}, {"b", false}, {"s", "x"}}),
        R"("message":"m","n":-1,"u":7,"d":0.5,"b":false,"s":"x")");
}

TEST(Log, LinesCarryTimeAndLevelAndQuieterOnesAreLeftOut) {
    std::ostringstream out;
    log::start({LogLevel::Info, LogFormat::Text}, out);
    log::debug("unheard");
    log::info("started", {{"port", 8080}});
    EXPECT_THAT(out.str(), MatchesRegex("....-..-..T..:..:..\\....Z info started port=8080\n"));

    std::ostringstream json;
    log::start({LogLevel::Error, LogFormat::Json}, json);
    log::warning("unheard");
    log::error("stopped");
    EXPECT_THAT(json.str(), MatchesRegex("\\{\"time\":\"[^\"]*\",\"level\":\"error\",\"message\":\"stopped\"\\}\n"));
    log::start({}, std::cout);
}

}  // namespace
}  // namespace crosspoint::app
