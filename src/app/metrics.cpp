#include "app/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <stdexcept>

#include "base/verify.h"

namespace crosspoint::app {

struct Metrics::State {
    prometheus::Registry registry{prometheus::Registry::InsertBehavior::Merge};
};

namespace {

/// The library throws on a name it does not take.
template <class Metric, class Builder>
Metric& registered(Builder builder, prometheus::Registry& registry, const std::string& name, const std::string& help,
                   const MetricLabels& labels) {
    Metric* metric = nullptr;
    try {
        metric = &builder.Name(name).Help(help).Register(registry).Add(labels);
    } catch (const std::invalid_argument&) {  // NOLINT(bugprone-empty-catch): `metric` says it
    }
    VERIFY(metric);
    return *metric;
}

}  // namespace

void Counter::add(uint64_t count) { counter_->Increment(static_cast<double>(count)); }

void Counter::raise_to(uint64_t total) {
    const double missing = static_cast<double>(total) - counter_->Value();
    if (missing > 0) counter_->Increment(missing);
}

void Gauge::set(double value) { gauge_->Set(value); }
void Gauge::add(double difference) { gauge_->Increment(difference); }

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(const std::string& name, const std::string& help, const MetricLabels& labels) {
    return Counter(registered<prometheus::Counter>(prometheus::BuildCounter(), state_->registry, name, help, labels));
}

Gauge Metrics::gauge(const std::string& name, const std::string& help, const MetricLabels& labels) {
    return Gauge(registered<prometheus::Gauge>(prometheus::BuildGauge(), state_->registry, name, help, labels));
}

std::string Metrics::expose() const { return prometheus::TextSerializer().Serialize(state_->registry.Collect()); }

}  // namespace crosspoint::app
