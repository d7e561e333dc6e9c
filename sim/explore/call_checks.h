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
/// What `message` (nothing: a timer) may do, and who may hear of it.
Broken check_step(const chains::ChainState& before, const chains::ChainMessage* message,
                  const chains::ChainState& after, const chains::Effects& effects);
/// An owner that was restored is as it was, and has said so to every leg (OWN-5).
Broken check_restored(const chains::ChainState& before, const chains::ChainState& after,
                      const chains::Effects& effects);

// Parts of `check_step`.

/// What a client's request may change, and how it is answered (9.3, SEQ-6, ANS-1).
Broken check_command(const chains::CallCommand& command, const chains::ChainState& before,
                     const chains::ChainState& after, const chains::Effects& effects);
/// Who is told what, and that whoever listens knows what the owner knows (8, SEQ-4, SEC-2, SEC-3, MED-2).
Broken check_telling(const chains::ChainState& before, const chains::ChainMessage* message,
                     const chains::ChainState& after, const chains::Effects& effects);
/// Null: the chain does not know it.
const chains::Call* call_in(const chains::ChainState& state, const chains::CallId& id);

}  // namespace crosspoint::explore
