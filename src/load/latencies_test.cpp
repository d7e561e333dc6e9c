#include "load/latencies.h"

#include <gtest/gtest.h>

namespace crosspoint::load {
namespace {

TEST(Latencies, QuantilesAreOfWhatWasMeasured) {
    Latencies latencies;
    for (int i = 100; i >= 1; --i) latencies.add(i * 1ms);
    EXPECT_EQ(latencies.quantile(0.5), 50ms);
    EXPECT_EQ(latencies.quantile(0.99), 99ms);
    EXPECT_EQ(latencies.quantile(0.995), 100ms);
    EXPECT_EQ(latencies.longest(), 100ms);
    EXPECT_EQ(latencies.quantile(0), 1ms);
}

TEST(Latencies, OfOneAndOfNone) {
    Latencies latencies;
    EXPECT_EQ(latencies.quantile(0.99), 0ms);
    EXPECT_EQ(latencies.longest(), 0ms);
    latencies.add(7ms);
    EXPECT_EQ(latencies.quantile(0.01), 7ms);
    EXPECT_EQ(latencies.quantile(0.99), 7ms);
}

}  // namespace
}  // namespace crosspoint::load
