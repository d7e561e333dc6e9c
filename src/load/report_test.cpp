#include "load/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crosspoint::load {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Report good_report() {
    Report report;
    report.connections = 100;
    report.memory_before = 1'000'000;
    report.memory_after = 1'000'000 + 100 * 30 * 1024;
    report.texts.emplace();
    report.texts->sent = report.texts->delivered = 100;
    for (int i = 0; i < 100; ++i) report.texts->took.add(i < 98 ? 3ms : 49ms);
    report.calls.emplace();
    report.calls->opened = report.calls->ended = 10;
    return report;
}

TEST(LoadReport, NothingIsWrongWithinTheLimits) {
    const Report report = good_report();
    EXPECT_THAT(failures(report), IsEmpty());
    EXPECT_DOUBLE_EQ(*report.memory_per_connection(), 30 * 1024);
    EXPECT_THAT(as_table(report), HasSubstr("no errors, all limits held"));
    const auto json = as_json(report);
    EXPECT_EQ(json.at("texts").at("latencyMs").at("p99"), 49.0);
    EXPECT_EQ(json.at("memoryBytes").at("perConnection"), 30.0 * 1024);
    EXPECT_EQ(json.at("calls").at("ended"), 10);
}

TEST(LoadReport, EveryLimitIsChecked) {
    Report report = good_report();
    report.memory_after = *report.memory_before + 100 * 41 * 1024;
    report.texts->lost = 1;
    report.texts->duplicated = 2;
    report.texts->out_of_order = 3;
    for (int i = 0; i < 3; ++i) report.texts->took.add(50ms);
    report.calls->unfinished = 4;
    report.calls->errors["call.init: rate_limited"] = 5;
    report.problems["a connection ended: reset"] = 6;
    EXPECT_THAT(
        failures(report),
        ElementsAre("6 times: a connection ended: reset", "a connection takes 41.0 KiB of memory, the limit is 40 KiB",
                    "1 texts were lost", "2 texts were delivered twice", "3 texts were out of order",
                    "the 99th percentile of texts is 50.0 ms, the limit 50 ms", "4 calls did not end within 10 s",
                    "5 calls: call.init: rate_limited"));
    EXPECT_THAT(as_table(report), HasSubstr("FAILED: 1 texts were lost"));
}

TEST(LoadReport, WhatWasNotMeasuredIsNotThere) {
    Report report;
    report.connections = 2;
    EXPECT_THAT(as_table(report), HasSubstr("unknown"));
    EXPECT_FALSE(as_json(report).contains("texts"));
    EXPECT_THAT(failures(report), IsEmpty());
}

}  // namespace
}  // namespace crosspoint::load
