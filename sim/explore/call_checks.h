#pragma once
#include <optional>
#include <string>

#include "chains/chain_owner.h"

// What has to hold in every state and at every step of a chain owner (jsapi 3.2, 9.3, 9.5, 10), written without
// looking at its tables. Nothing: it holds.
namespace crosspoint::explore {

using Broken = std::optional<std::string>;

/// INV-1 to INV-10.
Broken check_state(const chains::ChainOwner& owner);
/// The store keeps everything: what was written reads back the same.
Broken check_stored(const chains::ChainOwner& owner);
/// What `message` (nothing: a timer) may do, and who may hear of it.
Broken check_step(const chains::ChainState& before, const chains::ChainMessage* message,
                  const chains::ChainState& after, const chains::Effects& effects);

/// What a client's request may change, and how it is answered (9.3, SEQ-6, ANS-1); part of `check_step`.
Broken check_command(const chains::CallCommand& command, const chains::ChainState& before,
                     const chains::ChainState& after, const chains::Effects& effects);
/// Null: the chain does not know it.
const chains::Call* call_in(const chains::ChainState& state, const chains::CallId& id);

}  // namespace crosspoint::explore
