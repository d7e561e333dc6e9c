#pragma once
#include <vector>

#include "app/control_plane.h"
#include "app/metrics.h"
#include "io/media_thread.h"

namespace crosspoint::server {

/// What /metrics shows of the running parts: names and help beside the fields they are read from.
class WorkerMetrics {
public:
    explicit WorkerMetrics(app::Metrics& metrics) : metrics_(metrics) {}

    void update(const io::WorkerReport& report);
    void update(const app::ControlPlaneCounts& counts, size_t http_connections);

private:
    app::Metrics& metrics_;
};

}  // namespace crosspoint::server
