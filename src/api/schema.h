#pragma once
#include <span>

#include "base/statement.h"

namespace crosspoint::api {

/// Schema version 2: devices, the callbacks that wait for delivery, the demo's rooms.
std::span<const Migration> migrations();

}  // namespace crosspoint::api
