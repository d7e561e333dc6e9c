#pragma once
#include <cstddef>

#include "chains/server_messages.h"

// What a message takes on the wire in bytes, roughly: enough to bound a queue by.
namespace crosspoint::chains {

size_t wire_size(const ServerMessage& message);
size_t wire_size(const TextView& view);
size_t wire_size(const CallInHistory& call);

}  // namespace crosspoint::chains
