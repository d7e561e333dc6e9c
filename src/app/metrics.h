#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace prometheus {
class Counter;
class Gauge;
}  // namespace prometheus

// What /metrics shows, in the Prometheus text format.
namespace crosspoint::app {

using MetricLabels = std::map<std::string, std::string>;

/// Only grows. A handle: copies count the same thing; it must not outlive its `Metrics`.
class Counter {
public:
    void add(uint64_t count = 1);
    /// For a count that is kept elsewhere; a smaller total than before changes nothing.
    void raise_to(uint64_t total);

private:
    friend class Metrics;
    explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
    prometheus::Counter* counter_;
};

/// Goes up and down. A handle, as `Counter` is.
class Gauge {
public:
    void set(double value);
    void add(double difference);

private:
    friend class Metrics;
    explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
    prometheus::Gauge* gauge_;
};

/// Asking twice for the same name and labels gives the same metric. Names follow Prometheus's rules:
/// `crosspoint_…_total` for counters, base units; one that breaks them, or that stands for the other kind already, is
/// our own bug (VERIFY). May be used from any thread.
class Metrics {
public:
    Metrics();
    ~Metrics();

    Counter counter(const std::string& name, const std::string& help, const MetricLabels& labels = {});
    Gauge gauge(const std::string& name, const std::string& help, const MetricLabels& labels = {});

    /// Text format 0.0.4, for content type `text/plain; version=0.0.4`.
    std::string expose() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace crosspoint::app
