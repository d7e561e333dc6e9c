#pragma once
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time.h"
#include "chains/values.h"

// Ids that the server makes (jsapi 1).
namespace crosspoint::chains {

/// Letters and digits; sorts by the time of its creation, and cannot be guessed (ID-1).
std::string new_server_id(WallTime now, Random& random);

/// The id of a message that is not its chain's first: it names the chain too, so that whoever is told of the message
/// finds the chain's owner, and sorts as `fresh_id` does.
std::string message_id_in(const ChainId& chain, std::string_view fresh_id);
/// Of a call or a text. Whether there is such a chain, only its owner knows.
ChainId chain_of(std::string_view message_id);

}  // namespace crosspoint::chains
