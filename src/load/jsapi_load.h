#pragma once
#include <ostream>

#include "app/command_line.h"

namespace crosspoint::load {

/// Drives a server as `command` says: people who are connected and idle, then texts between them, then calls. The
/// report goes to `out`, what is being done to `progress`. Returns the exit status: 0 when nothing was lost, late or
/// refused, 1 when something was, 2 when it could not be tried.
int run_jsapi(const app::LoadJsapi& command, std::ostream& out, std::ostream& progress);

}  // namespace crosspoint::load
