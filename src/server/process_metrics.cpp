#include "server/process_metrics.h"

#include <unistd.h>

#include <fstream>

namespace crosspoint::server {

void update_process_metrics(app::Metrics& metrics) {
    std::ifstream statm("/proc/self/statm");  // proc(5): all pages, then the resident ones
    uint64_t all = 0;
    uint64_t resident = 0;
    if (!(statm >> all >> resident)) return;
    metrics.gauge("process_resident_memory_bytes", "Memory of the process that is in RAM")
        .set(static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)));
}

}  // namespace crosspoint::server
