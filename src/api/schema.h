#pragma once
#include <span>

#include "base/statement.h"

namespace crosspoint::api {

/// Schema versions 2, 3 and 6: devices, the callbacks that wait for delivery, the demo's rooms; the media of calls.
std::span<const Migration> migrations();

}  // namespace crosspoint::api
