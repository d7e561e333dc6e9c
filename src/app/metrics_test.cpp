#include "app/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crosspoint::app {
namespace {

using testing::HasSubstr;

TEST(Metrics, AreExposedWithHelpAndLabels) {
    Metrics metrics;
    metrics.counter("crosspoint_packets_total", "Packets", {{"direction", "in"}}).add(3);
    metrics.counter("crosspoint_packets_total", "Packets", {{"direction", "in"}}).add();
    metrics.gauge("crosspoint_sessions", "Sessions alive").set(2);
    metrics.gauge("crosspoint_sessions", "Sessions alive").add(-1);
    const std::string text = metrics.expose();
    EXPECT_THAT(text, HasSubstr("# HELP crosspoint_packets_total Packets\n# TYPE crosspoint_packets_total counter\n"));
    EXPECT_THAT(text, HasSubstr("crosspoint_packets_total{direction=\"in\"} 4\n"));
    EXPECT_THAT(text, HasSubstr("crosspoint_sessions 1\n"));
}

TEST(Metrics, ACounterFollowsATotalButNeverFalls) {
    Metrics metrics;
    Counter counter = metrics.counter("crosspoint_dropped_total", "Dropped");
    counter.raise_to(10);
    counter.raise_to(7);
    EXPECT_THAT(metrics.expose(), HasSubstr("crosspoint_dropped_total 10\n"));
}

TEST(Metrics, ANameThatPrometheusRefusesIsOurBug) {
    Metrics metrics;
    EXPECT_DEATH(metrics.counter("with-dash", ""), "");
}

}  // namespace
}  // namespace crosspoint::app
