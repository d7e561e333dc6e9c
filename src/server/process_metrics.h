#pragma once
#include "app/metrics.h"

namespace crosspoint::server {

/// What /metrics shows of the process itself, by the names that every exporter gives them.
void update_process_metrics(app::Metrics& metrics);

}  // namespace crosspoint::server
